//! The Workers under test, in a workerd of their own: no wrangler in between.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use rustix::process::Signal;
use xtask::{
    Outcome, edge, files, http,
    paths::Paths,
    process::{RunningProgram, free_port},
    step,
};

use super::page::{BRAND, PageParts, TOKEN_KEYS};

const SIGNING_KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// The Workers that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The edge.
    Edge,
    /// (a)
    Constant,
    /// (b)
    Peer,
}

impl Variant {
    /// All variants, in the order of the results.
    pub const ALL: [Self; 3] = [Self::Edge, Self::Constant, Self::Peer];

    /// The name that the output shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Constant => "constant",
            Self::Peer => "peer",
        }
    }

    /// Its modules, first the main one: name, kind, file.
    fn modules(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Edge => &[("index.js", "esModule"), ("./index_bg.wasm", "wasm")],
            Self::Constant => &[
                ("constant.js", "esModule"),
                ("page.html", "text"),
                ("headers.json", "json"),
            ],
            Self::Peer => &[("peer.js", "esModule")],
        }
    }
}

/// A folder with everything that workerd embeds.
pub struct Workers {
    folder: PathBuf,
    workerd: PathBuf,
    compatibility_date: String,
}

impl Workers {
    /// Lays the edge and the helpers there.
    pub fn lay_out(paths: &Paths) -> Outcome<Self> {
        let folder = paths.build().join("bench");
        files::remove_folder(&folder)?;
        files::make_folder(&folder)?;
        let copy = |from: PathBuf, name: &str| {
            let copied = fs::copy(&from, folder.join(name));
            copied
                .map(|_| ())
                .map_err(|error| format!("Cannot copy {}: {error}.", from.display()))
        };
        for name in edge::MODULES {
            copy(edge::worker(paths).join(name), name)?;
        }
        for name in ["constant.js", "kv.js", "origin.js"] {
            copy(paths.root.join("xtask/bench/src/edge").join(name), name)?;
        }
        let config = files::read(&paths.root.join("wrangler.toml"))?;
        let date = config
            .split_once("compatibility_date = \"")
            .and_then(|(_, rest)| rest.split_once('"'));
        let (date, _) = date.ok_or("wrangler.toml has no compatibility_date.")?;
        Ok(Self {
            compatibility_date: date.to_owned(),
            workerd: paths.root.join("node_modules/workerd/bin/workerd"),
            folder,
        })
    }

    /// Makes the peers from what the edge answers.
    pub fn make_peers(&self, paths: &Paths, parts: &PageParts) -> Outcome {
        files::write(&self.folder.join("page.html"), &parts.html)?;
        files::write(&self.folder.join("headers.json"), parts.all_headers())?;
        files::write(&self.folder.join("parts.json"), parts.json())?;
        let mut esbuild = Command::new(paths.root.join("node_modules/esbuild/bin/esbuild"));
        esbuild
            .args([
                "xtask/bench/src/edge/peer.js",
                "--bundle",
                "--minify",
                "--format=esm",
            ])
            .arg(format!(
                "--alias:parts.json={}",
                self.folder.join("parts.json").display()
            ))
            .arg(format!(
                "--outfile={}",
                self.folder.join("peer.js").display()
            ))
            .current_dir(&paths.root);
        step::run(paths, "Bundling the JavaScript peer", &esbuild)
    }

    /// Starts workerd and waits until it answers.
    pub fn serve(&self, variants: &[Variant]) -> Outcome<Serving> {
        let mut serving = self.spawn(variants)?;
        let port = serving.origin;
        serving
            .workerd
            .wait_until(Duration::from_secs(20), || http::answers(port, "/count"))?;
        Ok(serving)
    }

    /// Starts workerd with these variants.
    pub fn spawn(&self, variants: &[Variant]) -> Outcome<Serving> {
        let origin = free_port()?;
        let mut ports = Vec::new();
        for variant in variants {
            ports.push((*variant, free_port()?));
        }
        let config = self.folder.join("config.capnp");
        files::write(&config, self.config(&ports, origin))?;
        let mut command = Command::new(&self.workerd);
        command.arg("serve").arg(&config).current_dir(&self.folder);
        let workerd = RunningProgram::start("workerd", &command, &self.folder.join("workerd.log"))?;
        Ok(Serving {
            workerd,
            ports,
            origin,
        })
    }

