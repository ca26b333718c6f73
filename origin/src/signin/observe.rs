//! Observes one sign-in: takes browser events in and tells its status. Pure: no I/O and no clock, so that tests can feed it any events.

use browser::{BrowserEvent, Challenge, FrameId, NavigationCause, PageId};
use shared::status::Phase;
use zeroize::Zeroizing;

use super::{
    attempt::{ChallengeOutcome, OwnName, host},
    capture::{Capture, Submission},
    credentials::Captured,
    frames::{FrameKey, Frames, View},
    judge::{Judge, SignInStatus},
    recipe::{FrameLocation, MfaKind, Recipe, SuccessMarks, VERSION},
    report::{self, What},
    saved_session::SavedSession,
};
use crate::registrable_domain::registrable;

/// Frames that are kept in mind.
const FRAME_LIMIT: usize = 200;

/// A page that comes this soon after a click comes because of it.
const CLICK_MS: u64 = 2_000;

/// Follows the reports of one sign-in's frames and tells its status.
#[derive(Debug, Default)]
pub struct Observer {
    frames: Frames,
    capture: Capture,
    judge: Judge,
    /// When a link or button that sends nothing was clicked last.
    clicked_away_at: Option<u64>,
    /// The second factor that the website asked for last.
    mfa: MfaKind,
    /// The submission that a page may make by itself now.
    expected: Option<ExpectedSubmission>,
}

/// What a page may send by itself at the last key of a secret.
#[derive(Debug)]
struct ExpectedSubmission {
    /// Where the last key is pressed.
    frame: FrameKey,
    /// What was typed.
    what: Submission,
    /// Whether the page has sent anything since.
    seen: bool,
}

impl Observer {
    /// An observer that also accepts the marks of an earlier success as proof.
    #[must_use]
    pub fn expecting(marks: SuccessMarks) -> Self {
        Self {
            judge: Judge::expecting(marks),
            ..Self::default()
        }
    }

    /// Takes one event in; `main_frame` names a page's main frame. Says which frame has a closed
    /// shadow root that was typed into.
    pub fn on_event(
        &mut self,
        now: u64,
        event: &BrowserEvent,
        main_frame: impl Fn(PageId) -> Option<FrameId>,
    ) -> Option<FrameKey> {
        match event {
            BrowserEvent::FrameNavigated {
                page,
                frame,
                url,
                is_main,
                same_document,
                cause,
            } => {
                self.navigated(
                    now,
                    FrameKey {
                        page: *page,
                        frame: frame.clone(),
                    },
                    url,
                    *is_main,
                    (!same_document).then_some(*cause),
                );
            }
            BrowserEvent::Response {
                page,
                frame,
                url,
                status,
                request_id,
                is_document: true,
                ..
            } => {
                if is_main(*page, frame.as_ref(), &main_frame) {
                    let is_accepted = self.judge.document_answered(request_id, url, *status);
                    if is_accepted {
                        self.capture.challenge_accepted();
                    }
                }
                self.at(*page, frame.as_ref(), main_frame, |seen| {
                    seen.status = Some(*status);
                    seen.failed = false;
                });
            }
            BrowserEvent::LoadFailed { page, frame, .. } => {
                self.at(*page, frame.as_ref(), main_frame, |seen| seen.failed = true);
            }
            BrowserEvent::RequestSent {
                page,
                frame,
                url,
                request_id,
                is_document,
                has_post,
                ..
            } => {
                if *is_document && is_main(*page, frame.as_ref(), &main_frame) {
                    self.judge.document_requested(*page, request_id, url);
                }
                let frame = frame.clone().or_else(|| main_frame(*page));
                if let Some(frame) = frame.filter(|_| *has_post) {
                    let key = FrameKey { page: *page, frame };
                    if self.expected.as_ref().is_some_and(|it| it.frame == key) {
                        self.sent_while_typing(now, &key, *is_document, url);
                    } else if *is_document {
                        self.sent_unseen(now, &key);
                    }
                }
            }
            BrowserEvent::PageClosed { page } => self.frames.retain(|key, _| key.page != *page),
            BrowserEvent::Report {
                page,
                frame,
                frame_origin,
                payload,
            } => {
                let key = FrameKey {
                    page: *page,
                    frame: frame.clone(),
                };
                return self.reported(now, key, frame_origin, payload);
            }
            _ => {}
        }
        self.judge.on_event(now, event);
        None
    }

