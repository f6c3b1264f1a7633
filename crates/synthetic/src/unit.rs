use crate::places::Spot;
use crate::{Region, Shape, SyntheticPerson};

/// A made-up assistance unit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SyntheticUnit {
    /// The id under which it is registered.
    pub unit_id: String,
    /// What kind of unit it is said to be.
    pub kind: UnitKind,
    /// What shape it has.
    pub shape: Shape,
    /// Where its naming customs come from.
    pub region: Region,
    /// The district, as it is written.
    pub district: String,
    /// The village. `None` if they have no fixed place.
    pub village: Option<String>,
    /// What it has a month, in hundredths of the currency, if it was stated.
    pub monthly_income: Option<u32>,
    /// Its members.
    pub members: Vec<SyntheticPerson>,
    pub(crate) spot: Spot,
}

/// What kind of assistance unit it is said to be.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum UnitKind {
    /// People who live and eat together.
    Household,
    /// A family, wherever they live.
    Family,
    /// One person.
    Single,
}

impl UnitKind {
    /// The word of the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::Family => "family",
            Self::Single => "single",
        }
    }
}
