//! How browsers are started: the `browser` part of the configuration.

use std::path::PathBuf;

use serde::Deserialize;

/// The `browser` part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrowserConfig {
    /// The path of the program chromium-headless-shell itself, never of a wrapper script.
    pub executable: PathBuf,
    /// The first user id and the number of user ids; each live browser gets one of its own. Only an origin
    /// that runs as root uses them, by default 210000 and 256.
    pub uid_range: Option<(u32, u32)>,
    /// How many browsers may be in use at a time, by clients and by the collection. Further ones wait.
    pub most: usize,
    /// How many started browsers wait for a client.
    pub warm: usize,
    /// The hosts that may be reached although their address is loopback or private, for development:
    /// `127.0.0.1:7400`, or `localhost` for all of its ports, or `*.localhost:7400` for all names below it.
    pub allowed_private_hosts: Vec<String>,
    /// The ports at which public hosts may be reached.
    pub egress_ports: Vec<u16>,
    /// Whether Chromium keeps its own user agent, which says that it is headless.
    pub open_user_agent: bool,
}

impl Default for BrowserConfig {
    fn default() -> Self {
        Self {
            executable: PathBuf::from("/usr/lib/chromium/chromium-headless-shell"),
            uid_range: None,
            most: 40,
            warm: 1,
            allowed_private_hosts: Vec::new(),
            egress_ports: vec![80, 443, 8443],
            open_user_agent: false,
        }
    }
}
