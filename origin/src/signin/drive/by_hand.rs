//! Follows a sign-in that a person does by hand in the live view: says how it stands, and what the person may answer
//! beside the page. Types nothing but such an answer.

use std::{collections::VecDeque, time::Duration};

use browser::{Browser, BrowserError, Page};
use shared::status::Phase;
use tokio::time::{Instant, timeout};
use url::Url;

use super::{
    Driver, Mode, Outstanding, Stage, Work,
    demand::{Demand, DemandKind},
};
use crate::signin::{
    credentials::Captured, frames::address, judge::SignInStatus, listener::Listener,
    observe::Observer, recipe::Recipe, saved_session::SavedSession, verdict::Verdict,
};

/// The session is read within this time.
const READ_SESSION: Duration = Duration::from_secs(5);
/// In manual entry, how a sign-in stands is judged anew for this long.
const JUDGE: Duration = Duration::from_secs(1);

/// What a driver that only follows has seen.
#[derive(Debug, Default)]
pub(super) struct Followed {
    newest: Option<SignInStatus>,
    /// What was seen and not demanded yet, oldest first.
    waiting: VecDeque<SignInStatus>,
    /// What was told last that may be answered beside the page.
    beside: Option<Box<Demand>>,
}

impl Followed {
    fn add(&mut self, status: SignInStatus) {
        if self.newest.as_ref() != Some(&status) {
            self.newest = Some(status.clone());
            self.waiting.push_back(status);
        }
    }
}

impl Driver {
    /// Follows what a person does by hand on this browser's pages. Call it before the browser goes to the website.
    /// Every change is a demand of its own ([`DemandKind::ByHand`]).
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn by_hand(browser: &Browser) -> Result<Self, BrowserError> {
        let listener = Listener::start(browser, Observer::default()).await?;
        let challenges = Some(browser.answer_challenges());
        let page = browser.page();
        let mut driver = Self::new(listener, challenges, page, None, Stage::Observing);
        driver.hand_over();
        Ok(driver)
    }

    /// What the person typed and how to do it again: once, and only when the sign-in is over as
    /// [`Verdict::SignedIn`]. `start` is where the recipe will begin. None when there was no password.
    pub fn captured(&mut self, start: &Url) -> Option<Captured> {
        let is_in = matches!(self.stage, Stage::Over(Verdict::SignedIn));
        is_in
            .then(|| self.listener.observer.captured(start))
            .flatten()
    }

