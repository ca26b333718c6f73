//! Everything on this machine.

use clap::Args;

use crate::{Outcome, place::Place};

/// Ports and folder.
#[derive(Args)]
pub struct Options {}

/// Starts it.
pub fn run(_place: &Place, _options: &Options) -> Outcome {
    Err("Not built yet.".into())
}
