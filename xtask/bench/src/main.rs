//! Measurements: `cargo xtask bench NAME`. Ratios of one run on one machine, never bare times; the last line that is
//! printed is one JSON object.
//!
//! A program of its own, so that the chores need not compile what it measures.

mod api;
mod edge;
mod forms;
mod signin;
mod webhooks;

use std::{path::PathBuf, process::ExitCode};

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
    /// Links made by the API against a constant answer, and lists of 100,000 connections against those of 1,000
    Api,
    /// The connect page: requests a second and first request, against JavaScript Workers on the same workerd
    Edge,
    /// The form to sign in: how often its fields and its button are recognised on pages whose answers are known
    Forms {
        /// A folder of labelled pages, with an index.json that lists them
        #[arg(long, value_name = "DIR")]
        corpus: PathBuf,
        /// Only pages whose name has this in it
        #[arg(long, value_name = "TEXT", default_value = "")]
        only: String,
    },
    /// Sign-ins on small websites of many makes: how often one is told as what it is
    Signin {
        /// Only makes whose class and name have this in them
        #[arg(long, value_name = "TEXT", default_value = "")]
        only: String,
    },
    /// Draining the outbox of webhooks against a bare loop that posts the same requests
    Webhooks,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    xtask::exit_code(run(&cli))
}

fn run(cli: &Cli) -> Outcome {
    let paths = Paths::find()?;
    process::listen_for_stop()?;
    match &cli.bench {
        Bench::Api => {
            setup::install(&paths, &[Requirement::Postgres])?;
            api::run(&paths)
        }
        Bench::Edge => {
            setup::install(&paths, &[Requirement::Edge, Requirement::Wrk])?;
            xtask::edge::build(&paths)?;
            edge::run(&paths)
        }
        Bench::Forms { corpus, only } => {
            setup::install(&paths, &[Requirement::Browser])?;
            forms::run(corpus, only)
        }
        Bench::Signin { only } => {
            setup::install(&paths, &[Requirement::Browser])?;
            signin::run(only)
        }
        Bench::Webhooks => webhooks::run(),
    }
}
