//! Every chore of this project as one program: `cargo xtask --help`.

mod bench;
mod edge;
mod files;
mod http;
mod lint;
mod outcome;
mod paths;
mod process;
mod setup;
mod step;
mod test;
mod up;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use outcome::Outcome;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The chores of Magic Links", version)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install, build and start everything on this machine, and print a link to open
    Up(up::Options),
    /// Run all tests, or the part called NAME, and end with one line: N passed, N failed
    Test(test::Options),
    /// Check formatting, clippy, the types of the JavaScript, unused dependencies, and the project's own rules
    Lint,
    /// Measure; the last line is one JSON object
    Bench(bench::Options),
    /// Install what the chores need (each of them does this by itself)
    Setup(setup::Options),
    /// Build the edge for workerd into build/edge/worker and build/edge/public
    BuildEdge,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = paths::Paths::find().and_then(|paths| {
        process::listen_for_stop()?;
        match cli.chore {
            Chore::Up(options) => up::run(&paths, &options),
            Chore::Test(options) => test::run(&paths, &options),
            Chore::Lint => lint::run(&paths),
            Chore::Bench(options) => bench::run(&paths, &options),
            Chore::Setup(options) => setup::run(&paths, &options),
            Chore::BuildEdge => edge::build_with_setup(&paths),
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) if sentence.is_empty() => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("\n{sentence}");
            ExitCode::FAILURE
        }
    }
}
