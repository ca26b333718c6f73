//! Builds the edge: assets under a name that changes with them, and the Worker by worker-build.

use std::{fs, path::Path, process::Command};

use crate::{
    Outcome, files,
    place::{Place, cargo_bin, path_with},
    setup::{self, Need, wasm},
    step,
};

/// Assets change their folder's name when they change, so they may be kept for good.
const HEADERS: &str = "/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n  X-Content-Type-Options: nosniff\n  Access-Control-Allow-Origin: *\n";

/// Brings what the build needs, then builds.
pub fn build_with_setup(place: &Place) -> Outcome {
    setup::bring(place, &[Need::Edge])?;
    build(place)
}

/// Builds edge/build (the Worker) and build/edge/public (its assets) unless nothing changed since the last time.
pub fn build(place: &Place) -> Outcome {
    let compiler = wasm::install(place)?;
    let inputs = inputs(place)?;
    let stamp = place.build().join("edge/built-from");
    if files::stamped(&stamp, &inputs) && place.root.join("edge/build/worker/shim.mjs").is_file() {
        return Ok(());
    }
    wipe_after_new_standard_library(place, &compiler)?;
    let version = lay_assets(place)?;

    let modules = place.root.join("node_modules");
    let mut worker_build = Command::new(cargo_bin().join("worker-build"));
    worker_build
        .arg("--release")
        .current_dir(place.root.join("edge"))
        .env("ASSETS_VERSION", version)
        .env("RUST_BACKTRACE", "0")
        .env("CARGO_TARGET_DIR", place.edge_target())
        .env("WASM_BINDGEN_BIN", cargo_bin().join("wasm-bindgen"))
        .env("ESBUILD_BIN", modules.join("esbuild/bin/esbuild"))
        .env("WASM_OPT_BIN", modules.join("binaryen/bin/wasm-opt"))
        // These are of the Cargo that started this program, which need not be the one that builds the Worker.
        .env_remove("CARGO")
        .env_remove("RUSTC");
    if let Some(bin) = &compiler.bin {
        worker_build
            .env("PATH", path_with(bin)?)
            .env_remove("RUSTUP_TOOLCHAIN");
    }
    step::run(place, "Building the edge", &worker_build)?;
    files::write(&stamp, inputs)
}

/// What pages name. The other style sheets and scripts are parts of these.
const BUNDLES: [&str; 2] = ["page.css", "live.js"];

/// Puts style sheets and scripts together, each in one small file, and lays them out; returns their folder's name.
fn lay_assets(place: &Place) -> Outcome<String> {
    let source = place.root.join("edge/assets");
    let made = place.build().join("edge/assets");
    files::remove_folder(&made)?;
    let mut esbuild = Command::new(place.root.join("node_modules/esbuild/bin/esbuild"));
    esbuild
        .args(BUNDLES)
        .args([
            "--bundle",
            "--minify",
            "--format=esm",
            "--target=es2022",
            "--log-level=warning",
        ])
        .arg(format!("--outdir={}", made.display()))
        .current_dir(&source);
    step::run(place, "Putting the assets together", &esbuild)?;
    for file in files::below(&source)? {
        let part = file
            .extension()
            .is_some_and(|end| end == "css" || end == "js");
        let Some(name) = file.strip_prefix(&source).ok().filter(|_| !part) else {
            continue;
        };
        copy(&file, &made.join(name))?;
    }
    publish(place, &made)
}

/// Copies what was made below a folder named after what is in it, and returns that name.
fn publish(place: &Place, made: &Path) -> Outcome<String> {
    let all = files::below(made)?;
    let version = files::fingerprint(made, &all)?
        .get(..12)
        .unwrap_or_default()
        .to_owned();
    let public = place.build().join("edge/public");
    files::remove_folder(&public)?;
    for file in &all {
        let Ok(name) = file.strip_prefix(made) else {
            continue;
        };
        copy(file, &public.join("assets").join(&version).join(name))?;
    }
    files::write(&public.join("_headers"), HEADERS)?;
    Ok(version)
}

fn copy(from: &Path, to: &Path) -> Outcome {
    files::make_folder(to.parent().unwrap_or(to))?;
    fs::copy(from, to).map(|_| ()).map_err(|error| {
        format!(
            "Cannot copy {} to {}: {error}.",
            from.display(),
            to.display()
        )
    })
}

/// What the Worker is made from.
fn inputs(place: &Place) -> Outcome<String> {
    let mut all = Vec::new();
    for folder in ["edge/src", "edge/templates", "edge/assets", "shared/src"] {
        all.extend(files::below(&place.root.join(folder))?);
    }
    for file in [
        "Cargo.lock",
        "Cargo.toml",
        "edge/Cargo.toml",
        "shared/Cargo.toml",
        ".cargo/config.toml",
        "package-lock.json",
    ] {
        all.push(place.root.join(file));
    }
    files::fingerprint(&place.root, &all)
}

/// What was compiled against another standard library cannot be linked with this one (E0463).
fn wipe_after_new_standard_library(place: &Place, compiler: &wasm::Compiler) -> Outcome {
    let target = place.edge_target();
    let stamp = target.join("standard-library");
    if files::stamped(&stamp, &compiler.standard_library) {
        return Ok(());
    }
    files::remove_folder(&target)?;
    files::write(&stamp, &compiler.standard_library)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> Place {
        let root = std::env::temp_dir().join(format!("xtask-edge-{}-{name}", std::process::id()));
        Place {
            target: root.join("target"),
            root,
        }
    }

    #[test]
    fn assets_move_when_they_change_and_leave_nothing_old() {
        let place = sample("assets");
        let made = place.root.join("made");
        files::write(&made.join("page.css"), "a{}").unwrap();
        let first = publish(&place, &made).unwrap();
        assert_eq!(publish(&place, &made).unwrap(), first);
        files::write(&made.join("page.css"), "b{}").unwrap();
        let second = publish(&place, &made).unwrap();
        assert_ne!(first, second);
        let public = place.build().join("edge/public");
        let laid = files::below(&public).unwrap();
        assert_eq!(
            laid,
            [
                public.join("_headers"),
                public.join("assets").join(second).join("page.css")
            ]
        );
        files::remove_folder(&place.root).unwrap();
    }

    #[test]
    fn another_standard_library_wipes_what_was_built_against_the_old_one() {
        let place = sample("std");
        let compiler = |library: &str| wasm::Compiler {
            bin: None,
            standard_library: library.into(),
        };
        wipe_after_new_standard_library(&place, &compiler("one")).unwrap();
        let artefact = place.edge_target().join("artefact");
        files::write(&artefact, "x").unwrap();
        wipe_after_new_standard_library(&place, &compiler("one")).unwrap();
        assert!(artefact.is_file());
        wipe_after_new_standard_library(&place, &compiler("two")).unwrap();
        assert!(!artefact.is_file());
        files::remove_folder(&place.root).unwrap();
    }
}