    fn config(&self, ports: &[(Variant, u16)], origin: u16) -> String {
        let mut services = String::new();
        let mut sockets = String::new();
        let date = &self.compatibility_date;
        let mut service = |name: &str, modules: &[(&str, &str)], bindings: &str| {
            let modules = modules.iter().map(|(name, kind)| {
                let file = name.trim_start_matches("./");
                format!("(name = \"{name}\", {kind} = embed \"{file}\")")
            });
            let modules = modules.collect::<Vec<_>>().join(", ");
            services.push_str(&format!(
                "    (name = \"{name}\", worker = (modules = [{modules}], compatibilityDate = \"{date}\", bindings = [{bindings}], globalOutbound = \"origin\")),\n"
            ));
        };
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        service("origin", &[("origin.js", "esModule")], "");
        service(
            "kv",
            &[("kv.js", "esModule")],
            &format!("(name = \"BRAND\", text = \"{}\")", quoted(BRAND)),
        );
        let settings = [
            ("ORIGINS", r#"{"0":"http://origin.invalid"}"#),
            ("TOKEN_KEYS", TOKEN_KEYS),
            ("EDGE_SIGNING_KEY", SIGNING_KEY),
        ];
        let settings = settings
            .map(|(name, text)| format!("(name = \"{name}\", text = \"{}\")", quoted(text)));
        let bindings = format!(
            "{}, (name = \"BRANDS\", kvNamespace = \"kv\")",
            settings.join(", ")
        );
        for (variant, _) in ports {
            let bindings = if *variant == Variant::Constant {
                ""
            } else {
                &bindings
            };
            service(variant.name(), variant.modules(), bindings);
        }
        let names = ports.iter().map(|(variant, port)| (variant.name(), *port));
        for (name, port) in names.chain([("origin", origin)]) {
            sockets.push_str(&format!(
                "    (name = \"{name}\", address = \"127.0.0.1:{port}\", http = (), service = \"{name}\"),\n"
            ));
        }
        format!(
            "using Workerd = import \"/workerd/workerd.capnp\";\n\nconst config :Workerd.Config = (\n  services = [\n{services}  ],\n  sockets = [\n{sockets}  ],\n);\n"
        )
    }
}

/// A workerd that is running.
pub struct Serving {
    workerd: RunningProgram,
    ports: Vec<(Variant, u16)>,
    origin: u16,
}

impl Serving {
    /// The port on which a variant listens.
    pub fn port(&self, variant: Variant) -> Outcome<u16> {
        let found = self.ports.iter().find(|(known, _)| *known == variant);
        found
            .map(|(_, port)| *port)
            .ok_or(format!("{} is not served.", variant.name()))
    }

    /// The port on which the stand-in of the origin listens.
    pub fn origin_port(&self) -> u16 {
        self.origin
    }

    /// Fails with the end of its log when workerd has ended by itself.
    pub fn must_be_alive(&mut self) -> Outcome {
        self.workerd.must_be_alive()
    }

    /// Processor time that workerd has used so far.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        let stat = files::read(&PathBuf::from(format!("/proc/{}/stat", self.workerd.id())))?;
        // After the program's name in parentheses; utime and stime are the 12th and 13th from there.
        let (_, rest) = stat.rsplit_once(')').unwrap_or_default();
        let ticks = rest.split_whitespace().skip(11).take(2);
        let ticks: f64 = ticks.filter_map(|text| text.parse::<f64>().ok()).sum();
        Ok(ticks / rustix::param::clock_ticks_per_second() as f64)
    }

    /// Sends a GET request; returns the head and the body of the answer.
    pub fn get(&self, variant: Variant, path: &str) -> Outcome<(String, String)> {
        let answer = http::send(self.port(variant)?, "GET", path, &[], "")?;
        if answer.status != 200 {
            return Err(format!(
                "The {} Worker answers {}: {}",
                variant.name(),
                answer.status,
                answer.body
            ));
        }
        Ok((answer.head, answer.body))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.workerd.stop(Signal::KILL);
    }
}
