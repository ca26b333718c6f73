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
    /// In manual entry: the website needs this now, under this number. The demand stands until it is answered, or another event of this
    /// kind or [`WatchEvent::Working`] follows.
    Demand(u32, Demand),
    /// In manual entry: nothing is needed now; the driver uses the page.
    Working,
    /// In manual entry: the last answer was not taken, and why. The demand stands.
    NotTaken(Reception),
    /// Manual entry ended by itself: the page wants something that only a person can do in it.
    HandedOver,
    /// The browser is gone; nothing more follows.
    Ended,
}
