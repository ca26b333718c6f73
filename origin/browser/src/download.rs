//! Files that the browser downloaded: bounded, and read without trusting its folder.

use std::{
    collections::HashMap,
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chromiumoxide_cdp::cdp::browser_protocol::browser::CancelDownloadParams;

use super::{
    cdp_events::{DownloadBegins, DownloadProgress},
    core::Core,
    plain_text::bounded,
    profile_folder,
    types::{BrowserError, BrowserEvent, Download},
};

/// No bill is longer.
const MAX_BYTES: f64 = 64.0 * 1024.0 * 1024.0;
/// In the life of one browser.
const MAX_DOWNLOADS: usize = 256;
/// On its disk at a time; what is no longer wanted is removed.
const MAX_BYTES_KEPT: f64 = 256.0 * 1024.0 * 1024.0;

/// Downloads of one browser.
pub(super) struct Downloads {
    folder: Arc<OwnedFd>,
    running: HashMap<String, Running>,
    begun: usize,
    /// Bytes of complete files that are still there.
    kept: Arc<AtomicU64>,
}

struct Running {
    suggested_name: String,
    url: String,
    received: f64,
}

impl Downloads {
    pub fn new(folder: OwnedFd) -> Self {
        Self {
            folder: Arc::new(folder),
            running: HashMap::new(),
            begun: 0,
            kept: Arc::default(),
        }
    }
}

/// Where a download lies; removed with the last who knows it.
#[derive(Debug)]
pub(super) struct Stored {
    folder: Arc<OwnedFd>,
    name: String,
    len: u64,
    kept: Arc<AtomicU64>,
}

impl Drop for Stored {
    fn drop(&mut self) {
        profile_folder::remove(&self.folder, &self.name);
        self.kept.fetch_sub(self.len, Ordering::Relaxed);
    }
}

impl Download {
    /// The whole file, at most `max_bytes`; [`BrowserError::TooLarge`] when it is longer. Fails
    /// once the browser is gone.
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

impl Core {
    pub(super) fn download_begins(&self, begins: DownloadBegins) {
        let mut state = self.state();
        state.downloads.begun += 1;
        if state.downloads.begun > MAX_DOWNLOADS {
            return self.cancel(&begins.guid);
        }
        let running = Running {
            suggested_name: bounded(&begins.suggested_filename, 200),
            url: begins.url,
            received: 0.0,
        };
        state.downloads.running.insert(begins.guid, running);
    }

    pub(super) fn download_progress(&self, progress: DownloadProgress) {
        let mut state = self.state();
        match progress.state.as_str() {
            "inProgress" => {
                let Downloads { running, kept, .. } = &mut state.downloads;
                if let Some(one) = running.get_mut(&progress.guid) {
                    one.received = progress.received_bytes;
                }
                let coming: f64 = running.values().map(|one| one.received).sum();
                let all = kept.load(Ordering::Relaxed) as f64 + coming;
                let size = progress.received_bytes.max(progress.total_bytes);
                if size > MAX_BYTES || all > MAX_BYTES_KEPT {
                    self.cancel(&progress.guid);
                }
            }
            "completed" => {
                let Some(done) = state.downloads.running.remove(&progress.guid) else {
                    return;
                };
                let len = progress.received_bytes as u64;
                state.downloads.kept.fetch_add(len, Ordering::Relaxed);
                let file = Stored {
                    folder: Arc::clone(&state.downloads.folder),
                    // `allowAndName`: the file is named by its guid.
                    name: progress.guid,
                    len,
                    kept: Arc::clone(&state.downloads.kept),
                };
                drop(state);
                self.tell(BrowserEvent::Downloaded(Download {
                    suggested_name: done.suggested_name,
                    url: done.url,
                    len,
                    file: Arc::new(file),
                }));
            }
            _ => {
                state.downloads.running.remove(&progress.guid);
            }
        }
    }

    fn cancel(&self, guid: &str) {
        self.cdp.send(None, &CancelDownloadParams::new(guid));
    }
}
