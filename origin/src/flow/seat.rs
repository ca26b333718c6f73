//! The viewer's seat at a flow: what a live view's WebSocket may see and do. One viewer at a time;
//! a new one takes over.

use std::sync::Arc;

use shared::{id::FlowRef, status::Step, wire::SignInView};
use tokio::{sync::watch, time::Instant};

use crate::{browser::Browser, clock::Random};

/// What the viewer sees of the flow.
#[derive(Clone)]
pub struct LiveState {
    /// Where the flow stands. Another step than SIGN_IN: the view is over.
    pub step: Step,
    /// The sign-in, while at it.
    pub sign_in: Option<SignInView>,
    /// The browser, once it has started. Kept no longer than the seat: its last holder ends it.
    pub browser: Option<Arc<Browser>>,
    pub(super) viewer: u64,
    pub(super) closing: Option<EndReason>,
}

/// Why a view is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The same flow was opened in another tab or on another device.
    TakenOver,
    /// The browser ended; the page says why.
    BrowserGone,
    /// Nobody touched the flow for too long, or it was left.
    Idle,
    /// The sign-in is over.
    Finished,
    /// This node stops.
    NodeStopping,
}

impl EndReason {
    /// As the viewer's JavaScript knows it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TakenOver => "taken_over",
            Self::BrowserGone => "browser_gone",
            Self::Idle => "idle",
            Self::Finished => "finished",
            Self::NodeStopping => "node_stopping",
        }
    }
}

/// The right to look, given for a ticket.
pub struct Seat {
    flow_ref: FlowRef,
    state: watch::Receiver<LiveState>,
    number: u64,
    touched: watch::Sender<Instant>,
    random: Arc<dyn Random>,
}

impl Seat {
    pub(super) fn new(
        flow_ref: FlowRef,
        state: watch::Receiver<LiveState>,
        number: u64,
        touched: watch::Sender<Instant>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            flow_ref,
            state,
            number,
            touched,
            random,
        }
    }

    /// For logs.
    #[must_use]
    pub fn flow_ref(&self) -> FlowRef {
        self.flow_ref
    }

    /// For the key that the viewer seals to.
    #[must_use]
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// The state as it is now. [`Self::changed`] then waits for a newer one.
    pub fn state(&mut self) -> LiveState {
        self.state.borrow_and_update().clone()
    }

    /// Waits for a state that was not seen yet. Cancel-safe. When the flow is gone it returns at once.
    pub async fn changed(&mut self) {
        // An error means that the flow ended: `ended` says so.
        let _ = self.state.changed().await;
    }

    /// Why the view is over, if it is. Whatever the viewer sends from then on is ignored.
    #[must_use]
    pub fn ended(&self) -> Option<EndReason> {
        let gone = self.state.has_changed().is_err();
        let state = self.state.borrow();
        if let Some(reason) = state.closing {
            return Some(reason);
        }
        if state.viewer != self.number {
            return Some(EndReason::TakenOver);
        }
        if gone {
            return Some(EndReason::Idle);
        }
        match &state.sign_in {
            Some(sign_in) if sign_in.live => None,
            Some(_) => Some(EndReason::BrowserGone),
            None => Some(EndReason::Finished),
        }
    }

    /// Someone is there: the idle timers begin anew. Call it for what a person does (pointer,
    /// wheel, keys), not for acknowledged frames.
    pub fn touch(&self) {
        self.touched.send_replace(Instant::now());
    }
}
