//! The rules: from what was seen since an attempt to what it came to.

use super::{
    attempt::{Attempt, Before, ChallengeOutcome},
    code_channel,
    frames::View,
    recipe::SuccessMarks,
    report::{Message, Source},
    turned_away::TurnedAway,
    verdict::{CodeRefusal, Verdict},
    words::{self, Meaning},
};
/// The form must be gone, and nothing must happen, for this long.
const GONE_MS: u64 = 1_500;
/// A page that changed is read after this long.
pub const READ_MS: u64 = 400;
/// Without proof the client is asked after this much calm …
const ASK_MS: u64 = 3_500;
/// … or after this long, whatever goes on.
const BOUND_MS: u64 = 12_000;
/// A form that was emptied may yet give way to what is behind it.
const EMPTIED_MS: u64 = 3_000;
/// A message that stays this long after the website has answered is its answer once more.
const KEPT_MS: u64 = 3_000;
/// Characters of a page that has little on it.
const SHORT_PAGE: u32 = 1_200;

/// All that a verdict rests on. Times are milliseconds.
pub struct Evidence<'a> {
    /// The sum of what all frames show now.
    pub view: &'a View,
    /// The sum of what all frames showed before the submission.
    pub before: &'a Before,
    /// The submission and what came after it.
    pub attempt: &'a Attempt,
    /// What the site said since means.
    pub meaning: Meaning,
    /// What of it can still be read means: a page that asked for something may be gone.
    pub standing: Meaning,
    /// The addresses that led to the form before.
    pub turned_away: &'a TurnedAway,
    /// What an earlier success looked like.
    pub expected: Option<&'a SuccessMarks>,
    /// How long nothing has happened.
    pub calm: u64,
    /// The milliseconds since the last submission, or since the client went on after it.
    pub waited: u64,
    /// How long no login form, not even a hidden one, has been there.
    pub no_form_for: u64,
    /// The client may be asked.
    pub asked: bool,
}

/// What it came to; none while it is too early to say.
#[must_use]
pub fn conclude(e: &Evidence<'_>) -> Option<Verdict> {
    if e.attempt.challenge == Some(ChallengeOutcome::Refused) {
        return Some(Verdict::Rejected { message: None });
    }
    if e.calm < READ_MS {
        return e.unknown();
    }
    e.stopped()
        .or_else(|| e.next_step())
        .or_else(|| e.refused())
        .or_else(|| e.signed_in())
        .or_else(|| e.unknown())
}

