//! Files that the browser downloaded: bounded, and read without trusting its folder.

use std::{
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{error::BrowserError, profile_folder};

/// A finished download, still in the browser's own folder.
#[derive(Debug, Clone)]
pub struct Download {
    /// The file name that the website suggests: untrusted plain text, bounded in length. It is never a path
    /// to write to.
    pub suggested_name: String,
    /// The URL that the file came from.
    pub url: String,
    /// The length of the file in bytes.
    pub len: u64,
    pub(crate) file: Arc<StoredFile>,
}

/// Where a download lies; removed with the last who knows it.
#[derive(Debug)]
pub(crate) struct StoredFile {
    folder: Arc<OwnedFd>,
    name: String,
    len: u64,
    /// Bytes of all files of this browser that are still there.
    kept: Arc<AtomicU64>,
}

impl StoredFile {
    /// The file of this name and length in the browser's folder of downloads. Its length counts as
    /// kept until it is removed.
    pub fn new(folder: Arc<OwnedFd>, name: String, len: u64, kept: Arc<AtomicU64>) -> Self {
        kept.fetch_add(len, Ordering::Relaxed);
        Self {
            folder,
            name,
            len,
            kept,
        }
    }
}

impl Drop for StoredFile {
    fn drop(&mut self) {
        profile_folder::remove(&self.folder, &self.name);
        self.kept.fetch_sub(self.len, Ordering::Relaxed);
    }
}

impl Download {
    /// Reads the whole file.
    ///
    /// # Errors
    /// [`BrowserError::TooLarge`] when the file is longer than `max_bytes`, and [`BrowserError::File`] when
    /// it cannot be read, as once the browser is gone.
    pub async fn read(&self, max_bytes: usize) -> Result<Vec<u8>, BrowserError> {
        let file = Arc::clone(&self.file);
        let read = move || profile_folder::read(&file.folder, &file.name, max_bytes);
        let read = tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| BrowserError::File("the read was cut short".to_owned()))?;
        read.map_err(|error| BrowserError::File(error.kind().to_string()))?
            .ok_or(BrowserError::TooLarge(max_bytes))
    }
}
