//! Does the steps of a recipe: opens what leads to the form, demands each value when its field is ready, and sends.

use std::time::Duration;

use browser::BrowserError;
use tokio::time::Instant;

use super::{
    Driver, FIND, Outstanding, Slot, Stage, Work,
    demand::{Demand, DemandKind, DemandedField, FieldKind},
    elements::{self, ElementKind, Waited, Wanted, click},
    sensitivity,
    typing::{Sensitivity, Typed, holds},
};
use crate::signin::{
    recipe::{CredentialKind, FrameLocation, Locator, Locators, Step},
    verdict::Verdict,
    words::says,
};

/// A control that leads to the form may be gone for good: a cookie banner that was answered before.
const OPEN: Duration = Duration::from_secs(3);
/// Where another form to sign in is shown, the recorded one has had this long to come.
const OTHER_FORM: Duration = Duration::from_secs(5);

impl Driver {
    /// Does the recipe's next step, or demands what it needs.
    pub(super) async fn do_step(&mut self) -> Result<(), BrowserError> {
        let step = self
            .recipe
            .as_ref()
            .and_then(|recipe| recipe.steps.get(self.step));
        match step.cloned() {
            None => self.stage = Stage::Observing,
            Some(Step::Open { at, target }) => {
                if !self.form_is_there().await? {
                    self.open(&at, &target).await?;
                }
                self.step += 1;
            }
            Some(Step::Authenticate { at }) => self.demand_recorded_challenge(at).await?,
            Some(Step::Fill { at, what, target }) => self.demand_value(at, what, target).await?,
            Some(Step::Submit { at, target }) => {
                if !self.sent_itself {
                    self.send(target.as_ref().map(|target| (&at, target)))
                        .await?;
                }
                // While it was sent the stage may have become another one.
                self.step += 1;
            }
        }
        Ok(())
    }

    /// Demands the value of a step once its field is ready.
    async fn demand_value(
        &mut self,
        at: FrameLocation,
        what: CredentialKind,
        locators: Locators,
    ) -> Result<(), BrowserError> {
        let (kind, element) = kinds(what);
        let slot = Slot {
            id: 0,
            at,
            locators,
            element,
            what: sensitivity(kind),
        };
        let mut waited = self.wait_for_field(&slot.wanted()).await?;
        if let Waited::Missing = waited
            && !self.went_to_form
            && slot.at.main
            && !self.sees_other_form()
        {
            // The way to the form changed; the form may be where it was.
            self.went_to_form = true;
            let start = self.recipe.as_ref().map(|recipe| &recipe.start);
            if let Some(address) = slot.at.address(start) {
                self.page.navigate(&address).await?;
                waited = self.wait_for_field(&slot.wanted()).await?;
            }
        }
        match waited {
            Waited::Verdict(verdict) => self.website_said(verdict),
            Waited::Missing => self.heal().await?,
            Waited::Found(found) => {
                let text = |wanted: fn(&Locator) -> bool| {
                    let locator = slot.locators.0.iter().find(|locator| wanted(locator));
                    locator
                        .map(|locator| locator.text().to_owned())
                        .unwrap_or_default()
                };
                let field = DemandedField {
                    id: 0,
                    kind,
                    label: text(|locator| matches!(locator, Locator::Label(_))),
                    autocomplete: text(|locator| matches!(locator, Locator::Autocomplete(_))),
                    numeric: false,
                    required: true,
                    origin: slot.at.origin.clone(),
                    other: match what {
                        CredentialKind::Other(key) => Some(key),
                        CredentialKind::Username | CredentialKind::Password => None,
                    },
                };
                self.stage = Stage::Waiting(Box::new(Outstanding {
                    demand: Demand {
                        kind: DemandKind::Fields(vec![field]),
                        site_message: None,
                        again: false,
                        refusal: None,
                        host: None,
                        offers: Vec::new(),
                    },
                    declined: Verdict::Unknown,
                    identity: format!("{}/step {}", found.doc, self.step),
                    work: Work::FillStep(vec![slot]),
                }));
            }
        }
        Ok(())
    }

    pub(super) async fn wait_for(
        &mut self,
        wanted: &Wanted<'_>,
        patience: Duration,
    ) -> Result<Waited, BrowserError> {
        let until = self.work_until.min(Instant::now() + patience);
        let (elements, listener) = (&mut self.elements, &mut self.listener);
        elements.wait_for(listener, wanted, until, self.sent).await
    }

    /// Waits for a field; less long where another form to sign in has come in its place.
    async fn wait_for_field(&mut self, wanted: &Wanted<'_>) -> Result<Waited, BrowserError> {
        let waited = self.wait_for(wanted, OTHER_FORM).await?;
        let may_come = match &waited {
            Waited::Found(_) => false,
            Waited::Verdict(verdict) => !self.sent && *verdict != Verdict::SiteDown,
            Waited::Missing => !self.sees_other_form(),
        };
        if may_come {
            return self.wait_for(wanted, FIND.saturating_sub(OTHER_FORM)).await;
        }
        Ok(waited)
    }

