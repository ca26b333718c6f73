//! Measurements: `cargo xtask bench NAME`. Ratios of one run on one machine, never bare times; the last line that is
//! printed is one JSON object.
//!
//! A program of its own, so that the chores need not compile what it measures.

mod edge;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{
    Outcome,
    paths::Paths,
    process,
    setup::{self, Requirement},
};

#[derive(Parser)]
#[command(
    name = "cargo xtask bench",
    about = "Measures; the last line is one JSON object"
)]
struct Cli {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// The connect page: requests a second and first request, against JavaScript Workers on the same workerd
    Edge,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    xtask::exit_code(run(&cli))
}

fn run(cli: &Cli) -> Outcome {
    let paths = Paths::find()?;
    process::listen_for_stop()?;
    match cli.bench {
        Bench::Edge => {
            setup::install(&paths, &[Requirement::Edge, Requirement::Wrk])?;
            xtask::edge::build(&paths)?;
            edge::run(&paths)
        }
    }
}
