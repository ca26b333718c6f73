//! Programs of the tests that are written in Python, each in a virtual environment of its own below the target folder.

use std::{path::PathBuf, process::Command};

use super::requirement::Requirement;
use crate::{Outcome, files, paths::Paths, step};

/// A program with its packages.
pub struct PythonTool {
    /// The folder of its environment.
    folder: &'static str,
    /// The name of the program.
    program: &'static str,
    /// What the output calls it.
    title: &'static str,
    /// Every package that it needs, with its version.
    requirements: &'static str,
}

/// The S3 server of the tests: moto.
pub const S3_SERVER: PythonTool = PythonTool {
    folder: "s3-server",
    program: "moto_server",
    title: "the S3 server of the tests",
    requirements: include_str!("s3_server_requirements.txt"),
};

/// What the mail server of the tests runs in: Python with aiosmtpd. Its packages are pinned by their hashes.
pub const SMTP_SERVER: PythonTool = PythonTool {
    folder: "smtp-server",
    program: "python",
    title: "the mail server of the tests",
    requirements: include_str!("smtp_server_requirements.txt"),
};

/// The OpenID Connect provider of the tests: oidc-provider-mock. Its packages are pinned by their hashes, too.
pub const OIDC_PROVIDER: PythonTool = PythonTool {
    folder: "oidc-provider",
    program: "oidc-provider-mock",
    title: "the OpenID Connect provider of the tests",
    requirements: include_str!("oidc_provider_requirements.txt"),
};

/// The program that holds the API against its OpenAPI document. Its packages are pinned by their hashes, too.
pub const SCHEMATHESIS: PythonTool = PythonTool {
    folder: "schemathesis",
    program: "schemathesis",
    title: "schemathesis",
    requirements: include_str!("schemathesis_requirements.txt"),
};

/// Installs the programs that `needs` asks for.
pub fn install(paths: &Paths, needs: &[Requirement]) -> Outcome {
    for (need, tool) in [
        (Requirement::S3, S3_SERVER),
        (Requirement::Smtp, SMTP_SERVER),
        (Requirement::Oidc, OIDC_PROVIDER),
        (Requirement::Schemathesis, SCHEMATHESIS),
    ] {
        if needs.contains(&need) {
            tool.install(paths)?;
        }
    }
    Ok(())
}

impl PythonTool {
    /// The path of the program.
    pub fn program(&self, paths: &Paths) -> PathBuf {
        self.folder(paths).join("bin").join(self.program)
    }

    /// Makes the virtual environment, unless it is there with these very packages.
    fn install(&self, paths: &Paths) -> Outcome {
        let folder = self.folder(paths);
        let stamp = folder.join("requirements.txt");
        if files::stamped(&stamp, self.requirements) && self.program(paths).is_file() {
            return Ok(());
        }
        files::remove_folder(&folder)?;
        step::run(
            paths,
            &format!("Making a Python environment for {}", self.title),
            Command::new("python3").args(["-m", "venv"]).arg(&folder),
        )?;
        let wanted = paths
            .target
            .join(format!("{}-requirements.txt", self.folder));
        files::write(&wanted, self.requirements)?;
        step::run(
            paths,
            &format!("Installing {}", self.title),
            Command::new(folder.join("bin/pip"))
                .args(["install", "--disable-pip-version-check", "--no-deps", "-r"])
                .arg(&wanted),
        )?;
        // Last: an installation that broke off is begun anew.
        files::write(&stamp, self.requirements)
    }

    fn folder(&self, paths: &Paths) -> PathBuf {
        paths.target.join(self.folder)
    }
}
