//! All tests, or a part of them, added up.

mod build;
mod counts;
mod oidc;
mod part;
pub mod postgres;
mod s3;
mod smtp;

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use clap::Args;

use self::{
    build::Binary, counts::TestCounts, oidc::Oidc, part::Part, postgres::Postgres, s3::S3,
    smtp::Smtp,
};
use crate::{
    Outcome, edge, files,
    paths::{Paths, path_with},
    process::tick,
    setup::{self, Requirement, python::SCHEMATHESIS, wasm},
    step,
};

/// One test program may take this long; whatever takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(20 * 60);

/// What to test.
#[derive(Args)]
pub struct Options {
    /// Any crate of the workspace (shared, edge, origin, …), a room of the origin (store, flow, …), e2e, story, workerd, js, wasm, or part of a test's name
    name: Option<String>,
}

/// Runs the tests and ends with one line: N passed, N failed.
pub fn run(paths: &Paths, options: &Options) -> Outcome {
    let part = Part::named(paths, options.name.as_deref())?;
    let counts = run_part(paths, &part)?;
    if counts.passed + counts.failed == 0 {
        println!(
            "No test matches {}.",
            options.name.as_deref().unwrap_or("anything")
        );
    }
    println!("\n{} passed, {} failed", counts.passed, counts.failed);
    if counts.passed > 0 && counts.failed == 0 {
        Ok(())
    } else {
        Err(String::new())
    }
}

fn run_part(paths: &Paths, part: &Part) -> Outcome<TestCounts> {
    let mut counts = TestCounts::default();
    let set_up = setup::install(paths, &part.needs());
    // Nothing follows that would scroll the remedy away.
    if counts.or_fail(set_up)?.is_none() {
        return Ok(counts);
    }
    for tests in [cargo_tests, wasm_tests, node_tests] {
        let outcome = tests(paths, part, &mut counts);
        counts.or_fail(outcome)?;
    }
    Ok(counts)
}

/// Builds every test program of the workspace at once, then runs those that belong to the part.
fn cargo_tests(paths: &Paths, part: &Part, counts: &mut TestCounts) -> Outcome {
    if !part.cargo() {
        return Ok(());
    }
    let built = build::all(paths)?;
    for crate_name in &built.broken {
        counts.fail(&format!("{crate_name} does not compile"));
    }
    let mut wanted = Vec::new();
    for binary in &built.binaries {
        if part.wants(binary)? {
            wanted.push(binary);
        }
    }
    wanted.sort_by_key(|binary| binary.title());
    let (end_to_end, unit): (Vec<&Binary>, Vec<&Binary>) = wanted
        .into_iter()
        .partition(|binary| binary.package == "tests");
    let postgres = if unit.iter().any(|binary| binary.package == "origin") {
        counts.or_fail(Postgres::start(paths))?
    } else {
        None
    };
    let s3 = if postgres.is_some() && part.needs().contains(&Requirement::S3) {
        counts.or_fail(S3::start(paths))?
    } else {
        None
    };
    let smtp = if postgres.is_some() && part.needs().contains(&Requirement::Smtp) {
        counts.or_fail(Smtp::start(paths))?
    } else {
        None
    };
    let oidc = if postgres.is_some() && part.needs().contains(&Requirement::Oidc) {
        counts.or_fail(Oidc::start(paths))?
    } else {
        None
    };
    let servers = Servers {
        postgres,
        s3,
        smtp,
        oidc,
    };
    for binary in unit {
        run_binary(paths, part, binary, &servers, counts)?;
    }
    // The slowest last: a mistake that a unit test finds is seen first.
    if !end_to_end.is_empty() {
        edge::build(paths)?;
    }
    for binary in end_to_end {
        run_binary(paths, part, binary, &Servers::default(), counts)?;
    }
    Ok(())
}

/// What tests find by the environment.
#[derive(Default)]
struct Servers {
    postgres: Option<Postgres>,
    s3: Option<S3>,
    smtp: Option<Smtp>,
    oidc: Option<Oidc>,
}

