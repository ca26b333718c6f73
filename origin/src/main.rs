//! The origin service and its operator's commands.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // First of all: the process that reads a PDF gives everything up before anything else is set up in it.
    if let Some(code) = origin::collection::pdf_process::child() {
        return code;
    }
    if let Err(error) = origin::core_dumps::forbid() {
        eprintln!("core dumps cannot be forbidden: {error}");
        return ExitCode::FAILURE;
    }
    origin::cli::run(origin::cli::Command::parse())
}
