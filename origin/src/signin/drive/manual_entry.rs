//! Manual entry: the driver uses the page for a person who answers on a page of ours. It finds the way to the form,
//! takes a refusal as a reason to ask again, and hands over to the person what cannot be asked as data.

use std::time::Duration;

use browser::{BrowserError, FrameId, Page};
use serde_json::json;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    Driver, Mode, Outstanding, Stage, Work,
    demand::{Answer, Demand, DemandKind, DemandedField, FieldKind},
    forms::{FormKind, ObservedForm, observed_form},
};
use crate::{
    registrable_domain::registrable,
    signin::{gone::gone, verdict::Verdict},
};

/// A page without a form is looked at for what leads to one once it has been so for this long.
const FORMLESS: Duration = Duration::from_millis(1_200);
/// A website whose form has not come after this long has to be shown to the person.
const FIND_FORM: Duration = Duration::from_secs(45);
/// So many controls are clicked to find the form.
const CLICKS: usize = 8;
/// A website that refused shows its form again within this time.
const FORM_AGAIN: Duration = Duration::from_secs(6);

const NAME_JS: &str = "function (tried) { return globalThis.watcher?.wayInName(tried) ?? null; }";
const FIND_JS: &str = "function (tried) { return globalThis.watcher?.wayIn(tried) ?? null; }";

/// What the driver remembers in manual entry.
pub(super) struct ManualEntry {
    /// When the manual entry began.
    since: Instant,
    /// Since when the page has had no form.
    formless_since: Option<Instant>,
    /// The names of the controls that were clicked to find the form.
    clicked: Vec<String>,
    /// With what the website refused the last try, and since when.
    refused: Option<(Verdict, Instant)>,
    /// The attempt that was refused, and that the person has answered since.
    answered_attempt: Option<u32>,
    /// The values that the website was given since the last refusal.
    given: Vec<(FieldKind, Zeroizing<String>)>,
}

impl ManualEntry {
    fn new() -> Self {
        Self {
            since: Instant::now(),
            formless_since: None,
            clicked: Vec::new(),
            refused: None,
            answered_attempt: None,
            given: Vec::new(),
        }
    }
}

impl Driver {
    /// From now on the driver uses the page, and demands what the website asks for. Whatever was demanded before is
    /// void.
    pub fn enter_manually(&mut self) {
        self.mode = Mode::Manual(Box::new(ManualEntry {
            // A refusal from before is not told as one of what is entered now.
            answered_attempt: Some(self.listener.observer.attempts()),
            ..ManualEntry::new()
        }));
        self.sent = false;
        self.void_demand();
    }

    /// From now on a person acts by hand in the page, and the driver only follows. Whatever was demanded before is void.
    pub fn hand_over(&mut self) {
        self.mode = Mode::ByHand(Box::default());
        self.void_demand();
    }

    fn void_demand(&mut self) {
        self.answered = None;
        self.filled.clear();
        self.external_asked = false;
        self.work_until = Instant::now() + super::WORK;
        if !matches!(self.stage, Stage::Over(_)) {
            self.stage = Stage::Observing;
        }
    }

    pub(super) fn manual_entry(&mut self) -> Option<&mut ManualEntry> {
        match &mut self.mode {
            Mode::Manual(manual) => Some(manual),
            Mode::Unattended | Mode::ByHand(_) => None,
        }
    }

    /// With what the website refused the try before, for the next demand.
    pub(super) fn refusal(&self) -> Option<Verdict> {
        match &self.mode {
            Mode::Manual(manual) => manual.refused.as_ref().map(|(verdict, _)| verdict.clone()),
            Mode::Unattended | Mode::ByHand(_) => None,
        }
    }

    /// Ends the sign-in with this verdict; in manual entry what is no end is handed over to the person.
    pub(super) fn end(&mut self, verdict: Verdict) {
        if let Mode::ByHand(_) = self.mode {
            // The person goes on in the page.
            self.stage = Stage::Observing;
            return;
        }
        let is_end = matches!(verdict, Verdict::SignedIn | Verdict::SiteDown);
        if is_end || self.manual_entry().is_none() {
            self.stage = Stage::Over(verdict);
            return;
        }
        self.stage = Stage::Waiting(Box::new(Outstanding {
            demand: Demand {
                site_message: self.site_message.clone(),
                refusal: self.refusal(),
                host: None,
                kind: DemandKind::HandOver(verdict.clone()),
                again: false,
                offers: Vec::new(),
            },
            declined: verdict,
            identity: String::new(),
            work: Work::Observe,
        }));
    }

    /// The website refused: its form is waited for, since the person may try again.
    pub(super) fn refused(&mut self, verdict: Verdict) {
        let Some(manual) = self.manual_entry() else {
            self.stage = Stage::Over(verdict);
            return;
        };
        let given = std::mem::take(&mut manual.given);
        let since = manual
            .refused
            .as_ref()
            .map_or_else(Instant::now, |(_, since)| *since);
        manual.refused = Some((verdict.clone(), since));
        if !given.is_empty() {
            self.refused_values = given;
        }
        if since.elapsed() > FORM_AGAIN {
            self.end(verdict);
        }
    }

