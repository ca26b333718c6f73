//! A PostgreSQL server for one run of the tests: its own folder, its own port, gone afterwards.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rustix::process::Signal;

use crate::{
    Outcome, files,
    paths::Paths,
    process::{self, RunningProgram},
    setup, step,
};

/// A PostgreSQL server that runs until it is dropped.
pub struct Postgres {
    /// Where to connect, with an empty database in it.
    pub url: String,
    server: RunningProgram,
    folder: PathBuf,
}

impl Postgres {
    /// Makes a new cluster and starts it. It lives for minutes: nothing has to survive a power cut.
    pub fn start(paths: &Paths) -> Outcome<Self> {
        let hasty = [
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
        ];
        Self::start_with(paths, &hasty)
    }

    /// The same with a server that writes as one in use does.
    pub fn start_durable(paths: &Paths) -> Outcome<Self> {
        Self::start_with(paths, &[])
    }

    fn start_with(paths: &Paths, settings: &[&str]) -> Outcome<Self> {
        let bin =
            setup::postgres_bin().ok_or("PostgreSQL is not installed: run cargo xtask setup.")?;
        // Not below the checkout: the user that the server runs as may not get there.
        let folder = env::temp_dir().join(format!("magic-links-postgres-{}", std::process::id()));
        files::remove_folder(&folder)?;
        files::make_folder(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))
            .map_err(|error| format!("Cannot close {}: {error}.", folder.display()))?;
        if let Some(user) = other_user() {
            let mut chown = Command::new("chown");
            step::run(
                paths,
                "Handing the test database to its user",
                chown.arg(user).arg(&folder),
            )?;
        }
        let data = folder.join("data");
        let mut initdb = as_its_user(&bin.join("initdb"));
        initdb
            .args([
                "--username=postgres",
                "--auth=trust",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
                "--pgdata",
            ])
            .arg(&data)
            .current_dir(&folder);
        step::run(paths, "Making a PostgreSQL cluster for the tests", &initdb)?;

        let port = process::free_port()?;
        let mut command = as_its_user(&bin.join("postgres"));
        command
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-k"])
            .arg(&folder)
            .current_dir(&folder);
        let usual = ["listen_addresses=127.0.0.1", "max_connections=200"];
        for setting in usual.iter().chain(settings) {
            command.args(["-c", setting]);
        }
        let mut server = RunningProgram::start(
            "PostgreSQL server",
            &command,
            &step::log_of(paths, "test PostgreSQL"),
        )?;
        server.wait_until(Duration::from_secs(30), || {
            folder.join(format!(".s.PGSQL.{port}")).exists() && answers(&bin, port)
        })?;
        Ok(Self {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            server,
            folder,
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // PostgreSQL's fast shutdown: its polite one waits for every connection to be closed.
        self.server.stop(Signal::INT);
        let _ = files::remove_folder(&self.folder);
    }
}

fn answers(bin: &Path, port: u16) -> bool {
    Command::new(bin.join("pg_isready"))
        .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
        .status()
        .is_ok_and(|status| status.success())
}

/// PostgreSQL refuses to run as root; its package brings a user for it.
fn other_user() -> Option<&'static str> {
    rustix::process::geteuid().is_root().then_some("postgres")
}

fn as_its_user(program: &Path) -> Command {
    let Some(user) = other_user() else {
        return Command::new(program);
    };
    let mut command = Command::new("setpriv");
    command
        .args([
            "--reuid",
            user,
            "--regid",
            user,
            "--clear-groups",
            "--pdeathsig",
            "INT",
        ])
        .arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_starts_and_leaves_nothing_behind() {
        if setup::postgres_bin().is_none() {
            // `cargo xtask test xtask` installs nothing; the full run does, and gets here with a server.
            return;
        }
        let paths = Paths::find().unwrap();
        let postgres = Postgres::start(&paths).unwrap();
        let folder = postgres.folder.clone();
        assert!(folder.join("data/PG_VERSION").exists());
        drop(postgres);
        assert!(!folder.exists());
    }
}
