//! Set-up: brings what a chore needs and is not there yet. Each part looks first, so a second run takes no time.

mod cargo_tools;
mod node;
mod packages;
pub mod wasm;

use clap::Args;
use rustix::fs::statvfs;

pub use packages::{chromium, client_chromium, postgres_bin};

use crate::{Outcome, place::Place};

/// What to bring.
#[derive(Args)]
pub struct Options {
    /// Only what belongs to the whole machine and needs root: packages and, where rustup cannot fetch it, the wasm32 target
    #[arg(long)]
    system: bool,
}

/// Something that a chore needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The wasm32 target and the programs that make a Worker of it.
    Edge,
    /// The npm packages of the lock file.
    Node,
    /// Chromium's headless shell, which the origin drives.
    Browser,
    /// A whole Chromium, which a client uses in the tests.
    Client,
    /// A PostgreSQL server to start.
    Postgres,
    /// The load generator of the benches.
    Wrk,
}

/// Free space below which building is not worth starting, in bytes.
const LEAST_FREE: u64 = 2 << 30;
/// The same when nothing was built yet.
const LEAST_FREE_AT_FIRST: u64 = 8 << 30;

/// Brings everything but what only the benches need.
pub fn run(place: &Place, options: &Options) -> Outcome {
    if options.system {
        enough_space(place)?;
        packages::install(place, &[Need::Browser, Need::Client, Need::Postgres])?;
        return wasm::install(place).map(|_| ());
    }
    bring(
        place,
        &[
            Need::Edge,
            Need::Node,
            Need::Browser,
            Need::Client,
            Need::Postgres,
        ],
    )?;
    println!("Everything is installed. Go on with: cargo xtask up");
    Ok(())
}

/// Brings what `needs` says.
pub fn bring(place: &Place, needs: &[Need]) -> Outcome {
    enough_space(place)?;
    // First, because the one command that it names for root brings the packages too.
    if needs.contains(&Need::Edge) {
        wasm::install(place)?;
    }
    packages::install(place, needs)?;
    if needs.contains(&Need::Node) || needs.contains(&Need::Edge) {
        node::install(place)?;
    }
    if needs.contains(&Need::Edge) {
        cargo_tools::install(place)?;
    }
    Ok(())
}

fn enough_space(place: &Place) -> Outcome {
    let least = if place.target.join("debug/deps").is_dir() {
        LEAST_FREE
    } else {
        LEAST_FREE_AT_FIRST
    };
    let existing = place
        .target
        .ancestors()
        .find(|folder| folder.is_dir())
        .unwrap_or(&place.root);
    let free = statvfs(existing)
        .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
        .map_err(|error| {
            format!(
                "Cannot tell the free space of {}: {error}.",
                existing.display()
            )
        })?;
    space_is_enough(free, least, &existing.display().to_string())
}

fn space_is_enough(free: u64, least: u64, folder: &str) -> Outcome {
    if free >= least {
        return Ok(());
    }
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    Err(format!(
        "The disk of {folder} has {:.1} GiB free and building needs {:.0}: free some, or set CARGO_TARGET_DIR to a folder on a larger disk.",
        gib(free),
        gib(least)
    ))
}

/// Whether this program may install packages.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_with_its_remedy() {
        assert_eq!(space_is_enough(3 << 30, 2 << 30, "/x"), Ok(()));
        let told = space_is_enough(1 << 29, 2 << 30, "/x").unwrap_err();
        assert!(
            told.contains("/x has 0.5 GiB") && told.contains("CARGO_TARGET_DIR"),
            "{told}"
        );
    }
}
