//! How long things may take.

use std::time::Duration;

use shared::wire::{BROWSER_IDLE_MINUTES, BROWSER_TOTAL_MINUTES, FLOW_IDLE_MINUTES};

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// The flow's timers.
#[derive(Debug, Clone, Copy)]
pub struct Timers {
    /// A flow that nobody touches ends.
    pub flow_idle: Duration,
    /// A browser that nobody touches is closed; the flow stays.
    pub browser_idle: Duration,
    /// A browser is closed however busy it is; the flow stays.
    pub browser_total: Duration,
    /// A browser must have started.
    pub launch: Duration,
    /// The website must have answered.
    pub navigate: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            flow_idle: minutes(FLOW_IDLE_MINUTES),
            browser_idle: minutes(BROWSER_IDLE_MINUTES),
            browser_total: minutes(BROWSER_TOTAL_MINUTES),
            launch: Duration::from_secs(20),
            navigate: Duration::from_secs(40),
        }
    }
}
