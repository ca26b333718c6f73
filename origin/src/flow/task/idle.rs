//! What ends when nobody does anything for a while: first the browser, then the flow.

use shared::status::ErrorCode;
use tokio::time::Instant;

use super::{Flow, StepState};

impl Flow {
    /// Whether the flow's time has come; before that the browser's may have, which is closed then.
    pub(super) async fn is_idle(&mut self) -> bool {
        if Instant::now() >= self.idle_at() {
            return true;
        }
        self.close_idle_browser().await;
        false
    }

    async fn close_idle_browser(&mut self) {
        if self.closes_at().is_none_or(|at| Instant::now() < at) {
            return;
        }
        match &mut self.step {
            StepState::SignIn(sign_in) => {
                sign_in.end(ErrorCode::TimedOut);
                self.sign_in_failed(ErrorCode::TimedOut).await;
            }
            StepState::Sites {
                sites,
                signed_in,
                look_up,
                ..
            } => {
                if let Some(looking) = look_up.take() {
                    sites.see(&looking.found(), false);
                }
                signed_in.website = None;
            }
            StepState::Forwarding(forwarding) => forwarding.close_website(),
            _ => {}
        }
    }

    /// When the browser must be closed, if there is one.
    pub(super) fn closes_at(&self) -> Option<Instant> {
        let (timers, touched) = (&self.services.timers, self.viewers.touched());
        match &self.step {
            StepState::SignIn(sign_in) => sign_in.closes_at(timers, touched),
            StepState::Sites { signed_in, .. } => {
                let website = signed_in.website.as_ref();
                website.map(|website| website.closes_at(timers, touched))
            }
            StepState::Forwarding(forwarding) => forwarding.closes_at(timers, touched),
            _ => None,
        }
    }

    /// When the flow ends if nobody does anything.
    pub(super) fn idle_at(&self) -> Instant {
        self.viewers.touched() + self.services.timers.flow_idle
    }
}
