//! One submission, what was there before it and what followed.

use std::collections::BTreeSet;

use super::{frames::View, report::Source};

const HEARD_LIMIT: usize = 60;
const TEXT_LIMIT: usize = 1000;
const ADDRESS_LIMIT: usize = 200;

/// The newest submission and what followed.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The document it was made in.
    pub doc: String,
    /// A password was sent, in this attempt or in the step before.
    pub password: bool,
    /// Surely a submission.
    pub sure: bool,
    /// The first submission of this attempt.
    pub at: u64,
    /// The last one: a code, a choice.
    pub last_at: u64,
    /// A request or another document followed.
    pub followed: bool,
    /// The website was seen to refuse it.
    pub refused: bool,
    /// HTTP statuses of what was sent by scripts to the same site.
    pub posts: Vec<u16>,
    /// What the site said since.
    pub heard: Vec<(Source, String)>,
    /// The host that it was made on.
    pub host: String,
}

/// Everything seen before the attempt: only what is new since then is evidence.
#[derive(Debug, Default, Clone)]
pub struct Before {
    /// Texts that may have been about the sign-in.
    pub texts: BTreeSet<String>,
    /// A control to sign out.
    pub sign_out: bool,
    /// A captcha.
    pub captcha: bool,
    /// A field for a code.
    pub code: bool,
    /// A form to set a password.
    pub new_password: bool,
    /// A greeting by name.
    pub greeting: bool,
    /// Kinds of account words.
    pub account: BTreeSet<String>,
    /// Main frames' addresses.
    pub addresses: BTreeSet<String>,
}

impl Attempt {
    /// The site said something.
    pub fn hear(&mut self, from: Source, text: String) {
        if self.heard.len() < HEARD_LIMIT && !self.heard.iter().any(|(_, heard)| *heard == text) {
            self.heard.push((from, text));
        }
    }
}

impl Before {
    /// All of this was there.
    pub fn add(&mut self, view: &View) {
        for (_, message) in &view.messages {
            self.remember(message.text.clone());
        }
        self.sign_out |= view.sign_out != (0, 0);
        self.captcha |= view.captcha;
        self.code |= view.code;
        self.new_password |= view.new_password;
        self.greeting |= view.greeting;
        self.account.extend(view.account.iter().cloned());
        if self.addresses.len() < ADDRESS_LIMIT {
            self.addresses.extend(view.addresses.iter().cloned());
        }
    }

    /// This was said.
    pub fn remember(&mut self, text: String) {
        if self.texts.len() < TEXT_LIMIT {
            self.texts.insert(text);
        }
    }
}

/// The host of a URL; empty when it has none.
#[must_use]
pub fn host(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}
