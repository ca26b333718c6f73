//! Measurements. Ratios of one run on one machine, never bare times.

mod edge;

use clap::{Args, Subcommand};

use crate::{
    Outcome,
    place::Place,
    setup::{self, Need},
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
pub fn run(place: &Place, options: &Options) -> Outcome {
    match options.bench {
        Bench::Edge => {
            setup::bring(place, &[Need::Edge, Need::Wrk])?;
            crate::edge::build(place)?;
            edge::run(place)
        }
    }
}
