//! Every chore of this project as one program: `cargo xtask --help`.

mod bench;
mod edge;
mod files;
mod http;
mod lint;
mod place;
mod process;
mod setup;
mod step;
mod test;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a chore comes to. An error is a sentence for the person at the terminal, with the remedy in it.
type Outcome<T = ()> = Result<T, String>;

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
    /// Check formatting, clippy, the types of the JavaScript, and the house rules
    Lint,
    /// Measure; the last line is one JSON object
    Bench(bench::Options),
    /// Install what the chores need (each of them does this by itself)
    Setup(setup::Options),
    /// Build the edge for workerd into edge/build and build/edge/public
    BuildEdge,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = place::Place::find().and_then(|place| {
        process::listen_for_stop()?;
        match cli.chore {
            Chore::Up(options) => up::run(&place, &options),
            Chore::Test(options) => test::run(&place, &options),
            Chore::Lint => lint::run(&place),
            Chore::Bench(options) => bench::run(&place, &options),
            Chore::Setup(options) => setup::run(&place, &options),
            Chore::BuildEdge => edge::build_with_setup(&place),
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
