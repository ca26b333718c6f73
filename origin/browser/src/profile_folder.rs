//! A browser's folder: profile and downloads, gone with it.
//!
//! The outer folder is the origin's; only what is inside belongs to the browser, so it cannot put
//! a link where the origin looks.

use std::{
    fs::{self, File, Permissions},
    io::{self, Read as _},
    os::{fd::OwnedFd, unix::fs::PermissionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags};
use tempfile::TempDir;

const PREFIX: &str = "magic-links-browser-";
const LOCK: &str = "lock";
const PROFILE: &str = "profile";
const DOWNLOADS: &str = "downloads";

/// The folder of one browser's profile, removed when this value is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    outer: TempDir,
    _lock: File,
}

impl Folder {
    /// An empty one, owned by `user` inside.
    pub fn new(user: Option<u32>) -> io::Result<Self> {
        let outer = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        // Locked before it has its name: in between another origin would sweep the folder away.
        let unnamed = outer.path().join("new");
        let lock = File::create(&unnamed)?;
        lock.try_lock().map_err(io::Error::other)?;
        fs::rename(&unnamed, outer.path().join(LOCK))?;
        for name in [PROFILE, DOWNLOADS] {
            let path = outer.path().join(name);
            fs::create_dir(&path)?;
            fs::set_permissions(&path, Permissions::from_mode(0o700))?;
            if let Some(id) = user {
                std::os::unix::fs::chown(&path, Some(id), Some(id))?;
            }
        }
        if user.is_some() {
            // Another user must pass through; he still cannot list it.
            fs::set_permissions(outer.path(), Permissions::from_mode(0o711))?;
        }
        Ok(Self { outer, _lock: lock })
    }

    /// Where Chromium keeps its profile.
    pub fn profile(&self) -> PathBuf {
        self.outer.path().join(PROFILE)
    }

    /// The folder into which Chromium puts downloads.
    pub fn downloads(&self) -> PathBuf {
        self.outer.path().join(DOWNLOADS)
    }

    /// A handle on the downloads: the folder itself, whatever happens to its path.
    pub fn open_downloads(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
        Ok(rustix::fs::open(self.downloads(), flags, Mode::empty())?)
    }
}

/// Reads a plain file right inside `folder`, which another user may write to: no links, no pipes.
pub(super) fn read(folder: &OwnedFd, name: &str, max_bytes: usize) -> io::Result<Option<Vec<u8>>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let file = File::from(rustix::fs::openat2(
        folder,
        name,
        flags,
        Mode::empty(),
        resolve,
    )?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("is not a plain file"));
    }
    let mut bytes = Vec::new();
    file.take(max_bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= max_bytes).then_some(bytes))
}

/// Removes a file right inside `folder`.
pub(super) fn remove(folder: &OwnedFd, name: &str) {
    if !name.contains('/') {
        let _ = rustix::fs::unlinkat(folder, name, AtFlags::empty());
    }
}

/// Removes folders that an origin left behind when it was killed.
pub(super) fn sweep() {
    sweep_in(&std::env::temp_dir());
}

fn sweep_in(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // A folder without a lock file is being made right now.
        let Ok(lock) = File::open(entry.path().join(LOCK)) else {
            continue;
        };
        if lock.try_lock().is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_a_pipe_or_a_file_that_is_too_long_is_not_read() {
        let folder = Folder::new(None).unwrap();
        let handle = folder.open_downloads().unwrap();
        fs::write(folder.downloads().join("bill"), b"12345").unwrap();
        assert_eq!(read(&handle, "bill", 5).unwrap(), Some(b"12345".to_vec()));
        assert_eq!(read(&handle, "bill", 4).unwrap(), None);
        std::os::unix::fs::symlink("/etc/passwd", folder.downloads().join("link")).unwrap();
        for bad in ["link", "../lock", "/etc/passwd", ".", "none"] {
            assert!(read(&handle, bad, 100_000).is_err(), "{bad}");
        }
        for name in ["../lock", "bill"] {
            remove(&handle, name);
        }
        assert!(read(&handle, "bill", 5).is_err());
        assert!(folder.outer.path().join(LOCK).exists());
    }

    #[test]
    fn the_folder_of_a_killed_process_is_removed_at_start() {
        let place = tempfile::tempdir().unwrap();
        let left = place.path().join(format!("{PREFIX}left"));
        let held = place.path().join(format!("{PREFIX}held"));
        for path in [&left, &held] {
            fs::create_dir(path).unwrap();
            File::create(path.join(LOCK)).unwrap();
        }
        let lock = File::open(held.join(LOCK)).unwrap();
        lock.try_lock().unwrap();
        sweep_in(place.path());
        assert!(!left.exists());
        assert!(held.exists());
    }
}
