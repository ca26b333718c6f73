//! Building every program and every test program of the workspace in one go.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::Value;

use crate::{Outcome, files, paths::Paths, process::tick, step};

const DEADLINE: Duration = Duration::from_secs(60 * 60);

/// A program with tests in it.
pub struct Binary {
    /// The crate that it belongs to.
    pub package: String,
    /// The library, program or test file that it was made of.
    pub target: String,
    /// The kind of the program: lib, bin or test.
    pub kind: String,
    /// The path of the program.
    pub executable: PathBuf,
    /// The folder of the crate, where its tests expect to run.
    pub folder: PathBuf,
}

impl Binary {
    /// The name that the output shows.
    pub fn title(&self) -> String {
        match self.kind.as_str() {
            "test" => format!("{} {}", self.package, self.target),
            "bin" => format!("{} (program)", self.package),
            _ => self.package.clone(),
        }
    }
}

/// The result of a build.
pub struct Built {
    /// The programs with tests.
    pub binaries: Vec<Binary>,
    /// The crates and parts of crates that do not compile.
    pub broken: Vec<String>,
}

/// Builds programs and tests together, so that nothing is built twice with other features; what does not compile keeps nothing else from being built.
pub fn all(paths: &Paths) -> Outcome<Built> {
    let name = "Building programs and tests";
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "build",
            "--workspace",
            "--all-targets",
            "--keep-going",
            "--message-format=json-render-diagnostics",
        ])
        .current_dir(&paths.root);
    let log = step::log_of(paths, name);
    let status = step::watch(name, &cargo, &log, DEADLINE)?;
    tick()?;
    let output = files::read(&log)?;
    let built = Built {
        binaries: binaries(&output),
        broken: broken(&output),
    };
    if status.success() {
        return Ok(built);
    }
    for line in output.lines().filter(|line| !line.starts_with('{')) {
        println!("{line}");
    }
    let broken = if built.broken.is_empty() {
        vec!["the workspace".to_owned()]
    } else {
        built.broken
    };
    Ok(Built { broken, ..built })
}

fn binaries(output: &str) -> Vec<Binary> {
    let mut found: Vec<Binary> = output
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter_map(|message| binary(&message))
        .collect();
    found.sort_by(|a, b| a.executable.cmp(&b.executable));
    found.dedup_by(|a, b| a.executable == b.executable);
    found
}

fn binary(message: &Value) -> Option<Binary> {
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let folder = Path::new(message["manifest_path"].as_str()?)
        .parent()?
        .to_path_buf();
    Some(Binary {
        package: package(message["package_id"].as_str()?),
        target: message["target"]["name"].as_str()?.to_owned(),
        kind: message["target"]["kind"][0].as_str()?.to_owned(),
        executable: message["executable"].as_str()?.into(),
        folder,
    })
}

/// The name in a package id: `path+file:///a/shared#0.1.0` or `path+file:///a/b#name@0.1.0`.
fn package(id: &str) -> String {
    let (path, version) = id.rsplit_once('#').unwrap_or((id, ""));
    match version.split_once('@') {
        Some((name, _)) => name.to_owned(),
        None => path.rsplit('/').next().unwrap_or(path).to_owned(),
    }
}

/// What Cargo says could not be compiled.
fn broken(output: &str) -> Vec<String> {
    let mut found: Vec<String> = output
        .lines()
        .filter_map(|line| line.strip_prefix("error: could not compile "))
        .map(|rest| {
            rest.split(" due to")
                .next()
                .unwrap_or(rest)
                .replace('`', "")
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_programs_are_told_from_other_artefacts() {
        let output = concat!(
            "   Compiling shared\n",
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x/shared#0.1.0","manifest_path":"/x/shared/Cargo.toml","target":{"kind":["test"],"name":"vectors"},"profile":{"test":true},"executable":"/t/vectors-1"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x/o#origin@0.1.0","manifest_path":"/x/o/Cargo.toml","target":{"kind":["bin"],"name":"origin"},"profile":{"test":false},"executable":"/t/origin"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x/o#origin@0.1.0","manifest_path":"/x/o/Cargo.toml","target":{"kind":["lib"],"name":"origin"},"profile":{"test":true},"executable":"/t/origin-2"}"#,
        );
        let titles: Vec<String> = binaries(output).iter().map(Binary::title).collect();
        assert_eq!(titles, ["origin", "shared vectors"]);
    }

    #[test]
    fn every_crate_that_does_not_compile_is_named_once() {
        let output = "error: could not compile `origin` (lib) due to 3 previous errors\nerror: could not compile `origin` (lib) due to 3 previous errors\nerror: could not compile `edge` (lib test) due to 1 previous error; 2 warnings emitted";
        assert_eq!(broken(output), ["edge (lib test)", "origin (lib)"]);
    }
}
