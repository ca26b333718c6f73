//! Files that the browser downloaded: bounded, and read without trusting its folder.

use std::{collections::HashMap, os::fd::OwnedFd, sync::Arc};

use chromiumoxide_cdp::cdp::browser_protocol::browser::CancelDownloadParams;

use super::{
    core::Core,
    folder,
    incoming::{DownloadBegins, DownloadProgress},
    text::bounded,
    types::{BrowserError, BrowserEvent, Download},
};

/// No bill is longer.
const MAX_BYTES: f64 = 64.0 * 1024.0 * 1024.0;
/// In the life of one browser.
const MAX_DOWNLOADS: usize = 256;

/// Downloads of one browser.
pub(super) struct Downloads {
    folder: Arc<OwnedFd>,
    running: HashMap<String, (String, String)>,
    begun: usize,
}

impl Downloads {
    pub fn new(folder: OwnedFd) -> Self {
        Self {
            folder: Arc::new(folder),
            running: HashMap::new(),
            begun: 0,
        }
    }
}

/// Where a download lies.
#[derive(Debug)]
pub(super) struct Stored {
    folder: Arc<OwnedFd>,
    name: String,
}

impl Download {
    /// The whole file, at most `max_bytes`; [`BrowserError::TooLarge`] when it is longer. Fails
    /// once the browser is gone.
    pub async fn read(&self, max_bytes: usize) -> Result<Vec<u8>, BrowserError> {
        let file = Arc::clone(&self.file);
        let read = move || folder::read(&file.folder, &file.name, max_bytes);
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
        let about = (bounded(&begins.suggested_filename, 200), begins.url);
        state.downloads.running.insert(begins.guid, about);
    }

    pub(super) fn download_progress(&self, progress: DownloadProgress) {
        let mut state = self.state();
        match progress.state.as_str() {
            "inProgress" => {
                if progress.received_bytes > MAX_BYTES || progress.total_bytes > MAX_BYTES {
                    self.cancel(&progress.guid);
                }
            }
            "completed" => {
                let Some((suggested_name, url)) = state.downloads.running.remove(&progress.guid)
                else {
                    return;
                };
                let file = Stored {
                    folder: Arc::clone(&state.downloads.folder),
                    // `allowAndName`: the file is named by its guid.
                    name: progress.guid,
                };
                drop(state);
                self.tell(BrowserEvent::Downloaded(Download {
                    suggested_name,
                    url,
                    len: progress.received_bytes as u64,
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