fn run_binary(
    paths: &Paths,
    part: &Part,
    binary: &Binary,
    servers: &Servers,
    counts: &mut TestCounts,
) -> Outcome {
    let mut command = Command::new(&binary.executable);
    command
        .args(part.filter(binary))
        .env("RUST_TEST_THREADS", threads(binary).to_string())
        .current_dir(&binary.folder);
    if let Some(postgres) = &servers.postgres {
        command.env("MAGIC_LINKS_TEST_POSTGRES", &postgres.url);
    }
    if let Some(s3) = &servers.s3 {
        command.env("MAGIC_LINKS_TEST_S3", &s3.endpoint);
    }
    if let Some(smtp) = &servers.smtp {
        command.env("MAGIC_LINKS_TEST_SMTP", &smtp.folder);
    }
    if let Some(oidc) = &servers.oidc {
        command.env("MAGIC_LINKS_TEST_OIDC", &oidc.issuer);
    }
    if binary.package == "origin" {
        let schemathesis = SCHEMATHESIS.program(paths);
        command.env("MAGIC_LINKS_TEST_SCHEMATHESIS", schemathesis);
    }
    // The end-to-end tests run the origin as an operator does; the others must not find settings in the environment.
    if binary.package == "tests" {
        if let Some(chromium) = setup::chromium() {
            command.env("MAGIC_LINKS__BROWSER__EXECUTABLE", chromium);
        }
        if let Some(chromium) = setup::client_chromium() {
            command.env("CLIENT_CHROMIUM", chromium);
        }
    }
    run_one(paths, &binary.title(), &command, counts)
}

/// A suite that drives browsers for almost all of its time, counts these itself, and leaves the processors idle.
const WAITING: &str = "collection";

/// Tests that run at the same time. Those that take long drive browsers, and wait for pages most of that time.
fn threads(binary: &Binary) -> usize {
    let each = if binary.target == WAITING { 3 } else { 2 };
    each * std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// The fixed vectors once more, in the wasm that the edge is made of.
fn wasm_tests(paths: &Paths, part: &Part, counts: &mut TestCounts) -> Outcome {
    if !part.wasm() || !paths.root.join("shared/tests/vectors.rs").is_file() {
        return Ok(());
    }
    let compiler = wasm::install(paths)?;
    let mut cargo = Command::new(
        compiler
            .bin
            .as_deref()
            .unwrap_or(Path::new(""))
            .join("cargo"),
    );
    cargo
        .args([
            "test",
            "--package",
            "shared",
            "--test",
            "vectors",
            "--target",
            "wasm32-unknown-unknown",
        ])
        .current_dir(&paths.root)
        .env("CARGO_TARGET_DIR", paths.edge_target())
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            paths.tool("wasm-bindgen-test-runner"),
        )
        .env_remove("CARGO")
        .env_remove("RUSTC");
    if let Some(bin) = &compiler.bin {
        cargo
            .env("PATH", path_with(bin)?)
            .env_remove("RUSTUP_TOOLCHAIN");
    }
    run_one(paths, "shared in wasm", &cargo, counts)
}

/// The JavaScript's own tests.
fn node_tests(paths: &Paths, part: &Part, counts: &mut TestCounts) -> Outcome {
    let is_test = |file: &PathBuf| {
        [".test.mjs", ".test.js"]
            .iter()
            .any(|end| file.to_string_lossy().ends_with(end))
    };
    let tests: Vec<PathBuf> = files::of_project(paths)?
        .into_iter()
        .filter(is_test)
        .collect();
    if !part.javascript() || tests.is_empty() {
        return Ok(());
    }
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"])
        .args(tests)
        .current_dir(&paths.root);
    run_one(paths, "JavaScript", &node, counts)
}

/// Runs one test program, shows what failed in it, and adds its numbers up.
fn run_one(paths: &Paths, title: &str, command: &Command, counts: &mut TestCounts) -> Outcome {
    let log = step::log_of(paths, &format!("test {title}"));
    let name = format!("Tests: {title}");
    let ended = step::watch(&name, command, &log, DEADLINE);
    tick()?;
    let output = std::fs::read(&log)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let counted = TestCounts::read(&output);
    let went_well = ended.as_ref().is_ok_and(|status| status.success()) && counted.failed == 0;
    println!("    {} passed, {} failed", counted.passed, counted.failed);
    counts.add(&counted);
    if went_well {
        return Ok(());
    }
    println!("{}", counts::failures(&output));
    println!("    All of its output: {}", log.display());
    if counted.failed == 0 {
        // It crashed, hung or did not start: that is a failure too, though it counted none.
        counts.fail(&match ended {
            Ok(status) => format!("{title} ended with {status} before its tests did"),
            Err(told) => told,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_tried_after_a_failed_set_up() {
        // No lock file: there is nothing to install, and nothing to test either.
        let root = std::env::temp_dir().join(format!("xtask-test-{}", std::process::id()));
        let paths = Paths {
            target: root.clone(),
            root,
        };
        let counts = run_part(&paths, &Part::JavaScript).unwrap();
        assert_eq!((counts.passed, counts.failed), (0, 1));
    }
}
