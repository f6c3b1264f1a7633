//! Where the money went, by district. Few people in a place are told together
//! with others, so that a figure points at nobody.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use solidarity_core::{Money, PersonId, Place, Places, Residence};
use solidarity_payments::{Line, LineState};

use crate::figures::DistrictRow;
use crate::office::Result;

/// Fewer payees than this are told under *elsewhere*.
const LEAST: u64 = 10;

/// How many of the payments were credited, by the outermost place that the
/// payee lives in.
pub(crate) fn by_district(
    places: &[Place],
    homes: &HashMap<PersonId, Residence>,
    lines: &[Line],
    day: NaiveDate,
) -> Result<Vec<DistrictRow>> {
    let places = Places::new(places.iter().cloned())?;
    let mut rows: BTreeMap<String, DistrictRow> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.replaced_by().is_none()) {
        let home = homes.get(&line.instruction().payee);
        let district = match home.copied().unwrap_or(Residence::Unknown) {
            Residence::NoFixedPlace => "no fixed place",
            Residence::Unknown => "not stated",
            Residence::At(place) => {
                let outermost = places.ancestors(place, day).last();
                let outermost = outermost.or_else(|| places.get(place, day));
                outermost.map_or("not stated", |place| place.name.as_str())
            }
        };
        let empty = || DistrictRow::empty(district, line.amount().currency());
        rows.entry(district.to_owned())
            .or_insert_with(empty)
            .add(line)?;
    }
    let (mut shown, few): (Vec<_>, Vec<_>) =
        rows.into_values().partition(|row| row.payments >= LEAST);
    shown.sort_by_key(|row| std::cmp::Reverse(row.payments));
    let together = few
        .into_iter()
        .map(Ok)
        .reduce(|one, other: Result<DistrictRow>| {
            one?.plus(&other?, "elsewhere, fewer than ten each")
        });
    shown.extend(together.transpose()?);
    Ok(shown)
}

impl DistrictRow {
    fn empty(name: &str, currency: solidarity_core::Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            name: name.to_owned(),
            payments: 0,
            credited: 0,
            amount: zero,
        }
    }

    fn add(&mut self, line: &Line) -> Result<()> {
        self.payments += 1;
        if line.state() == LineState::Credited {
            self.credited += 1;
            self.amount = self.amount.checked_add(line.amount())?;
        }
        Ok(())
    }

    fn plus(&self, other: &Self, name: &str) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            payments: self.payments + other.payments,
            credited: self.credited + other.credited,
            amount: self.amount.checked_add(other.amount)?,
        })
    }
}
