//! Who looks at the flow: tickets, the one seat, and what its holder is told.

use std::{collections::VecDeque, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{
    id::FlowRef,
    status::Step,
    wire::{SignInView, TICKET_SECONDS, Ticket},
};
use tokio::{
    sync::watch,
    time::{Duration, Instant, timeout},
};

use super::seat::{EndReason, LiveState, Seat};
use crate::{
    browser::Browser,
    clock::{Random, bytes},
};

/// A page asks for a ticket just before it uses it; more than a few at once are not in use.
const MAX_TICKETS: usize = 4;
/// So long nobody takes the place of someone who has signed in and reads what is asked next: reading leaves no trace,
/// and with the flow the sign-in would be lost.
const READING: Duration = Duration::from_secs(5 * 60);
/// How long a viewer's socket may take to be told that the flow is over.
const GOODBYE: Duration = Duration::from_secs(2);

/// The viewers of one flow, of whom one at a time looks.
pub(super) struct Viewers {
    tickets: VecDeque<([u8; 16], Instant)>,
    live: watch::Sender<LiveState>,
    touched: watch::Sender<Instant>,
}

/// Whether somebody is at a flow, for those who do not own it.
pub(super) struct Presence {
    live: watch::Sender<LiveState>,
    touched: watch::Receiver<Instant>,
}

impl Presence {
    /// If it was left: whether a sign-in would be lost with it, and when someone last did something.
    /// `None` while somebody is there.
    pub fn left(&self) -> Option<(bool, Instant)> {
        let touched = *self.touched.borrow();
        let signed_in = self.live.borrow().step == Step::Sites;
        let looks = self.live.receiver_count() > 0;
        let reads = signed_in && touched.elapsed() < READING;
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
                viewer: 0,
                closing: None,
            }),
            touched: watch::Sender::new(Instant::now()),
        }
    }

    /// Tells others whether somebody is there.
    pub fn presence(&self) -> Presence {
        Presence {
            live: self.live.clone(),
            touched: self.touched.subscribe(),
        }
    }

    /// When someone last did something.
    pub fn touched(&self) -> Instant {
        *self.touched.borrow()
    }

    /// Someone does something now.
    pub fn touch(&self) {
        self.touched.send_replace(Instant::now());
    }

    /// A ticket for the seat: good once, and not for long.
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

    /// Trades a ticket for the seat; who had it before is told.
    pub fn seat(
        &mut self,
        ticket: &str,
        flow_ref: FlowRef,
        random: &Arc<dyn Random>,
    ) -> Option<Seat> {
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
        Some(Seat::new(flow_ref, receiver, number, touched, random))
    }

    /// Tickets of a step that is over lead nowhere.
    pub fn void_tickets(&mut self) {
        self.tickets.clear();
    }

    /// Tells the viewer where the flow stands, if that changed.
    pub fn tell(&self, step: Step, sign_in: Option<SignInView>, browser: Option<Arc<Browser>>) {
        self.live.send_if_modified(|live| {
            let same = live.step == step
                && live.sign_in == sign_in
                && live.browser.as_ref().map(Arc::as_ptr) == browser.as_ref().map(Arc::as_ptr);
            if !same {
                live.step = step;
                live.sign_in = sign_in;
                live.browser = browser;
            }
            !same
        });
    }

    /// Tells the viewer that the flow is over.
    pub fn close(&self, reason: EndReason) {
        self.live.send_modify(|live| {
            live.closing = Some(reason);
            live.browser = None;
        });
    }

    /// Waits until the viewer knows; one that does not hear of it in time is not there any more.
    pub async fn gone(&self) {
        let _ = timeout(GOODBYE, self.live.closed()).await;
    }
}
