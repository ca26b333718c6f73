//! Makes the JavaScript glue of the edge's WebAssembly module.
//!
//! The published program, `wasm-bindgen-cli`, also holds a test runner with an HTTP server and client, and must be
//! installed at the very version of the library in Cargo.lock. This one is built with the rest of the workspace from
//! the library that the published one is made of, so its version is the one in Cargo.lock. (It cannot have the same
//! name: rustc takes a crate that is called wasm-bindgen for an old version of the library and refuses it.)

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use wasm_bindgen_cli_support::Bindgen;

/// Makes index.js and index_bg.wasm of a WebAssembly module
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The WebAssembly module that rustc made
    input: PathBuf,
    /// The folder to write to
    #[arg(long)]
    out_dir: PathBuf,
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
    Bindgen::new()
        .module(true)?
        .out_name("index")
        .input_path(&arguments.input)
        .typescript(false)
        // What edge/worker.js does after a panic needs both.
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        .generate(&arguments.out_dir)?;
    Ok(())
}
