//! What every change must pass before its tests matter.

use std::{process::Command, time::Duration};

use crate::{
    Outcome, files,
    paths::Paths,
    setup::{self, Requirement},
    step,
};

const DEADLINE: Duration = Duration::from_secs(30 * 60);
/// How many lines of a failed check's output are shown.
const SHOWN: usize = 200;

/// Runs every check and fails when one of them does; all of them are run, so that one go shows everything.
pub fn run(paths: &Paths) -> Outcome {
    setup::install(paths, &[Requirement::Node, Requirement::Lint])?;
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(&paths.root);
        command
    };
    let mut tsc = Command::new("node");
    tsc.args([
        "node_modules/typescript/bin/tsc",
        "--project",
        "tsconfig.json",
    ])
    .current_dir(&paths.root);
    let mut machete = Command::new(paths.tool("cargo-machete"));
    machete.arg(&paths.root).current_dir(&paths.root);
    let checks = [
        (
            "Formatting (cargo fmt)",
            cargo(&["fmt", "--all", "--check"]),
        ),
        (
            "Clippy",
            cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--keep-going",
                "--locked",
                "--",
                "-D",
                "warnings",
            ]),
        ),
        ("Types of the JavaScript", tsc),
        ("Unused dependencies (cargo machete)", machete),
        (
            "Project rules",
            cargo(&["run", "--quiet", "--package", "tidy"]),
        ),
    ];
    let mut failed = Vec::new();
    for (name, command) in &checks {
        let log = step::log_of(paths, name);
        if !step::watch(name, command, &log, DEADLINE)?.success() {
            println!("{}", files::tail(&log, SHOWN));
            failed.push(*name);
        }
    }
    if failed.is_empty() {
        println!("lint: all good");
        return Ok(());
    }
    Err(format!("lint: {} failed.", failed.join(", ")))
}
