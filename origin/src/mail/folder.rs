//! The folder that mail is laid into.

use std::{
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use shared::id::NoticeId;

/// A folder of messages, each in a file of its own in the form of RFC 5322: `{notice id}.eml`. Messages carry links, so
/// only the origin's own user can read them.
#[derive(Debug, Clone)]
pub struct MailFolder(PathBuf);

impl MailFolder {
    /// The folder at this path. It is made when the first message is laid into it.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Lays a message into the folder. The same notice again replaces the message. A file that ends in `.eml` is always
    /// whole.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn put(&self, notice: NoticeId, message: Vec<u8>) -> io::Result<()> {
        let folder = self.0.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, notice, &message));
        written.await.map_err(io::Error::other)?
    }
}

fn write(folder: &Path, notice: NoticeId, message: &[u8]) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let unfinished = folder.join(format!("{notice}.part"));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(message)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, folder.join(format!("{notice}.eml")))
}
