//! Every chore of this project as one program: `cargo xtask --help`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{Outcome, edge, lint, paths::Paths, process, setup, test, up};

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
    #[command(disable_help_flag = true)]
    Bench {
        /// What to measure: --help lists it
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Install what the chores need (each of them does this by itself)
    Setup(setup::Options),
    /// Build the edge for workerd into build/edge/worker and build/edge/public
    BuildEdge,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    xtask::exit_code(run(&cli))
}

fn run(cli: &Cli) -> Outcome {
    let paths = Paths::find()?;
    process::listen_for_stop()?;
    match &cli.chore {
        Chore::Up(options) => up::run(&paths, options),
        Chore::Test(options) => test::run(&paths, options),
        Chore::Lint => lint::run(&paths),
        Chore::Bench { arguments } => xtask::bench(&paths, arguments),
        Chore::Setup(options) => setup::run(&paths, options),
        Chore::BuildEdge => edge::build_with_setup(&paths),
    }
}
