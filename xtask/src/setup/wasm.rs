//! The standard library for wasm32: by rustup, else built with Debian's compiler from Debian's sources.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use super::packages;
use crate::{
    Outcome, files,
    paths::{Paths, on_path},
    step,
};

/// The name of the compiler's target for Workers, as `rustup target add` takes it.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's compiler, its sources, and a linker of the same LLVM.
const DEBIAN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
/// Where Debian puts its compiler. rustup's proxies come first on the PATH, so it is asked by its full name.
const DEBIAN_BIN: &str = "/usr/bin";

/// A compiler that can make wasm.
pub struct Compiler {
    /// The folder that must come first on the PATH; none when the PATH is right as it is.
    pub bin: Option<PathBuf>,
    /// Changes when the standard library was laid anew: what was built against the old one is of no use then.
    pub standard_library: String,
}

/// Finds a compiler that can make wasm, or makes one able to.
pub fn install(paths: &Paths) -> Outcome<Compiler> {
    if let Some(compiler) = find()? {
        return Ok(compiler);
    }
    if on_path("rustup").is_some() {
        // Without network this fails at once, and Debian's compiler is the other way.
        let _ = step::run(
            paths,
            "Fetching the wasm32 target",
            Command::new("rustup").args(["target", "add", TARGET]),
        );
        if let Some(compiler) = find()? {
            return Ok(compiler);
        }
    }
    if on_path("apt-get").is_none() {
        return Err(format!(
            "The target {TARGET} is missing and rustup cannot fetch it: run `rustup target add {TARGET}` with a network, then start again."
        ));
    }
    if !packages::is_root() {
        return Err(format!(
            "rustup cannot fetch the target {TARGET}, and only root can install Debian's compiler instead. Run this, then start again:\n\n    sudo {} setup --system",
            std::env::current_exe()
                .unwrap_or_else(|_| paths.program("xtask"))
                .display()
        ));
    }
    packages::apt_install(paths, &DEBIAN)?;
    lay_standard_library(paths)?;
    find()?.ok_or_else(|| format!("Debian's compiler still cannot make {TARGET}: read {}/logs, or run `rustup target add {TARGET}` with a network.", paths.build().display()))
}

/// rustup's compiler first, then Debian's: each must really make a Worker-like library.
fn find() -> Outcome<Option<Compiler>> {
    for bin in [None, Some(PathBuf::from(DEBIAN_BIN))] {
        let rustc = bin
            .as_ref()
            .map_or_else(|| PathBuf::from("rustc"), |bin| bin.join("rustc"));
        if makes_wasm(&rustc)? {
            return Ok(Some(Compiler {
                standard_library: standard_library(&rustc)?,
                bin,
            }));
        }
    }
    Ok(None)
}

/// Tries it: a library that is there may be of another compiler, or lack what link-time optimisation needs.
fn makes_wasm(rustc: &Path) -> Outcome<bool> {
    let folder = std::env::temp_dir().join(format!("magic-links-wasm-{}", std::process::id()));
    let source = folder.join("probe.rs");
    files::write(
        &source,
        "#[unsafe(no_mangle)]\npub extern \"C\" fn probe(n: usize) -> usize { vec![String::from(\"a\"); n].len() }\n",
    )?;
    let made = Command::new(rustc)
        .args([
            "--edition",
            "2024",
            "-O",
            "-Clto=fat",
            "--crate-type",
            "cdylib",
            "--target",
            TARGET,
            "-o",
        ])
        .arg(folder.join("probe.wasm"))
        .arg(&source)
        .output()
        .is_ok_and(|out| out.status.success());
    files::remove_folder(&folder)?;
    Ok(made)
}

