//! Node and the npm packages of the lock file.

use std::process::Command;

use crate::{Outcome, files, paths::Paths, step};

/// The oldest Node that wrangler runs on.
const OLDEST: u32 = 20;

/// Installs the packages of package-lock.json unless exactly those are there.
pub fn install(paths: &Paths) -> Outcome {
    let version = Command::new("node")
        .arg("--version")
        .output()
        .ok()
        .map(|out| String::from_utf8_lossy(&out.stdout).trim().to_owned());
    new_enough(version.as_deref())?;
    let lock = paths.root.join("package-lock.json");
    let wanted = files::fingerprint(&paths.root, std::slice::from_ref(&lock))?;
    let stamp = paths.root.join("node_modules/.installed-from");
    if files::stamped(&stamp, &wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"])
        .current_dir(&paths.root)
        .env("CI", "1");
    step::run(paths, "Installing npm packages", &npm)
        .map_err(|told| format!("{told}\nThe npm packages cannot be installed: see whether npm reaches its registry, then run this again."))?;
    files::write(&stamp, wanted)
}

fn new_enough(version: Option<&str>) -> Outcome {
    let Some(version) = version else {
        return Err(format!(
            "Node is not installed: install Node {OLDEST} or newer with npm, then start again."
        ));
    };
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST => Ok(()),
        _ => Err(format!(
            "Node {version} is too old: install Node {OLDEST} or newer, then start again."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_or_missing_node_is_named_with_its_remedy() {
        assert_eq!(new_enough(Some("v20.20.2")), Ok(()));
        assert_eq!(new_enough(Some("v24.0.0")), Ok(()));
        assert!(
            new_enough(Some("v18.19.0"))
                .unwrap_err()
                .contains("Node v18.19.0 is too old: install Node 20")
        );
        assert!(new_enough(None).unwrap_err().contains("install Node 20"));
    }
}
