//! How long things may take.

use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

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
            flow_idle: 30 * MINUTE,
            browser_idle: 12 * MINUTE,
            browser_total: 45 * MINUTE,
            launch: Duration::from_secs(20),
            navigate: Duration::from_secs(40),
        }
    }
}
