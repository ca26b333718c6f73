//! What every change must pass before its tests matter.

mod house;
mod source;

use std::{process::Command, time::Duration};

use crate::{
    Outcome, files,
    place::Place,
    setup::{self, Need},
    step,
};

const DEADLINE: Duration = Duration::from_secs(30 * 60);
/// How many lines of a failed check's output are shown.
const SHOWN: usize = 200;

/// Runs every check and fails when one of them does; all of them are run, so that one go shows everything.
pub fn run(place: &Place) -> Outcome {
    setup::bring(place, &[Need::Node])?;
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(&place.root);
        command
    };
    let mut tsc = Command::new("node");
    tsc.args([
        "node_modules/typescript/bin/tsc",
        "--project",
        "tsconfig.json",
    ])
    .current_dir(&place.root);
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
    ];
    let mut failed = Vec::new();
    for (name, command) in &checks {
        let log = step::log_of(place, name);
        if !step::watch(name, command, &log, DEADLINE)?.success() {
            println!("{}", files::tail(&log, SHOWN));
            failed.push(*name);
        }
    }
    let broken = house::check(place)?;
    for sentence in &broken {
        println!("  {sentence}");
    }
    println!(
        "  House rules: {}",
        if broken.is_empty() {
            "kept".to_owned()
        } else {
            format!("{} broken", broken.len())
        }
    );
    if !broken.is_empty() {
        failed.push("House rules");
    }
    if failed.is_empty() {
        println!("lint: all good");
        return Ok(());
    }
    Err(format!("lint: {} failed.", failed.join(", ")))
}
