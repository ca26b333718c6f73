//! Goes on where a recipe no longer leads: the form is looked for as on a website never seen before, and filled with the
//! same values, once.

use std::time::Duration;

use browser::BrowserError;
use tokio::time::{Instant, timeout};

use super::{Driver, Mode, Stage, WORK, form_search::FormSearch};
use crate::signin::{
    credentials::{Credentials, OtherKind},
    failure::{FailedStep, Progress, SignInFailure},
    page_outline::outline,
    recipe::{CredentialKind, MfaKind, Recipe, Step},
    verdict::Verdict,
};

/// The page is masked and read within this time.
const OUTLINE: Duration = Duration::from_secs(5);

impl Driver {
    /// Whether a form to sign in is shown that stored credentials may go into, wherever the recipe's was.
    pub(super) fn sees_other_form(&self) -> bool {
        let search = self.recipe.as_ref().map(FormSearch::instead_of);
        search.is_some_and(|search| {
            let form = self.login_form();
            form.is_some_and(|form| search.may_fill(&form))
        })
    }

    /// A step of the recipe cannot be done. From now on forms are recognised by what their fields are for; once the
    /// password was typed, or where no recipe is followed, the sign-in ends.
    pub(super) async fn heal(&mut self) -> Result<(), BrowserError> {
        let may_heal = matches!(self.mode, Mode::Unattended) && self.passwords.is_empty();
        let Some(recipe) = self.recipe.as_ref().filter(|_| may_heal) else {
            self.end(Verdict::Unknown);
            return Ok(());
        };
        tracing::info!(step = self.step, "a recipe no longer leads to its form");
        let start = recipe.start.clone();
        self.failed_step = Some(self.step);
        self.step = recipe.steps.len();
        self.mode = Mode::Healing(FormSearch::instead_of(recipe));
        self.sent = false;
        self.filled.clear();
        self.work_until = Instant::now() + WORK;
        self.stage = Stage::Observing;
        let first = self.listener.pages().next().cloned();
        if self.login_form().is_none()
            && let Some(page) = first
        {
            page.navigate(&start).await?;
        }
        Ok(())
    }

    /// How to sign in from now on, once a sign-in for which the recipe no longer served is proven. None when the website
    /// was given anything else than these credentials.
    pub(in crate::signin) fn healed(&mut self, credentials: &Credentials) -> Option<Recipe> {
        let old = match &self.mode {
            Mode::Healing(_) => self.recipe.clone()?,
            Mode::Unattended | Mode::Manual(_) | Mode::ByHand(_) => return None,
        };
        let captured = self.captured(&old.start)?;
        let given = &captured.credentials;
        if given.username != credentials.username || given.password != credentials.password {
            return None;
        }
        let mut recipe = captured.recipe;
        // The recipe belongs to the values that are stored, by their keys.
        for step in &mut recipe.steps {
            if let Step::Fill {
                what: CredentialKind::Other(key),
                ..
            } = step
            {
                let value = given.other(*key)?;
                let mut stored = credentials.others.iter();
                let stored =
                    stored.find(|stored| stored.kind == OtherKind::Field && stored.value == *value);
                *key = stored?.key;
            }
        }
        if recipe.mfa == MfaKind::None {
            recipe.mfa = old.mfa;
        }
        Some(recipe)
    }

    /// Why the sign-in by a recipe ended with this verdict, with the page that it ended on: the last use of the browser.
    pub(in crate::signin) async fn failure(
        &self,
        verdict: &Verdict,
        username: &str,
    ) -> SignInFailure {
        let index = self.failed_step.unwrap_or(self.step);
        let step = self
            .recipe
            .as_ref()
            .and_then(|recipe| recipe.steps.get(index));
        let progress = Progress {
            step: step.map(|step| FailedStep::of(index, step)),
            searched: matches!(self.mode, Mode::Healing(_)),
            password_typed: !self.passwords.is_empty(),
        };
        let page = timeout(OUTLINE, outline(&self.listener, username)).await;
        let page = page.ok().and_then(Result::ok).unwrap_or_default();
        SignInFailure::new(verdict, progress, page)
    }
}
