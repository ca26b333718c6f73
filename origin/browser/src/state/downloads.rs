//! Downloads of one browser: how many, how long, and when they have ended.

use std::{
    collections::HashMap,
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chromiumoxide_cdp::cdp::browser_protocol::browser::CancelDownloadParams;

use super::effect::Effect;
use crate::{
    cdp_events::{DownloadBegins, DownloadProgress},
    download::{Download, StoredFile},
    event::BrowserEvent,
    plain_text::bounded,
};

/// No bill is longer.
const MAX_BYTES: f64 = 64.0 * 1024.0 * 1024.0;
/// In the life of one browser.
const MAX_DOWNLOADS: usize = 256;
/// On its disk at a time; what is no longer wanted is removed.
const MAX_BYTES_KEPT: f64 = 256.0 * 1024.0 * 1024.0;

/// The downloads of one browser: the running ones, how many there were, and the space of the complete ones.
pub(crate) struct Downloads {
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
    /// No download yet; `folder` is where Chromium puts them.
    pub fn new(folder: OwnedFd) -> Self {
        Self {
            folder: Arc::new(folder),
            running: HashMap::new(),
            begun: 0,
            kept: Arc::default(),
        }
    }

    /// A download begins; one too many is cancelled.
    pub fn begins(&mut self, begins: DownloadBegins) -> Vec<Effect> {
        self.begun += 1;
        if self.begun > MAX_DOWNLOADS {
            return vec![cancel(&begins.guid)];
        }
        let running = Running {
            suggested_name: bounded(&begins.suggested_filename, 200),
            url: begins.url,
            received: 0.0,
        };
        self.running.insert(begins.guid, running);
        Vec::new()
    }

    /// A download goes on, is complete, or was cancelled. One that is too long is cancelled.
    pub fn progress(&mut self, progress: DownloadProgress) -> Vec<Effect> {
        match progress.state.as_str() {
            "inProgress" => {
                if let Some(one) = self.running.get_mut(&progress.guid) {
                    one.received = progress.received_bytes;
                }
                let coming: f64 = self.running.values().map(|one| one.received).sum();
                let all = self.kept.load(Ordering::Relaxed) as f64 + coming;
                let size = progress.received_bytes.max(progress.total_bytes);
                if size > MAX_BYTES || all > MAX_BYTES_KEPT {
                    return vec![cancel(&progress.guid)];
                }
                Vec::new()
            }
            "completed" => {
                let Some(done) = self.running.remove(&progress.guid) else {
                    return Vec::new();
                };
                let len = progress.received_bytes as u64;
                let (folder, kept) = (Arc::clone(&self.folder), Arc::clone(&self.kept));
                // `allowAndName`: the file is named by its guid.
                let file = StoredFile::new(folder, progress.guid, len, kept);
                vec![Effect::Emit(BrowserEvent::Downloaded(Download {
                    suggested_name: done.suggested_name,
                    url: done.url,
                    len,
                    file: Arc::new(file),
                }))]
            }
            _ => {
                self.running.remove(&progress.guid);
                Vec::new()
            }
        }
    }
}

fn cancel(guid: &str) -> Effect {
    Effect::send_to_browser(&CancelDownloadParams::new(guid))
}

#[cfg(test)]
mod tests {
    use super::{super::effect::lines, *};

    const MEBIBYTE: f64 = 1024.0 * 1024.0;

    fn downloads(folder: &tempfile::TempDir) -> Downloads {
        Downloads::new(std::fs::File::open(folder.path()).unwrap().into())
    }

    fn begin(downloads: &mut Downloads, guid: &str) -> Vec<String> {
        lines(&downloads.begins(DownloadBegins {
            guid: guid.to_owned(),
            url: "https://a.test/bill".to_owned(),
            suggested_filename: "../bill\n.pdf".to_owned(),
        }))
    }

    fn progress(downloads: &mut Downloads, guid: &str, state: &str, bytes: f64) -> Vec<Effect> {
        downloads.progress(DownloadProgress {
            guid: guid.to_owned(),
            total_bytes: bytes,
            received_bytes: bytes,
            state: state.to_owned(),
        })
    }

    #[test]
    fn a_complete_download_is_told_and_its_file_is_removed_with_the_last_who_knows_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("g");
        std::fs::write(&path, "1234").unwrap();
        let mut downloads = downloads(&folder);
        assert!(begin(&mut downloads, "g").is_empty());
        let mut effects = progress(&mut downloads, "g", "completed", 4.0);
        let Some(Effect::Emit(BrowserEvent::Downloaded(download))) = effects.pop() else {
            panic!("a download");
        };
        assert_eq!(
            (download.suggested_name.as_str(), download.len),
            ("../bill .pdf", 4)
        );
        assert_eq!(downloads.kept.load(Ordering::Relaxed), 4);
        let copy = download.clone();
        drop(download);
        assert!(path.exists());
        drop(copy);
        assert!(!path.exists());
        assert_eq!(downloads.kept.load(Ordering::Relaxed), 0);
        // Once more said is not once more told.
        assert!(progress(&mut downloads, "g", "completed", 4.0).is_empty());
    }

    #[test]
    fn a_download_that_is_too_long_is_cancelled() {
        let folder = tempfile::tempdir().unwrap();
        let mut downloads = downloads(&folder);
        begin(&mut downloads, "g");
        assert!(progress(&mut downloads, "g", "inProgress", 64.0 * MEBIBYTE).is_empty());
        let effects = progress(&mut downloads, "g", "inProgress", 65.0 * MEBIBYTE);
        assert_eq!(lines(&effects), ["- Browser.cancelDownload"]);
    }

    #[test]
    fn downloads_that_are_too_long_together_are_cancelled_until_some_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut downloads = downloads(&folder);
        for guid in ["a", "b", "c", "d", "e"] {
            begin(&mut downloads, guid);
        }
        for guid in ["a", "b", "c", "d"] {
            assert!(progress(&mut downloads, guid, "inProgress", 64.0 * MEBIBYTE).is_empty());
        }
        assert_eq!(
            progress(&mut downloads, "e", "inProgress", MEBIBYTE).len(),
            1
        );
        progress(&mut downloads, "a", "canceled", 0.0);
        assert!(progress(&mut downloads, "e", "inProgress", MEBIBYTE).is_empty());
    }

    #[test]
    fn a_download_above_the_limit_of_one_browser_is_cancelled() {
        let folder = tempfile::tempdir().unwrap();
        let mut downloads = downloads(&folder);
        for number in 0..MAX_DOWNLOADS {
            assert!(begin(&mut downloads, &number.to_string()).is_empty());
        }
        assert_eq!(begin(&mut downloads, "more"), ["- Browser.cancelDownload"]);
        assert!(progress(&mut downloads, "more", "completed", 1.0).is_empty());
    }
}
