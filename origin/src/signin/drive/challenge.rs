//! Challenges of websites (HTTP authentication): user name and password are demanded for them as for a form. A person
//! sees which host asks; stored credentials go to the very origin that the recipe names.

use browser::{BrowserError, Challenge};
use tokio::time::Instant;
use url::Url;
use zeroize::Zeroizing;

use super::{
    ChallengeAnswer, Driver, FIND, Mode, Outstanding, Stage, Work,
    demand::{DemandKind, DemandedField, FieldKind},
};
use crate::signin::{recipe::FrameLocation, verdict::Verdict};

impl Driver {
    /// The challenge that waits for an answer, if it may get one.
    pub(super) fn challenge(&self) -> Option<Challenge> {
        let challenge = self.challenges.as_ref()?.waiting()?;
        let is_downgrade = self.listener.observer.is_downgrade(&challenge);
        (is_downgrade == Some(false)).then_some(challenge)
    }

    /// Cancels a challenge whose answer would go in clear after pages that were encrypted, which is the verdict from then on.
    pub(super) fn refuse_downgrade(&mut self) {
        let waiting = self.challenges.as_ref().and_then(|it| it.waiting());
        let observer = &mut self.listener.observer;
        if let Some(challenge) = waiting
            && observer.is_downgrade(&challenge) == Some(true)
        {
            observer.refused_downgrade();
            self.cancel_challenge(&challenge);
        }
    }

    /// Whether another challenge waits by now than the one that is demanded, or none.
    pub(super) fn challenge_changed(&self, work: &Work) -> bool {
        let demanded = match work {
            Work::AnswerChallenge(challenge) => Some(challenge),
            _ => None,
        };
        self.challenge().as_ref() != demanded
    }

    /// User name and password for a challenge.
    pub(super) fn about_challenge(&self, challenge: Challenge) -> Outstanding {
        let field = |id, kind| DemandedField {
            id,
            kind,
            label: String::new(),
            autocomplete: String::new(),
            numeric: false,
            required: true,
            origin: challenge.origin.clone(),
            other: None,
        };
        let kind = DemandKind::Challenge(vec![
            field(0, FieldKind::Identifier),
            field(1, FieldKind::Password),
        ]);
        let host = Url::parse(&challenge.origin).ok();
        let host = host.and_then(|url| url.host_str().map(str::to_owned));
        let declined = self.refusal().unwrap_or(Verdict::Unknown);
        let work = Work::AnswerChallenge(challenge);
        let mut outstanding = self.outstanding(kind, declined, String::new(), work);
        outstanding.demand.host = host;
        outstanding
    }

    /// Demands the answer to a challenge, or cancels it where a recipe does not lead to it.
    pub(super) fn demand_challenge(&mut self, challenge: Challenge) {
        let may_answer = self.recipe.is_none() || matches!(self.mode, Mode::Manual(_));
        if may_answer {
            self.demand(self.about_challenge(challenge));
        } else {
            self.cancel_challenge(&challenge);
        }
    }

    pub(super) fn cancel_challenge(&self, challenge: &Challenge) {
        if let Some(answerer) = &self.challenges {
            answerer.cancel(challenge);
        }
    }

    /// Whether this challenge still waits for an answer, and may get one after all that led there.
    pub(super) fn still_waits(&mut self, challenge: &Challenge) -> bool {
        self.listener.catch_up();
        self.challenge().as_ref() == Some(challenge)
    }

    /// Answers a challenge. The password counts as sent from now on. False when the challenge does not wait any more: nothing
    /// was sent then.
    pub(super) fn answer_challenge(
        &mut self,
        challenge: &Challenge,
        values: Vec<(u32, Zeroizing<String>)>,
    ) -> bool {
        let mut username = Zeroizing::default();
        let mut password = Zeroizing::default();
        for (id, value) in values {
            match id {
                0 => username = value,
                1 => password = value,
                _ => {}
            }
        }
        let is_answered = self
            .challenges
            .as_ref()
            .is_some_and(|answerer| answerer.answer(challenge, &username, &password));
        if is_answered {
            self.passwords.push(password.clone());
            self.sent = true;
            self.listener
                .challenge_answered(challenge, &username, &password);
            self.challenge_values.push(ChallengeAnswer {
                origin: challenge.origin.clone(),
                realm: challenge.realm,
                username,
                password,
            });
        }
        is_answered
    }

    /// Whether the password was given to a challenge alone, and the website took it there: the form behind it may get it, too.
    pub(super) fn passed_gate(&self) -> bool {
        self.passwords.len() == self.challenge_values.len()
            && self.listener.observer.challenge_accepted()
    }

    /// Whether these very values were given to a challenge of the same website and realm before. Since it asks again, they
    /// were refused.
    pub(super) fn was_given_to_challenge(
        &self,
        work: &Work,
        values: &[(u32, Zeroizing<String>)],
    ) -> bool {
        let Work::AnswerChallenge(challenge) = work else {
            return false;
        };
        let value = |id| {
            let mut values = values.iter();
            values.find(|(of, _)| *of == id).map(|(_, value)| value)
        };
        let mut given = self.challenge_values.iter();
        given.any(|given| {
            given.origin == challenge.origin
                && given.realm == challenge.realm
                && value(0) == Some(&given.username)
                && value(1) == Some(&given.password)
        })
    }

    /// Demands user name and password for the challenge that the recipe foresees, once it is there. Any other one is
    /// cancelled.
    pub(super) async fn demand_recorded_challenge(
        &mut self,
        at: FrameLocation,
    ) -> Result<(), BrowserError> {
        let mut challenge = self.wait_for_challenge(&at).await?;
        if challenge.is_none()
            && matches!(self.stage, Stage::Steps)
            && !self.went_to_form
            && !self.sees_other_form()
        {
            // The way there changed; the page itself may be where it was.
            self.went_to_form = true;
            let start = self.recipe.as_ref().map(|recipe| &recipe.start);
            if let Some(address) = at.address(start) {
                self.page.navigate(&address).await?;
                challenge = self.wait_for_challenge(&at).await?;
            }
        }
        match challenge {
            Some(challenge) => {
                self.stage = Stage::Waiting(Box::new(self.about_challenge(challenge)));
            }
            None if matches!(self.stage, Stage::Steps) => self.heal().await?,
            // The website said something else.
            None => {}
        }
        Ok(())
    }

    /// Whether the challenge of this place waits.
    pub(super) fn is_challenged_by(&self, at: &FrameLocation) -> bool {
        self.challenge()
            .is_some_and(|challenge| challenge.origin == at.origin)
    }

    /// Waits until the page is challenged, or shows that it will not be.
    async fn wait_for_challenge(
        &mut self,
        at: &FrameLocation,
    ) -> Result<Option<Challenge>, BrowserError> {
        let until = self.work_until.min(Instant::now() + FIND);
        loop {
            match self.challenge() {
                Some(challenge) if challenge.origin == at.origin => return Ok(Some(challenge)),
                Some(other) => self.cancel_challenge(&other),
                None => {}
            }
            let status = self.listener.next().await?;
            self.refuse_downgrade();
            let verdict = status.verdict.filter(|it| *it != Verdict::Unknown);
            if let Some(verdict) = verdict {
                self.website_said(verdict);
                return Ok(None);
            }
            if Instant::now() > until || self.challenge().is_none() && self.sees_other_form() {
                return Ok(None);
            }
        }
    }
}
