use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::limits::{NAME_MAX_BYTES, PLACE_DEPTH_MAX};
use crate::{Invalid, PlaceId, Validity, check_text};

crate::code! {
    /// What a place is in the country's hierarchy: `province`, `district`,
    /// `village`, `camp`.
    pub struct PlaceLevel;
    /// A place's official code, such as a P-code.
    pub struct PlaceCode;
}

/// A place, under another, while both exist.
///
/// Districts split and villages move: the validity says when this was so.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// Names the place, through every change of name and parent.
    pub id: PlaceId,
    /// What it is.
    pub level: PlaceLevel,
    /// Its name.
    pub name: String,
    /// Its official code, if it has one.
    pub code: Option<PlaceCode>,
    /// The place that it lies in. `None` at the top.
    pub parent: Option<PlaceId>,
    /// When all this is so.
    pub validity: Validity,
}

impl Place {
    /// A place at the top of the hierarchy.
    pub fn new(
        id: PlaceId,
        level: PlaceLevel,
        name: impl Into<String>,
        validity: Validity,
    ) -> Self {
        Self {
            id,
            level,
            name: name.into(),
            code: None,
            parent: None,
            validity,
        }
    }

    /// The same, in `parent`.
    #[must_use]
    pub const fn within(mut self, parent: PlaceId) -> Self {
        self.parent = Some(parent);
        self
    }
}

/// Where somebody lives.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "who has no fixed place must never fall under a wildcard"
)]
pub enum Residence {
    /// At a place of the hierarchy.
    At(PlaceId),
    /// Nowhere fixed: a herder, a street child, a person on the move. They
    /// are served all the same.
    NoFixedPlace,
    /// It was not stated.
    Unknown,
}

impl Residence {
    /// The place, where there is one.
    #[must_use]
    pub const fn place(self) -> Option<PlaceId> {
        match self {
            Self::At(place) => Some(place),
            Self::NoFixedPlace | Self::Unknown => None,
        }
    }
}

/// The country's hierarchy of places, dated.
///
/// ```
/// use chrono::NaiveDate;
/// use solidarity_core::{Place, PlaceId, PlaceLevel, Places, Validity};
///
/// let since = |y| Validity::since(NaiveDate::from_ymd_opt(y, 1, 1).unwrap());
/// let (north, village) = (PlaceId::generate(), PlaceId::generate());
/// let places = Places::new([
///     Place::new(north, PlaceLevel::new("region")?, "North", since(1990)),
///     Place::new(village, PlaceLevel::new("village")?, "Kwale", since(2000)).within(north),
/// ])?;
/// let today = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
/// assert!(places.is_within(village, north, today));
/// assert!(!places.is_within(north, village, today));
/// # Ok::<(), solidarity_core::Invalid>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Places {
    // INVARIANT: the versions of one place do not overlap, are sorted by
    // their beginning, and no chain of parents is longer than the limit.
    versions: HashMap<PlaceId, Vec<Place>>,
}

impl Places {
    /// The hierarchy made of `places`, which may hold several versions of one
    /// place.
    ///
    /// # Errors
    ///
    /// [`Invalid`], with the position of the place that breaks the rule: a
    /// blank or too long name, two versions of a place on one day, a parent
    /// that is not there, a place inside itself, more than
    /// [`PLACE_DEPTH_MAX`](crate::limits::PLACE_DEPTH_MAX) levels.
    pub fn new(places: impl IntoIterator<Item = Place>) -> Result<Self, Invalid> {
        let mut versions: HashMap<PlaceId, Vec<Place>> = HashMap::new();
        let mut order = Vec::new();
        for (position, place) in places.into_iter().enumerate() {
            check_text("place name", &place.name, NAME_MAX_BYTES).map_err(|e| e.at(position))?;
            let of_place = versions.entry(place.id).or_default();
            if of_place
                .iter()
                .any(|v| v.validity.overlaps(&place.validity))
            {
                return Err(
                    Invalid::new("place validity", "must not overlap another version's")
                        .at(position),
                );
            }
            order.push((place.id, place.validity.from(), place.parent));
            of_place.push(place);
        }
        for of_place in versions.values_mut() {
            of_place.sort_by_key(|v| v.validity.from());
        }
        let places = Self { versions };
        for (position, (id, on, parent)) in order.into_iter().enumerate() {
            if parent.is_some_and(|p| places.get(p, on).is_none()) {
                return Err(Invalid::new(
                    "place parent",
                    "must be a place that there is on that day",
                )
                .at(position));
            }
            if places.ancestors(id, on).count() >= PLACE_DEPTH_MAX {
                return Err(Invalid::new(
                    "place parent",
                    format!("must not lead through {PLACE_DEPTH_MAX} levels or round to itself"),
                )
                .at(position));
            }
        }
        Ok(places)
    }

    /// Place `id` as it was on `day`.
    #[must_use]
    pub fn get(&self, id: PlaceId, day: NaiveDate) -> Option<&Place> {
        self.versions
            .get(&id)?
            .iter()
            .find(|v| v.validity.holds_on(day))
    }

    /// The places that place `id` lay in on `day`, the nearest first.
    pub fn ancestors(&self, id: PlaceId, day: NaiveDate) -> impl Iterator<Item = &Place> {
        let parent = move |place: &Place| self.get(place.parent?, day);
        std::iter::successors(self.get(id, day).and_then(parent), move |place| {
            parent(place)
        })
        .take(PLACE_DEPTH_MAX)
    }

    /// Whether place `id` was `ancestor` or lay in it on `day`.
    #[must_use]
    pub fn is_within(&self, id: PlaceId, ancestor: PlaceId, day: NaiveDate) -> bool {
        id == ancestor || self.ancestors(id, day).any(|place| place.id == ancestor)
    }

    /// Every place as it was on `day`, in no stated order.
    pub fn on(&self, day: NaiveDate) -> impl Iterator<Item = &Place> {
        self.versions
            .values()
            .flatten()
            .filter(move |v| v.validity.holds_on(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(year: i32) -> Validity {
        Validity::since(NaiveDate::from_ymd_opt(year, 1, 1).unwrap())
    }

    fn place(id: PlaceId) -> Place {
        Place::new(id, PlaceLevel::from_static("village"), "Kwale", since(2000))
    }

    #[test]
    fn a_place_is_never_inside_itself() {
        let (a, b) = (PlaceId::generate(), PlaceId::generate());
        let invalid = Places::new([place(a).within(b), place(b).within(a)]).unwrap_err();
        assert_eq!(invalid.field(), "place parent");
    }

    #[test]
    fn a_parent_exists_when_its_child_does() {
        let (a, b) = (PlaceId::generate(), PlaceId::generate());
        let mut late = place(b);
        late.validity = since(2010);
        let invalid = Places::new([late, place(a).within(b)]).unwrap_err();
        assert_eq!(invalid.position(), Some(1));
        assert!(Places::new([place(a).within(b)]).is_err());
    }

    #[test]
    fn a_village_moves_to_another_district_on_a_day() {
        let (village, old, new) = (
            PlaceId::generate(),
            PlaceId::generate(),
            PlaceId::generate(),
        );
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let mut before = place(village).within(old);
        before.validity = Validity::new(day(2000, 1, 1), Some(day(2019, 12, 31))).unwrap();
        let mut after = place(village).within(new);
        after.validity = since(2020);
        let places = Places::new([place(old), place(new), after, before]).unwrap();
        assert!(places.is_within(village, old, day(2019, 12, 31)));
        assert!(places.is_within(village, new, day(2020, 1, 1)));
        assert!(!places.is_within(village, old, day(2020, 1, 1)));
    }
}
