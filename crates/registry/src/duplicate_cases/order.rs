use solidarity_core::{Cursor, Invalid, Page, Paged};

use super::{DuplicateCase, DuplicateCaseId};
use crate::limits::PROBABILITY_MAX_PPM;

/// In which order the open cases are listed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "every store lists by each")]
pub enum QueueOrder {
    /// The likeliest to be one person first.
    LikeliestFirst,
    /// Those that have been open for longest first.
    LongestOpenFirst,
}

/// Where an open case stands in an order: by rank, and then by id.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[expect(clippy::exhaustive_structs, reason = "it is the order of the lists")]
pub struct QueueKey {
    /// Parts per million that lack to certainty, or microseconds since 1970.
    pub rank: i64,
    /// The case.
    pub id: DuplicateCaseId,
}

impl QueueKey {
    /// The key of `case` in `order`.
    #[must_use]
    pub fn of(case: &DuplicateCase, order: QueueOrder) -> Self {
        let rank = match order {
            QueueOrder::LikeliestFirst => {
                i64::from(PROBABILITY_MAX_PPM) - i64::from(case.finding.probability_ppm)
            }
            QueueOrder::LongestOpenFirst => case.open_since.timestamp_micros(),
        };
        Self { rank, id: case.id }
    }

    /// The key that a page of `order` begins after.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the cursor is of another list.
    pub fn before(order: QueueOrder, page: &Page) -> Result<Option<Self>, Invalid> {
        let Some(cursor) = page.cursor() else {
            return Ok(None);
        };
        let key = || {
            let (rank, id) = cursor.as_str().strip_prefix(tag(order))?.split_once(' ')?;
            Some(Self {
                rank: rank.parse().ok()?,
                id: id.parse().ok()?,
            })
        };
        key().map(Some).ok_or_else(elsewhere)
    }

    /// A page of `found` in `order`, which holds one more than the page if
    /// there is more.
    ///
    /// # Errors
    ///
    /// None that a cursor of this list can cause.
    pub fn paged(
        found: Vec<DuplicateCase>,
        order: QueueOrder,
        page: &Page,
    ) -> Result<Paged<DuplicateCase>, Invalid> {
        paged(found, page, |case| {
            let Self { rank, id } = Self::of(case, order);
            format!("{}{rank} {id}", tag(order))
        })
    }
}

const fn tag(order: QueueOrder) -> &'static str {
    match order {
        QueueOrder::LikeliestFirst => "likeliest ",
        QueueOrder::LongestOpenFirst => "longest ",
    }
}

impl DuplicateCaseId {
    /// The case that a page of the cases of one person begins after.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the cursor is of another list.
    pub fn before(page: &Page) -> Result<Option<Self>, Invalid> {
        page.cursor()
            .map(|cursor| cursor.as_str().parse().map_err(|_| elsewhere()))
            .transpose()
    }

    /// A page of `found`, cases of one person in the order of their ids, which
    /// holds one more than the page if there is more.
    ///
    /// # Errors
    ///
    /// None that a cursor of this list can cause.
    pub fn paged(found: Vec<DuplicateCase>, page: &Page) -> Result<Paged<DuplicateCase>, Invalid> {
        paged(found, page, |case| case.id.to_string())
    }
}

fn elsewhere() -> Invalid {
    Invalid::new("cursor", "must come from the same list")
}

fn paged(
    mut found: Vec<DuplicateCase>,
    page: &Page,
    token: impl Fn(&DuplicateCase) -> String,
) -> Result<Paged<DuplicateCase>, Invalid> {
    let more = found.len() > page.limit();
    found.truncate(page.limit());
    let last = found.last().filter(|_| more);
    let next = last.map(|case| Cursor::new(token(case))).transpose()?;
    Ok(Paged::new(found, next))
}
