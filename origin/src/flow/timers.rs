//! The time limits of a flow and its browser.

use std::time::Duration;

use shared::wire::{BROWSER_IDLE_MINUTES, BROWSER_TOTAL_MINUTES, FLOW_IDLE_MINUTES};
use tokio::time::Instant;

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

/// The time limits of a flow and its browser.
#[derive(Debug, Clone, Copy)]
pub struct Timers {
    /// After this time a flow that nobody touches ends.
    pub flow_idle: Duration,
    /// A browser that nobody touches is closed; the flow stays.
    pub browser_idle: Duration,
    /// A browser is closed however busy it is; the flow stays.
    pub browser_total: Duration,
    /// Within this time a browser must have started.
    pub launch: Duration,
    /// Within this time the website must have answered.
    pub navigate: Duration,
}

impl Timers {
    /// When a browser that was opened at `since` must be closed, if nobody touches it after `touched`.
    #[must_use]
    pub fn browser_closes_at(&self, since: Instant, touched: Instant) -> Instant {
        let idle = touched.max(since) + self.browser_idle;
        idle.min(since + self.browser_total)
    }
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
