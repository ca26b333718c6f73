//! One submission, what was there before it and what followed.

use std::{collections::BTreeSet, fmt};

use zeroize::Zeroizing;

use super::{
    frames::View,
    report::{Message, Source},
    words::{self, Meaning},
};

const HEARD_LIMIT: usize = 60;
const TEXT_LIMIT: usize = 1000;
const ADDRESS_LIMIT: usize = 200;
/// A text with a meaning, and at least so many characters, is recognized within a longer one.
const TELLING_LENGTH: usize = 6;
/// Characters of the shortest user name that is looked for.
const NAME_LENGTH: usize = 4;
/// Characters that a text may have beside a user name.
const BESIDE_NAME: usize = 30;

/// The newest submission and what followed.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The document it was made in.
    pub doc: String,
    /// A password was sent, in this attempt or in the step before.
    pub password: bool,
    /// Whether it was surely a submission.
    pub sure: bool,
    /// The first submission of this attempt.
    pub at: u64,
    /// The last one: a code, a choice.
    pub last_at: u64,
    /// When the client last went on, on a page between the form and the account, without sending what was typed.
    pub went_on_at: u64,
    /// A request or another document followed.
    pub followed: bool,
    /// The website was seen to refuse it.
    pub refused: bool,
    /// A one-time code was sent, in this attempt.
    pub code: bool,
    /// What came of it, when the website's challenge (HTTP authentication) was answered.
    pub challenge: Option<ChallengeOutcome>,
    /// HTTP statuses of what was sent by scripts to the same site.
    pub posts: Vec<u16>,
    /// A script showed its website who it is (`Authorization`), as it had not before, and was let in.
    pub authorized: bool,
    /// The website answers the very request of a script that it had refused before anybody tried to sign in.
    pub answers_now: bool,
    /// The user name that was sent.
    pub name: OwnName,
    /// What the site said since.
    pub heard: Vec<(Source, String)>,
    /// Texts from before that went away since.
    pub vanished: BTreeSet<String>,
    /// The host that it was made on.
    pub host: String,
}

/// What came of the answer to a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChallengeOutcome {
    /// The website has not said anything yet that tells.
    Awaited,
    /// The document came that the website had asked for user name and password for.
    Accepted,
    /// The website asked again.
    Refused,
}

/// The user name of who signs in, for finding it on a page.
#[derive(Clone, Default)]
pub struct OwnName(Zeroizing<String>);

impl OwnName {
    /// A name as it was typed.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        Self(Zeroizing::new(typed.trim().to_lowercase()))
    }

    /// Whether a text is this name and little else ("Signed in as …").
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let long_enough = self.0.chars().count() >= NAME_LENGTH;
        long_enough
            && text.contains(self.0.as_str())
            && text.chars().count() <= self.0.chars().count() + BESIDE_NAME
    }
}

impl fmt::Debug for OwnName {
    /// Without the name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnName")
    }
}

/// Everything seen before the attempt: only what is new since then is evidence.
#[derive(Debug, Default, Clone)]
pub struct Before {
    /// Texts that may have been about the sign-in.
    pub texts: BTreeSet<String>,
    /// Those of them that mean something, for finding them within others.
    telling: Vec<String>,
    /// Texts that were there before anything was typed or sent: nobody said them to this person.
    permanent: BTreeSet<String>,
    /// Whether something was sent to the website.
    pub sent: bool,
    /// A visible control to sign out.
    pub sign_out: bool,
    /// The documents that showed one.
    sign_out_docs: BTreeSet<String>,
    /// A control to sign out, visible or hidden.
    pub any_sign_out: bool,
    /// A field of the form said that it is invalid.
    pub login_bad: bool,
    /// Whether a captcha was shown.
    pub captcha: bool,
    /// A field for a code.
    pub code: bool,
    /// A form for the password had a field for a code.
    pub login_code: bool,
    /// A form to set a password.
    pub new_password: bool,
    /// Whether the page greeted somebody by name.
    pub greeting: bool,
    /// Whether the page said as whom one is signed in.
    pub signed_in_as: bool,
    /// Texts that may have been the name of who is signed in.
    pub names: BTreeSet<String>,
    /// A visible control to sign in.
    pub sign_in: bool,
    /// The kinds of words that stand for an account, such as bills or usage.
    pub account: BTreeSet<String>,
    /// The addresses of the main frames.
    pub addresses: BTreeSet<String>,
    /// Where the links of the pages led on the same website.
    pub links: BTreeSet<String>,
}

impl Attempt {
    /// Whether what was heard can still be read; a dialog of the browser is closed by the time it is heard of.
    #[must_use]
    pub fn still_says(&self, (from, text): &(Source, String), view: &View) -> bool {
        let mut shown = view.messages.iter();
        *from == Source::Dialog || shown.any(|(_, message)| message.text.contains(text))
    }

