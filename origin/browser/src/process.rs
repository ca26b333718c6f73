//! The Chromium process: started with a pipe and nothing else of ours, ended with all its children.

use std::{
    ffi::OsString,
    fs,
    mem::ManuallyDrop,
    net::SocketAddr,
    os::{
        fd::OwnedFd,
        unix::{fs::MetadataExt as _, process::CommandExt as _},
    },
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use command_fds::{CommandFdExt as _, FdMapping};
use rustix::process::{Pid, Signal};
use tokio::{
    io::AsyncReadExt as _,
    net::unix::pipe,
    sync::{oneshot, watch},
};

use super::{error::BrowserError, profile_folder::Folder, user_id::User};

/// What Chromium is told, besides folder and proxy. Never `--no-sandbox`.
const FLAGS: &[&str] = &[
    "--remote-debugging-pipe",
    // Each site in a process of its own: off by default in this engine.
    "--site-per-process",
    // Nothing goes round the proxy: not loopback and link-local (cloud metadata), not WebRTC (each
    // spelling is for one kind of headless), not QUIC, not names.
    "--proxy-bypass-list=<-loopback>",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    // Quiet: nobody asked for these.
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    // Without the cache of whole pages, going back is a navigation like every other; without
    // prerendering, every page is one that somebody sees.
    "--disable-features=AutofillServerCommunication,BackForwardCache,DialMediaRouteProvider,MediaRouter,OptimizationHints,Prerender2,Translate",
    "--disable-sync",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--deny-permission-prompts",
    "--password-store=basic",
    // No graphics card is there; the software compositor draws a typed key sooner.
    "--disable-gpu",
];

/// A killed process ends in moments, unless it hangs in the kernel.
const BURIAL: Duration = Duration::from_secs(5);

/// Ended and cleaned up when dropped.
pub(super) struct Process {
    child: Option<Child>,
    group: Pid,
    user: Option<User>,
    folder: Option<Folder>,
    gone: watch::Sender<bool>,
    said: oneshot::Receiver<String>,
}

/// Our ends of Chromium's pipe.
pub(super) struct Pipe {
    pub to: pipe::Sender,
    pub from: pipe::Receiver,
}

/// Starts Chromium in a process group of its own.
pub(super) fn start(
    executable: &Path,
    user: Option<User>,
    folder: Folder,
    proxy: SocketAddr,
    user_agent: Option<&str>,
) -> Result<(Process, Pipe), BrowserError> {
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        BrowserError::Launch(format!("{what}: {error}"))
    };
    let pipes = || std::io::pipe().map_err(|error| failed("pipe", &error));
    let (commands, to) = pipes()?;
    let (from, events) = pipes()?;
    let (errors, stderr) = pipes()?;

    let mut command = command(executable, user.as_ref());
    command
        .args(FLAGS)
        .arg(path_flag("--user-data-dir=", &folder.profile()))
        .arg(format!("--proxy-server=http://{proxy}"))
        .args(user_agent.map(|agent| format!("--user-agent={agent}")))
        .env_clear()
        .env("HOME", folder.profile())
        .env("TMPDIR", folder.profile())
        .env("PATH", "/usr/bin:/bin")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .process_group(0)
        .fd_mappings(vec![
            FdMapping {
                parent_fd: OwnedFd::from(commands),
                child_fd: 3,
            },
            FdMapping {
                parent_fd: OwnedFd::from(events),
                child_fd: 4,
            },
        ])
        .map_err(|error| failed("pipe", &error))?;
    let child = command
        .spawn()
        .map_err(|error| failed(&executable.display().to_string(), &error))?;
    // Closes our copies of Chromium's ends: only so does its death end the pipe.
    drop(command);

    let process = Process {
        group: Pid::from_child(&child),
        child: Some(child),
        user,
        folder: Some(folder),
        gone: watch::Sender::new(false),
        said: listen(errors.into())?,
    };
    let pipe = Pipe {
        to: pipe::Sender::from_owned_fd(to.into()).map_err(|error| failed("pipe", &error))?,
        from: pipe::Receiver::from_owned_fd(from.into()).map_err(|error| failed("pipe", &error))?,
    };
    Ok((process, pipe))
}

/// The executable itself, through `setpriv` when the browser gets a user of its own.
fn command(executable: &Path, user: Option<&User>) -> Command {
    let Some(user) = user else {
        return Command::new(executable);
    };
    let mut command = Command::new("/usr/bin/setpriv");
    command
        .arg(format!("--reuid={}", user.id))
        .arg(format!("--regid={}", user.id))
        .args(["--clear-groups", "--no-new-privs", "--"])
        .arg(executable);
    command
}

fn path_flag(flag: &str, path: &Path) -> OsString {
    let mut text = OsString::from(flag);
    text.push(path);
    text
}

/// Keeps the beginning of what Chromium says about itself: why it does not start.
fn listen(errors: OwnedFd) -> Result<oneshot::Receiver<String>, BrowserError> {
    const KEPT: usize = 16 * 1024;
    let mut errors = pipe::Receiver::from_owned_fd(errors)
        .map_err(|error| BrowserError::Launch(format!("pipe: {error}")))?;
    let (tell, said) = oneshot::channel();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        let mut buffer = vec![0; 4096];
        while let Ok(n @ 1..) = errors.read(&mut buffer).await {
            if kept.len() < KEPT {
                kept.extend_from_slice(buffer.get(..n).unwrap_or_default());
            }
        }
        let _ = tell.send(String::from_utf8_lossy(&kept).into_owned());
    });
    Ok(said)
}

impl Process {
    /// The folder of the browser's profile, while it exists.
    pub fn folder(&self) -> Option<&Folder> {
        self.folder.as_ref()
    }

