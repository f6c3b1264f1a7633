use crate::{Change, Cursor, Invalid, NewChange, Page, Paged};

/// The changes of a store that lives in memory, in commit order.
///
/// It is plain data: the store keeps it under the same lock as what it tells
/// of, so that a write and its news appear together.
#[derive(Clone, Debug, Default)]
pub struct ChangeLog {
    // INVARIANT: the change at index i has the cursor of position i + 1.
    changes: Vec<Change>,
}

impl ChangeLog {
    /// A log without changes.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            changes: Vec::new(),
        }
    }

    /// Appends `news`.
    pub fn append(&mut self, news: NewChange) {
        let position = self.changes.len() as u64 + 1;
        self.changes
            .push(Change::from_parts(Cursor::from_position(position), news));
    }

    /// The changes after the page's cursor.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the cursor is not of this log.
    pub fn page(&self, page: &Page) -> Result<Paged<Change>, Invalid> {
        let done = page.cursor().map_or(Ok(0), Cursor::position)?;
        let rest = usize::try_from(done)
            .ok()
            .and_then(|done| self.changes.get(done..))
            .ok_or_else(|| Invalid::new("cursor", "must come from the same list"))?;
        let items: Vec<Change> = rest.iter().take(page.limit()).cloned().collect();
        let next = (items.len() < rest.len())
            .then(|| items.last().map(|change| change.cursor().clone()))
            .flatten();
        Ok(Paged::new(items, next))
    }
}
