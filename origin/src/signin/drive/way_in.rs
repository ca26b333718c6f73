//! Looks for the form to sign in: clicks what leads there from wherever the page is, and says which form may be filled.

use std::time::Duration;

use browser::{BrowserError, FrameId, Page};
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use super::{
    Driver, Mode,
    form_search::FormSearch,
    forms::{FormKind, ObservedForm, observed_form},
};
use crate::{
    registrable_domain::registrable,
    signin::{gone::gone, verdict::Verdict},
};

/// A page without a form is looked at for what leads to one once it has been so for this long.
const FORMLESS: Duration = Duration::from_millis(1_200);
/// A form that has not come after this long will not come.
const FIND_FORM: Duration = Duration::from_secs(45);
/// So many controls are clicked to find the form.
const CLICKS: usize = 8;

const NAME_JS: &str = "function (tried) { return globalThis.watcher?.wayInName(tried) ?? null; }";
const FIND_JS: &str = "function (tried) { return globalThis.watcher?.wayIn(tried) ?? null; }";

impl Driver {
    /// The search that goes on, if one does.
    pub(super) fn search(&mut self) -> Option<&mut FormSearch> {
        match &mut self.mode {
            Mode::Healing(search) => Some(search),
            Mode::Manual(manual) => Some(&mut manual.search),
            Mode::Unattended | Mode::ByHand(_) => None,
        }
    }

    /// Whether forms are recognised by what their fields are for, instead of by the recipe.
    pub(super) fn recognises_forms(&self) -> bool {
        self.recipe.is_none() || matches!(self.mode, Mode::Healing(_))
    }

    /// The form to sign in that can be seen and may be filled.
    pub(super) fn login_form(&self) -> Option<ObservedForm> {
        let form = observed_form(self.listener.observer.frames(), FormKind::Login);
        form.filter(|form| self.may_fill(form))
    }

    /// Whether a password may go into this form. A person's goes into none in a frame of another website than its page,
    /// and into none that came without encryption after a page that was encrypted. A stored one goes only where its
    /// recipe's websites are. Recipes name the very place.
    fn may_fill(&self, form: &ObservedForm) -> bool {
        match &self.mode {
            Mode::Unattended | Mode::ByHand(_) => return true,
            Mode::Healing(search) => return search.may_fill(form),
            Mode::Manual(_) => {}
        }
        let frames = self.listener.observer.frames();
        let mains = frames.values().filter(|seen| seen.main);
        let of = |origin: &str| Url::parse(origin).ok();
        let Some(at) = of(&form.at.origin) else {
            return false;
        };
        let Some(host) = at.host_str() else {
            return false;
        };
        let is_encrypted = at.scheme() == "https";
        let mut pages = mains.filter_map(|seen| of(&seen.origin)).peekable();
        let all_encrypted =
            pages.peek().is_some() && pages.clone().all(|page| page.scheme() == "https");
        let same = |page: &Url| {
            page.host_str()
                .is_some_and(|of| registrable(of) == registrable(host))
        };
        (is_encrypted || !all_encrypted) && (form.at.main || pages.any(|page| same(&page)))
    }

    /// Clicks what leads to a form to sign in, once the page has shown none for a while.
    pub(super) async fn look_for_form(&mut self) -> Result<(), BrowserError> {
        let form = observed_form(self.listener.observer.frames(), FormKind::Login);
        let is_manual = matches!(self.mode, Mode::Manual(_));
        let has_form = form.is_some_and(|form| is_manual || self.may_fill(&form));
        let sent = self.sent;
        let Some(search) = self.search() else {
            return Ok(());
        };
        if has_form || sent {
            search.formless_since = None;
            return Ok(());
        }
        let formless_since = *search.formless_since.get_or_insert_with(Instant::now);
        let (clicked, since) = (search.clicked.clone(), search.since);
        if formless_since.elapsed() < FORMLESS {
            return Ok(());
        }
        if clicked.len() < CLICKS
            && let Some((page, frame, name)) = self.way_in(&clicked).await?
        {
            let pressed = page.click(&frame, FIND_JS, &[json!(clicked)]).await;
            pressed.or_else(|error| gone(error, ()))?;
            if let Some(search) = self.search() {
                search.clicked.push(name);
                search.formless_since = None;
            }
            return Ok(());
        }
        if since.elapsed() > FIND_FORM || formless_since.elapsed() > FIND_FORM / 4 {
            self.end(Verdict::Unknown);
        }
        Ok(())
    }

    /// What leads to a form, on the newest page that has such a thing, with its name. Nothing is clicked on other websites
    /// than those whose forms may be filled.
    async fn way_in(
        &self,
        clicked: &[String],
    ) -> Result<Option<(Page, FrameId, String)>, BrowserError> {
        let pages: Vec<Page> = self.listener.pages().cloned().collect();
        for page in pages.into_iter().rev() {
            let search = match &self.mode {
                Mode::Healing(search) => Some(search),
                Mode::Unattended | Mode::Manual(_) | Mode::ByHand(_) => None,
            };
            let main = page.frames().into_iter().next().map(|of| of.origin);
            let origin = main.unwrap_or_default();
            if search.is_some_and(|search| !search.is_within(&origin)) {
                continue;
            }
            if !page.settle(Duration::ZERO).await? {
                return Ok(None);
            }
            let frame = page.main_frame();
            let name: Result<Option<String>, _> =
                page.call(&frame, NAME_JS, &[json!(clicked)]).await;
            if let Some(name) = name.or_else(|error| gone(error, None))? {
                return Ok(Some((page, frame, name)));
            }
        }
        Ok(None)
    }
}
