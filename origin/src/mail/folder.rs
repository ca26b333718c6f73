//! The folder that mail is laid into.

use std::{
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::laid_out::LaidOutMail;

/// A folder of messages, each in a file of its own in the form of RFC 5322: `{id}.eml`, by the id of the mail or notice. Messages carry links, so
/// only the origin's own user can read them.
#[derive(Debug, Clone)]
pub struct MailFolder(PathBuf);

impl MailFolder {
    /// The folder at this path. It is made when the first message is laid into it.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Lays a message into the folder. The same mail again replaces the message. A file that ends in `.eml` is always
    /// whole.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn put(&self, id: &str, message: Vec<u8>) -> io::Result<()> {
        let (folder, id) = (self.0.clone(), id.to_owned());
        let written = tokio::task::spawn_blocking(move || write(&folder, &id, &message));
        written.await.map_err(io::Error::other)?
    }

    /// The message of the mail with this id, as it can be read; `None` when it is not there any more.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn get(&self, id: &str) -> io::Result<Option<LaidOutMail>> {
        let path = self.0.join(format!("{id}.eml"));
        let read = tokio::task::spawn_blocking(move || match std::fs::read(path) {
            Ok(raw) => Ok(LaidOutMail::read(&raw)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        });
        read.await.map_err(io::Error::other)?
    }
}

fn write(folder: &Path, id: &str, message: &[u8]) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let unfinished = folder.join(format!("{id}.part"));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(message)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, folder.join(format!("{id}.eml")))
}
