//! The edge as it is built, in workerd under `wrangler dev`, on a port of its own with a KV of its own.
//!
//! ```no_run
//! # async fn example() {
//! use tests::{edge::{Edge, EdgeOptions}, process::free_port};
//!
//! let edge = Edge::start(EdgeOptions {
//!     port: free_port(),
//!     origins: r#"{"0":"http://127.0.0.1:7401"}"#.into(),
//!     token_keys: "1:000102030405060708090a0b0c0d0e0f".into(),
//!     signing_key: "07".repeat(32),
//!     limit: None,
//!     log: "edge.log".into(),
//! })
//! .await;
//! let page = reqwest::get(format!("{}/p/connect/…", edge.url())).await;
//! edge.stop().await;
//! # }
//! ```
//!
//! The Worker must have been built (`cargo xtask build-edge`; `cargo xtask test` does it).

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use crate::wait::until;

/// The settings with which an edge is started.
#[derive(Debug, Clone)]
pub struct EdgeOptions {
    /// Where it listens, on 127.0.0.1 and as `localhost`.
    pub port: u16,
    /// The value of `ORIGINS`: a JSON object from node number to address.
    pub origins: String,
    /// The value of `TOKEN_KEYS`.
    pub token_keys: String,
    /// The value of `EDGE_SIGNING_KEY`.
    pub signing_key: String,
    /// How many flows an address may start in a minute, and how often ask about flows; not limited
    /// when `None`: tests do more in a minute than people do.
    pub limit: Option<u32>,
    /// The file to which the output is appended.
    pub log: PathBuf,
}

/// A running edge. Dropping it kills wrangler and workerd.
pub struct Edge {
    options: EdgeOptions,
    group: Pid,
    wrangler: Child,
    /// Its configuration, its secrets, and what its KV keeps.
    folder: tempfile::TempDir,
}

impl Edge {
    /// Starts an edge and waits until it answers.
    ///
    /// # Panics
    /// When it was not built, or does not answer in time.
    pub async fn start(options: EdgeOptions) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        configure(folder.path(), &options);
        Self::start_in(folder, options).await
    }

    /// Ends it and starts it again: a new isolate, which remembers nothing, with the same KV.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn restart(mut self) -> Self {
        self.kill().await;
        let options = self.options.clone();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a folder"));
        Self::start_in(folder, options).await
    }

    /// The address of the edge, such as `http://localhost:8787`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.options.port)
    }

    /// Stops the edge.
    pub async fn stop(mut self) {
        self.kill().await;
    }

    /// The folder with all that it keeps.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    async fn start_in(folder: tempfile::TempDir, options: EdgeOptions) -> Self {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(&options.log);
        let log = log.expect("a log file");
        let errors = log.try_clone().expect("a log file");
        let root = root();
        let wrangler = Command::new("node")
            .arg(root.join("node_modules/wrangler/bin/wrangler.js"))
            .args([
                "dev",
                "--local",
                "--ip",
                "127.0.0.1",
                "--inspector-port",
                "0",
            ])
            .args(["--port", &options.port.to_string()])
            .arg("--show-interactive-dev-session=false")
            .arg("--config")
            .arg(folder.path().join("wrangler.toml"))
            .arg("--persist-to")
            .arg(folder.path().join("state"))
            .current_dir(folder.path())
            .env("CI", "1")
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_LOG_PATH", folder.path())
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let id = wrangler.id().and_then(|id| i32::try_from(id).ok());
        let mut edge = Self {
            group: id.and_then(Pid::from_raw).expect("it runs"),
            options,
            wrangler,
            folder,
        };
        edge.answers().await;
        edge
    }

    /// Waits until the Worker itself, not only wrangler, answers.
    async fn answers(&mut self) {
        let limits = reqwest::Client::builder()
            .timeout(Duration::from_secs(5))
            .no_proxy();
        let client = limits.build().expect("a client");
        let url = format!("http://127.0.0.1:{}/p/ready", self.options.port);
        until("the edge to answer", async || {
            if let Ok(Some(status)) = self.wrangler.try_wait() {
                panic!(
                    "wrangler ended: {status}; see {}",
                    self.options.log.display()
                );
            }
            let answer = client.get(&url).send().await.ok()?;
            answer.headers().contains_key("x-robots-tag").then_some(())
        })
        .await;
    }

    async fn kill(&mut self) {
        // An error means that nobody is left.
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.wrangler.wait().await;
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let _ = kill_process_group(self.group, Signal::KILL);
    }
}

/// The project's own wrangler.toml, but for where things are and for the build, which is done already.
fn configure(folder: &Path, options: &EdgeOptions) {
    let root = root();
    let text = fs::read_to_string(root.join("wrangler.toml")).expect("wrangler.toml");
    let mut config: toml::Table = text.parse().expect("TOML");
    config.remove("build");
    let absolute = |value: &mut toml::Value| {
        let path = root.join(value.as_str().expect("a path"));
        assert!(
            path.exists(),
            "{} is missing: run `cargo xtask build-edge`",
            path.display()
        );
        *value = path.display().to_string().into();
    };
    absolute(&mut config["main"]);
    absolute(&mut config["assets"]["directory"]);
    limit(&mut config, options.limit);
    fs::write(folder.join("wrangler.toml"), config.to_string()).expect("a file");
    let variables = format!(
        "ORIGINS='{}'\nTOKEN_KEYS={}\nEDGE_SIGNING_KEY={}\n",
        options.origins, options.token_keys, options.signing_key
    );
    fs::write(folder.join(".dev.vars"), variables).expect("a file");
}

fn limit(config: &mut toml::Table, limit: Option<u32>) {
    let Some(limit) = limit else {
        config.remove("ratelimits");
        return;
    };
    for limiter in config["ratelimits"].as_array_mut().expect("a list") {
        limiter["simple"]["limit"] = limit.into();
    }
}

pub(crate) fn root() -> PathBuf {
    // Tests run in their package's folder.
    let here = std::env::current_dir().expect("a folder");
    here.parent().expect("the checkout").to_path_buf()
}
