//! How browsers are started: the `browser` part of the configuration.

use std::path::PathBuf;

use serde::Deserialize;

/// The `browser` part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrowserConfig {
    /// chromium-headless-shell itself, never a wrapper script.
    pub executable: PathBuf,
    /// First user id and how many: each live browser gets one of its own. Used by a root origin
    /// alone, which falls back to 210000 and 256.
    pub uid_range: Option<(u32, u32)>,
    /// Browsers in use at a time, by clients and by the collection; further ones wait.
    pub most: usize,
    /// Browsers kept started, waiting for a client.
    pub warm: usize,
    /// Hosts that may be loopback or private, for development: `127.0.0.1:7400`, or `localhost`
    /// for all of its ports.
    pub allowed_private_hosts: Vec<String>,
    /// Ports that public hosts are reached at.
    pub egress_ports: Vec<u16>,
    /// Keep the engine's own user agent, which says that it is headless.
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
