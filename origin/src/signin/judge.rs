//! What a sign-in came to, from evidence alone: a pure state machine. Time is milliseconds from any
//! start, passed in. Success needs positive proof; what is not proven is unknown.

mod activity;
mod challenges;

use std::collections::{BTreeMap, BTreeSet};

use browser::{BrowserEvent, DialogKind, PageId};
use shared::status::Phase;

use self::{activity::InFlight, challenges::Challenges};
use super::{
    attempt::{Attempt, Before, OwnName, host},
    capture::Submission,
    evidence::{Evidence, READ_MS, conclude},
    frames::{Frames, View},
    let_in::LetIn,
    nothing_sent::nothing_sent,
    recipe::SuccessMarks,
    report::Source,
    verdict::Verdict,
    words::{self, Meaning},
};
use crate::registrable_domain::registrable;

/// Reports of one press of a button come together.
const SAME_SUBMISSION_MS: u64 = 1_500;

/// The state of a sign-in as its evidence shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInStatus {
    /// Of which attempt it tells; 0 before the first.
    pub attempt: u32,
    /// The phase that the sign-in is in.
    pub phase: Phase,
    /// The words with which the website refused or asked.
    pub message: Option<String>,
    /// What it came to, if it came to anything.
    pub verdict: Option<Verdict>,
}

/// The judge of one sign-in.
#[derive(Debug, Default)]
pub struct Judge {
    before: Before,
    attempt: Option<Attempt>,
    /// How many there were.
    attempts: u32,
    /// A refusal that nobody had judged yet when the next attempt began.
    overtaken: Option<SignInStatus>,
    expected: Option<SuccessMarks>,
    in_flight: BTreeMap<String, InFlight>,
    loading: BTreeMap<PageId, u64>,
    challenges: Challenges,
    let_in: LetIn,
    active_at: u64,
    document_at: u64,
    no_form_since: Option<u64>,
    said: Option<bool>,
    /// The user name that was sent last.
    name: OwnName,
    signed_in: bool,
    /// There was a form to sign in.
    had_form: bool,
}

impl Judge {
    /// A judge that also accepts the marks of an earlier success as proof.
    #[must_use]
    pub fn expecting(marks: SuccessMarks) -> Self {
        Self {
            expected: Some(marks),
            ..Self::default()
        }
    }

    /// The user name that was sent, or is sent next.
    pub fn knows_name(&mut self, name: OwnName) {
        if let Some(attempt) = &mut self.attempt {
            attempt.name = name.clone();
        }
        self.name = name;
    }

    /// The client answered "Are you signed in?".
    pub fn said(&mut self, yes: bool) {
        self.said = Some(yes);
    }

    /// An anonymous visitor of the address `from` is led to a form at the address `to`.
    pub fn anonymous_was_led(&mut self, from: String, to: String) {
        self.let_in.turned_away.led_anonymous(from, to);
    }

    /// A frame changed: remembers what is new since the attempt, or what was there before it.
    pub fn on_frames(&mut self, frames: &Frames) {
        let view = View::of(frames);
        let Some(attempt) = &mut self.attempt else {
            self.before.add(&view);
            return;
        };
        attempt.hear_news(&view, &self.before);
    }

    /// The client clicked on something that sends nothing that was typed.
    pub fn clicked(&mut self, now: u64, frames: &Frames) {
        let view = View::of(frames);
        let form = view.login_doc.is_some() || view.username_step;
        if let Some(attempt) = self.attempt.as_mut().filter(|_| !form) {
            attempt.went_on_at = now;
        }
    }

    /// Takes note of a submission.
    pub fn submitted(
        &mut self,
        now: u64,
        doc: &str,
        url: &str,
        what: Submission,
        sure: bool,
        frames: &Frames,
    ) {
        self.said = None;
        if matches!(what, Submission::Other) {
            self.clicked(now, frames);
            return;
        }
        self.let_in.turned_away.sent_from(url);
        if let Some(attempt) = &mut self.attempt {
            // What was refused is over: whatever is sent now is the next try.
            let same = attempt.doc == doc
                && !attempt.refused
                && now.saturating_sub(attempt.last_at) < SAME_SUBMISSION_MS;
            let password = what == Submission::Password;
            if same || !(password || what == Submission::Username) {
                attempt.last_at = now;
                attempt.sure |= sure;
                attempt.password |= password;
                attempt.code |= what == Submission::Code;
                if !same {
                    attempt.refused = false;
                    attempt.heard.clear();
                    attempt.posts.clear();
                }
                return;
            }
            if !sure && attempt.sure && attempt.doc == doc && !attempt.refused {
                return;
            }
        }
        let view = View::of(frames);
        self.overtaken = self.refused_before_next(now, &view);
        let earlier = self.attempt.take();
        for (_, text) in earlier.map(|attempt| attempt.heard).unwrap_or_default() {
            self.before.remember(text);
        }
        self.before.add(&view);
        self.before.sent = true;
        self.no_form_since = None;
        self.attempts += 1;
        self.active_at = now;
        self.attempt = Some(Attempt {
            doc: doc.to_owned(),
            password: what == Submission::Password,
            sure,
            at: now,
            last_at: now,
            went_on_at: now,
            followed: false,
            refused: false,
            code: false,
            challenge: None,
            posts: Vec::new(),
            authorized: self.let_in.submitted(now, url),
            answers_now: false,
            name: self.name.clone(),
            heard: Vec::new(),
            vanished: BTreeSet::new(),
            host: host(url),
        });
    }

