//! The S3 server of the tests: moto, a Python program, in a virtual environment below the target folder.

use std::{path::PathBuf, process::Command};

use crate::{Outcome, files, paths::Paths, step};

/// Every package that moto's server needs, with its version.
const REQUIREMENTS: &str = include_str!("s3_server_requirements.txt");

/// The program that is the server.
pub fn program(paths: &Paths) -> PathBuf {
    folder(paths).join("bin/moto_server")
}

/// Makes the virtual environment, unless it is there with these very packages.
pub fn install(paths: &Paths) -> Outcome {
    let folder = folder(paths);
    let stamp = folder.join("requirements.txt");
    if files::stamped(&stamp, REQUIREMENTS) && program(paths).is_file() {
        return Ok(());
    }
    files::remove_folder(&folder)?;
    step::run(
        paths,
        "Making a Python environment for the S3 server of the tests",
        Command::new("python3").args(["-m", "venv"]).arg(&folder),
    )?;
    let wanted = paths.target.join("s3-server-requirements.txt");
    files::write(&wanted, REQUIREMENTS)?;
    step::run(
        paths,
        "Installing the S3 server of the tests",
        Command::new(folder.join("bin/pip"))
            .args(["install", "--disable-pip-version-check", "--no-deps", "-r"])
            .arg(&wanted),
    )?;
    // Last: an installation that broke off is begun anew.
    files::write(&stamp, REQUIREMENTS)
}

fn folder(paths: &Paths) -> PathBuf {
    paths.target.join("s3-server")
}
