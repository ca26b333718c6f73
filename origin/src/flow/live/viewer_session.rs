//! A viewer's session: what one WebSocket of a live view may see and do. A flow has one viewer at a
//! time; a new viewer takes over.

use std::sync::Arc;

use browser::Browser;
use shared::{id::FlowRef, live::EndReason, status::Step, wire::SignInView};
use tokio::{sync::watch, time::Instant};

use crate::clock::Random;

/// What a viewer sees of the flow.
#[derive(Clone)]
pub struct LiveState {
    /// Where the flow stands. The live view is of SIGN_IN, and of FORWARDING while there is a browser.
    pub step: Step,
    /// The sign-in; present at SIGN_IN alone.
    pub sign_in: Option<SignInView>,
    /// The browser, once it has started. The viewer must not keep it longer than the session: whoever
    /// holds it last ends it.
    pub browser: Option<Arc<Browser>>,
    /// Changes within the step that are not told here.
    pub(in crate::flow) changes: u64,
    /// Rises by one with each change of the above.
    pub version: u64,
    pub(in crate::flow) viewer: u64,
    pub(in crate::flow) closing: Option<EndReason>,
}

/// The right to look at the live view, given for a ticket.
pub struct ViewerSession {
    flow_ref: FlowRef,
    state: watch::Receiver<LiveState>,
    number: u64,
    touched: watch::Sender<Instant>,
    random: Arc<dyn Random>,
}

impl ViewerSession {
    pub(in crate::flow) fn new(
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

    /// The flow's public name, for logs.
    #[must_use]
    pub fn flow_ref(&self) -> FlowRef {
        self.flow_ref
    }

    /// The source of randomness for the key that the viewer seals to.
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

    /// Why the live view is over, if it is. Whatever the viewer sends from then on is ignored.
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
            None if state.step == Step::Forwarding && state.browser.is_some() => None,
            None => Some(EndReason::Finished),
        }
    }

    /// Starts the idle timers anew. Call it for what a person does (pointer, wheel, keys), not for
    /// acknowledged frames.
    pub fn touch(&self) {
        self.touched.send_replace(Instant::now());
    }
}
