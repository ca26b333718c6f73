//! Lists come in pages.

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many rows a page has at most, from 1 to 500.
    pub limit: i64,
    /// The number of the page; the first one is 1.
    pub number: i64,
}

impl Page {
    /// The most rows on one page.
    pub const MAX_LIMIT: i64 = 500;

    /// The first page of the usual size.
    pub const FIRST: Self = Self {
        limit: 100,
        number: 1,
    };

    pub(super) fn offset(self) -> i64 {
        self.number.saturating_sub(1).saturating_mul(self.limit)
    }
}

/// One page of a longer list of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct PageOf<T> {
    /// The rows of this page, in the order of the list.
    pub rows: Vec<T>,
    /// How many rows all pages have together.
    pub total: i64,
}