impl Evidence<'_> {
    fn settled(&self) -> bool {
        self.calm >= GONE_MS
    }

    pub(super) fn form(&self) -> bool {
        self.view.login_doc.is_some()
    }

    /// The site does not want to go on: locked, captcha, down.
    fn stopped(&self) -> Option<Verdict> {
        let proof = self.proof();
        if self.meaning.locked && !proof {
            return Some(Verdict::Locked {
                message: self.words_for(|m| m.locked),
            });
        }
        if (self.view.status == 429 || self.attempt.posts.contains(&429)) && !proof {
            return Some(Verdict::Locked {
                message: self.site_message(),
            });
        }
        let captcha = self.view.captcha && !self.before.captcha && !self.meaning.rejected;
        if (captcha || self.standing.captcha && !self.form()) && !proof && self.calm >= 2 * READ_MS
        {
            return Some(Verdict::Captcha);
        }
        if self.standing.unsupported_browser && !self.form() && !proof && self.settled() {
            return Some(Verdict::BrowserUnsupported);
        }
        let script_broke = self.attempt.posts.iter().any(|status| *status >= 500);
        let broken = self.view.failed || self.view.status >= 500 || script_broke && self.form();
        // A banner on a page full of things is no outage.
        let little = self.view.text_length < SHORT_PAGE && self.view.account.is_empty();
        let down = broken || self.standing.down && !self.form() && little;
        // Refused in words is refused, whatever the status.
        if down && !proof && !self.meaning.rejected && self.settled() {
            return Some(Verdict::SiteDown);
        }
        None
    }

    /// The site wants something more before it lets anybody in.
    fn next_step(&self) -> Option<Verdict> {
        let new_document = self.new_document();
        if self.form() {
            if self.asks_code_beside_password() {
                return Some(self.code_needed());
            }
            // What looks like a password alone may be the answer to something else.
            let other = new_document && self.view.login_alone && !self.meaning.rejected;
            return match self.standing {
                Meaning { question: true, .. } if other => Some(Verdict::Question),
                Meaning { code: true, .. } if other => Some(self.code_needed()),
                _ => None,
            };
        }
        if self.view.code && (new_document || !self.before.code) {
            return Some(self.code_needed());
        }
        if self.standing.code && self.view.text_fields == 1 && (self.is_short() || !self.proof()) {
            return Some(self.code_needed());
        }
        if self.view.new_password && (new_document || !self.before.new_password) {
            return Some(Verdict::NewPasswordNeeded);
        }
        if self.standing.question && self.view.text_fields > 0 {
            return Some(Verdict::Question);
        }
        let ways = self.ways_offered();
        if (ways > 1 || ways > 0 && self.standing.code)
            && self.view.text_fields == 0
            && !self.proof()
        {
            return Some(Verdict::ChoiceNeeded);
        }
        if self.asks_which_account() {
            return Some(Verdict::ChoiceNeeded);
        }
        if self.asks_consent() {
            return Some(Verdict::ConsentNeeded);
        }
        if self.standing.new_password && !self.proof() && self.settled() {
            return Some(Verdict::NewPasswordNeeded);
        }
        None
    }

    /// The website took the password, and asks for a code in the same form: not for the characters of a picture, nor while
    /// a field is not as it should be.
    fn asks_code_beside_password(&self) -> bool {
        let is_new = self.view.login_code && !self.before.login_code;
        let is_taken = !self.meaning.rejected && !self.view.login_bad && !self.view.captcha;
        self.attempt.password && is_new && is_taken && self.settled()
    }

    fn code_needed(&self) -> Verdict {
        let (channel, target) = code_channel::source(&self.code_texts());
        let said = self
            .attempt
            .code
            .then(|| self.words_for(|m| m.code_refused));
        let refused = said.flatten().map(|text| {
            if words::says(&text.to_lowercase(), "expired") {
                CodeRefusal::Expired
            } else {
                CodeRefusal::Wrong
            }
        });
        Verdict::CodeNeeded {
            channel,
            target,
            refused,
        }
    }

    /// A heading, or what stands beside it, speaks of terms or of a consent, and a button accepts them. What is said of
    /// cookies is said to everybody.
    fn asks_consent(&self) -> bool {
        let proof = self.proof();
        let asks = |(_, message): &&(String, Message)| {
            let loud = match message.from {
                Source::Heading => true,
                Source::Alert | Source::Error | Source::Near | Source::Status => !proof,
                Source::Dialog | Source::Banner | Source::Page | Source::Title => false,
            };
            let text = &message.text;
            loud && words::meaning(text).consent
                && !self.before.texts.contains(text)
                && !text.to_lowercase().contains("cookie")
        };
        let offers = |section: &str| {
            let mut options = self.view.options.iter();
            options.any(|option| words::says(&option.to_lowercase(), section))
        };
        // In words that nobody wrote down: a short page that goes on either way. A banner about cookies sends no form.
        let either = self.view.sends > 1
            && self.view.text_fields == 0
            && self.is_short()
            && !proof
            && self.settled()
            && offers("decline");
        (either || self.view.messages.iter().any(|message| asks(&message))) && offers("accept")
    }

    /// A page of its own offers accounts, one of which is to be picked before anything is shown.
    fn asks_which_account(&self) -> bool {
        let asks = |(_, message): &(String, Message)| {
            message.from == Source::Heading
                && words::meaning(&message.text).which_account
                && !self.before.texts.contains(&message.text)
        };
        self.view.options.len() > 1
            && self.view.text_fields == 0
            && !self.proof()
            && self.view.messages.iter().any(asks)
    }

    /// Something is to be approved elsewhere: the page says so, and has little else on it or says it aloud.
    #[must_use]
    pub fn asks_approval(&self) -> bool {
        let aloud = |(_, message): &(String, Message)| {
            message.from == Source::Heading && words::meaning(&message.text).push
        };
        let says = self.is_short() || self.view.messages.iter().any(aloud);
        self.standing.push && says && !self.form() && !self.view.code
    }

    /// A page with little on it.
    pub(super) fn is_short(&self) -> bool {
        self.view.text_length < SHORT_PAGE
    }

    fn refused(&self) -> Option<Verdict> {
        let rejected = |message| Some(Verdict::Rejected { message });
        let e = self;
        if e.form() || e.view.username_step || e.hides_form() {
            // With a password step to come, a user name alone can only be refused in words. A message may fade while
            // the form waits for the next try; without the form only what can still be read counts.
            let told = e.form() || e.view.username_step || e.refusal_stands();
            if e.meaning.rejected
                && told
                && (e.attempt.password || e.view.username_step)
                && (e.attempt.followed || e.attempt.sure)
            {
                return rejected(e.words_for(|m| m.rejected));
            }
            // A form behind the challenge that was just passed is no refusal.
            if e.attempt.challenge == Some(ChallengeOutcome::Accepted) {
                return None;
            }
            // What the page checks by itself, before it asks the website, is no refusal.
            if !e.attempt.password || !e.attempt.followed || !e.settled() || !e.form() {
                return None;
            }
            if let Some(told) = e.shown_again(|m| m.rejected) {
                return e.is_answer().then_some(Verdict::Rejected {
                    message: Some(told),
                });
            }
            if e.proof() || e.meaning.trouble || e.view.status == 403 {
                return None;
            }
            let emptied = !e.view.login_filled && e.calm >= EMPTIED_MS;
            let marked = e.view.login_bad && (!e.before.login_bad || e.calm >= KEPT_MS);
            if e.new_document() || e.client_error() || marked || emptied {
                return rejected(e.new_text());
            }
            let text = e.new_text();
            return if text.is_some() && e.attempt.sure {
                rejected(text)
            } else {
                None
            };
        }
        if !e.attempt.password && !e.meaning.rejected {
            return None;
        }
        if e.meaning.rejected && !e.proof() && e.refusal_stands() {
            return rejected(e.words_for(|m| m.rejected));
        }
        (e.view.status == 401 && e.settled() && !e.proof()).then(|| Verdict::Rejected {
            message: e.new_text(),
        })
    }

    fn signed_in(&self) -> Option<Verdict> {
        let gone = self.no_form_for >= GONE_MS && self.settled();
        let clean = !self.meaning.rejected
            && !self.standing.trouble
            && self.view.status < 400
            && !self.view.username_step
            && !self.asks_approval();
        let is_in = || self.proof() || self.passed_challenge();
        (self.attempt.password && gone && clean && is_in()).then_some(Verdict::SignedIn)
    }

    /// A form for a password is hidden that the attempt was made with, or may have been.
    fn hides_form(&self) -> bool {
        let hidden = &self.view.hidden_logins;
        hidden.contains(&self.attempt.doc) || !hidden.is_empty() && self.view.sign_out.0 == 0
    }

    /// Words of refusal that came since the attempt can still be read, and nothing speaks against them.
    fn refusal_stands(&self) -> bool {
        let shown = |text: &String| {
            let messages = &self.view.messages;
            messages.iter().any(|(_, m)| m.text.contains(text))
        };
        let stands = |(from, text): &(Source, String)| {
            words::meaning(text).rejected && (*from == Source::Dialog || shown(text))
        };
        let in_account = self.looks_in() && !(self.view.account.is_empty() && self.is_short());
        !in_account && self.attempt.heard.iter().any(stands)
    }

    /// Whether words that were there before the attempt, and still are, answer it: in another document they were said
    /// again; else the website had time enough to take them away.
    fn is_answer(&self) -> bool {
        self.new_document() || self.client_error() || self.calm >= KEPT_MS
    }

    /// The website answered with an HTTP status that blames what was sent.
    fn client_error(&self) -> bool {
        let mut posts = self.attempt.posts.iter();
        posts.any(|status| (400..500).contains(status)) || self.view.status == 401
    }

    fn unknown(&self) -> Option<Verdict> {
        let attempt = self.attempt;
        if !self.asked || !attempt.password || !(attempt.followed || !self.form() && attempt.sure) {
            return None;
        }
        let is_next = attempt.challenge == Some(ChallengeOutcome::Accepted);
        if self.form() && (is_next || !attempt.sure) {
            return None;
        }
        // Who is asked for a code or an approval is not signed in.
        if self.view.code && !self.form() || self.asks_approval() {
            return None;
        }
        let calm = self.calm >= ASK_MS && !self.view.busy;
        let bound = self.waited >= BOUND_MS && self.calm > 0;
        let too_long = self.waited >= 3 * BOUND_MS;
        (calm || bound || too_long).then_some(Verdict::Unknown)
    }

    /// Another document than the one that was sent from is shown.
    pub(super) fn new_document(&self) -> bool {
        match &self.view.login_doc {
            Some(doc) => *doc != self.attempt.doc,
            None => self
                .view
                .messages
                .iter()
                .any(|(doc, _)| *doc != self.attempt.doc),
        }
    }

    /// The first text whose meaning fits, by where it stands.
    fn words_for(&self, fits: impl Fn(Meaning) -> bool) -> Option<String> {
        let heard = self
            .attempt
            .heard
            .iter()
            .filter(|(_, text)| fits(words::meaning(text)));
        heard
            .min_by_key(|(from, _)| rank(*from))
            .map(|(_, text)| text.clone())
    }

    /// The same words as before the attempt, still shown when all is over.
    fn shown_again(&self, fits: impl Fn(Meaning) -> bool) -> Option<String> {
        let shown = self.view.messages.iter().map(|(_, message)| message);
        let shown = shown.filter(|message| !self.before.is_permanent(&message.text));
        let loud = shown.filter(|message| matches!(message.from, Source::Alert | Source::Error));
        loud.map(|message| message.text.clone())
            .find(|text| fits(words::meaning(text)))
    }

    /// What the site said since, by those parts of a page that speak up.
    fn new_text(&self) -> Option<String> {
        let loud = self
            .attempt
            .heard
            .iter()
            .filter(|(from, _)| matches!(from, Source::Dialog | Source::Alert | Source::Error));
        loud.min_by_key(|(from, _)| rank(*from))
            .map(|(_, text)| text.clone())
    }

    /// What the client should read of it.
    #[must_use]
    pub fn site_message(&self) -> Option<String> {
        let telling = |m: Meaning| {
            let stops = m.trouble || m.down || m.captcha || m.unsupported_browser;
            stops || m.push || m.consent || m.code_refused && self.attempt.code
        };
        // A banner that says something else says it to everybody.
        let heard = self.attempt.heard.iter();
        let spoken = heard
            .filter(|(from, text)| *from != Source::Banner && telling(words::meaning(text)))
            .min_by_key(|(from, _)| rank(*from));
        self.words_for(|m| m.locked || m.rejected)
            .or_else(|| spoken.map(|(_, text)| text.clone()))
            .or_else(|| self.new_text().filter(|_| self.form()))
    }

    fn code_texts(&self) -> Vec<&str> {
        // What was said last is about the code that is asked for now; before it ways may have been offered.
        let heard = self.attempt.heard.iter().rev();
        let heard = heard.map(|(_, text)| text.as_str());
        heard
            .chain(self.view.code_labels.iter().map(String::as_str))
            .collect()
    }

    /// How many ways to get a code are offered.
    pub(super) fn ways_offered(&self) -> usize {
        self.view
            .options
            .iter()
            .filter(|option| code_channel::channel(&option.to_lowercase()).is_some())
            .count()
    }
}

fn rank(from: Source) -> u8 {
    match from {
        Source::Dialog => 0,
        Source::Alert => 1,
        Source::Error => 2,
        Source::Near => 3,
        Source::Status => 4,
        Source::Heading => 5,
        Source::Page => 6,
        Source::Banner => 7,
        Source::Title => 8,
    }
}