    fn at(
        &mut self,
        page: PageId,
        frame: Option<&FrameId>,
        main_frame: impl Fn(PageId) -> Option<FrameId>,
        change: impl FnOnce(&mut super::frames::Seen),
    ) {
        let main = main_frame(page);
        let Some(frame) = frame.cloned().or_else(|| main.clone()) else {
            return;
        };
        let is_main = main.as_ref() == Some(&frame);
        if self.frames.len() < FRAME_LIMIT {
            let seen = self.frames.entry(FrameKey { page, frame }).or_default();
            seen.main |= is_main;
            change(seen);
        }
    }

    fn navigated(
        &mut self,
        now: u64,
        key: FrameKey,
        url: &str,
        is_main: bool,
        new_document: Option<NavigationCause>,
    ) {
        if self.frames.len() >= FRAME_LIMIT && !self.frames.contains_key(&key) {
            return;
        }
        let clicked = |at: u64| now.saturating_sub(at) <= CLICK_MS;
        let may_send = new_document
            .is_some_and(|cause| matches!(cause, NavigationCause::Form | NavigationCause::Script));
        if may_send && !self.clicked_away_at.is_some_and(clicked) {
            // A script went on with what was typed, and no event told.
            self.sent_unseen(now, &key);
        }
        let seen = self.frames.entry(key).or_default();
        let by_itself = new_document
            .is_none_or(|cause| matches!(cause, NavigationCause::Script | NavigationCause::Timer));
        if is_main && by_itself && !seen.touched {
            self.judge.led(&seen.url, url);
        }
        url.clone_into(&mut seen.url);
        seen.main = is_main;
        if new_document.is_none() {
            return;
        }
        url.clone_into(&mut seen.loaded);
        seen.touched = false;
        seen.state = None;
        seen.listener_failed = false;
        seen.waiting_since = Some(now);
    }

    fn reported(
        &mut self,
        now: u64,
        key: FrameKey,
        origin: &str,
        payload: &str,
    ) -> Option<FrameKey> {
        let report = report::parse(payload)?;
        if self.frames.len() >= FRAME_LIMIT && !self.frames.contains_key(&key) {
            return None;
        }
        let seen = self.frames.entry(key.clone()).or_default();
        origin.clone_into(&mut seen.origin);
        match report.what {
            What::State(state) => {
                self.capture.state(&key, &report.doc, &state);
                let skipped_before = seen.state.as_ref().map_or(0, |before| before.skipped);
                if state.skipped > 0 && skipped_before == 0 {
                    tracing::warn!(
                        page = key.page.0, frame = %key.frame.0, elements = state.skipped, blind = state.blind,
                        "not all of a frame could be read"
                    );
                }
                seen.doc = report.doc;
                seen.state = Some(*state);
                seen.waiting_since = None;
                self.judge.on_frames(&self.frames);
            }
            What::Typed { k, value } if seen.doc == report.doc => {
                self.capture.typed(now, &key, seen, k, value)
            }
            What::Click { control } => {
                self.clicked_away_at = Some(now);
                self.capture.clicked(seen, &control);
                self.judge.clicked(now, &self.frames);
            }
            What::Submit {
                group,
                sure,
                button,
                ..
            } if seen.doc == report.doc => {
                let is_asked = self.mfa == MfaKind::Question;
                let what =
                    self.capture
                        .submitted(now, &key, seen, group, button.as_ref(), is_asked);
                let (doc, url) = (seen.doc.clone(), seen.url.clone());
                self.judge_submission(now, &doc, &url, what, sure);
            }
            What::Failed { name } => {
                tracing::warn!(page = key.page.0, frame = %key.frame.0, event = name, "a listener in the page failed");
                seen.listener_failed = true;
            }
            What::Touched => seen.touched = true,
            What::Closed => return Some(key),
            What::Typed { .. } | What::Submit { .. } => {}
        }
        None
    }

