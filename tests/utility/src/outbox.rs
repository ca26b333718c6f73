//! The messages that customers get: codes, and questions on their phone. What a real customer would read on other
//! devices, tests read here and people on a page of the sandbox.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::customers::{Customer, find};

/// So many messages are kept.
const KEPT: usize = 200;

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A text message.
    Sms,
    /// A mail.
    Email,
    /// A phone call.
    Call,
    /// A code from an authenticator, which nobody sends.
    Authenticator,
    /// A question on the phone.
    Push,
}

/// A message that was sent.
#[derive(Debug, Clone)]
pub struct Message {
    /// Counts the messages, from 1.
    pub number: u32,
    /// The e-mail address that its customer signs in with.
    pub to: &'static str,
    /// The way by which it reached its customer.
    pub channel: Channel,
    /// The code, or the number that the page shows.
    pub code: String,
    /// For a question on the phone: the right number was picked.
    pub approved: bool,
}

impl Message {
    /// The words that its customer reads or hears, with the code in them.
    #[must_use]
    pub fn text(&self) -> String {
        match self.channel {
            Channel::Push => {
                "Riverbend: is it you who signs in? Pick the number that the page shows.".to_owned()
            }
            Channel::Call => format!(
                "This is Riverbend Power and Water. Your verification code is {}.",
                self.code
            ),
            _ => format!(
                "{} is your Riverbend verification code. It is valid for 10 minutes.",
                self.code
            ),
        }
    }

    /// The numbers that the phone offers for a question, the right one among them.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        let right: u32 = self.code.parse().unwrap_or(10);
        let mut numbers = vec![right, 10 + (right + 27) % 90, 10 + (right + 61) % 90];
        numbers.sort_unstable();
        numbers
    }
}

/// All messages, and where customers have theirs forwarded to.
#[derive(Debug, Default)]
pub struct Outbox(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    count: u32,
    messages: Vec<Message>,
    forwarded: HashMap<(&'static str, bool), String>,
}

impl Outbox {
    pub(crate) fn add(&self, to: &Customer, channel: Channel, code: &str) -> Message {
        let mut inner = self.inner();
        inner.count += 1;
        let message = Message {
            number: inner.count,
            to: to.email,
            channel,
            code: code.to_owned(),
            approved: false,
        };
        if inner.messages.len() >= KEPT {
            inner.messages.remove(0);
        }
        inner.messages.push(message.clone());
        message
    }

    /// All messages, newest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.inner().messages.iter().rev().cloned().collect()
    }

    /// The newest code, or number, that this customer was sent.
    #[must_use]
    pub fn code_for(&self, email: &str) -> Option<String> {
        let messages = self.messages();
        let message = messages.iter().find(|message| message.to == email);
        message.map(|message| message.code.clone())
    }

    /// The codes of eight digits that were sent so far.
    #[must_use]
    pub fn long_codes(&self) -> Vec<String> {
        let messages = self.messages().into_iter();
        let codes = messages.map(|message| message.code);
        codes.filter(|code| code.len() == 8).collect()
    }

    /// Picks a number in the answer to a question on the phone.
    pub fn pick(&self, message: u32, number: &str) {
        let mut inner = self.inner();
        let found = inner.messages.iter_mut().find(|of| of.number == message);
        if let Some(found) = found {
            found.approved = found.channel == Channel::Push && found.code == number;
        }
    }

    pub(crate) fn is_approved(&self, message: u32) -> bool {
        let inner = self.inner();
        let found = inner.messages.iter().find(|of| of.number == message);
        found.is_some_and(|found| found.approved)
    }

    /// Has a customer's mail forwarded to an address, or, when it begins with `+`, their text messages sent to another
    /// number; empty ends both.
    pub fn forward(&self, email: &str, to: &str) {
        let Some(person) = find(email) else { return };
        let mut inner = self.inner();
        if to.is_empty() {
            inner.forwarded.retain(|(of, _), _| *of != person.email);
        } else {
            let is_mail = !to.starts_with('+');
            inner
                .forwarded
                .insert((person.email, is_mail), to.to_owned());
        }
    }

    /// Where what this customer gets in this way goes, too.
    #[must_use]
    pub fn forwarded(&self, email: &str, channel: Channel) -> Option<String> {
        let is_mail = match channel {
            Channel::Email => true,
            Channel::Sms => false,
            _ => return None,
        };
        let inner = self.inner();
        let mut all = inner.forwarded.iter();
        all.find_map(|(of, to)| (*of == (email, is_mail)).then(|| to.clone()))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
