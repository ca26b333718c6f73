//! An S3 server for one run of the tests: in memory, on a free port of this machine.

use std::{net::TcpStream, process::Command, time::Duration};

use rustix::process::Signal;

use crate::{
    Outcome,
    paths::Paths,
    process::{self, RunningProgram},
    setup::python::S3_SERVER,
    step,
};

/// A running server that takes any key.
pub struct S3 {
    /// The address of the server: `http://127.0.0.1:port`.
    pub endpoint: String,
    server: RunningProgram,
}

impl S3 {
    /// Starts the server and waits until it answers.
    pub fn start(paths: &Paths) -> Outcome<Self> {
        let port = process::free_port()?;
        let mut command = Command::new(S3_SERVER.program(paths));
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let log = step::log_of(paths, "test S3 server");
        let mut server = RunningProgram::start("S3 server", &command, &log)?;
        server.wait_until(Duration::from_secs(60), || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        })?;
        Ok(Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            server,
        })
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.server.stop(Signal::TERM);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_starts_and_ends_with_its_owner() {
        let paths = Paths::find().unwrap();
        if !S3_SERVER.program(&paths).is_file() {
            // `cargo xtask test xtask` installs nothing; the full run does, and gets here with a server.
            return;
        }
        let server = S3::start(&paths).unwrap();
        let address = server.endpoint.trim_start_matches("http://").to_owned();
        assert!(TcpStream::connect(&address).is_ok());
        drop(server);
        assert!(TcpStream::connect(&address).is_err());
    }
}
