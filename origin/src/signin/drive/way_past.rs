//! Goes past pages between the password and the account that the recipe does not know, or no longer knows: news, an offer,
//! a consent in other words than before. Nothing is accepted that the client has not accepted before.

use browser::{BrowserError, Page};
use serde_json::json;
use tokio::time::Instant;

use super::{Driver, Mode, WORK, form_search::FormSearch};
use crate::signin::{
    frames::{View, address},
    gone::gone,
    verdict::Verdict,
};

/// A page whose words are not known for a consent may be the recipe's own if it has no more characters than these.
const CONSENT_PAGE: u32 = 600;

const NAME_JS: &str = "function (tried, consents) { return globalThis.watcher?.wayPastName(tried, consents) ?? null; }";
const FIND_JS: &str =
    "function (tried, consents) { return globalThis.watcher?.wayPast(tried, consents) ?? null; }";

impl Driver {
    /// Whether what the website shows with this verdict may be a page to be gone past: by nobody's answer, once the
    /// password was sent. A consent is given again only where the one of
    /// the recipe was not found.
    pub(super) fn may_pass(&self, verdict: &Verdict) -> bool {
        let is_unattended = matches!(self.mode, Mode::Unattended | Mode::Healing(_));
        let is_passable = match verdict {
            Verdict::Unknown => true,
            Verdict::ConsentNeeded => self.missed_consent,
            _ => false,
        };
        let view = View::of(self.listener.observer.frames());
        is_unattended
            && self.passed.allows_more()
            && view.text_fields == 0
            && is_passable
            && self.recipe.is_some()
            && !self.passwords.is_empty()
    }

    /// Clicks what leads on from what is shown with this verdict, on the newest page that has such a thing. False when there
    /// is none. Another recipe comes of it when the sign-in is proven.
    pub(super) async fn pass(&mut self, verdict: &Verdict) -> Result<bool, BrowserError> {
        // A page in words that nobody wrote down may be the recipe's consent where it has little else on it.
        let is_step = View::of(self.listener.observer.frames()).text_length < CONSENT_PAGE;
        let consents = self.missed_consent && (*verdict == Verdict::ConsentNeeded || is_step);
        let Some((page, name)) = self.way_past(consents).await? else {
            return Ok(false);
        };
        let address = address(&page.url());
        let found = [json!(self.passed.on(&address)), json!(consents)];
        let pressed = page.click(&page.main_frame(), FIND_JS, &found).await;
        pressed.or_else(|error| gone(error, ()))?;
        tracing::info!("went past a page that the recipe does not know");
        self.passed.add(address, name);
        self.work_until = Instant::now() + WORK;
        if let (Mode::Unattended, Some(recipe)) = (&self.mode, &self.recipe) {
            self.step = recipe.steps.len();
            self.mode = Mode::Healing(FormSearch::instead_of(recipe));
        }
        Ok(true)
    }

    async fn way_past(&self, consents: bool) -> Result<Option<(Page, String)>, BrowserError> {
        let Some(bounds) = self.recipe.as_ref().map(FormSearch::instead_of) else {
            return Ok(None);
        };
        let pages: Vec<Page> = self.listener.pages().cloned().collect();
        for page in pages.into_iter().rev() {
            let main = page.frames().into_iter().next().map(|of| of.origin);
            if !bounds.is_within(&main.unwrap_or_default()) {
                continue;
            }
            let found = [
                json!(self.passed.on(&address(&page.url()))),
                json!(consents),
            ];
            let name: Result<Option<String>, _> =
                page.call(&page.main_frame(), NAME_JS, &found).await;
            if let Some(name) = name.or_else(|error| gone(error, None))? {
                return Ok(Some((page, name)));
            }
        }
        Ok(None)
    }
}
