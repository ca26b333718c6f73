//! Files that the browser downloaded.
use super::types::{BrowserError, Download};

#[derive(Debug)]
pub(super) struct File;

impl Download {
    /// The whole file, at most `max_bytes`; `Err(TooLarge)` when it is longer.
    pub async fn read(&self, max_bytes: usize) -> Result<Vec<u8>, BrowserError> {
        let _ = &self.file;
        Err(BrowserError::TooLarge(max_bytes))
    }
}