    /// Why it ended before it could speak, as an error with a remedy.
    pub async fn why_dead(&mut self) -> BrowserError {
        self.kill();
        let said = tokio::time::timeout(Duration::from_secs(5), &mut self.said).await;
        let said = said.map(Result::unwrap_or_default).unwrap_or_default();
        explain(&said)
    }

    /// Whether every renderer that runs now is inside the sandbox: system calls filtered, no new
    /// privileges; `None` while no renderer runs.
    pub fn is_sandboxed(&self) -> Option<bool> {
        let group = self.group.as_raw_nonzero().get();
        let renderers: Vec<_> = processes()
            .filter(|pid| {
                let cmdline = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                group_of(*pid) == Some(group)
                    && cmdline.windows(15).any(|word| word == b"--type=renderer")
            })
            .collect();
        let filtered = |pid: &i32| {
            status(*pid, "Seccomp:").as_deref() == Some("2")
                && status(*pid, "NoNewPrivs:").as_deref() == Some("1")
        };
        (!renderers.is_empty()).then(|| renderers.iter().all(filtered))
    }

    /// Resolves when processes and folder are gone, after a drop.
    pub fn gone(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut gone = self.gone.subscribe();
        async move {
            let _ = gone.wait_for(|gone| *gone).await;
        }
    }

    #[cfg(test)]
    pub fn group(&self) -> i32 {
        self.group.as_raw_nonzero().get()
    }

    fn kill(&self) {
        let _ = rustix::process::kill_process_group(self.group, Signal::KILL);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        let (child, folder) = (self.child.take(), self.folder.take());
        // Unless all are known to have ended, the id stays taken for as long as this origin lives: no other client's
        // browser may share it with what is left.
        let user = ManuallyDrop::new(self.user.take());
        let (group, gone) = (self.group, self.gone.clone());
        // A thread, because waiting blocks and the runtime may be on its way out.
        let clean = move || {
            if let Some(mut child) = child {
                let _ = child.wait();
            }
            let ended = bury(group, user.as_ref(), BURIAL);
            drop(folder);
            if ended {
                drop(ManuallyDrop::into_inner(user));
            }
            gone.send_replace(true);
        };
        if let Err(error) = std::thread::Builder::new()
            .name("browser-burial".to_owned())
            .spawn(clean)
        {
            tracing::error!(%error, "a browser's folder was left behind");
        }
    }
}

/// Kills until nobody is left of the group, nor of the user. False when somebody is after all this patience.
fn bury(group: Pid, user: Option<&User>, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    loop {
        let left: Vec<i32> = processes()
            .filter(|pid| is_of(*pid, group, user) && !is_dead(*pid))
            .collect();
        if left.is_empty() {
            return true;
        }
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
        for pid in left.into_iter().filter_map(Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
        if Instant::now() >= until {
            tracing::error!("a browser's processes do not end");
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn is_of(pid: i32, group: Pid, user: Option<&User>) -> bool {
    let theirs = |user: &User| status(pid, "Uid:").as_deref() == Some(&user.id.to_string());
    group_of(pid) == Some(group.as_raw_nonzero().get()) || user.is_some_and(theirs)
}

/// It has ended, and its parent was not told yet: in a container there may be nobody who ever asks. A process of which
/// the first thread alone has ended looks alike, but for its other threads.
fn is_dead(pid: i32) -> bool {
    status(pid, "State:").as_deref() == Some("Z") && status(pid, "Threads:").as_deref() == Some("1")
}

fn processes() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// First word of a line of `/proc/PID/status`.
fn status(pid: i32, name: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next().map(str::to_owned)
}

fn group_of(pid: i32) -> Option<i32> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name, which may hold anything: state, parent, group.
    let (_, rest) = text.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(2)?.parse().ok()
}

fn explain(said: &str) -> BrowserError {
    let no_sandbox = ["No usable sandbox", "setuid sandbox", "namespace sandbox"];
    if no_sandbox.iter().any(|words| said.contains(words)) {
        let remedy = if fs::metadata("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
            .is_ok_and(|file| file.uid() == 0)
        {
            "allow unprivileged user namespaces for it (an AppArmor profile, or \
             kernel.apparmor_restrict_unprivileged_userns=0)"
        } else {
            "allow unprivileged user namespaces (user.max_user_namespaces, \
             kernel.unprivileged_userns_clone; in a container also its seccomp profile)"
        };
        return BrowserError::Sandbox(remedy.to_owned());
    }
    let line = said
        .lines()
        .rev()
        .find(|line| line.contains("FATAL") || line.contains("setpriv"))
        .or_else(|| said.lines().next_back())
        .unwrap_or("it said nothing");
    BrowserError::Launch(super::plain_text::bounded(line, 300))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_sandbox_names_its_remedy() {
        let said = "[1:1:FATAL:zygote_host_impl_linux.cc(132)] No usable sandbox! If you want";
        assert!(
            matches!(explain(said), BrowserError::Sandbox(remedy) if remedy.contains("namespaces"))
        );
        assert!(matches!(explain("a\nFATAL b"), BrowserError::Launch(line) if line == "FATAL b"));
    }

    #[test]
    fn ending_a_group_says_whether_every_process_ended() {
        let mut child = Command::new("sleep")
            .arg("1000")
            .process_group(0)
            .spawn()
            .unwrap();
        let group = Pid::from_child(&child);
        assert!(!bury(group, None, Duration::ZERO), "it is alive at first");
        // Nobody has asked for its end yet.
        assert!(bury(group, None, BURIAL));
        child.wait().unwrap();
    }

    #[test]
    fn the_flags_never_switch_the_sandbox_off() {
        assert!(
            !FLAGS
                .iter()
                .any(|flag| flag.contains("no-sandbox") || flag.contains("no-zygote"))
        );
    }
}
