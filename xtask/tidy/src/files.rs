//! Finds the files of the project.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The files that belong to the project: known to git or new, never ignored ones.
///
/// # Errors
/// A sentence when git does not answer.
pub fn of_project(checkout: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(checkout)
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
    files.retain(|file| checkout.join(file).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}
