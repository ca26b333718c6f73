//! What is told of a sign-in while it goes on.

use shared::status::Phase;

use super::{
    drive::demand::{Demand, Reception},
    verdict::Verdict,
};

/// What [`Watch`](super::Watch) tells of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEvent {
    /// What the sign-in waits for changed.
    Phase(Phase),
    /// The website's own words about the sign-in changed: plain text, at most 300 characters; none
    /// when they went away.
    SiteMessage(Option<String>),
    /// What the sign-in came to, as far as can be told now.
    Verdict(Verdict),
    /// The website needs this now, under this number: in manual entry whatever it needs, else what the client may answer
    /// beside the page. The demand stands until it is answered, or another event of this kind,
    /// [`WatchEvent::Working`] or [`WatchEvent::Withdrawn`] follows.
    Demand(u32, Demand),
    /// By hand: nothing can be answered beside the page any more.
    Withdrawn,
    /// Nothing is needed now; the driver uses the page.
    Working,
    /// The last answer was not taken, and why. The demand stands.
    NotTaken(Reception),
    /// Manual entry ended by itself: the page wants something that only a person can do in it.
    HandedOver,
    /// The browser is gone; nothing more follows.
    Ended,
}