    /// A page that nobody had used went to another address by itself.
    pub fn led(&mut self, from: &str, to: &str) {
        self.let_in.led(from, to);
    }

    /// Something happened in the browser.
    pub fn on_event(&mut self, now: u64, event: &BrowserEvent) {
        let told = self.let_in.on_event(now, event);
        if let Some(attempt) = &mut self.attempt {
            attempt.authorized |= told.authorized;
            attempt.answers_now |= told.answers_now;
        }
        match event {
            BrowserEvent::RequestSent {
                url,
                method,
                request_id,
                is_document,
                has_post,
                ..
            } => {
                let relevant =
                    *is_document || (*has_post || method != "GET") && self.same_site(url);
                if relevant {
                    self.active(now, *is_document, request_id);
                }
            }
            BrowserEvent::Response {
                url,
                status,
                is_document,
                method,
                request_id,
                ..
            } => {
                let known = self.in_flight.remove(&request_id.0).is_some();
                if !known && !is_document {
                    return;
                }
                self.touch(now, *is_document);
                let post = method != "GET" && !is_document && self.same_site(url);
                if let Some(attempt) = self.attempt.as_mut().filter(|_| post) {
                    attempt.posts.push(*status);
                }
            }
            BrowserEvent::FrameNavigated {
                is_main,
                same_document,
                ..
            } => {
                self.touch(now, *is_main && !same_document);
                if let Some(attempt) = &mut self.attempt {
                    attempt.followed = true;
                }
            }
            BrowserEvent::RequestFailed { request_id, .. }
                if self.in_flight.remove(&request_id.0).is_some() =>
            {
                self.touch(now, false);
            }
            BrowserEvent::LoadFailed { .. } => {
                self.in_flight.clear();
                self.touch(now, true);
            }
            BrowserEvent::Loading {
                page,
                loading: true,
            } => {
                self.loading.insert(*page, now);
            }
            BrowserEvent::Loading {
                page,
                loading: false,
            } => {
                self.loading.remove(page);
                self.touch(now, false);
            }
            BrowserEvent::PageClosed { page } => {
                self.loading.remove(page);
                self.challenges.page_closed(*page);
                self.touch(now, true);
            }
            BrowserEvent::Dialog {
                kind: DialogKind::Alert | DialogKind::Confirm | DialogKind::Prompt,
                message,
                ..
            } => {
                if let Some(attempt) = &mut self.attempt {
                    let plain = message
                        .chars()
                        .map(|c| if c.is_control() { ' ' } else { c });
                    attempt.hear(Source::Dialog, plain.take(300).collect());
                }
            }
            BrowserEvent::Challenged {
                page,
                origin,
                realm,
                is_supported,
            } => self.challenged(now, *page, (origin, *realm), *is_supported),
            _ => {}
        }
    }

    /// How many attempts there were so far.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Whether this attempt sent a password.
    #[must_use]
    pub fn sent_password(&self) -> bool {
        matches!(&self.attempt, Some(attempt) if attempt.password)
    }

    /// Requests of trackers prove nothing.
    fn same_site(&self, url: &str) -> bool {
        self.attempt
            .as_ref()
            .is_none_or(|attempt| registrable(&attempt.host) == registrable(&host(url)))
    }

    /// How the attempt before the newest one ended, once, if it was refused and overtaken before
    /// anybody could tell. For telling a person: a replay waits for each answer.
    pub fn overtaken(&mut self) -> Option<SignInStatus> {
        self.overtaken.take()
    }

