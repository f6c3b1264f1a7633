//! Pages in SQL: positions and limits as SQLite counts them.

use solidarity_core::{Cursor, Invalid, Page};

/// The position after which the page begins, 0 for the first.
pub(crate) fn after(page: &Page) -> Result<i64, Invalid> {
    let position = page.cursor().map_or(Ok(0), Cursor::position)?;
    i64::try_from(position).map_err(|_| Invalid::new("cursor", "must come from the same list"))
}

/// One row more than the page holds, which tells whether another page follows.
pub(crate) fn limit_and_one(page: &Page) -> i64 {
    i64::try_from(page.limit()).unwrap_or(i64::MAX - 1) + 1
}
