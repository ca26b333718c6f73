//! Programs that run beside this one and never outlive it.

use std::{
    fs::File,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::{Outcome, files, paths};

/// How long a program may take to stop by itself before it is killed. The origin says goodbye to its viewers for 2 s, answers running requests
/// for 10 s, hears out the answer to a password that a collection sent for 20 s, and ends its browsers.
const PATIENCE: Duration = Duration::from_secs(35);
/// How long the kernel may take to end what was killed.
const GONE: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(50);

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on Ctrl-C, SIGTERM and a closed terminal ask to stop instead of ending this program at once.
pub fn listen_for_stop() -> Outcome {
    let flag = STOP.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(flag))
            .map_err(|error| format!("Cannot listen for signals: {error}."))?;
    }
    Ok(())
}

/// Whether somebody asked to stop.
pub fn stop_requested() -> bool {
    STOP.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// Waits a moment between two looks at something; fails when somebody asked to stop.
pub fn tick() -> Outcome {
    if stop_requested() {
        return Err("Stopped.".into());
    }
    thread::sleep(TICK);
    Ok(())
}

/// A program in a process group of its own, which ends with this value.
pub struct RunningProgram {
    /// The name that messages show.
    pub name: String,
    /// The file to which its output is written.
    pub log: PathBuf,
    child: Child,
}

impl RunningProgram {
    /// Starts `command` with its output in the file `log`.
    pub fn start(name: &str, command: &Command, log: &Path) -> Outcome<Self> {
        let out = File::create(log)
            .map_err(|error| format!("Cannot write {}: {error}.", log.display()))?;
        let err = out
            .try_clone()
            .map_err(|error| format!("Cannot write {}: {error}.", log.display()))?;
        let child = tied_to_this_program(command)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(|error| {
                format!("Cannot start {}: {error}.", command.get_program().display())
            })?;
        Ok(Self {
            name: name.to_owned(),
            log: log.to_path_buf(),
            child,
        })
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the program ended, if it has ended.
    pub fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        self.child
            .try_wait()
            .map_err(|error| format!("Lost sight of {}: {error}.", self.name))
    }

    /// Fails with the end of its log when it has ended by itself.
    pub fn must_be_alive(&mut self) -> Outcome {
        let Some(status) = self.ended()? else {
            return Ok(());
        };
        Err(format!(
            "The {} stopped by itself ({status}). The end of {}:\n{}",
            self.name,
            self.log.display(),
            files::tail(&self.log, 25)
        ))
    }

    /// Waits until `ready` says so, for at most `deadline`, while the program lives.
    pub fn wait_until(&mut self, deadline: Duration, mut ready: impl FnMut() -> bool) -> Outcome {
        let start = Instant::now();
        while !ready() {
            self.must_be_alive()?;
            if start.elapsed() > deadline {
                return Err(format!(
                    "The {} did not answer within {} s. The end of {}:\n{}",
                    self.name,
                    deadline.as_secs(),
                    self.log.display(),
                    files::tail(&self.log, 25)
                ));
            }
            tick()?;
        }
        Ok(())
    }

    /// Asks the whole group to stop, waits, and kills what is left of it.
    pub fn stop(&mut self, first: Signal) {
        let group = Pid::from_child(&self.child);
        if matches!(self.child.try_wait(), Ok(None)) {
            // Errors here and below mean that nobody is left to be told.
            let _ = kill_process_group(group, first);
            let asked = Instant::now();
            while asked.elapsed() < PATIENCE && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(TICK);
            }
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
        // The rest of the group dies a moment after the signal.
        let killed = Instant::now();
        while killed.elapsed() < GONE && test_kill_process_group(group).is_ok() {
            thread::sleep(TICK);
        }
    }
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        self.stop(Signal::TERM);
    }
}

/// The same command, told by the kernel to stop when this program dies without having stopped it.
fn tied_to_this_program(command: &Command) -> Command {
    let Some(setpriv) = paths::on_path("setpriv") else {
        return copied(command, Command::new(command.get_program()));
    };
    let mut tied = Command::new(setpriv);
    tied.args(["--pdeathsig", "TERM"])
        .arg(command.get_program());
    copied(command, tied)
}

fn copied(from: &Command, mut to: Command) -> Command {
    to.args(from.get_args());
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
    if let Some(folder) = from.get_current_dir() {
        to.current_dir(folder);
    }
    to
}

/// Fails when somebody listens on `port` already. `flag` changes it.
pub fn port_is_free(port: u16, what: &str, flag: &str) -> Outcome {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!(
            "Port {port} ({what}) is taken by another program: stop that one, or choose another port with {flag} PORT."
        )),
    }
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> Outcome<u16> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("No free port on 127.0.0.1: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn log(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(name)
    }

    /// How many processes of this machine were started with these arguments.
    fn left_over(program: &str, argument: &str) -> usize {
        let wanted = format!("{program}\0{argument}\0");
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter(|process| {
                std::fs::read_to_string(process.path().join("cmdline"))
                    .is_ok_and(|line| line == wanted)
            })
            .count()
    }

    #[test]
    fn stopping_leaves_no_child_of_a_child_behind() {
        let mark = format!("4{}", std::process::id());
        let log = log("stop.log");
        // The shell stays, and so does what it started: both ignore the polite signal.
        let mut running = RunningProgram::start(
            "sample",
            &shell(&format!("sleep {mark} & echo up; wait")),
            &log,
        )
        .unwrap();
        running
            .wait_until(Duration::from_secs(10), || {
                files::tail(&log, 5).contains("up")
            })
            .unwrap();
        assert!(left_over("sleep", &mark) > 0);
        drop(running);
        assert_eq!(left_over("sleep", &mark), 0);
    }

    #[test]
    fn a_program_that_ends_by_itself_leaves_no_child_and_is_reported_with_its_log() {
        let mark = format!("5{}", std::process::id());
        let log = log("end.log");
        let mut running = RunningProgram::start(
            "sample",
            &shell(&format!("sleep {mark} & echo it broke; exit 7")),
            &log,
        )
        .unwrap();
        let told = running
            .wait_until(Duration::from_secs(10), || false)
            .unwrap_err();
        assert!(
            told.contains("sample stopped by itself")
                && told.contains("it broke")
                && told.contains('7'),
            "{told}"
        );
        drop(running);
        assert_eq!(left_over("sleep", &mark), 0);
    }

    #[test]
    fn a_taken_port_is_named_with_its_remedy() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let told = port_is_free(port, "edge", "--edge-port").unwrap_err();
        assert!(
            told.contains(&port.to_string()) && told.contains("--edge-port"),
            "{told}"
        );
        assert_eq!(
            port_is_free(free_port().unwrap(), "edge", "--edge-port"),
            Ok(())
        );
    }
}
