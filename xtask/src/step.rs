//! Long steps: what is being done, for how long, and where to read on when it fails. Several may run at a time.

use std::{
    io::{IsTerminal, Write, stdout},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    Outcome, files,
    paths::Paths,
    process::{RunningProgram, tick},
};

/// How often a step that is not watched on a terminal says that it is still running.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Nothing that a chore does takes longer on a machine that is fit for it.
const DEADLINE: Duration = Duration::from_secs(60 * 60);

/// Runs `command` as the step `name` and shows the time it takes. When it fails, the error has the end of its output.
pub fn run(paths: &Paths, name: &str, command: &Command) -> Outcome {
    let log = log_of(paths, name);
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

/// Does all of these at the same time, and fails with the first error once all have ended.
pub fn run_in_parallel(works: Vec<Box<dyn FnOnce() -> Outcome + Send + '_>>) -> Outcome {
    thread::scope(|scope| {
        let threads: Vec<_> = works.into_iter().map(|work| scope.spawn(work)).collect();
        let outcomes: Vec<Outcome> = threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err("A step of this program panicked.".into()))
            })
            .collect();
        outcomes.into_iter().collect()
    })
}

/// The file that keeps the output of the step `name`.
pub fn log_of(paths: &Paths, name: &str) -> PathBuf {
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let slug = words
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("-");
    paths.build().join("logs").join(format!("{slug}.log"))
}

/// Runs `command` with its output in `log`, shows the time it takes, and stops it after `deadline`.
pub fn watch(name: &str, command: &Command, log: &Path, deadline: Duration) -> Outcome<ExitStatus> {
    if let Some(folder) = log.parent() {
        files::make_folder(folder)?;
    }
    let shown = Shown::start(name);
    let mut running = RunningProgram::start(name, command, log)?;
    loop {
        if let Some(status) = running.ended()? {
            shown.finish();
            return Ok(status);
        }
        let outcome = tick().and_then(|()| {
            if shown.start.elapsed() < deadline {
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
        show_running();
    }
}

/// The steps that run now, and when they were last shown.
struct RunningSteps {
    running: Vec<(String, Instant)>,
    last_shown: Option<Instant>,
}

static RUNNING_STEPS: Mutex<RunningSteps> = Mutex::new(RunningSteps {
    running: Vec::new(),
    last_shown: None,
});

/// A step while it is on the steps.
struct Shown {
    name: String,
    start: Instant,
}

impl Shown {
    fn start(name: &str) -> Self {
        let start = Instant::now();
        let mut steps = RUNNING_STEPS.lock().unwrap_or_else(PoisonError::into_inner);
        steps.running.push((name.to_owned(), start));
        if stdout().is_terminal() {
            print_status(&steps.line());
        } else if steps.running.len() == 1 {
            steps.last_shown = Some(start);
        }
        Self {
            name: name.to_owned(),
            start,
        }
    }

    /// Prints how long it took, as a line that stays.
    fn finish(self) {
        let line = format!(
            "  {}: {:.1} s",
            self.name,
            self.start.elapsed().as_secs_f32()
        );
        if stdout().is_terminal() {
            print!("\r\x1b[K{line}\n");
        } else {
            println!("{line}");
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let mut steps = RUNNING_STEPS.lock().unwrap_or_else(PoisonError::into_inner);
        let own = (self.name.clone(), self.start);
        steps.running.retain(|step| *step != own);
        if stdout().is_terminal() && !steps.running.is_empty() {
            print_status(&steps.line());
        }
    }
}

impl RunningSteps {
    /// Every running step with its seconds.
    fn line(&self) -> String {
        let steps = self.running.iter();
        let steps: Vec<String> = steps
            .map(|(name, start)| format!("{name} ... {} s", start.elapsed().as_secs()))
            .collect();
        format!("  {}", steps.join(", "))
    }
}

/// Shows from time to time what is running.
fn show_running() {
    let terminal = stdout().is_terminal();
    let pause = if terminal {
        Duration::from_secs(1)
    } else {
        HEARTBEAT
    };
    let mut steps = RUNNING_STEPS.lock().unwrap_or_else(PoisonError::into_inner);
    if steps
        .last_shown
        .is_some_and(|shown| shown.elapsed() < pause)
    {
        return;
    }
    steps.last_shown = Some(Instant::now());
    if terminal {
        print_status(&steps.line());
    } else {
        println!("{}", steps.line());
    }
}

/// Prints a line that the next one is written over.
fn print_status(line: &str) {
    print!("\r\x1b[K{line}");
    // Nobody reads a terminal that cannot be written to.
    let _ = stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_at_the_same_time_all_end_before_the_first_error_is_told() {
        let done = Mutex::new(0);
        let work = |outcome: Outcome| {
            let done = &done;
            Box::new(move || {
                *done.lock().unwrap() += 1;
                outcome
            }) as Box<dyn FnOnce() -> Outcome + Send + '_>
        };
        let outcome = run_in_parallel(vec![
            work(Err("one".into())),
            work(Ok(())),
            work(Err("two".into())),
        ]);
        assert_eq!((outcome, *done.lock().unwrap()), (Err("one".into()), 3));
    }

    #[test]
    fn the_status_line_names_every_running_step() {
        let now = Instant::now();
        let steps = RunningSteps {
            running: vec![("One".into(), now), ("Two".into(), now)],
            last_shown: None,
        };
        assert_eq!(steps.line(), "  One ... 0 s, Two ... 0 s");
    }
}
