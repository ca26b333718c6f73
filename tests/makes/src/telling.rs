//! What was told of a sign-in, held against what it should come to.

use std::{fmt, time::Duration};

use crate::{Channel, Ends};

/// What was told of one sign-in so far.
#[derive(Debug, Clone)]
pub struct Telling {
    ends: Ends,
    verdicts: Vec<&'static str>,
    channel: Option<&'static str>,
    is_external: bool,
    words: Vec<String>,
}

impl Telling {
    /// Nothing was told yet of a sign-in that should come to this.
    #[must_use]
    pub fn of(ends: Ends) -> Self {
        Self {
            ends,
            verdicts: Vec::new(),
            channel: None,
            is_external: false,
            words: Vec::new(),
        }
    }

    /// A verdict was told, by its name, with the way of the code that it asks for.
    pub fn verdict(&mut self, name: &'static str, channel: Option<&'static str>) {
        self.verdicts.push(name);
        self.channel = channel;
    }

    /// A phase was told, by its name.
    pub fn phase(&mut self, name: &str) {
        self.is_external = name == "AWAITING_EXTERNAL_ACTION";
    }

    /// The website's own words were told.
    pub fn says(&mut self, words: Option<String>) {
        self.words.extend(words);
    }

    /// The client was told to be signed in.
    #[must_use]
    pub fn is_in(&self) -> bool {
        self.verdicts.contains(&"SIGNED_IN")
    }

    /// The client was asked "Are you signed in?".
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.verdicts.contains(&"UNKNOWN")
    }

    /// Whether that is what it should have come to.
    #[must_use]
    pub fn is_right(&self) -> bool {
        let last = self.verdicts.last().copied().unwrap_or("");
        let says = |part: &str| part.is_empty() || self.words.iter().any(|it| it.contains(part));
        let is = |name: &str| last == name && !self.is_asked();
        match self.ends {
            Ends::In => self.is_in(),
            _ if self.is_in() => false,
            Ends::Rejected(part) => last == "REJECTED" && says(part),
            Ends::Locked => is("LOCKED"),
            Ends::Code(None) => is("CODE_NEEDED"),
            Ends::Code(Some(channel)) => is("CODE_NEEDED") && self.channel == Some(name(channel)),
            Ends::CodeRefused(part) => is("CODE_REFUSED") && says(part),
            Ends::Approval => self.is_external && self.verdicts.is_empty(),
            Ends::Choice => is("CHOICE_NEEDED"),
            Ends::Question => is("QUESTION"),
            Ends::NewPassword => is("NEW_PASSWORD_NEEDED"),
            Ends::Consent => is("CONSENT_NEEDED"),
            Ends::Captcha => is("CAPTCHA"),
            Ends::UnsupportedBrowser => is("BROWSER_UNSUPPORTED"),
            Ends::Down => is("SITE_DOWN"),
            Ends::Unproven => last == "UNKNOWN",
            Ends::NotIn => !last.is_empty(),
        }
    }

    /// How long what is right must stay so: what waits for somebody elsewhere must not turn into a question.
    #[must_use]
    pub fn stays_for(&self) -> Duration {
        match self.ends {
            Ends::In => Duration::ZERO,
            Ends::Approval => Duration::from_secs(6),
            _ => Duration::from_millis(1300),
        }
    }
}

fn name(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "sms",
        Channel::Call => "call",
        Channel::Email => "email",
        Channel::Totp => "totp",
    }
}

impl fmt::Display for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            ends,
            verdicts,
            channel,
            is_external,
            words,
        } = self;
        write!(
            f,
            "{verdicts:?} by {channel:?}, external {is_external}, in the words {words:?} instead of {ends:?}"
        )
    }
}
