//! Builds the edge: assets under a name that changes with them, and the Worker.
//!
//! The Worker goes through rustc, wasm-bindgen, wasm-opt and esbuild. `worker-build` does the same for projects in
//! general, but takes minutes to compile, and wraps every request in proxies.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Outcome, files,
    paths::{Paths, path_with},
    setup::{self, Requirement, wasm},
    step, workspace,
};

/// Assets change their folder's name when they change, so they may be kept for good.
const HEADERS: &str = "/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n  X-Content-Type-Options: nosniff\n  Access-Control-Allow-Origin: *\n";

/// Brings what the build needs, then builds.
pub fn build_with_setup(paths: &Paths) -> Outcome {
    // wrangler asks for it at every start.
    if is_built(paths)? {
        return Ok(());
    }
    setup::install(paths, &[Requirement::Edge])?;
    build(paths)
}

/// Whether the last build was made from what is in the checkout now.
pub fn is_built(paths: &Paths) -> Outcome<bool> {
    let worker = worker(paths);
    Ok(files::stamped(&stamp(paths), &inputs(paths)?)
        && MODULES.iter().all(|module| worker.join(module).is_file()))
}

fn stamp(paths: &Paths) -> PathBuf {
    paths.build().join("edge/built-from")
}

/// The modules of the Worker: the main one and the WebAssembly that it imports.
pub const MODULES: [&str; 2] = ["index.js", "index_bg.wasm"];

/// The folder of the Worker's modules.
pub fn worker(paths: &Paths) -> PathBuf {
    paths.build().join("edge/worker")
}

/// Builds build/edge/worker and build/edge/public (its assets) unless nothing changed since the last time.
pub fn build(paths: &Paths) -> Outcome {
    // wrangler starts a build for every change, also while one is running.
    let _lock = lock(paths)?;
    if is_built(paths)? {
        return Ok(());
    }
    let inputs = inputs(paths)?;
    compile_locked(paths)?;
    step::run(
        paths,
        "Building edge-bindgen",
        &workspace::build(paths, &["edge-bindgen"]),
    )?;
    assemble(paths)?;
    files::write(&stamp(paths), inputs)
}

/// Makes the assets, and compiles the edge with their version.
pub fn compile(paths: &Paths) -> Outcome {
    let _lock = lock(paths)?;
    compile_locked(paths)
}

/// One build at a time writes to the folders.
fn lock(paths: &Paths) -> Outcome<fs::File> {
    files::lock(&paths.build().join("edge/lock"))
}

fn compile_locked(paths: &Paths) -> Outcome {
    let compiler = wasm::install(paths)?;
    // From here on the assets may be others than those that the last Worker names.
    files::remove_file(&stamp(paths))?;
    wipe_after_new_standard_library(paths, &compiler)?;
    let assets_version = lay_assets(paths)?;
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--lib", "--release", "--target", wasm::TARGET])
        .current_dir(paths.root.join("edge"))
        .env("ASSETS_VERSION", assets_version)
        .env("CARGO_TARGET_DIR", paths.edge_target())
        // Makes wasm-bindgen's macros use the futures of js-sys, as `worker` needs it.
        .env("WASM_BINDGEN_USE_JS_SYS", "1")
        // These are of the Cargo that started this program, which need not be the one that builds the Worker.
        .env_remove("CARGO")
        .env_remove("RUSTC");
    if let Some(bin) = &compiler.bin {
        cargo
            .env("PATH", path_with(bin)?)
            .env_remove("RUSTUP_TOOLCHAIN");
    }
    step::run(paths, "Compiling the edge", &cargo)
}

/// What wasm-opt may use and do.
const WASM_OPT: [&str; 10] = [
    "-O",
    // Functions stay apart that the code keeps apart (see `outlined` in the edge): joining a function with its only
    // caller makes no program smaller by much, and one function so large that its compilation is felt.
    "--one-caller-inline-max-function-size=200",
    // What rustc and wasm-bindgen use, and no later feature that workerd may not know.
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
    // The names of functions, for the backtraces of panics.
    "--debuginfo",
];

