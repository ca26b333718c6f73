//! Programs that Cargo installs from its registry. They are kept in the target folder, apart from the user's own,
//! because they are compiled without optimisation.

use std::process::Command;

use super::requirement::Requirement;
use crate::{Outcome, files, paths::Paths, step};

/// A program that Cargo installs.
struct Tool {
    /// The name of the program.
    program: &'static str,
    /// The package that the program comes from.
    package: &'static str,
    /// Which version of the package it must be.
    version: Version,
}

enum Version {
    /// The version of this library in Cargo.lock.
    OfLibrary(&'static str),
    /// This version, and no other.
    Exactly(&'static str),
}

const WASM_TEST_RUNNER: Tool = Tool {
    program: "wasm-bindgen-test-runner",
    package: "wasm-bindgen-cli",
    version: Version::OfLibrary("wasm-bindgen"),
};
const MACHETE: Tool = Tool {
    program: "cargo-machete",
    package: "cargo-machete",
    version: Version::Exactly("0.9.2"),
};

/// Installs the programs that `needs` asks for, one after another: each of them keeps every processor busy.
pub fn install(paths: &Paths, needs: &[Requirement]) -> Outcome {
    for (need, tool) in [
        (Requirement::WasmTests, WASM_TEST_RUNNER),
        (Requirement::Lint, MACHETE),
    ] {
        if needs.contains(&need) {
            install_one(paths, &tool)?;
        }
    }
    Ok(())
}

/// Installs a program unless the right version is there.
fn install_one(paths: &Paths, tool: &Tool) -> Outcome {
    let version = match tool.version {
        Version::Exactly(version) => version.to_owned(),
        Version::OfLibrary(library) => {
            let lock = files::read(&paths.root.join("Cargo.lock"))?;
            locked_version(&lock, library)
                .ok_or_else(|| {
                    format!(
                        "Cargo.lock names no version of {library}: run cargo update -p {library}."
                    )
                })?
                .to_owned()
        }
    };
    let stamp = paths.tools().join(format!("{}.version", tool.program));
    if files::stamped(&stamp, &version) && paths.tool(tool.program).is_file() {
        return Ok(());
    }
    let install = |locked: bool| {
        let mut cargo = Command::new("cargo");
        // Optimising takes longer than these programs run in a year.
        cargo
            .args(["install", "--force", "--profile", "dev"])
            .args(["--bin", tool.program])
            .arg(format!("{}@{version}", tool.package))
            .arg("--root")
            .arg(paths.tools())
            .arg("--target-dir")
            .arg(paths.tools().join("target"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0")
            .current_dir(&paths.root);
        if locked {
            cargo.arg("--locked");
        }
        step::run(paths, &format!("Installing {}", tool.program), &cargo)
    };
    // The package's own lock may name a version that the registry does not have (any more).
    install(true).or_else(|_| crate::process::tick().and_then(|()| install(false)))?;
    // A third of a gigabyte that nothing needs again before the next version.
    files::remove_folder(&paths.tools().join("target"))?;
    files::write(&stamp, version)
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
    fn the_version_of_a_library_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-backend\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "worker"), None);
    }
}
