//! The programs that turn the edge crate into a Worker, at the versions that Cargo.lock asks for.

use std::process::Command;

use crate::{
    Outcome, files,
    place::{Place, cargo_bin},
    step,
};

/// A program, the crate it comes from, the library whose version it must have, and the name of its step.
const TOOLS: [(&str, &str, &str, &str); 2] = [
    (
        "worker-build",
        "worker-build",
        "worker",
        "Installing worker-build (6 min)",
    ),
    (
        "wasm-bindgen",
        "wasm-bindgen-cli",
        "wasm-bindgen",
        "Installing wasm-bindgen (5 min)",
    ),
];

/// Installs both where `cargo install` puts programs, unless the right versions are there.
pub fn install(place: &Place) -> Outcome {
    let lock = files::read(&place.root.join("Cargo.lock"))?;
    for (program, package, library, step_name) in TOOLS {
        let wanted = locked_version(&lock, library).ok_or_else(|| {
            format!("Cargo.lock names no version of {library}: run cargo update -p {library}.")
        })?;
        if installed_version(program).as_deref() == Some(wanted) {
            continue;
        }
        let install = |locked: bool| {
            let mut cargo = Command::new("cargo");
            cargo
                .args(["install", "--force", &format!("{package}@{wanted}")])
                .env_remove("CARGO_TARGET_DIR")
                .current_dir(&place.root);
            if locked {
                cargo.arg("--locked");
            }
            step::run(place, step_name, &cargo)
        };
        // The package's own lock may name a version that the registry does not have (any more).
        install(true).or_else(|_| crate::process::tick().and_then(|()| install(false)))?;
    }
    Ok(())
}

fn installed_version(program: &str) -> Option<String> {
    let out = Command::new(cargo_bin().join(program))
        .arg("--version")
        .output()
        .ok()?;
    String::from_utf8_lossy(&out.stdout)
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
}

/// The version of `package` in a Cargo.lock.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let mut lines = lock.lines();
    let name = format!("name = \"{package}\"");
    lines.find(|line| *line == name)?;
    lines
        .next()?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_names_the_version() {
        let lock = "[[package]]\nname = \"wasm-bindgen-backend\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "worker"), None);
    }
}
