//! Measurements. Ratios of one run on one machine, never bare times.

mod edge;

use clap::{Args, Subcommand};

use crate::{
    Outcome,
    paths::Paths,
    setup::{self, Requirement},
};

/// What to measure.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// The connect page: requests a second and first request, against JavaScript Workers on the same workerd
    Edge,
}

/// Runs one bench.
pub fn run(paths: &Paths, options: &Options) -> Outcome {
    match options.bench {
        Bench::Edge => {
            setup::install(paths, &[Requirement::Edge, Requirement::Wrk])?;
            crate::edge::build(paths)?;
            edge::run(paths)
        }
    }
}
