//! Small things with files: reading and writing with a sentence for what went wrong, fingerprints, lists.

use std::{
    fs,
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest, Sha256};

use crate::{Outcome, paths::Paths};

/// The text of a file.
pub fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("Cannot read {}: {error}.", path.display()))
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, text: impl AsRef<[u8]>) -> Outcome {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    fs::write(path, text).map_err(|error| format!("Cannot write {}: {error}.", path.display()))
}

/// Makes a folder and those above it.
pub fn make_folder(path: &Path) -> Outcome {
    fs::create_dir_all(path)
        .map_err(|error| format!("Cannot make the folder {}: {error}.", path.display()))
}

/// Waits until no other process holds the lock of this file, and holds it until the file is dropped.
pub fn lock(path: &Path) -> Outcome<fs::File> {
    make_folder(path.parent().unwrap_or(path))?;
    let locked = fs::File::create(path).and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| format!("Cannot lock {}: {error}.", path.display()))
}

/// Removes a file; fine when it is not there.
pub fn remove_file(path: &Path) -> Outcome {
    match fs::remove_file(path) {
        Err(error) if path.exists() => Err(format!("Cannot remove {}: {error}.", path.display())),
        _ => Ok(()),
    }
}

/// Removes a folder with all that is in it; fine when it is not there.
pub fn remove_folder(path: &Path) -> Outcome {
    match fs::remove_dir_all(path) {
        Err(error) if path.exists() => Err(format!(
            "Cannot remove the folder {}: {error}.",
            path.display()
        )),
        _ => Ok(()),
    }
}

/// The last `lines` lines of a log; empty when there is none.
pub fn tail(path: &Path, lines: usize) -> String {
    let Ok(mut file) = fs::File::open(path) else {
        return String::new();
    };
    let length = file.metadata().map_or(0, |meta| meta.len());
    let mut bytes = Vec::new();
    if file
        .seek(SeekFrom::Start(length.saturating_sub(32 * 1024)))
        .is_err()
        || file.read_to_end(&mut bytes).is_err()
    {
        return String::new();
    }
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    all.get(all.len().saturating_sub(lines)..)
        .unwrap_or_default()
        .join("\n")
}

/// Every file below `folder`, sorted; none when the folder is missing.
pub fn below(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry
                .map_err(|error| format!("Cannot list {}: {error}.", folder.display()))?
                .path();
            if path.is_dir() {
                folders.push(path)
            } else {
                found.push(path)
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The files that belong to the project: known to git or new, never ignored ones.
pub fn of_project(paths: &Paths) -> Outcome<Vec<PathBuf>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&paths.root)
        .output()
        .map_err(|error| format!("git is needed to list the project's files, and does not start ({error}): install git."))?;
    if !listed.status.success() {
        return Err(format!(
            "git cannot list the project's files: {}",
            String::from_utf8_lossy(&listed.stderr).trim()
        ));
    }
    let names = String::from_utf8_lossy(&listed.stdout);
    let mut files: Vec<PathBuf> = names
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .collect();
    files.retain(|file| paths.root.join(file).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

/// A fingerprint of the contents and names of `files`, as 64 hexadecimal digits.
pub fn fingerprint(root: &Path, files: &[PathBuf]) -> Outcome<String> {
    let mut hash = Sha256::new();
    for file in files {
        let bytes =
            fs::read(file).map_err(|error| format!("Cannot read {}: {error}.", file.display()))?;
        let name = file
            .strip_prefix(root)
            .unwrap_or(file)
            .display()
            .to_string();
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Whether the stamp file says that `what` is done already.
pub fn stamped(stamp: &Path, what: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == what)
}