    /// Whether the next field to fill can be seen already, or the challenge to answer has come.
    async fn form_is_there(&mut self) -> Result<bool, BrowserError> {
        let steps = self.recipe.as_ref().map_or(&[][..], |recipe| &recipe.steps);
        let next = steps.iter().skip(self.step).find_map(|step| match step {
            Step::Authenticate { at } => Some(at),
            _ => None,
        });
        if next.is_some_and(|at| self.is_challenged_by(at)) {
            return Ok(true);
        }
        let next = steps.iter().skip(self.step).find_map(|step| match step {
            Step::Fill { at, what, target } => Some((at.clone(), *what, target.clone())),
            _ => None,
        });
        let Some((at, what, locators)) = next else {
            return Ok(false);
        };
        self.settle().await;
        let wanted = Wanted {
            at: &at,
            locators: &locators,
            kind: kinds(what).1,
        };
        Ok(elements::find(&self.listener, &wanted).await?.is_some())
    }

    async fn open(&mut self, at: &FrameLocation, locators: &Locators) -> Result<(), BrowserError> {
        let wanted = control(at, locators);
        if let Waited::Found(found) = self.wait_for(&wanted, OPEN).await? {
            click(&found, &wanted).await?;
            self.settle().await;
        } else if !self.passwords.is_empty() {
            let mut labels = locators.0.iter().filter_map(|locator| match locator {
                Locator::Label(text) => Some(text.to_lowercase()),
                _ => None,
            });
            self.missed_consent |=
                labels.any(|label| says(&label, "accept") && !says(&label, "decline"));
        }
        Ok(())
    }

    async fn settle(&mut self) {
        if let Some(page) = self.listener.pages().last().cloned() {
            // A page that never settles is tried all the same.
            let _ = page.settle(OPEN).await;
        }
    }

    /// Sends what was typed: by the button, or by Enter where there is none. What the page lost meanwhile is typed
    /// again before.
    pub(super) async fn send(
        &mut self,
        button: Option<(&FrameLocation, &Locators)>,
    ) -> Result<(), BrowserError> {
        for (slot, text) in std::mem::take(&mut self.filled) {
            self.keep_filled(&slot, &text).await?;
        }
        self.sent = true;
        if let Some((at, locators)) = button {
            let wanted = control(at, locators);
            match self.wait_for(&wanted, OPEN).await? {
                Waited::Found(found) => return self.click_once(&found, &wanted).await,
                // It was sent, and answered.
                Waited::Verdict(verdict) if self.is_answer(&verdict) => return Ok(()),
                Waited::Verdict(_) | Waited::Missing => {}
            }
        }
        self.page.press("Enter").await
    }

    /// Clicks what sends. A page that goes away may take the click's own answer along: what was sent must not be sent again,
    /// so it is clicked once more only where the same document shows it still, and waits for nothing.
    async fn click_once(
        &mut self,
        found: &elements::Found,
        wanted: &Wanted<'_>,
    ) -> Result<(), BrowserError> {
        if click(found, wanted).await? {
            return Ok(());
        }
        if let Waited::Found(again) = self.wait_for(wanted, OPEN).await?
            && again.doc == found.doc
            && !self.listener.observer.awaits_answer()
        {
            click(&again, wanted).await?;
        }
        Ok(())
    }

    /// Whether the website said this to what was just typed: it neither asked for that nor said it of the try before.
    fn is_answer(&self, verdict: &Verdict) -> bool {
        let stale = verdict.is_refusal() && self.is_answered(self.listener.observer.attempts());
        !asks_for_more(verdict) && !stale
    }

    /// Types a value again that the page has emptied: some replace their fields once their scripts run.
    async fn keep_filled(&mut self, slot: &Slot, text: &str) -> Result<(), BrowserError> {
        let wanted = slot.wanted();
        let Some((page, frame)) = elements::find(&self.listener, &wanted).await? else {
            // Another page asks for the rest.
            return Ok(());
        };
        let found = elements::Found {
            page,
            frame,
            doc: String::new(),
        };
        if slot.what == Sensitivity::Plain && !holds(&found, &wanted, text).await? {
            let _: Typed = self.type_into(slot, text).await?;
        }
        Ok(())
    }
}

/// Whether the website asked for what was just typed.
fn asks_for_more(verdict: &Verdict) -> bool {
    matches!(
        verdict,
        Verdict::CodeNeeded { .. } | Verdict::ChoiceNeeded | Verdict::Question
    )
}

/// A button or link as the wanted element.
pub(super) fn control<'a>(at: &'a FrameLocation, locators: &'a Locators) -> Wanted<'a> {
    Wanted {
        at,
        locators,
        kind: ElementKind::Control,
    }
}

fn kinds(what: CredentialKind) -> (FieldKind, ElementKind) {
    match what {
        CredentialKind::Username => (FieldKind::Identifier, ElementKind::Text),
        CredentialKind::Password => (FieldKind::Password, ElementKind::Password),
        CredentialKind::Other(_) => (FieldKind::Text, ElementKind::Text),
    }
}
