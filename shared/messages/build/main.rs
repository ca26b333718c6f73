//! Compiles `locales/*.ftl` into Rust: the enum `Locale`, and a function for each message.
//!
//! The first locale, [`REFERENCE`], says which messages there are and what variables they have. A locale that
//! lacks one, has one more, or uses another variable fails the build.

mod catalogue;
mod generate;

use std::{env, error::Error, fs, path::Path};

use catalogue::Catalogue;

/// The locale that all others are compared with, and that is shown when a client accepts no other.
const REFERENCE: &str = "en";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build");
    let mut catalogues = Vec::new();
    for entry in fs::read_dir("locales")? {
        let path = entry?.path();
        let tag = path.file_stem().and_then(|stem| stem.to_str());
        if path.extension().is_some_and(|extension| extension == "ftl") {
            let tag = tag.ok_or("a file name is not UTF-8")?;
            let catalogue = Catalogue::parse(tag, &fs::read_to_string(&path)?);
            catalogues.push(catalogue.map_err(|error| format!("{}: {error}", path.display()))?);
        }
    }
    catalogues.sort_by_key(|catalogue| (catalogue.tag != REFERENCE, catalogue.tag.clone()));
    let (reference, others) = catalogues.split_first().ok_or("there is no locale")?;
    if reference.tag != REFERENCE {
        return Err(format!("locales/{REFERENCE}.ftl is missing").into());
    }
    for other in others {
        let wrong = other.differences(reference);
        if !wrong.is_empty() {
            return Err(format!("locales/{}.ftl: {}", other.tag, wrong.join("; ")).into());
        }
    }
    let out = env::var("OUT_DIR")?;
    fs::write(
        Path::new(&out).join("locales.rs"),
        generate::rust(&catalogues)?,
    )?;
    Ok(())
}
