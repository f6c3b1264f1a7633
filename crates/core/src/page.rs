use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::limits::{CURSOR_MAX_BYTES, PAGE_DEFAULT, PAGE_MAX};

/// Where a list goes on. Opaque: only the store that made one reads it.
#[derive(Clone, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor(String);

impl Cursor {
    /// A cursor from a store's own words, or one that came back from a caller.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if it is empty or longer than
    /// [`CURSOR_MAX_BYTES`](crate::limits::CURSOR_MAX_BYTES).
    pub fn new(token: impl Into<String>) -> Result<Self, Invalid> {
        let token = token.into();
        if token.is_empty() || token.len() > CURSOR_MAX_BYTES {
            return Err(Invalid::new(
                "cursor",
                format!("must be 1 to {CURSOR_MAX_BYTES} bytes"),
            ));
        }
        Ok(Self(token))
    }

    /// The cursor of the number `position`, for a store that counts.
    #[must_use]
    pub fn from_position(position: u64) -> Self {
        Self(format!("{position:016x}"))
    }

    /// The number that [`from_position`](Self::from_position) was given.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if another store made the cursor.
    pub fn position(&self) -> Result<u64, Invalid> {
        u64::from_str_radix(&self.0, 16)
            .map_err(|_| Invalid::new("cursor", "must come from the same list"))
    }

    /// What the store wrote.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(..)")
    }
}

impl TryFrom<String> for Cursor {
    type Error = Invalid;

    fn try_from(token: String) -> Result<Self, Invalid> {
        Self::new(token)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
    }
}

/// Which part of a list is asked for.
///
/// ```
/// use solidarity_core::Page;
///
/// assert_eq!(Page::first().limit(), 100);
/// assert!(Page::of(1_001).is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page {
    after: Option<Cursor>,
    limit: usize,
}

impl Page {
    /// The first page, of the usual size.
    #[must_use]
    pub const fn first() -> Self {
        Self {
            after: None,
            limit: PAGE_DEFAULT,
        }
    }

    /// The first page, of the largest size.
    #[must_use]
    pub const fn largest() -> Self {
        Self {
            after: None,
            limit: PAGE_MAX,
        }
    }

    /// The first page, of `limit` items.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if `limit` is zero or over
    /// [`PAGE_MAX`](crate::limits::PAGE_MAX).
    pub fn of(limit: usize) -> Result<Self, Invalid> {
        if limit == 0 || limit > PAGE_MAX {
            return Err(Invalid::new(
                "page limit",
                format!("must be 1 to {PAGE_MAX}"),
            ));
        }
        Ok(Self { after: None, limit })
    }

    /// A page of the same size that begins after `cursor`.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.after = Some(cursor);
        self
    }

    /// Where the page begins: after this, or at the start.
    #[must_use]
    pub const fn cursor(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }

    /// The most items wanted, 1 to [`PAGE_MAX`](crate::limits::PAGE_MAX).
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }
}

/// Part of a list, and where the rest begins.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Paged<T> {
    items: Vec<T>,
    next: Option<Cursor>,
}

impl<T> Paged<T> {
    /// `items`, and the cursor of the last one if there may be more.
    #[must_use]
    pub const fn new(items: Vec<T>, next: Option<Cursor>) -> Self {
        Self { items, next }
    }

    /// The items, in the list's order.
    #[must_use]
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// The items, to keep.
    #[must_use]
    pub fn into_items(self) -> Vec<T> {
        self.items
    }

    /// Where the next page begins. `None` at the end of the list.
    #[must_use]
    pub const fn next(&self) -> Option<&Cursor> {
        self.next.as_ref()
    }

    /// Every item of a list, of which `list` gives one page after another.
    ///
    /// All of them are held at once: it is for lists whose length is bounded
    /// by something else, such as the lines of one batch.
    ///
    /// ```
    /// use solidarity_core::{Cursor, Page, Paged, testing::block_on};
    ///
    /// let pages = |page: Page| async move {
    ///     Ok::<_, solidarity_core::Invalid>(match page.cursor() {
    ///         None => Paged::new(vec![1, 2], Some(Cursor::new("2")?)),
    ///         Some(_) => Paged::new(vec![3], None),
    ///     })
    /// };
    /// assert_eq!(block_on(Paged::every(pages))?, [1, 2, 3]);
    /// # Ok::<(), solidarity_core::Invalid>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first of `list`.
    pub async fn every<E, F>(mut list: impl FnMut(Page) -> F) -> Result<Vec<T>, E>
    where
        F: Future<Output = Result<Self, E>>,
    {
        let (mut all, mut page) = (Vec::new(), Page::largest());
        loop {
            let found = list(page.clone()).await?;
            all.extend(found.items);
            match found.next {
                Some(cursor) => page = page.after(cursor),
                None => return Ok(all),
            }
        }
    }

    /// The same page with each item changed by `f`.
    #[must_use]
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Paged<U> {
        Paged {
            items: self.items.into_iter().map(f).collect(),
            next: self.next,
        }
    }
}
