//! Checks the project's own rules, which no other tool knows: `cargo xtask lint` runs it.
//!
//! Prints one sentence for every broken rule and fails when there is one. With `--picture` it prints the rooms of the
//! origin and the arrows between them as a Mermaid flow chart instead.

mod arrows;
mod circles;
mod files;
mod imports;
mod modules;
mod rules;
mod source;
mod workspace;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::modules::Crate;

fn main() -> ExitCode {
    let checkout = checkout();
    let wants_picture = std::env::args().any(|argument| argument == "--picture");
    let outcome = if wants_picture {
        picture(&checkout).map(|text| (vec![text], true))
    } else {
        check(&checkout).map(|broken| (broken.clone(), broken.is_empty()))
    };
    match outcome {
        Ok((lines, is_good)) => {
            for line in lines {
                println!("{line}");
            }
            if is_good {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the checkout that this program is run in. What is compiled in may be another one's, where several share a
/// target folder, and what cargo puts into the environment may be another package's, where a program that it runs runs
/// this one.
fn checkout() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    here.ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file())
        .unwrap_or(&here)
        .to_path_buf()
}

/// Every broken rule of the checkout, one sentence each.
fn check(checkout: &Path) -> Result<Vec<String>, String> {
    let mut broken = rules::check(checkout)?;
    let packages = workspace::packages(checkout)?;
    broken.extend(arrows::between_crates(&packages));
    let names = crate_names(&packages);
    for package in &packages {
        for root in &package.roots {
            let inside = Crate::read(checkout, &package.name.replace('-', "_"), root)?;
            if root == "origin/src/lib.rs" {
                broken.extend(arrows::between_rooms(&inside, arrows::ORIGIN_ROOMS, &names));
            }
            broken.extend(circles::check(&inside));
        }
    }
    broken.sort();
    Ok(broken)
}

fn picture(checkout: &Path) -> Result<String, String> {
    let names = crate_names(&workspace::packages(checkout)?);
    let origin = Crate::read(checkout, "origin", "origin/src/lib.rs")?;
    Ok(arrows::picture(&origin, &names))
}

/// The names that the crates of the workspace are imported by.
fn crate_names(packages: &[workspace::Package]) -> BTreeSet<String> {
    packages
        .iter()
        .map(|package| package.name.replace('-', "_"))
        .collect()
}
