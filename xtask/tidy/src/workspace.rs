//! The crates of this workspace, as Cargo knows them.

use std::{path::Path, process::Command};

use serde_json::Value;

/// A crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its name, as in `cargo build -p`.
    pub name: String,
    /// Its folder, from the root of the checkout.
    pub folder: String,
    /// The names of the crates that it depends on when it is built; not those that only its tests need.
    pub dependencies: Vec<String>,
    /// The files that its library and its programs start from, from the root of the checkout; the library first.
    pub roots: Vec<String>,
}

/// Asks Cargo for the crates of the checkout.
///
/// # Errors
/// A sentence when Cargo does not answer.
pub fn packages(checkout: &Path) -> Result<Vec<Package>, String> {
    let out = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(checkout)
        .output()
        .map_err(|error| format!("cargo does not start: {error}."))?;
    let answer: Value = serde_json::from_slice(&out.stdout).map_err(|_| {
        let told = String::from_utf8_lossy(&out.stderr);
        format!("cargo metadata failed: {}", told.trim())
    })?;
    let packages = answer["packages"].as_array().into_iter().flatten();
    Ok(packages
        .filter_map(|package| read(checkout, package))
        .collect())
}

fn read(checkout: &Path, package: &Value) -> Option<Package> {
    let relative = |file: &Value| {
        let file = Path::new(file.as_str()?).strip_prefix(checkout).ok()?;
        Some(file.to_str()?.to_owned())
    };
    let manifest = relative(&package["manifest_path"])?;
    let (folder, _) = manifest.rsplit_once('/')?;
    let dependencies = package["dependencies"].as_array()?.iter();
    let dependencies = dependencies.filter(|dependency| dependency["kind"] != "dev");
    let mut roots: Vec<(bool, String)> = Vec::new();
    for target in package["targets"].as_array()? {
        let kinds = target["kind"].as_array()?;
        let is = |name: &str| kinds.iter().any(|kind| kind == name);
        let is_library = is("lib") || is("rlib") || is("cdylib");
        if is_library || is("bin") {
            roots.push((!is_library, relative(&target["src_path"])?));
        }
    }
    roots.sort();
    Some(Package {
        name: package["name"].as_str()?.to_owned(),
        folder: folder.to_owned(),
        dependencies: dependencies
            .filter_map(|dependency| dependency["name"].as_str())
            .map(str::to_owned)
            .collect(),
        roots: roots.into_iter().map(|(_, root)| root).collect(),
    })
}
