//! What a discovery came to.

use crate::collection::read_only::HeldCounts;

use super::survey::PageSurvey;

/// What a discovery came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Discovery {
    /// How many pages were looked at.
    pub pages: usize,
    /// Rows that looked like bills.
    pub rows: usize,
    /// Bills seen, known ones too.
    pub bills: usize,
    /// The most frames of one page that could not be read: bills may be in them.
    pub unread_frames: usize,
    /// The most elements of one page that could not be read.
    pub skipped_elements: usize,
    /// Requests that were held back because they might have changed the account.
    pub held: HeldCounts,
    /// Whether the discovery saw everything, or what stopped it.
    pub ended: Ended,
}

impl Discovery {
    /// Something of the website could not be read, so that nothing found does not mean that nothing is there.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.unread_frames > 0 || self.skipped_elements > 0
    }

    /// Counts what could not be read of a page.
    pub(super) fn count_unread(&mut self, page: &PageSurvey) {
        self.unread_frames = self.unread_frames.max(page.unread_frames);
        self.skipped_elements = self.skipped_elements.max(page.skipped_elements());
    }
}

/// The ways in which a discovery ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ended {
    /// Nothing was left to try.
    #[default]
    Done,
    /// A limit of pages or files.
    Limit,
    /// Time ran out.
    Time,
    /// The website asked for a password again.
    SignedOut,
    /// The receiver wanted nothing more.
    Stopped,
}
