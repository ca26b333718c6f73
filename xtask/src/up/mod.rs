//! Everything on this machine: sample utility, origin, edge, and a link to open.

mod data_folder;
mod sample;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use clap::{Args, FromArgMatches as _};
use rustix::process::Signal;

use self::data_folder::DataFolder;
use crate::{
    Outcome, edge, http,
    paths::Paths,
    process::{self, RunningProgram, stop_requested, tick},
    setup::{self, Requirement, wasm},
    step, workspace,
};

/// How long a program may take until it answers.
const START: Duration = Duration::from_secs(90);

/// Ports and folder.
#[derive(Args)]
#[command(after_help = "\
Everything listens on this machine alone. The data folder holds the database, the bills, the generated keys (readable by you alone), the edge's \
own storage, and one log file for each program below logs/. The next start finds all of it again; --reset starts over.")]
pub struct Options {
    /// Port of the edge: links are opened here
    #[arg(long, default_value_t = 8787)]
    edge_port: u16,
    /// Port of the origin's door for the edge
    #[arg(long, default_value_t = 7401)]
    origin_port: u16,
    /// Port of the JSON API and its documentation
    #[arg(long, default_value_t = 7402)]
    api_port: u16,
    /// Port of the origin's door for mails and text messages, which the sample utility sends codes to
    #[arg(long, default_value_t = 7403)]
    inbound_port: u16,
    /// Port of the sample utility website
    #[arg(long, default_value_t = 7400)]
    utility_port: u16,
    /// Port at which a program of yours may take webhooks, without https
    #[arg(long, default_value_t = 7500)]
    receiver_port: u16,
    /// Where everything is kept that should be there next time [default: .magic-links in the checkout]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Forget what is in the data folder and start over
    #[arg(long)]
    reset: bool,
}

impl Options {
    /// The options for the command line that starts the same again; those that are as usual are left out.
    fn given(&self) -> Outcome<String> {
        let usual = Options::augment_args(clap::Command::new("up")).try_get_matches_from(["up"]);
        let usual = usual.and_then(|usual| Options::from_arg_matches(&usual));
        let usual = usual.map_err(|error| error.to_string())?;
        let mut given = String::new();
        for ((flag, port), (_, usual)) in self.ports().into_iter().zip(usual.ports()) {
            if port != usual {
                given.push_str(&format!(" {flag} {port}"));
            }
        }
        if let Some(data) = &self.data {
            given.push_str(&format!(" --data {}", data.display()));
        }
        Ok(given)
    }

