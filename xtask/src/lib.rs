//! The chores of the project, and what they have in common.

pub mod edge;
pub mod files;
pub mod http;
pub mod lint;
mod outcome;
pub mod paths;
pub mod process;
pub mod setup;
pub mod step;
pub mod test;
pub mod up;
pub mod workspace;

use std::{
    os::unix::process::CommandExt as _,
    process::{Command, ExitCode},
};

pub use outcome::Outcome;
use paths::Paths;

/// Says what went wrong, and makes it the exit code of a program.
pub fn exit_code(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) if sentence.is_empty() => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("\n{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the program that measures, and becomes it: it gets these arguments, and every signal.
///
/// # Errors
/// When it cannot be built or does not start.
pub fn bench(paths: &Paths, arguments: &[String]) -> Outcome {
    let mut build = workspace::build(paths, &["bench"]);
    build.args(["--profile", "bench"]);
    step::run(
        paths,
        "Building the bench, optimised: minutes at the first time",
        &build,
    )?;
    let error = Command::new(paths.target.join("release/bench"))
        .args(arguments)
        .exec();
    Err(format!("The bench does not start: {error}."))
}
