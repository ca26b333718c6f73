//! How far a session has come between password and account.

use crate::{
    authenticator,
    customers::{After, CodePage},
    outbox::Channel,
};

/// What a session waits for.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Something that needs no memory.
    Plain(After),
    /// A code.
    Code(Sent),
    /// A question on the phone: the message, and the number that the page shows.
    Push(u32, String),
}

/// A code that is waited for.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// How it travelled.
    pub channel: Channel,
    /// How it is asked for.
    pub page: CodePage,
    /// What was sent.
    pub code: String,
    /// How many wrong ones were typed.
    pub wrong: u8,
}

impl Sent {
    /// Whether it is what was typed.
    pub fn accepts(&self, typed: &str) -> bool {
        match self.channel {
            Channel::Authenticator => authenticator::accepts(typed),
            _ => typed == self.code,
        }
    }
}