    fn ports(&self) -> [(&'static str, u16); 6] {
        [
            ("--edge-port", self.edge_port),
            ("--origin-port", self.origin_port),
            ("--api-port", self.api_port),
            ("--inbound-port", self.inbound_port),
            ("--utility-port", self.utility_port),
            ("--receiver-port", self.receiver_port),
        ]
    }

    fn ports_are_usable(&self) -> Outcome {
        let ports = [
            (self.edge_port, "edge", "--edge-port"),
            (self.origin_port, "origin", "--origin-port"),
            (self.api_port, "API", "--api-port"),
            (self.inbound_port, "inbound door", "--inbound-port"),
            (self.utility_port, "sample utility", "--utility-port"),
        ];
        for (at, (port, what, flag)) in ports.iter().enumerate() {
            let same = ports.iter().take(at).find(|(other, ..)| other == port);
            if let Some((_, other, _)) = same {
                return Err(format!(
                    "Port {port} cannot be for both {other} and {what}: choose another one with {flag} PORT."
                ));
            }
            process::port_is_free(*port, what, flag)?;
        }
        Ok(())
    }
}

/// Installs, builds, starts, prints, and stops everything when asked to.
pub fn run(paths: &Paths, options: &Options) -> Outcome {
    match start_and_wait(paths, options) {
        // Who asked to stop got what they asked for.
        Err(_) if stop_requested() => {
            println!("Stopped.");
            Ok(())
        }
        outcome => outcome,
    }
}

fn start_and_wait(paths: &Paths, options: &Options) -> Outcome {
    let begun = Instant::now();
    options.ports_are_usable()?;
    make_ready(paths)?;

    let data = options
        .data
        .as_ref()
        .map_or_else(|| Ok(paths.root.join(".magic-links")), std::path::absolute);
    let data = data.map_err(|error| format!("The data folder's name is not usable: {error}."))?;
    let folder = DataFolder::open(&data, options.reset)?;
    let config = folder.write_config(options)?;
    let sample = sample::make(paths, &folder, &config)?;

    let utility = start_utility(paths, &folder, options)?;
    let origin = start_origin(paths, &folder, &config)?;
    let edge = start_edge(paths, &folder, options)?;
    // Dropped in the order of the list: first who asks, then who answers.
    let mut running = [edge, origin, utility];
    for (program, (port, path)) in running.iter_mut().zip([
        (options.edge_port, "/"),
        (options.api_port, "/"),
        (options.utility_port, "/"),
    ]) {
        program.wait_until(START, || http::answers(port, path))?;
    }
    let link = sample.make_link(options)?;
    sample::tell(paths, options, &folder, &sample, &link)?;
    println!(
        "Ready after {:.0} s. Stop everything with Ctrl-C.",
        begun.elapsed().as_secs_f32()
    );

    while !stop_requested() {
        for program in &mut running {
            program.must_be_alive()?;
        }
        // Being asked to stop ends the loop.
        let _ = tick();
    }
    println!("\nStopping ...");
    for program in &mut running {
        program.stop(Signal::TERM);
    }
    println!("Stopped. Everything is kept in {}.", folder.path.display());
    Ok(())
}

/// Installs and builds everything. What does not need one another is done at the same time, so that no core is idle
/// while one crate is compiled or a download is waited for.
fn make_ready(paths: &Paths) -> Outcome {
    let edge_is_built = edge::is_built(paths)?;
    if !edge_is_built {
        // First and alone, because it may install packages, as the threads below do.
        wasm::install(paths)?;
    }
    let programs = ["origin", "utility", "edge-bindgen"];
    step::run_in_parallel(vec![
        Box::new(|| {
            let cargo = workspace::build(paths, &programs);
            step::run(paths, "Building the origin", &cargo)
        }),
        Box::new(|| setup::install(paths, &[Requirement::Browser])),
        Box::new(|| {
            setup::install(paths, &[Requirement::Node])?;
            if edge_is_built {
                return Ok(());
            }
            edge::compile(paths)
        }),
    ])?;
    edge::build(paths)
}

fn start_utility(paths: &Paths, folder: &DataFolder, options: &Options) -> Outcome<RunningProgram> {
    let mut utility = Command::new(paths.program("utility"));
    utility
        .args(["--listen", &format!("127.0.0.1:{}", options.utility_port)])
        .args(folder.doors(options))
        .current_dir(&folder.path);
    RunningProgram::start("sample utility", &utility, &folder.log("utility"))
}

fn start_origin(paths: &Paths, folder: &DataFolder, config: &Path) -> Outcome<RunningProgram> {
    let mut origin = Command::new(paths.program("origin"));
    origin.arg("--config").arg(config).current_dir(&folder.path);
    RunningProgram::start("origin", &origin, &folder.log("origin"))
}

fn start_edge(paths: &Paths, folder: &DataFolder, options: &Options) -> Outcome<RunningProgram> {
    let mut wrangler = Command::new("node");
    wrangler
        .arg("node_modules/wrangler/bin/wrangler.js")
        .args([
            "dev",
            "--port",
            &options.edge_port.to_string(),
            "--show-interactive-dev-session=false",
        ])
        .arg("--persist-to")
        .arg(folder.path.join("edge"))
        .arg("--env-file")
        .arg(folder.edge_variables())
        .current_dir(&paths.root)
        .env("CI", "1")
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_LOG_PATH", folder.path.join("logs"));
    RunningProgram::start("edge", &wrangler, &folder.log("edge"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_given_again() {
        let read = |arguments: &[&str]| {
            let up = Options::augment_args(clap::Command::new("up"));
            let found = up.try_get_matches_from(arguments).expect("arguments");
            let options = Options::from_arg_matches(&found).expect("options");
            options.given().expect("a text")
        };
        assert_eq!(read(&["up", "--reset", "--api-port", "7402"]), "");
        assert_eq!(
            read(&["up", "--data", "/tmp/d", "--api-port", "7", "--reset"]),
            " --api-port 7 --data /tmp/d"
        );
    }

    #[test]
    fn no_port_is_used_twice() {
        let port = process::free_port().expect("a free port");
        let options = Options {
            edge_port: port,
            origin_port: process::free_port().expect("a free port"),
            api_port: port,
            inbound_port: process::free_port().expect("a free port"),
            utility_port: process::free_port().expect("a free port"),
            receiver_port: process::free_port().expect("a free port"),
            data: None,
            reset: false,
        };
        let told = options.ports_are_usable().expect_err("twice the same");
        assert!(
            told.contains("edge and API") && told.contains("--api-port"),
            "{told}"
        );
    }
}