    /// What the browser keeps of the sign-in that this recipe repeats. Nothing when it is gone or does not answer: a
    /// session is worth less than the sign-in.
    pub async fn saved_session(&self, recipe: &Recipe) -> SavedSession {
        let pages: Vec<_> = self.listener.pages().rev().cloned().collect();
        let read = timeout(READ_SESSION, SavedSession::read(&pages, recipe)).await;
        read.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// The URL of the page that is looked at: the newest.
    pub fn shown_url(&self) -> String {
        let mut pages = self.listener.pages();
        pages.next_back().map(Page::url).unwrap_or_default()
    }

    /// How many times the website was sent something to sign in with.
    pub fn attempts(&self) -> u32 {
        self.listener.observer.attempts()
    }

    /// An anonymous visitor of `from` is led to a form to sign in at the address `to`, or to none. How the sign-in stands
    /// is judged anew.
    pub fn anonymous_was_led(&mut self, from: &Url, to: Option<String>) {
        if let Some(to) = to {
            self.listener
                .observer
                .anonymous_was_led(address(from.as_str()), to);
        }
        if let Some(followed) = self.followed() {
            followed.newest = None;
        }
        self.work_until = Instant::now() + JUDGE;
        if matches!(self.stage, Stage::Waiting(_)) {
            self.stage = Stage::Observing;
        }
    }

    /// Resolves when the browser is gone.
    pub async fn browser_ended(self) {
        self.listener.ended().await;
    }

    /// Waits until the sign-in stands in another way, and demands that.
    pub(super) async fn follow(&mut self) -> Result<(), BrowserError> {
        loop {
            if let Some(status) = self.next_followed() {
                self.stage = if status.verdict == Some(Verdict::SignedIn) {
                    Stage::Over(Verdict::SignedIn)
                } else {
                    self.tell_by_hand(status)
                };
                return Ok(());
            }
            self.observe_person().await?;
        }
    }

    /// Waits until there is more to tell than the demand that waits. Cancel-safe.
    pub(super) async fn person_goes_on(&mut self) -> Result<(), BrowserError> {
        while self
            .followed()
            .is_some_and(|followed| followed.waiting.is_empty())
        {
            let is_outdated = match &self.stage {
                Stage::Waiting(outstanding) => self.challenge_changed(&outstanding.work),
                _ => false,
            };
            if let Some(followed) = self.followed().filter(|_| is_outdated) {
                // How it stands may read the same, but what is answered is another challenge.
                followed.newest = None;
            }
            self.observe_person().await?;
        }
        self.stage = Stage::Observing;
        Ok(())
    }

    /// What the person may answer beside the page as it stands: a code, a way to get one, an approval. A challenge of the
    /// website can be answered nowhere else, since no page shows it.
    fn asked_beside(&self, status: &SignInStatus) -> Option<Outstanding> {
        if let Some(challenge) = self.challenge() {
            return Some(self.about_challenge(challenge));
        }
        let asked = match &status.verdict {
            Some(verdict @ (Verdict::CodeNeeded { .. } | Verdict::ChoiceNeeded)) => {
                self.asked_for(verdict)
            }
            None if status.phase == Phase::AwaitingExternalAction => Some(self.external_action()),
            _ => None,
        };
        asked.filter(|asked| {
            let is_choice = matches!(asked.demand.kind, DemandKind::Choices(_));
            !is_choice && !self.shows_still(&asked.identity)
        })
    }

    /// What was told that may be answered beside the page is answered: whatever the page asks now is asked anew.
    pub(super) fn is_answered_by_hand(&mut self) {
        if let Some(followed) = self.followed() {
            followed.newest = None;
            followed.beside = None;
        }
    }

    /// Tells how it stands, and what may be answered beside the page.
    fn tell_by_hand(&self, status: SignInStatus) -> Stage {
        let asked = self.asked_beside(&status);
        let (work, identity, beside) = match asked {
            Some(asked) => (asked.work, asked.identity, Some(Box::new(asked.demand))),
            None => (Work::Observe, String::new(), None),
        };
        Stage::Waiting(Box::new(Outstanding {
            demand: Demand {
                site_message: status.message.clone(),
                kind: DemandKind::ByHand { status, beside },
                again: false,
                refusal: None,
                host: None,
                offers: Vec::new(),
            },
            declined: Verdict::Unknown,
            identity,
            work,
        }))
    }

    fn followed(&mut self) -> Option<&mut Followed> {
        match &mut self.mode {
            Mode::ByHand(followed) => Some(followed),
            Mode::Unattended | Mode::Healing(_) | Mode::Manual(_) => None,
        }
    }

    fn next_followed(&mut self) -> Option<SignInStatus> {
        self.followed()?.waiting.pop_front()
    }

    async fn observe_person(&mut self) -> Result<(), BrowserError> {
        let status = self.listener.next().await?;
        self.refuse_downgrade();
        let overtaken = self.listener.observer.overtaken();
        self.site_message.clone_from(&status.message);
        let beside = self.asked_beside(&status);
        let beside = beside.map(|asked| Box::new(asked.demand));
        if let Some(followed) = self.followed() {
            if followed.beside != beside {
                followed.beside = beside;
                followed.newest = None;
            }
            overtaken
                .into_iter()
                .for_each(|before| followed.add(before));
            followed.add(status);
        }
        Ok(())
    }
}

impl Outstanding {
    /// What is answered: where a person signs in by hand, what may be answered beside the page.
    pub(super) fn beside(mut self) -> Self {
        if let DemandKind::ByHand {
            beside: Some(demand),
            ..
        } = self.demand.kind
        {
            self.demand = *demand;
        }
        self
    }
}
