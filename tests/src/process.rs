//! Starts and stops the programs that a test runs.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::wait::DEADLINE;

/// A program that is running; it is ended when this value is dropped.
pub struct RunningProgram {
    name: String,
    child: Child,
}

impl RunningProgram {
    /// Starts `command`, its output going to `log`.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(name: &str, mut command: Command, log: &Path) -> Self {
        let file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("a log file");
        let errors = file.try_clone().expect("a log file");
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Self {
            name: name.to_owned(),
            child,
        }
    }

    /// The largest core dump, in bytes, that the kernel writes of the program, as `/proc` has it: `0`, or `unlimited`.
    ///
    /// # Panics
    /// When the program ended.
    #[must_use]
    pub fn core_dump_limit(&self) -> String {
        let id = self.child.id().expect("it runs");
        let limits = fs::read_to_string(format!("/proc/{id}/limits")).expect("its limits");
        let mut lines = limits.lines();
        let core = lines.find_map(|line| line.strip_prefix("Max core file size"));
        let hard = core.and_then(|core| core.split_whitespace().nth(1));
        hard.expect("a limit").to_owned()
    }

    /// Asserts that the program still runs.
    ///
    /// # Panics
    /// When the program ended by itself.
    pub fn assert_alive(&mut self) {
        if let Ok(Some(status)) = self.child.try_wait() {
            panic!("{} ended: {status}", self.name);
        }
    }

    /// Asks it to stop, and waits until it did.
    ///
    /// # Panics
    /// When it does not stop in time or not well.
    pub async fn stop(self) {
        self.stop_by(Signal::TERM).await;
    }

    /// As [`Self::stop`], but with the signal of Ctrl-C.
    ///
    /// # Panics
    /// As [`Self::stop`].
    pub async fn interrupt(self) {
        self.stop_by(Signal::INT).await;
    }

    async fn stop_by(mut self, signal: Signal) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw).expect("it runs");
        kill_process(pid, signal).expect("a signal");
        let ended = timeout(DEADLINE, self.child.wait()).await;
        let status = ended
            .unwrap_or_else(|_| panic!("{} does not stop", self.name))
            .expect("its status");
        assert!(status.success(), "{} stopped with {status}", self.name);
    }

    /// Kills the program at once, without a chance to clean up.
    pub async fn kill(mut self) {
        // An error means that it is gone already.
        let _ = self.child.kill().await;
    }
}

/// A port of this machine that is nobody's, and that no other test gets while this program runs. It is
/// below those that the system hands out by itself, so no connection takes it before it is used.
///
/// # Panics
/// When none is left.
pub fn free_port() -> u16 {
    static MINE: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let folder = std::env::temp_dir().join("magic-links-test-ports");
    fs::create_dir_all(&folder).expect("a folder for locks");
    // Not where the program before began: what it left behind may still speak.
    let first = u16::try_from(std::process::id() % 10_000).unwrap_or_default();
    let ports = (0..10_000).map(|step| 20_000 + (first + step) % 10_000);
    for port in ports {
        let lock = File::create(folder.join(port.to_string())).expect("a lock");
        if lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            MINE.lock().expect("nobody panics with it").push(lock);
            return port;
        }
    }
    panic!("no port is free");
}

/// Waits until something listens at a port of this machine.
///
/// # Panics
/// When nothing does in time, or the program ended.
pub async fn until_listening(program: &mut RunningProgram, port: u16) {
    let what = format!("{} to listen at port {port}", program.name);
    crate::wait::until(&what, async || {
        program.assert_alive();
        let connect = tokio::net::TcpStream::connect(("127.0.0.1", port));
        timeout(Duration::from_secs(1), connect).await.ok()?.ok()
    })
    .await;
}

/// The folder that Cargo builds into: this test's own program lies in it.
///
/// # Panics
/// When the test was moved elsewhere.
#[must_use]
pub fn target_folder() -> PathBuf {
    let own = std::env::current_exe().expect("the test's own path");
    // target/debug/deps/story-0123456789abcdef
    own.ancestors()
        .nth(3)
        .expect("a target folder")
        .to_path_buf()
}

/// The origin's program: `ORIGIN_BIN`, else the one beside this test.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn origin_program() -> PathBuf {
    let path = std::env::var_os("ORIGIN_BIN")
        .map_or_else(|| target_folder().join("debug/origin"), PathBuf::from);
    assert!(
        path.is_file(),
        "{} is missing: run `cargo build -p origin`",
        path.display()
    );
    path
}
