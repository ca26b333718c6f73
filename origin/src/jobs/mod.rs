//! Background jobs: a queue in the database, kinds of jobs with typed payloads, and the worker that runs them.
//!
//! The room knows no kind but its own clean-up. A [`Kind`] stands in one file with all that belongs to it, is
//! registered once in a [`Registry`] (`serve.rs`), and the [`Worker`] runs what it is given: it claims only jobs of
//! kinds and versions that are registered, holds the claim while they run, and writes how they ended.

mod clean_up;
mod kind;
#[cfg(test)]
mod tests;
mod worker;

pub use clean_up::{CleanUp, ForgetMessages};
pub use kind::{Context, Ended, Kind, Periodic, Registry, WaitingRun, WaitingRuns, new_job};
pub use worker::{Settings, Worker};

use crate::clock::{Random, bytes};

/// From `-most` to `most` milliseconds, evenly: what keeps jobs from coming all at once.
#[must_use]
pub fn jitter(random: &dyn Random, most: i64) -> i64 {
    let number = i64::try_from(u64::from_le_bytes(bytes(random)) >> 1).unwrap_or(0);
    number.rem_euclid(2 * most.max(1) + 1) - most.max(1)
}
