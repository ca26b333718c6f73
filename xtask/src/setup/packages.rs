//! The distribution's packages: Chromium, PostgreSQL, Python, curl, jq, wrk.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::requirement::Requirement;
use crate::{
    Outcome,
    paths::{Paths, on_path},
    step,
};

/// Installs the packages that `needs` asks for and that are missing; who is not root is told the command instead.
pub fn install(paths: &Paths, needs: &[Requirement]) -> Outcome {
    let mut missing = Vec::new();
    if needs.contains(&Requirement::Browser) && chromium().is_none() {
        missing.extend(["chromium-headless-shell", "fonts-liberation"]);
    }
    if needs.contains(&Requirement::Client) && client_chromium().is_none() {
        missing.push("chromium");
    }
    if needs.contains(&Requirement::Postgres) && postgres_bin().is_none() {
        missing.push("postgresql");
    }
    let needs_python = [
        Requirement::S3,
        Requirement::Smtp,
        Requirement::Oidc,
        Requirement::Schemathesis,
    ]
    .iter()
    .any(|need| needs.contains(need));
    if needs_python && !can_make_venv() {
        missing.push("python3-venv");
    }
    if needs.contains(&Requirement::Schemathesis) {
        // The cookbook's examples, which the tests of the running API run.
        let programs = ["curl", "jq"].into_iter();
        missing.extend(programs.filter(|program| on_path(program).is_none()));
    }
    if needs.contains(&Requirement::Wrk) && on_path("wrk").is_none() {
        missing.push("wrk");
    }
    if missing.is_empty() {
        return Ok(());
    }
    apt_install(paths, &missing)?;
    if needs.contains(&Requirement::Browser) && chromium().is_none() {
        return Err(no_usable_chromium());
    }
    Ok(())
}

/// Runs apt as root, or says which command to run.
pub fn apt_install(paths: &Paths, packages: &[&str]) -> Outcome {
    if on_path("apt-get").is_none() || !Path::new("/etc/debian_version").is_file() {
        return Err(elsewhere(packages));
    }
    let has_chromium = packages
        .iter()
        .any(|package| package.starts_with("chromium"));
    if has_chromium && is_ubuntu() {
        return Err(no_usable_chromium());
    }
    if !is_root() {
        return Err(as_root(packages));
    }
    step::run(
        paths,
        "Reading the list of packages",
        Command::new("apt-get").arg("update"),
    )?;
    let offered = |package: &str| {
        Command::new("apt-cache")
            .args(["policy", package])
            .output()
            .is_ok_and(|policy| {
                let policy = String::from_utf8_lossy(&policy.stdout).into_owned();
                policy.contains("Candidate:") && !policy.contains("Candidate: (none)")
            })
    };
    if packages.contains(&"chromium-headless-shell") && !offered("chromium-headless-shell") {
        return Err(no_usable_chromium());
    }
    let mut apt = Command::new("apt-get");
    apt.args(["install", "-y", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    step::run(paths, "Installing packages", &apt).map_err(|told| {
        format!(
            "{told}\nThe packages {} cannot be installed: repair apt, then run this again.",
            packages.join(" ")
        )
    })
}

/// Whether Python can make virtual environments: Debian packs the module that does apart.
fn can_make_venv() -> bool {
    Command::new("python3")
        .args(["-c", "import ensurepip, venv"])
        .output()
        .is_ok_and(|run| run.status.success())
}

/// Whether this program may install packages.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn is_ubuntu() -> bool {
    let about = fs::read_to_string("/etc/os-release").unwrap_or_default();
    about.lines().any(|line| line == "ID=ubuntu")
}

fn as_root(packages: &[&str]) -> String {
    format!(
        "Packages are missing and only root can install them. Run this, then start again:\n\n    sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends {}'",
        packages.join(" ")
    )
}

fn elsewhere(packages: &[&str]) -> String {
    format!(
        "These are missing, and only on Debian and Ubuntu can they be installed from here: {}. Install them with your system's package manager \
         (instead of chromium-headless-shell any chrome-headless-shell of version 140 or later will do, which MAGIC_LINKS_CHROMIUM=/path names; \
         instead of chromium also Google Chrome), then start again.",
        packages.join(", ")
    )
}

fn no_usable_chromium() -> String {
    "This distribution has no package of Chromium that can run as a user of its own (Ubuntu has a snap only). Fetch a headless shell with\n\n    \
     npx @puppeteer/browsers install chrome-headless-shell@stable\n\n\
     and name it with MAGIC_LINKS_CHROMIUM=/path/to/chrome-headless-shell; for the tests install Google Chrome's .deb package too. Then start again."
        .into()
}

/// The browser that the origin drives, a headless shell: the one that is named, Debian's, or Chrome's.
pub fn chromium() -> Option<PathBuf> {
    if let Some(named) = env::var_os("MAGIC_LINKS_CHROMIUM") {
        return Some(PathBuf::from(named)).filter(|file| file.is_file());
    }
    let shell = PathBuf::from("/usr/lib/chromium/chromium-headless-shell");
    if shell.is_file() {
        return Some(shell);
    }
    on_path("chrome-headless-shell")
}

/// The browser that a client uses in the tests: a whole one.
pub fn client_chromium() -> Option<PathBuf> {
    let debian = PathBuf::from("/usr/lib/chromium/chromium");
    if debian.is_file() {
        return Some(debian);
    }
    ["google-chrome-stable", "google-chrome", "chromium"]
        .into_iter()
        .find_map(on_path)
}

/// The folder with PostgreSQL's `initdb` and `postgres`, of the newest version that is installed.
pub fn postgres_bin() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, bin): &(u32, PathBuf)| bin.join("initdb").is_file())
        .collect();
    found.sort();
    found
        .pop()
        .map(|(_, bin)| bin)
        .or_else(|| on_path("initdb").and_then(|initdb| initdb.parent().map(Path::to_path_buf)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_root_gets_exactly_one_command() {
        let told = as_root(&["chromium", "postgresql"]);
        assert_eq!(told.matches("sudo").count(), 1);
        assert!(
            told.ends_with("apt-get install -y --no-install-recommends chromium postgresql'"),
            "{told}"
        );
    }

    #[test]
    fn other_systems_are_told_what_to_install() {
        let told = elsewhere(&["chromium", "postgresql"]);
        assert!(
            told.contains("chromium, postgresql") && told.contains("package manager"),
            "{told}"
        );
    }
}
