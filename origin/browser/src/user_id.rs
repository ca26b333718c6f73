//! A user id for each live browser, when the origin runs as root.
//!
//! A lock file per id keeps two origins on one machine apart, and frees the id when its holder
//! dies, however it dies.

use std::{
    fs::{self, File},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use super::error::BrowserError;

/// Where the locks are: a folder that root alone may enter.
const LOCKS: &str = "/run/magic-links/browser-users";

/// First id and how many, when the configuration names none.
const DEFAULT_RANGE: (u32, u32) = (210_000, 256);

/// A user id that no other live browser has; free again when dropped.
#[derive(Debug)]
pub(super) struct User {
    pub id: u32,
    _lock: File,
}

/// Takes a free id; `None` when the origin is an ordinary user and its browsers are it too.
pub(super) fn take(range: Option<(u32, u32)>) -> Result<Option<User>, BrowserError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let (first, count) = range.unwrap_or(DEFAULT_RANGE);
    take_from(Path::new(LOCKS), first, count)
        .map(Some)
        .map_err(BrowserError::Launch)
}

fn take_from(folder: &Path, first: u32, count: u32) -> Result<User, String> {
    if first == 0 || first.checked_add(count).is_none() {
        return Err(
            "browser.first_uid must not be 0 (root), nor lead past the last user id".to_owned(),
        );
    }
    prepare(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for id in first..first + count {
        let path: PathBuf = folder.join(id.to_string());
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        if file.try_lock().is_ok() {
            return Ok(User { id, _lock: file });
        }
    }
    Err(format!(
        "all {count} user ids from {first} on are in use; raise browser.uid_count"
    ))
}

fn prepare(folder: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let owner = fs::symlink_metadata(folder)?;
    if !owner.is_dir() || owner.uid() != rustix::process::geteuid().as_raw() {
        return Err(std::io::Error::other("is not a folder of ours"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_live_browsers_have_different_user_ids() {
        let folder = tempfile::tempdir().unwrap();
        let a = take_from(folder.path(), 300_000, 2).unwrap();
        let b = take_from(folder.path(), 300_000, 2).unwrap();
        assert_ne!(a.id, b.id);
        let none = take_from(folder.path(), 300_000, 2).unwrap_err();
        assert!(none.contains("browser.uid_count"), "{none}");
        let id = a.id;
        drop(a);
        assert_eq!(take_from(folder.path(), 300_000, 2).unwrap().id, id);
        assert!(take_from(folder.path(), 0, 2).is_err());
    }
}
