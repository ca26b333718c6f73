//! Who looks at the flow: tickets, the one viewer session at a time, and what its viewer is told.

use std::{collections::VecDeque, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use browser::Browser;
use shared::{
    id::FlowRef,
    live::EndReason,
    status::Step,
    wire::{SignInView, TICKET_SECONDS, Ticket},
};
use tokio::{
    sync::watch,
    time::{Duration, Instant, timeout},
};

use super::live::viewer_session::{LiveState, ViewerSession};
use crate::clock::{Random, bytes};

/// A page asks for a ticket just before it uses it; more than a few at once are not in use.
const MAX_TICKETS: usize = 4;
/// For this long nobody takes the place of a client who has signed in and reads what is asked next:
/// reading leaves no trace, and the sign-in would be lost with the flow.
const READING_TIME: Duration = Duration::from_secs(5 * 60);
/// How long a viewer's WebSocket may take to hear that the flow is over.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The viewers of one flow. One at a time looks.
pub(super) struct Viewers {
    tickets: VecDeque<([u8; 16], Instant)>,
    live: watch::Sender<LiveState>,
    touched: watch::Sender<Instant>,
}

/// Tells code that does not own the flow whether somebody is at it.
pub(super) struct Presence {
    live: watch::Sender<LiveState>,
    touched: watch::Receiver<Instant>,
}

impl Presence {
    /// `None` while somebody is at the flow. Otherwise whether a finished sign-in would be lost with
    /// the flow, and when somebody last did something.
    pub fn abandoned(&self) -> Option<(bool, Instant)> {
        let touched = *self.touched.borrow();
        let signed_in = self.live.borrow().step == Step::Sites;
        let looks = self.live.receiver_count() > 0;
        let reads = signed_in && touched.elapsed() < READING_TIME;
        (!looks && !reads).then_some((signed_in, touched))
    }
}

impl Viewers {
    pub fn new() -> Self {
        Self {
            tickets: VecDeque::new(),
            live: watch::Sender::new(LiveState {
                step: Step::Provider,
                sign_in: None,
                browser: None,
                changes: 0,
                version: 1,
                viewer: 0,
                closing: None,
            }),
            touched: watch::Sender::new(Instant::now()),
        }
    }

    /// A handle that tells whether somebody is at the flow.
    pub fn presence(&self) -> Presence {
        Presence {
            live: self.live.clone(),
            touched: self.touched.subscribe(),
        }
    }

    /// When somebody last did something.
    pub fn touched(&self) -> Instant {
        *self.touched.borrow()
    }

    /// Records that somebody does something now.
    pub fn touch(&self) {
        self.touched.send_replace(Instant::now());
    }

    /// Makes a ticket for a viewer session. It can be used once, within [`TICKET_SECONDS`].
    pub fn ticket(&mut self, random: &dyn Random) -> Ticket {
        let ticket = bytes(random);
        let until = Instant::now() + Duration::from_secs(TICKET_SECONDS.unsigned_abs());
        if self.tickets.len() >= MAX_TICKETS {
            self.tickets.pop_front();
        }
        self.tickets.push_back((ticket, until));
        Ticket {
            ticket: URL_SAFE_NO_PAD.encode(ticket),
        }
    }

    /// Trades a ticket for a viewer session; the viewer before is told. `None` when the ticket is
    /// unknown, used or too old.
    pub fn open_session(
        &mut self,
        ticket: &str,
        flow_ref: FlowRef,
        random: &Arc<dyn Random>,
    ) -> Option<ViewerSession> {
        let now = Instant::now();
        self.tickets.retain(|(_, until)| now < *until);
        let ticket = URL_SAFE_NO_PAD.decode(ticket).ok()?;
        let known = |(known, _): &([u8; 16], Instant)| known[..] == ticket[..];
        let at = self.tickets.iter().position(known)?;
        self.tickets.remove(at);
        self.live.send_modify(|live| live.viewer += 1);
        let receiver = self.live.subscribe();
        let number = receiver.borrow().viewer;
        let (touched, random) = (self.touched.clone(), Arc::clone(random));
        Some(ViewerSession::new(
            flow_ref, receiver, number, touched, random,
        ))
    }

    /// Makes all tickets useless: the step that they were for is over.
    pub fn void_tickets(&mut self) {
        self.tickets.clear();
    }

    /// Publishes where the flow stands to the viewer, if that changed.
    /// `changes` counts those within the step that the viewer is not told.
    pub fn publish(
        &self,
        step: Step,
        sign_in: Option<SignInView>,
        browser: Option<Arc<Browser>>,
        changes: u64,
    ) {
        self.live.send_if_modified(|live| {
            let same = live.step == step
                && live.changes == changes
                && live.sign_in == sign_in
                && live.browser.as_ref().map(Arc::as_ptr) == browser.as_ref().map(Arc::as_ptr);
            if !same {
                live.step = step;
                live.changes = changes;
                live.sign_in = sign_in;
                live.browser = browser;
                live.version += 1;
            }
            !same
        });
    }

    /// The number of the changes so far of what is published.
    pub fn version(&self) -> u64 {
        self.live.borrow().version
    }

    /// Whether anybody looks at the website or waits for changes.
    pub fn are_there(&self) -> bool {
        self.live.receiver_count() > 0
    }

    /// Follows the changes of what is published.
    pub fn follow(&self) -> watch::Receiver<LiveState> {
        self.live.subscribe()
    }

    /// Tells the viewer that the flow is over, and why.
    pub fn close(&self, reason: EndReason) {
        self.live.send_modify(|live| {
            live.closing = Some(reason);
            live.browser = None;
        });
    }

    /// Waits until the viewer knows that the flow is over, or for two seconds.
    pub async fn disconnected(&self) {
        let _ = timeout(CLOSE_TIMEOUT, self.live.closed()).await;
    }
}
