//! How far a discovery goes, and what it is for.

use time::Date;
use tokio::time::Instant;

/// How far a discovery goes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many pages a discovery opens at most.
    pub pages: usize,
    /// How many files a discovery takes at most.
    pub files: usize,
    /// How many bytes a file may have at most.
    pub file_bytes: usize,
    /// It is over by then, whatever it waits for.
    pub until: Instant,
}

/// What decides which files are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Country of the website, for dates.
    pub country: &'a str,
    /// Bills before this day are left alone.
    pub since: Option<Date>,
}