    /// Where it stands now. Call it after each event and every quarter of a second.
    pub fn status(&mut self, now: u64, frames: &Frames) -> SignInStatus {
        if self.signed_in || self.said == Some(true) {
            self.signed_in = true;
            return SignInStatus {
                attempt: self.attempts,
                phase: Phase::Completed,
                message: None,
                verdict: Some(Verdict::SignedIn),
            };
        }
        if self.challenges.is_downgraded() {
            return SignInStatus {
                attempt: self.attempts,
                phase: Phase::AwaitingInput,
                message: None,
                verdict: Some(Verdict::Unencrypted),
            };
        }
        let view = View::of(frames);
        let calm = self.calm_for(now, &view);
        let hidden_is_fine = self
            .expected
            .as_ref()
            .is_some_and(|marks| marks.hidden_form);
        let form = view.login_doc.is_some() || view.username_step;
        self.had_form |= form;
        let sent_from = self.attempt.as_ref().map_or("", |attempt| &attempt.doc);
        let mut hidden = view.hidden_logins.iter();
        let let_in = self.attempt.as_ref().is_some_and(|attempt| {
            let evidence = self.evidence(attempt, &view, now, calm);
            evidence.is_let_in() && evidence.can_newly_leave() || evidence.is_past_the_way_in()
        });
        // Where somebody is let in and much or a way out appeared, the form is hidden for good.
        let hidden_is_fine = hidden_is_fine || let_in;
        let waits = hidden.any(|doc| doc == sent_from || view.sign_out.0 == 0) && !hidden_is_fine;
        if view.login_doc.is_some() || view.blind || waits {
            self.no_form_since = None;
        } else if self.no_form_since.is_none() {
            self.no_form_since = Some(now);
        }
        let Some(attempt) = &self.attempt else {
            let unsupported = self.challenges.is_unsupported();
            let ask = self.said.is_none();
            let (phase, verdict) = nothing_sent(&view, calm, self.had_form, unsupported, ask);
            return SignInStatus {
                attempt: 0,
                phase,
                message: None,
                verdict,
            };
        };
        let evidence = self.evidence(attempt, &view, now, calm);
        let approval = evidence.asks_approval();
        let verdict = conclude(&evidence);
        let message = evidence.site_message();
        self.signed_in = verdict == Some(Verdict::SignedIn);
        let refused = verdict.as_ref().is_some_and(Verdict::is_refusal);
        let phase = match &verdict {
            Some(Verdict::SignedIn) => Phase::Completed,
            Some(_) => Phase::AwaitingInput,
            None if approval => Phase::AwaitingExternalAction,
            None if self.waits_for_answer(&view, calm) => Phase::Submitting,
            None => Phase::AwaitingInput,
        };
        if let Some(attempt) = &mut self.attempt {
            attempt.refused |= refused;
        }
        SignInStatus {
            attempt: self.attempts,
            phase,
            message,
            verdict,
        }
    }

    /// All that is known of this attempt.
    fn evidence<'a>(
        &'a self,
        attempt: &'a Attempt,
        view: &'a View,
        now: u64,
        calm: u64,
    ) -> Evidence<'a> {
        let means = |(from, text): &(Source, String)| {
            let mut meaning = words::meaning(text);
            // "Sign in" above and "something went wrong" below are no refusal.
            meaning.rejected &= view.status < 500 || *from != Source::Page;
            meaning
        };
        let heard = || attempt.heard.iter();
        Evidence {
            view,
            before: &self.before,
            attempt,
            meaning: heard().map(means).fold(Meaning::default(), Meaning::and),
            standing: heard()
                .filter(|said| attempt.still_says(said, view))
                .map(means)
                .fold(Meaning::default(), Meaning::and),
            turned_away: &self.let_in.turned_away,
            expected: self.expected.as_ref(),
            calm,
            waited: now.saturating_sub(attempt.last_at.max(attempt.went_on_at)),
            no_form_for: self
                .no_form_since
                .map_or(0, |since| now.saturating_sub(since.max(attempt.at))),
            asked: self.said.is_none(),
        }
    }

    /// The refusal of an attempt as the next one begins, if the website had answered in words and
    /// the page was just not calm for long enough to be judged.
    fn refused_before_next(&self, now: u64, view: &View) -> Option<SignInStatus> {
        let attempt = self
            .attempt
            .as_ref()
            .filter(|attempt| attempt.password && attempt.sure && !attempt.refused)?;
        if self.in_flight.values().any(|one| one.sent >= attempt.at) {
            return None;
        }
        let evidence = self.evidence(attempt, view, now, READ_MS);
        let verdict = conclude(&evidence).filter(Verdict::is_refusal)?;
        Some(SignInStatus {
            attempt: self.attempts,
            phase: Phase::AwaitingInput,
            message: evidence.site_message(),
            verdict: Some(verdict),
        })
    }

    fn waits_for_answer(&self, view: &View, calm: u64) -> bool {
        let Some(attempt) = &self.attempt else {
            return false;
        };
        let form = view.login_doc.is_some() || view.username_step;
        (attempt.sure || attempt.followed)
            && self.said.is_none()
            && !(form && calm > 2 * SAME_SUBMISSION_MS)
    }
}