/// Makes the Worker of the compiled edge.
fn assemble(paths: &Paths) -> Outcome {
    let glue = paths.build().join("edge/bindgen");
    files::remove_folder(&glue)?;
    let mut bindgen = Command::new(paths.program("edge-bindgen"));
    bindgen
        .arg(
            paths
                .edge_target()
                .join(wasm::TARGET)
                .join("release/edge.wasm"),
        )
        .arg("--out-dir")
        .arg(&glue);
    step::run(paths, "Making the edge's glue", &bindgen)?;
    // esbuild and the runtime import the module in the usual way; the proposal that wasm-bindgen uses has the same effect.
    let index = glue.join("index.js");
    let source = files::read(&index)?.replace("import source ", "import ");
    files::write(&index, source)?;

    // The Worker that is there stays until this one is whole.
    let made = paths.build().join("edge/worker-new");
    files::remove_folder(&made)?;
    files::make_folder(&made)?;
    let modules = paths.root.join("node_modules");
    let mut optimise = Command::new(modules.join("binaryen/bin/wasm-opt"));
    optimise
        .arg(glue.join("index_bg.wasm"))
        .arg("-o")
        .arg(made.join("index_bg.wasm"))
        .args(WASM_OPT);
    step::run(paths, "Optimising the edge", &optimise)?;
    let mut bundle = Command::new(modules.join("esbuild/bin/esbuild"));
    bundle
        .args([
            "edge/worker.js",
            "--bundle",
            "--minify",
            "--format=esm",
            "--log-level=warning",
        ])
        .arg(format!("--alias:edge-wasm={}", index.display()))
        .arg("--external:./index_bg.wasm")
        .arg(format!("--outfile={}", made.join("index.js").display()))
        .current_dir(&paths.root);
    step::run(paths, "Bundling the edge", &bundle)?;
    let worker = worker(paths);
    files::remove_folder(&worker)?;
    fs::rename(&made, &worker)
        .map_err(|error| format!("Cannot move the Worker to {}: {error}.", worker.display()))
}

/// What pages name. The other style sheets and scripts are parts of these.
const BUNDLES: [&str; 5] = ["page.css", "live.js", "entry.js", "sites.js", "done.js"];

/// Puts style sheets and scripts together, each in one small file, and lays them out; returns their folder's name.
fn lay_assets(paths: &Paths) -> Outcome<String> {
    let source = paths.root.join("edge/assets");
    let made = paths.build().join("edge/assets");
    files::remove_folder(&made)?;
    let mut esbuild = Command::new(paths.root.join("node_modules/esbuild/bin/esbuild"));
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
    step::run(paths, "Putting the assets together", &esbuild)?;
    for file in files::below(&source)? {
        let part = file
            .extension()
            .is_some_and(|end| end == "css" || end == "js");
        let Some(name) = file.strip_prefix(&source).ok().filter(|_| !part) else {
            continue;
        };
        copy(&file, &made.join(name))?;
    }
    publish(paths, &made)
}

/// Copies what was made below a folder named after what is in it, and returns that name.
fn publish(paths: &Paths, made: &Path) -> Outcome<String> {
    let all = files::below(made)?;
    let version = files::fingerprint(made, &all)?
        .get(..12)
        .unwrap_or_default()
        .to_owned();
    let public = paths.build().join("edge/public");
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
fn inputs(paths: &Paths) -> Outcome<String> {
    let mut all = Vec::new();
    for folder in [
        "edge/src",
        "edge/templates",
        "edge/assets",
        "shared",
        "xtask/bindgen",
    ] {
        all.extend(files::below(&paths.root.join(folder))?);
    }
    for file in [
        "Cargo.lock",
        "Cargo.toml",
        "edge/Cargo.toml",
        "edge/worker.js",
        "xtask/src/edge.rs",
        ".cargo/config.toml",
        "package-lock.json",
    ] {
        all.push(paths.root.join(file));
    }
    files::fingerprint(&paths.root, &all)
}

/// What was compiled against another standard library cannot be linked with this one (E0463).
fn wipe_after_new_standard_library(paths: &Paths, compiler: &wasm::Compiler) -> Outcome {
    let target = paths.edge_target();
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

    fn sample(name: &str) -> Paths {
        let root = std::env::temp_dir().join(format!("xtask-edge-{}-{name}", std::process::id()));
        Paths {
            target: root.join("target"),
            root,
        }
    }

    #[test]
    fn assets_move_when_they_change_and_leave_nothing_old() {
        let paths = sample("assets");
        let made = paths.root.join("made");
        files::write(&made.join("page.css"), "a{}").unwrap();
        let first = publish(&paths, &made).unwrap();
        assert_eq!(publish(&paths, &made).unwrap(), first);
        files::write(&made.join("page.css"), "b{}").unwrap();
        let second = publish(&paths, &made).unwrap();
        assert_ne!(first, second);
        let public = paths.build().join("edge/public");
        let laid = files::below(&public).unwrap();
        assert_eq!(
            laid,
            [
                public.join("_headers"),
                public.join("assets").join(second).join("page.css")
            ]
        );
        files::remove_folder(&paths.root).unwrap();
    }

    #[test]
    fn another_standard_library_wipes_what_was_built_against_the_old_one() {
        let paths = sample("std");
        let compiler = |library: &str| wasm::Compiler {
            bin: None,
            standard_library: library.into(),
        };
        wipe_after_new_standard_library(&paths, &compiler("one")).unwrap();
        let artefact = paths.edge_target().join("artefact");
        files::write(&artefact, "x").unwrap();
        wipe_after_new_standard_library(&paths, &compiler("one")).unwrap();
        assert!(artefact.is_file());
        wipe_after_new_standard_library(&paths, &compiler("two")).unwrap();
        assert!(!artefact.is_file());
        files::remove_folder(&paths.root).unwrap();
    }
}