    /// Whether a user name that stands in the form already is the right one. A person may have to correct it after a
    /// refusal, and may not have entered it at all.
    pub(super) fn keeps_filled_name(&self) -> bool {
        match &self.mode {
            Mode::Manual(manual) => {
                let is_name = |(kind, _): &(FieldKind, _)| *kind == FieldKind::Identifier;
                manual.refused.is_none() && manual.given.iter().any(is_name)
            }
            Mode::Unattended | Mode::ByHand(_) => true,
        }
    }

    /// Whether this attempt was refused, and the person has begun another since.
    pub(super) fn is_answered(&self, attempt: u32) -> bool {
        match &self.mode {
            Mode::Manual(manual) => manual.answered_attempt == Some(attempt),
            Mode::Unattended | Mode::ByHand(_) => false,
        }
    }

    /// Remembers what the person answers, which is a new try.
    pub(super) fn begin_try(&mut self, fields: &[DemandedField], answer: &Answer) {
        let attempt = self.listener.observer.attempts();
        let Some(manual) = self.manual_entry() else {
            return;
        };
        if manual.refused.take().is_some() {
            manual.answered_attempt = Some(attempt);
        }
        manual.formless_since = None;
        if let Answer::Fields(values) = answer {
            manual.given.extend(kinds_of(fields, values));
        }
    }

    /// Whether these are the very values that the website refused in the last try.
    pub(super) fn was_refused(
        &self,
        fields: &[DemandedField],
        values: &[(u32, Zeroizing<String>)],
    ) -> bool {
        let Mode::Manual(manual) = &self.mode else {
            return false;
        };
        let now: Vec<_> = kinds_of(fields, values).collect();
        let known = |value| self.refused_values.contains(value);
        // On two pages the name was given before the password is.
        now.iter().any(|(kind, _)| *kind == FieldKind::Password)
            && manual.given.iter().chain(&now).all(known)
    }

    /// Whether a person's password may go into this form: one in a frame of another website than its page is left alone,
    /// and so is one that came without encryption after a page that was encrypted. Recipes name the very place.
    pub(super) fn may_fill(&self, form: &ObservedForm) -> bool {
        if !matches!(self.mode, Mode::Manual(_)) {
            return true;
        }
        let frames = self.listener.observer.frames();
        let mains = frames.values().filter(|seen| seen.main);
        let of = |origin: &str| url::Url::parse(origin).ok();
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
        let same = |page: &url::Url| {
            page.host_str()
                .is_some_and(|of| registrable(of) == registrable(host))
        };
        (is_encrypted || !all_encrypted) && (form.at.main || pages.any(|page| same(&page)))
    }

    /// Clicks what leads to a form to sign in, once the page has shown none for a while.
    pub(super) async fn look_for_form(&mut self) -> Result<(), BrowserError> {
        let has_form = observed_form(self.listener.observer.frames(), FormKind::Login).is_some();
        let sent = self.sent;
        let Some(manual) = self.manual_entry() else {
            return Ok(());
        };
        if has_form || sent {
            manual.formless_since = None;
            return Ok(());
        }
        let formless_since = *manual.formless_since.get_or_insert_with(Instant::now);
        let (clicked, since) = (manual.clicked.clone(), manual.since);
        if formless_since.elapsed() < FORMLESS {
            return Ok(());
        }
        if clicked.len() < CLICKS
            && let Some((page, frame, name)) = self.way_in(&clicked).await?
        {
            let pressed = page.click(&frame, FIND_JS, &[json!(clicked)]).await;
            pressed.or_else(|error| gone(error, ()))?;
            if let Some(manual) = self.manual_entry() {
                manual.clicked.push(name);
                manual.formless_since = None;
            }
            return Ok(());
        }
        if since.elapsed() > FIND_FORM || formless_since.elapsed() > FIND_FORM / 4 {
            self.end(Verdict::Unknown);
        }
        Ok(())
    }

    /// What leads to a form, on the newest page that has such a thing, with its name.
    async fn way_in(
        &self,
        clicked: &[String],
    ) -> Result<Option<(Page, FrameId, String)>, BrowserError> {
        let pages: Vec<Page> = self.listener.pages().cloned().collect();
        for page in pages.into_iter().rev() {
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

fn kinds_of<'a>(
    fields: &'a [DemandedField],
    values: &'a [(u32, Zeroizing<String>)],
) -> impl Iterator<Item = (FieldKind, Zeroizing<String>)> + 'a {
    values.iter().filter_map(|(id, text)| {
        let field = fields.iter().find(|field| field.id == *id)?;
        Some((field.kind, text.clone()))
    })
}
