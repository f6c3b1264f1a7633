use solidarity_core::limits::NAME_MAX_BYTES;
use solidarity_core::{Invalid, Place, PlaceId, PlaceLevel, Residence, Validity};
use uuid::{Uuid, uuid};

use super::columns::PlaceColumns;
use super::facts::Row;
use super::mapping::Mapping;
use crate::keys::name_tokens;

const ROOT: Uuid = uuid!("7d0a5a0e-2f5f-5f0c-9d0c-6c1b1f0f5a11");

/// The id of the place called `name`, at `level`, in `parent`; at the top of
/// the hierarchy of `country` without one.
///
/// It follows from the names, so that every file of a country that names a
/// place means the same one. Case, accents and marks do not count.
///
/// ```
/// use solidarity_core::PlaceLevel;
/// use solidarity_registry::import::place_id;
///
/// let district = PlaceLevel::new("district")?;
/// let one = place_id("PE", None, &district, "Áncash");
/// assert_eq!(one, place_id("PE", None, &district, " ancash "));
/// assert_ne!(one, place_id("CO", None, &district, "Ancash"));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[must_use]
pub fn place_id(country: &str, parent: Option<PlaceId>, level: &PlaceLevel, name: &str) -> PlaceId {
    let name = name_tokens(name).join(" ");
    match parent {
        Some(parent) => PlaceId::derive(&parent, &format!("{level}:{name}")),
        None => PlaceId::derive(&ROOT, &format!("{country}:{level}:{name}")),
    }
}

/// Where a row says that somebody lives.
#[derive(Clone, Debug)]
pub(super) struct Home {
    pub(super) residence: Residence,
    /// The places of its levels, from the top.
    pub(super) places: Vec<Place>,
}

impl Home {
    pub(super) const UNKNOWN: Self = Self {
        residence: Residence::Unknown,
        places: Vec::new(),
    };

    pub(super) fn read(
        row: &Row<'_>,
        columns: &PlaceColumns,
        mapping: &Mapping,
    ) -> Result<Self, Invalid> {
        let mut places: Vec<Place> = Vec::new();
        let mut parent = None;
        // A level below one that is missing cannot be told from its namesakes.
        for level in &columns.levels {
            let Some(name) = row.line(&level.column, NAME_MAX_BYTES)? else {
                break;
            };
            if name_tokens(name).is_empty() {
                return Err(row.broken(&level.column, "must hold a word"));
            }
            let id = place_id(&columns.country, parent, &level.level, name);
            let since = Validity::since(mapping.effective_on);
            let mut place = Place::new(id, level.level.clone(), name, since);
            place.parent = parent;
            places.push(place);
            parent = Some(id);
        }
        let fixed = columns
            .no_fixed_place
            .as_ref()
            .is_none_or(|when| !row.says(when));
        let residence = match parent {
            _ if !fixed => Residence::NoFixedPlace,
            Some(place) => Residence::At(place),
            None => Residence::Unknown,
        };
        Ok(Self { residence, places })
    }
}