    /// A page sends something to its website at the last key of a secret: maybe that.
    fn sent_while_typing(&mut self, now: u64, key: &FrameKey, is_document: bool, to: &str) {
        let (Some(seen), Some(expected)) = (self.frames.get(key), &mut self.expected) else {
            return;
        };
        if is_document || registrable(&host(&seen.url)) == registrable(&host(to)) {
            expected.seen = true;
            let (doc, url, what) = (seen.doc.clone(), seen.url.clone(), expected.what);
            self.judge_submission(now, &doc, &url, what, false);
        }
    }

    fn judge_submission(&mut self, now: u64, doc: &str, url: &str, what: Submission, sure: bool) {
        if let Some(name) = self.capture.sent_username() {
            self.judge.knows_name(OwnName::new(name));
        }
        self.judge
            .submitted(now, doc, url, what, sure, &self.frames);
    }

    /// Something was sent from a frame where a password waits, and no event told.
    fn sent_unseen(&mut self, now: u64, key: &FrameKey) {
        let Some(seen) = self
            .frames
            .get(key)
            .filter(|_| self.capture.password_waits(key))
        else {
            return;
        };
        let what = self.capture.submitted(now, key, seen, 0, None, false);
        if what == Submission::Password {
            let (doc, url) = (seen.doc.clone(), seen.url.clone());
            self.judge_submission(now, &doc, &url, what, false);
        }
    }

    /// A session is restored to the browser, which counts as the sending of a password: what the pages show from now on,
    /// and did not show before, tells what comes of it.
    pub fn session_restored(&mut self, now: u64, account: &url::Url, name: OwnName) {
        let mut mains = self.frames.values().filter(|seen| seen.main);
        let doc = mains
            .next()
            .map_or_else(String::new, |seen| seen.doc.clone());
        let what = Submission::Password;
        self.judge.knows_name(name);
        self.judge
            .submitted(now, &doc, account.as_str(), what, true, &self.frames);
    }

    /// An anonymous visitor of the address `from` is led to a form at the address `to`.
    pub fn anonymous_was_led(&mut self, from: String, to: String) {
        self.judge.anonymous_was_led(from, to);
    }

    /// A challenge (HTTP authentication) is answered, which sends user name and password.
    pub fn challenge_answered(
        &mut self,
        now: u64,
        challenge: &Challenge,
        username: &Zeroizing<String>,
        password: &Zeroizing<String>,
    ) {
        let Some(at) = FrameLocation::of_challenge(challenge) else {
            return;
        };
        let mut shown = self.frames.iter();
        let shown = shown.find(|(key, seen)| seen.main && key.page == challenge.page);
        let doc = shown.map_or_else(String::new, |(_, seen)| seen.doc.clone());
        self.capture.challenge_answered(now, at, username, password);
        self.judge_submission(now, &doc, &challenge.url, Submission::Password, true);
        let asked = (challenge.origin.as_str(), challenge.realm);
        self.judge.challenge_answered(now, challenge.page, asked);
    }

    /// Whether an answer to this challenge would be less protected than the way there. None while that is not known.
    #[must_use]
    pub fn is_downgrade(&self, challenge: &Challenge) -> Option<bool> {
        self.judge.is_downgrade(challenge.page, &challenge.origin)
    }

    /// A challenge was cancelled because its answer would have gone in clear.
    pub fn refused_downgrade(&mut self) {
        self.judge.refused_downgrade();
    }

    /// Whether the newest attempt answered a challenge, and the website took the answer.
    #[must_use]
    pub fn challenge_accepted(&self) -> bool {
        self.judge.challenge_outcome() == Some(ChallengeOutcome::Accepted)
    }

