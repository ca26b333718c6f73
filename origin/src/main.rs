//! The origin service and its operator's commands.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    // First of all: the process that reads a PDF gives everything up before anything else is set up in it.
    if let Some(code) = origin::collection::pdf_process::child() {
        return code;
    }
    origin::cli::run(origin::cli::Command::parse())
}
