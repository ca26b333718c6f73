//! Long steps: what is being done, for how long, and where to read on when it fails.

use std::{
    io::{IsTerminal, Write, stdout},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    Outcome, files,
    place::Place,
    process::{Running, tick},
};

/// How often a step that is not watched on a terminal says that it is still running.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Nothing that a chore does takes longer on a machine that is fit for it.
const DEADLINE: Duration = Duration::from_secs(60 * 60);

/// Runs `command` as the step `name` and shows the time it takes. When it fails, the error has the end of its output.
pub fn run(place: &Place, name: &str, command: &Command) -> Outcome {
    let log = log_of(place, name);
    let status = watch(name, command, &log, DEADLINE)?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "{name}: failed ({status}). The end of {}:\n{}",
        log.display(),
        files::tail(&log, 25)
    ))
}

/// The file that keeps the output of the step `name`.
pub fn log_of(place: &Place, name: &str) -> PathBuf {
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let slug = words
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("-");
    place.build().join("logs").join(format!("{slug}.log"))
}

/// Runs `command` with its output in `log`, shows the time it takes, and stops it after `deadline`.
pub fn watch(name: &str, command: &Command, log: &Path, deadline: Duration) -> Outcome<ExitStatus> {
    let start = Instant::now();
    let terminal = stdout().is_terminal();
    if let Some(folder) = log.parent() {
        files::make_folder(folder)?;
    }
    if terminal {
        say(&format!("  {name} ..."), terminal, false);
    }
    let mut running = Running::start(name, command, log)?;
    let mut told = Instant::now();
    let status = loop {
        if let Some(status) = running.ended()? {
            break status;
        }
        let outcome = tick().and_then(|()| {
            if start.elapsed() < deadline {
                Ok(())
            } else {
                Err(format!(
                    "{name}: stopped after {} s without an end.",
                    deadline.as_secs()
                ))
            }
        });
        if let Err(stopped) = outcome {
            running.stop(Signal::TERM);
            return Err(stopped);
        }
        if told.elapsed()
            >= if terminal {
                Duration::from_secs(1)
            } else {
                HEARTBEAT
            }
        {
            say(
                &format!("  {name} ... {} s", start.elapsed().as_secs()),
                terminal,
                false,
            );
            told = Instant::now();
        }
    };
    say(
        &format!("  {name}: {:.1} s", start.elapsed().as_secs_f32()),
        terminal,
        true,
    );
    Ok(status)
}

fn say(line: &str, terminal: bool, done: bool) {
    if !terminal {
        println!("{line}");
        return;
    }
    // One line that is written over until the step is done.
    print!("\r\x1b[K{line}{}", if done { "\n" } else { "" });
    // Nobody reads a terminal that cannot be written to.
    let _ = stdout().flush();
}