    /// Forgets frames that are gone, and learns the URLs and origins of those that are there.
    pub fn frames_are(&mut self, page: PageId, frames: &[browser::FrameInfo]) {
        self.frames
            .retain(|key, _| key.page != page || frames.iter().any(|frame| frame.id == key.frame));
        for info in frames {
            let key = FrameKey {
                page,
                frame: info.id.clone(),
            };
            if let Some(seen) = self.frames.get_mut(&key) {
                seen.url.clone_from(&info.url);
                seen.origin.clone_from(&info.origin);
                seen.main = info.parent.is_none();
            }
        }
    }

    /// Frames whose new document has not reported for this long.
    #[must_use]
    pub fn silent(&self, now: u64, millis: u64) -> Vec<FrameKey> {
        let late = |since: u64| now.saturating_sub(since) > millis;
        let silent = self
            .frames
            .iter()
            .filter(|(_, seen)| seen.waiting_since.is_some_and(late));
        silent.map(|(key, _)| key.clone()).collect()
    }

    /// The client answered "Are you signed in?".
    pub fn said(&mut self, yes: bool) {
        self.judge.said(yes);
    }

    /// How the attempt before the newest one ended, once, if nobody could tell in time.
    pub fn overtaken(&mut self) -> Option<SignInStatus> {
        self.judge.overtaken()
    }

    /// The status of the sign-in at `now`, in milliseconds of the clock that all events are dated by.
    pub fn status(&mut self, now: u64) -> SignInStatus {
        let status = self.judge.status(now, &self.frames);
        let asked = status.verdict.as_ref().and_then(MfaKind::asked_by);
        let asked =
            asked.or((status.phase == Phase::AwaitingExternalAction).then_some(MfaKind::Push));
        // The page after it may ask for the same without saying how the code travels.
        if let Some(asked) =
            asked.filter(|asked| *asked != MfaKind::Code || self.mfa == MfaKind::None)
        {
            self.mfa = asked;
        }
        status
    }

    /// The last key of a secret is about to be pressed there: what the page sends next may be that secret.
    pub fn expect_submission(&mut self, frame: FrameKey, what: Submission) {
        self.expected = Some(ExpectedSubmission {
            frame,
            what,
            seen: false,
        });
    }

    /// What goes out from now on is no answer to the last key.
    pub fn expect_no_submission(&mut self) {
        self.expected = None;
    }

    /// Whether the page has sent anything to its website since the last key.
    #[must_use]
    pub fn saw_expected_submission(&self) -> bool {
        self.expected.as_ref().is_some_and(|expected| expected.seen)
    }

    /// All frames of all pages, as they were seen last.
    #[must_use]
    pub fn frames(&self) -> &Frames {
        &self.frames
    }

    /// How many attempts there were so far.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.judge.attempts()
    }

    /// Whether the newest attempt sent a password.
    #[must_use]
    pub fn sent_password(&self) -> bool {
        self.judge.sent_password()
    }

    /// Whether an answer of the website is waited for.
    #[must_use]
    pub fn awaits_answer(&self) -> bool {
        self.judge.awaits_answer()
    }

    /// What the newest attempt leaves; call it once signed in.
    #[must_use]
    pub fn captured(&mut self, start: &url::Url) -> Option<Captured> {
        let (credentials, steps) = self.capture.take()?;
        let view = View::of(&self.frames);
        let recipe = Recipe {
            version: VERSION,
            start: start.clone(),
            steps,
            success: SuccessMarks {
                url: view.addresses.first().cloned(),
                sign_out: view.sign_out != (0, 0),
                sign_in: view.sign_in.0 > 0,
                hidden_form: !view.hidden_logins.is_empty(),
                account: view.account,
            },
            mfa: self.mfa,
        };
        Some(Captured {
            credentials,
            recipe,
            session: SavedSession::default(),
        })
    }
}

/// Whether this is the page's main frame; one that is not named is.
fn is_main(
    page: PageId,
    frame: Option<&FrameId>,
    main_frame: &impl Fn(PageId) -> Option<FrameId>,
) -> bool {
    frame.is_none_or(|frame| main_frame(page).as_ref() == Some(frame))
}
