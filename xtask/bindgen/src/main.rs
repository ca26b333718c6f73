//! The wasm-bindgen program that worker-build calls, with the arguments that worker-build passes.
//!
//! The published program, `wasm-bindgen-cli`, also holds a test runner with an HTTP server and client, and must be
//! installed at the very version of the library in Cargo.lock. This one is built with the rest of the workspace from
//! the library that the published one is made of, so its version is the one in Cargo.lock. (It cannot have the same
//! name: rustc takes a crate that is called wasm-bindgen for an old version of the library and refuses it.)

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, ValueEnum};
use wasm_bindgen_cli_support::Bindgen;

/// The kinds of JavaScript that worker-build asks for.
#[derive(Clone, Copy, ValueEnum)]
enum Target {
    /// An ES module that imports the WebAssembly module by `import source`.
    Module,
    /// An ES module for a bundler.
    Bundler,
}

/// Makes JavaScript glue for a WebAssembly module
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The WebAssembly module that rustc made
    input: PathBuf,
    /// The folder to write to
    #[arg(long)]
    out_dir: PathBuf,
    /// The name of the files that are written, without an extension
    #[arg(long)]
    out_name: Option<String>,
    /// The kind of JavaScript to make
    #[arg(long, value_enum)]
    target: Target,
    /// Write type declarations for TypeScript
    #[arg(long, conflicts_with = "no_typescript")]
    typescript: bool,
    /// Write no type declarations for TypeScript
    #[arg(long)]
    no_typescript: bool,
    /// Add checks that help to debug
    #[arg(long)]
    debug: bool,
    /// Leave the names of Rust's symbols as they are
    #[arg(long)]
    no_demangle: bool,
    /// Keep debug sections in the WebAssembly module
    #[arg(long)]
    keep_debug: bool,
    /// Add no fallback imports of the WebAssembly module
    #[arg(long)]
    omit_default_module_path: bool,
    /// Write linked modules into files of their own
    #[arg(long)]
    split_linked_modules: bool,
    /// Make a function that starts the WebAssembly module anew
    #[arg(long)]
    experimental_reset_state_function: bool,
    /// Let JavaScript notice that the WebAssembly module aborted
    #[arg(long)]
    force_enable_abort_handler: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("edge-bindgen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let mut bindgen = Bindgen::new();
    match arguments.target {
        Target::Module => bindgen.module(true)?,
        Target::Bundler => bindgen.bundler(true)?,
    };
    if let Some(name) = &arguments.out_name {
        bindgen.out_name(name);
    }
    bindgen
        .input_path(&arguments.input)
        .typescript(!arguments.no_typescript)
        .debug(arguments.debug)
        .demangle(!arguments.no_demangle)
        .keep_debug(arguments.keep_debug)
        .omit_default_module_path(arguments.omit_default_module_path)
        .split_linked_modules(arguments.split_linked_modules)
        .reset_state_function(arguments.experimental_reset_state_function)
        .force_enable_abort_handler(arguments.force_enable_abort_handler)
        .generate(&arguments.out_dir)?;
    Ok(())
}