fn standard_library(rustc: &Path) -> Outcome<String> {
    let folder = sysroot(rustc)?.join("lib/rustlib").join(TARGET).join("lib");
    let mut parts = Vec::new();
    for file in files::below(&folder)? {
        let meta = file
            .metadata()
            .map_err(|error| format!("Cannot read {}: {error}.", file.display()))?;
        let changed = meta
            .modified()
            .ok()
            .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
            .map_or(0, |age| age.as_secs());
        parts.push(format!("{} {} {changed}", file.display(), meta.len()));
    }
    Ok(parts.join("\n"))
}

fn sysroot(rustc: &Path) -> Outcome<PathBuf> {
    ask(rustc, &["--print", "sysroot"]).map(PathBuf::from)
}

fn ask(rustc: &Path, question: &[&str]) -> Outcome<String> {
    let out = Command::new(rustc)
        .args(question)
        .output()
        .map_err(|error| format!("{} does not start: {error}.", rustc.display()))?;
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Builds std for wasm32 from Debian's sources and lays it where Debian's compiler looks for it.
fn lay_standard_library(paths: &Paths) -> Outcome {
    let rustc = Path::new(DEBIAN_BIN).join("rustc");
    let rustlib = sysroot(&rustc)?.join("lib/rustlib");
    let source = paths.build().join("wasm-std");
    files::remove_folder(&source)?;
    // An empty library: only what it depends on matters. A workspace of its own, or Cargo would look at ours.
    files::write(
        &source.join("Cargo.toml"),
        "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n",
    )?;
    files::write(&source.join("src/lib.rs"), "")?;
    let mut cargo = Command::new(Path::new(DEBIAN_BIN).join("cargo"));
    cargo
        .args([
            "build",
            "-Z",
            "build-std=std,panic_abort,test,proc_macro",
            "--target",
            TARGET,
            "--release",
        ])
        .current_dir(&source)
        // Without bitcode link-time optimisation fails later with "Can't find section .llvmbc".
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", &rustc)
        .env("CARGO_TARGET_DIR", source.join("target"));
    step::run(
        paths,
        "Building std for wasm32 with Debian's compiler",
        &cargo,
    )?;

    let library = rustlib.join(TARGET).join("lib");
    files::remove_folder(&library)?;
    files::make_folder(&library)?;
    for file in files::below(&source.join("target").join(TARGET).join("release/deps"))? {
        let Some(name) = file
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|name| name.ends_with(".rlib") && !name.starts_with("libnothing"))
        else {
            continue;
        };
        fs::copy(&file, library.join(name))
            .map_err(|error| format!("Cannot lay {name} into {}: {error}.", library.display()))?;
    }
    link_linker(&rustc, &rustlib)?;
    files::remove_folder(&source)
}

/// The compiler calls its linker rust-lld, and looks for it beside the host's own libraries.
fn link_linker(rustc: &Path, rustlib: &Path) -> Outcome {
    let version = ask(rustc, &["-vV"])?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or("rustc does not say what it runs on.")?;
    let link = rustlib.join(host).join("bin/rust-lld");
    if link.exists() {
        return Ok(());
    }
    let lld = newest_lld()
        .ok_or("No lld is installed: install Debian's package lld-22, then start again.")?;
    files::make_folder(link.parent().unwrap_or(rustlib))?;
    symlink(&lld, &link).map_err(|error| {
        format!(
            "Cannot link {} to {}: {error}.",
            link.display(),
            lld.display()
        )
    })
}

fn newest_lld() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib")
        .ok()?
        .flatten()
        .filter_map(|entry| {
            Some((
                entry
                    .file_name()
                    .to_str()?
                    .strip_prefix("llvm-")?
                    .parse()
                    .ok()?,
                entry.path().join("bin/lld"),
            ))
        })
        .filter(|(_, lld): &(u32, PathBuf)| lld.is_file())
        .collect();
    found.sort();
    found.pop().map(|(_, lld)| lld)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_that_is_not_there_makes_no_wasm() {
        assert_eq!(makes_wasm(Path::new("/nowhere/rustc")), Ok(false));
    }
}
