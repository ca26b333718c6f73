//! Set-up: brings what a chore needs and is not there yet. Each part looks first, so a second run takes no time.

mod cargo_tools;
mod node;
mod packages;
pub mod python;
mod requirement;
pub mod wasm;

use clap::Args;
use rustix::fs::statvfs;

pub use packages::{chromium, client_chromium, postgres_bin};
pub use requirement::Requirement;

use crate::{Outcome, paths::Paths, step};

/// What to bring.
#[derive(Args)]
pub struct Options {
    /// Only what belongs to the whole machine and needs root: packages and, where rustup cannot fetch it, the wasm32 target
    #[arg(long)]
    system: bool,
}

/// Free space below which building is not worth starting, in bytes.
const LEAST_FREE: u64 = 2 << 30;
/// The same when nothing was built yet.
const LEAST_FREE_AT_FIRST: u64 = 8 << 30;

/// Brings everything but what only the benches need.
pub fn run(paths: &Paths, options: &Options) -> Outcome {
    if options.system {
        enough_space(paths)?;
        packages::install(
            paths,
            &[
                Requirement::Browser,
                Requirement::Client,
                Requirement::Postgres,
                Requirement::S3,
                Requirement::Smtp,
                Requirement::Oidc,
                Requirement::Schemathesis,
            ],
        )?;
        return wasm::install(paths).map(|_| ());
    }
    install(paths, &Requirement::FOR_TESTS)?;
    println!("Everything is installed. Go on with: cargo xtask up");
    Ok(())
}

/// Brings what `needs` says, what is independent of each other at the same time.
pub fn install(paths: &Paths, needs: &[Requirement]) -> Outcome {
    enough_space(paths)?;
    let needs_wasm = needs.contains(&Requirement::Edge) || needs.contains(&Requirement::WasmTests);
    // First and alone, because it may install packages, too, and names one command for root that brings them all.
    if needs_wasm {
        wasm::install(paths)?;
    }
    let needs_node = needs.contains(&Requirement::Node) || needs.contains(&Requirement::Edge);
    step::run_in_parallel(vec![
        Box::new(|| {
            packages::install(paths, needs)?;
            // Python comes with the packages.
            python::install(paths, needs)
        }),
        Box::new(|| cargo_tools::install(paths, needs)),
        Box::new(|| {
            if needs_node {
                node::install(paths)
            } else {
                Ok(())
            }
        }),
    ])
}

fn enough_space(paths: &Paths) -> Outcome {
    let least = if paths.target.join("debug/deps").is_dir() {
        LEAST_FREE
    } else {
        LEAST_FREE_AT_FIRST
    };
    let existing = paths
        .target
        .ancestors()
        .find(|folder| folder.is_dir())
        .unwrap_or(&paths.root);
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
