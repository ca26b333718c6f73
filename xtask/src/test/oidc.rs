//! An OpenID Connect provider for one run of the tests: in memory, on a free port of this machine.

use std::{net::TcpStream, process::Command, time::Duration};

use rustix::process::Signal;

use crate::{
    Outcome,
    paths::Paths,
    process::{self, RunningProgram},
    setup::python::OIDC_PROVIDER,
    step,
};

/// A running provider that takes any client, and any name of an account.
pub struct Oidc {
    /// The address of the provider, which is its name for itself.
    pub issuer: String,
    server: RunningProgram,
}

impl Oidc {
    /// Starts the provider and waits until it answers.
    pub fn start(paths: &Paths) -> Outcome<Self> {
        let port = process::free_port()?;
        let mut command = Command::new(OIDC_PROVIDER.program(paths));
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        let log = step::log_of(paths, "test OpenID Connect provider");
        let mut server = RunningProgram::start("OpenID Connect provider", &command, &log)?;
        server.wait_until(Duration::from_secs(60), || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        })?;
        Ok(Self {
            issuer: format!("http://127.0.0.1:{port}"),
            server,
        })
    }
}

impl Drop for Oidc {
    fn drop(&mut self) {
        self.server.stop(Signal::TERM);
    }
}