    /// Takes in what the pages say now and did not say before the attempt.
    pub fn hear_news(&mut self, view: &View, before: &Before) {
        let missing = |text: &&String| !view.messages.iter().any(|(_, m)| m.text == **text);
        self.vanished
            .extend(before.texts.iter().filter(missing).cloned());
        for (doc, message) in &view.messages {
            let Some(text) = before.without_permanent(&message.text) else {
                continue;
            };
            // The same words in another document are said again, and so are those that went away and came back.
            let loud = matches!(message.from, Source::Alert | Source::Error | Source::Page);
            let returned = *doc != self.doc || self.vanished.contains(&message.text);
            if returned && (loud || words::meaning(&text).rejected) {
                self.hear(message.from, text);
            } else if let Some(news) = before.news(message) {
                self.hear(message.from, news);
            }
        }
    }

    /// Takes in a message of the website.
    pub fn hear(&mut self, from: Source, text: String) {
        if words::is_waiting(&text) {
            return;
        }
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
        if !self.sent && !view.typed && self.permanent.len() < TEXT_LIMIT {
            let texts = view.messages.iter().map(|(_, message)| &message.text);
            self.permanent.extend(texts.cloned());
        }
        self.add_sign_out(view);
        self.any_sign_out |= view.sign_out != (0, 0);
        self.login_bad |= view.login_bad;
        self.captcha |= view.captcha;
        self.code |= view.code;
        self.login_code |= view.login_code;
        self.new_password |= view.new_password;
        self.greeting |= view.greeting;
        self.signed_in_as |= view.signed_in_as;
        self.sign_in |= view.sign_in.0 > 0;
        if self.names.len() < TEXT_LIMIT {
            self.names.extend(view.names.iter().cloned());
        }
        self.account.extend(view.account.iter().cloned());
        if self.addresses.len() < ADDRESS_LIMIT {
            self.addresses.extend(view.addresses.iter().cloned());
        }
        if !self.has_more_links() {
            self.links.extend(view.links.iter().cloned());
        }
    }

    /// Whether there may have been links that are not remembered: then none is known to be new.
    #[must_use]
    pub fn has_more_links(&self) -> bool {
        self.links.len() >= TEXT_LIMIT
    }

    /// Remembers who showed a control to sign out. What a page built by scripts shows for a moment only, beside its form or
    /// before it, is not for the visitor: of the form's page the last look counts.
    fn add_sign_out(&mut self, view: &View) {
        if let Some(doc) = view.login_doc.as_ref().filter(|_| !self.sent) {
            self.sign_out_docs.remove(doc);
        }
        if self.sign_out_docs.len() < ADDRESS_LIMIT {
            self.sign_out_docs
                .extend(view.sign_out_docs.iter().cloned());
        }
        self.sign_out = !self.sign_out_docs.is_empty();
    }

    /// Remembers a message, so that it does not count as news.
    pub fn remember(&mut self, text: String) {
        if self.texts.len() >= TEXT_LIMIT || self.texts.contains(&text) {
            return;
        }
        let telling = text.chars().count() >= TELLING_LENGTH;
        if telling && words::meaning(&text) != Meaning::default() {
            self.telling.push(text.clone());
        }
        self.texts.insert(text);
    }

    /// The text was there before anything was typed or sent.
    #[must_use]
    pub fn is_permanent(&self, text: &str) -> bool {
        self.permanent.contains(text)
    }

    /// A text without those that were there before anything was typed or sent, and that mean something; none when nothing
    /// is left of it. A page quoted as a whole holds the banners that stand on every page.
    #[must_use]
    pub fn without_permanent(&self, text: &str) -> Option<String> {
        if self.is_permanent(text) {
            return None;
        }
        let permanent = self.telling.iter().filter(|known| self.is_permanent(known));
        without(text, permanent)
    }

    /// What a message says that was not said before; none when nothing is left. A text that means something is found
    /// again within a longer one, and as a part of one.
    #[must_use]
    pub fn news(&self, message: &Message) -> Option<String> {
        let text = &message.text;
        if self.texts.contains(text) {
            return None;
        }
        let telling = text.chars().count() >= TELLING_LENGTH;
        if telling && self.telling.iter().any(|known| known.contains(text)) {
            return None;
        }
        without(text, self.telling.iter())
    }
}

/// What is left of a text without those that stand in it; none when that has no words.
fn without<'a>(text: &str, known: impl Iterator<Item = &'a String>) -> Option<String> {
    let mut rest = text.to_owned();
    for known in known.filter(|known| text.contains(*known)) {
        rest = rest.replace(known, " ");
    }
    let rest = rest.trim();
    rest.chars()
        .any(char::is_alphanumeric)
        .then(|| rest.to_owned())
}

/// The host of a URL; empty when it has none.
#[must_use]
pub fn host(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}
