//! The crates of this workspace, as Cargo knows them.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{Outcome, paths::Paths};

/// A crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name, as in `cargo build -p`.
    pub name: String,
    /// Its folder, from the root of the checkout.
    pub folder: String,
}

/// Asks Cargo for the crates of the checkout.
pub fn packages(paths: &Paths) -> Outcome<Vec<Package>> {
    let out = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(&paths.root)
        .output()
        .map_err(|error| format!("cargo does not start: {error}."))?;
    let answer: Value = serde_json::from_slice(&out.stdout).map_err(|_| {
        let told = String::from_utf8_lossy(&out.stderr);
        format!("cargo metadata failed: {}", told.trim())
    })?;
    let packages = answer["packages"].as_array().into_iter().flatten();
    Ok(packages
        .filter_map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str()?);
            let folder = manifest.parent()?.strip_prefix(&paths.root).ok()?;
            Some(Package {
                name: package["name"].as_str()?.to_owned(),
                folder: folder.to_str()?.to_owned(),
            })
        })
        .collect())
}

/// The command that builds these programs of the workspace. All are built with the features that the whole workspace
/// needs, so that no chore builds what another one has built.
pub fn build(paths: &Paths, programs: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--workspace"]);
    for program in programs {
        cargo.args(["--bin", program]);
    }
    // There are no examples, but asking for them makes Cargo build with the features that the tests have too.
    cargo.arg("--examples").current_dir(&paths.root);
    cargo
}
