//! Goes past pages between the password and the account that the recipe does not know, or no longer knows: news, an offer,
//! a consent in other words than before. Nothing is accepted that the client has not accepted before.

use browser::{BrowserError, FrameId, Page};
use serde_json::json;
use tokio::time::Instant;

use super::{Driver, Mode, WORK, form_search::FormSearch};
use crate::signin::{gone::gone, verdict::Verdict};

/// So many controls are clicked in one sign-in.
const CLICKS: usize = 4;

const NAME_JS: &str = "function (tried, consents) { return globalThis.watcher?.wayPastName(tried, consents) ?? null; }";
const FIND_JS: &str =
    "function (tried, consents) { return globalThis.watcher?.wayPast(tried, consents) ?? null; }";

impl Driver {
    /// Whether what the website shows with this verdict may be a page to be gone past: by nobody's answer, once the
    /// password was sent. A consent is given again only where a step of the recipe was not found.
    pub(super) fn may_pass(&self, verdict: &Verdict) -> bool {
        let is_unattended = matches!(self.mode, Mode::Unattended | Mode::Healing(_));
        let is_passable = match verdict {
            Verdict::Unknown => true,
            Verdict::ConsentNeeded => self.missed_step,
            _ => false,
        };
        is_unattended
            && is_passable
            && self.recipe.is_some()
            && !self.passwords.is_empty()
            && self.passed.len() < CLICKS
    }

    /// Clicks what leads on, on the newest page that has such a thing. False when there is none. Another recipe comes of it
    /// when the sign-in is proven.
    pub(super) async fn pass(&mut self) -> Result<bool, BrowserError> {
        let Some((page, frame, name)) = self.way_past().await? else {
            return Ok(false);
        };
        let found = [json!(self.passed), json!(self.missed_step)];
        let pressed = page.click(&frame, FIND_JS, &found).await;
        pressed.or_else(|error| gone(error, ()))?;
        tracing::info!("went past a page that the recipe does not know");
        self.passed.push(name);
        self.work_until = Instant::now() + WORK;
        if let (Mode::Unattended, Some(recipe)) = (&self.mode, &self.recipe) {
            self.step = recipe.steps.len();
            self.mode = Mode::Healing(FormSearch::instead_of(recipe));
        }
        Ok(true)
    }

    async fn way_past(&self) -> Result<Option<(Page, FrameId, String)>, BrowserError> {
        let Some(bounds) = self.recipe.as_ref().map(FormSearch::instead_of) else {
            return Ok(None);
        };
        let pages: Vec<Page> = self.listener.pages().cloned().collect();
        for page in pages.into_iter().rev() {
            let main = page.frames().into_iter().next().map(|of| of.origin);
            if !bounds.is_within(&main.unwrap_or_default()) {
                continue;
            }
            let frame = page.main_frame();
            let found = [json!(self.passed), json!(self.missed_step)];
            let name: Result<Option<String>, _> = page.call(&frame, NAME_JS, &found).await;
            if let Some(name) = name.or_else(|error| gone(error, None))? {
                return Ok(Some((page, frame, name)));
            }
        }
        Ok(None)
    }
}
