//! A mail server for one run of the tests: on free ports of this machine.

use std::{path::PathBuf, process::Command, time::Duration};

use rustix::process::Signal;

use crate::{
    Outcome, files, paths::Paths, process::RunningProgram, setup::python::SMTP_SERVER, step,
};

/// A running server. `smtp_server.py` says what it does with messages.
pub struct Smtp {
    /// The folder where it says how it is reached, and keeps what it takes.
    pub folder: PathBuf,
    server: RunningProgram,
}

impl Smtp {
    /// Starts the server and waits until it listens.
    pub fn start(paths: &Paths) -> Outcome<Self> {
        let folder = paths.target.join("test-mail");
        files::remove_folder(&folder)?;
        let script = folder.join("smtp_server.py");
        files::write(&script, include_str!("smtp_server.py"))?;
        let mut command = Command::new(SMTP_SERVER.program(paths));
        command.arg(script).arg(&folder);
        let log = step::log_of(paths, "test mail server");
        let mut server = RunningProgram::start("mail server", &command, &log)?;
        let ready = folder.join("ports.json");
        server.wait_until(Duration::from_secs(60), || ready.is_file())?;
        Ok(Self { folder, server })
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.server.stop(Signal::TERM);
    }
}
