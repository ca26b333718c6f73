//! Observes what comes of what was sent, and demands what the website asks for next.

use std::time::Duration;

use browser::BrowserError;
use shared::status::Phase;
use tokio::time::Instant;

use super::{
    Answered, Driver, Mode, Outstanding, Slot, Stage, Work,
    code_page::{offers, shown_number},
    demand::{Demand, DemandKind, FieldKind},
    elements::{self, ElementKind, Waited, click},
    forms::{
        FormKind, ObservedForm, ObservedOption, as_choices, as_mfa_options, observed_form,
        observed_options,
    },
    recipe_steps::control,
    sensitivity,
};
use crate::signin::{recipe::Locator, recipe::Locators, verdict::Verdict};

/// What is not proven after this long is asked.
const PROVE: Duration = Duration::from_secs(15);
/// A page still shows what was answered for this long at most, if it accepts it.
const SHOWN_STILL: Duration = Duration::from_millis(2_500);
/// A form must be the same for this long before it is demanded.
const SAME_FORM: Duration = Duration::from_millis(600);
/// A website that asks for something outside of the page does so for this long before it is demanded.
const EXTERNAL: Duration = Duration::from_secs(3);
/// A control that was seen a moment ago is found within this time.
const CONTROL: Duration = Duration::from_secs(3);

impl Driver {
    /// Observes until the website asks for something, or it is over.
    pub(super) async fn observe(&mut self) -> Result<(), BrowserError> {
        let mut until = self.work_until;
        let mut unproven = false;
        let mut external_since: Option<Instant> = None;
        let mut form_since: Option<(String, Instant)> = None;
        loop {
            let status = self.listener.next().await?;
            let now = Instant::now();
            self.site_message.clone_from(&status.message);
            self.refuse_downgrade();
            let challenge = self.challenge();
            if challenge.is_none() {
                self.look_for_form().await?;
            }
            if !matches!(self.stage, Stage::Observing) {
                return Ok(());
            }
            let stale =
                |verdict: &Verdict| verdict.is_refusal() && self.is_answered(status.attempt);
            match status.verdict.filter(|verdict| !stale(verdict)) {
                Some(verdict) if self.may_pass(&verdict) && self.pass(&verdict).await? => {
                    unproven = false;
                    until = self.work_until;
                }
                Some(Verdict::ConsentNeeded) if self.passed.may_still_show() => {}
                // A slow page may still prove itself.
                Some(Verdict::Unknown) if unproven => {}
                Some(Verdict::Unknown) => {
                    unproven = true;
                    until = until.min(now + PROVE);
                }
                Some(verdict) => {
                    let is_refusal = verdict.is_refusal();
                    self.website_said(verdict);
                    if is_refusal {
                        self.demand_observed_login(&mut form_since, status.phase);
                    }
                }
                None if self.recognises_forms() => {
                    self.demand_observed_login(&mut form_since, status.phase);
                }
                None => {}
            }
            if !matches!(self.stage, Stage::Observing) {
                return Ok(());
            }
            if let Some(challenge) = challenge {
                self.demand_challenge(challenge);
                return Ok(());
            }
            if status.phase == Phase::AwaitingExternalAction && !self.external_asked {
                if external_since.get_or_insert(now).elapsed() > EXTERNAL {
                    self.external_asked = true;
                    self.demand(self.external_action());
                    return Ok(());
                }
            } else {
                external_since = None;
            }
            if now > until {
                self.unproven(status.phase);
                return Ok(());
            }
        }
    }

    /// Makes a demand of what the website asks for, or ends with its verdict. Nothing changes while the page
    /// still shows what was answered a moment ago.
    pub(super) fn website_said(&mut self, verdict: Verdict) {
        if let Mode::ByHand(_) = self.mode {
            return;
        }
        if verdict.is_refusal() {
            return self.refused(verdict);
        }
        match self.asked_for(&verdict) {
            Some(asked) if self.shows_still(&asked.identity) => {}
            Some(asked) => self.stage = Stage::Waiting(Box::new(asked)),
            None => self.end(verdict),
        }
    }

    /// What the website asks for with this verdict, as data; none when it cannot be asked so.
    pub(super) fn asked_for(&self, verdict: &Verdict) -> Option<Outstanding> {
        let frames = self.listener.observer.frames();
        let form_kind = match verdict {
            Verdict::CodeNeeded { channel, .. } => FormKind::Code(*channel),
            Verdict::Question => FormKind::Question,
            Verdict::ChoiceNeeded => return self.choice(observed_options(frames), verdict),
            _ => return None,
        };
        let form = observed_form(frames, form_kind)?;
        let fields = form.fields.iter().map(|field| field.demanded.clone());
        let kind = match verdict {
            Verdict::CodeNeeded {
                channel,
                target,
                refused,
            } => DemandKind::Code {
                fields: fields.collect(),
                channel: *channel,
                target: target.clone(),
                refused: *refused,
            },
            _ => DemandKind::Fields(fields.collect()),
        };
        Some(self.about_form(kind, verdict.clone(), form))
    }

    fn choice(&self, options: Vec<ObservedOption>, verdict: &Verdict) -> Option<Outstanding> {
        if options.is_empty() {
            return None;
        }
        let labels: Vec<&str> = options.iter().map(|option| option.label.as_str()).collect();
        let identity = labels.join("\n");
        let kind = match as_mfa_options(&options) {
            Some(ways) => DemandKind::MfaOptions(ways),
            None => DemandKind::Choices(as_choices(&options)),
        };
        Some(self.outstanding(kind, verdict.clone(), identity, Work::Pick(options)))
    }

    /// The approval that the website waits for.
    pub(super) fn external_action(&self) -> Outstanding {
        let shown = shown_number(self.listener.observer.frames());
        let kind = DemandKind::ExternalAction { shown };
        self.outstanding(kind, Verdict::Unknown, String::new(), Work::Observe)
    }

    /// Whether the website, with this verdict, asks for something else by now than what was demanded.
    pub(super) fn asks_otherwise(&self, verdict: &Verdict, identity: &str, asked: &Demand) -> bool {
        self.asked_for(verdict).is_some_and(|now| {
            now.identity != identity
                || now.demand.kind != asked.kind
                || now.demand.offers != asked.offers
        })
    }

    /// Nothing proves the sign-in in time: somebody has to look at the page. An approval that nobody gave is as good as
    /// a code that nobody has.
    fn unproven(&mut self, phase: Phase) {
        if self.manual_entry().is_some() {
            return self.end(Verdict::Unknown);
        }
        let verdict = match phase {
            Phase::AwaitingExternalAction => Verdict::CodeNeeded {
                channel: None,
                target: None,
                refused: None,
            },
            _ => Verdict::Unknown,
        };
        let kind = DemandKind::IsSignedIn;
        self.demand(self.outstanding(kind, verdict, String::new(), Work::Observe));
    }

    /// Demands the login form that the pages show, once it has been the same for a while.
    fn demand_observed_login(&mut self, since: &mut Option<(String, Instant)>, phase: Phase) {
        // Without a person who may try again a refusal is the end.
        if !matches!(self.stage, Stage::Observing) {
            return;
        }
        if let Some(form) = self.login_form() {
            self.demand_login(since, form, phase);
        }
    }

    /// Demands a login form once it has been the same for a while.
    fn demand_login(
        &mut self,
        since: &mut Option<(String, Instant)>,
        mut form: ObservedForm,
        phase: Phase,
    ) {
        let same = since
            .as_ref()
            .is_some_and(|(identity, _)| *identity == form.identity);
        if !same {
            *since = Some((form.identity.clone(), Instant::now()));
        }
        let steady = since
            .as_ref()
            .is_some_and(|(_, since)| since.elapsed() > SAME_FORM);
        if !steady || self.shows_still(&form.identity) {
            return;
        }
        let with_password = |kind| kind == FieldKind::Password;
        let refused = self.refusal();
        if form
            .fields
            .iter()
            .any(|field| with_password(field.demanded.kind))
        {
            // The website keeps the name that it was given before.
            let keeps = self.keeps_filled_name();
            form.fields.retain(|field| {
                let kept = field.fixed || keeps && field.filled;
                with_password(field.demanded.kind) || !kept
            });
        }
        let fields = form.fields.iter().map(|field| field.demanded.clone());
        let kind = DemandKind::Fields(fields.collect());
        // A form that was sent stays until the website has answered, and one for the password alone may come with the
        // answer, before it is known for a refusal.
        let again = self.asks_again(&kind)
            || kind.asks_password() && self.listener.observer.sent_password();
        if phase == Phase::Submitting && again {
            return;
        }
        let declined = refused.unwrap_or(Verdict::Unknown);
        self.demand(self.about_form(kind, declined, form));
    }

    fn about_form(&self, kind: DemandKind, declined: Verdict, form: ObservedForm) -> Outstanding {
        let ObservedForm {
            identity,
            at,
            fields,
            button,
        } = form;
        let slots = fields.into_iter().map(|field| Slot {
            id: field.demanded.id,
            at: at.clone(),
            locators: field.locators,
            element: field.element,
            what: sensitivity(field.demanded.kind),
        });
        let mut slots: Vec<Slot> = slots.collect();
        // Some pages send a code by themselves at its last key.
        slots.sort_by_key(|slot| slot.element != ElementKind::Checkbox);
        let host = url::Url::parse(&at.origin).ok();
        let host = host.and_then(|url| url.host_str().map(str::to_owned));
        let button = button.map(|locators| (at.clone(), locators));
        let work = Work::FillAndSend(slots, button);
        let mut outstanding = self.outstanding(kind, declined, identity, work);
        outstanding.demand.host = host;
        outstanding
    }

    pub(super) fn outstanding(
        &self,
        kind: DemandKind,
        declined: Verdict,
        identity: String,
        work: Work,
    ) -> Outstanding {
        let offers = if kind.has_offers() {
            offers(self.listener.observer.frames())
        } else {
            Vec::new()
        };
        let demand = Demand {
            again: self.asks_again(&kind),
            kind,
            site_message: self.site_message.clone(),
            refusal: self.refusal(),
            host: None,
            offers,
        };
        Outstanding {
            demand,
            declined,
            identity,
            work,
        }
    }

    pub(super) fn demand(&mut self, outstanding: Outstanding) {
        self.stage = Stage::Waiting(Box::new(outstanding));
    }

    /// Whether the last answer was to a demand for the same things.
    fn asks_again(&self, kind: &DemandKind) -> bool {
        let before = self.answered.as_ref().and_then(|it| it.demand.as_ref());
        before.is_some_and(|before| before.kind.asks_same(kind))
    }

    /// Whether this was answered only a moment ago.
    pub(super) fn shows_still(&self, identity: &str) -> bool {
        self.answered.as_ref().is_some_and(|answered: &Answered| {
            answered.identity == identity && answered.at.elapsed() < SHOWN_STILL
        })
    }

    /// Clicks an option; a radio button is sent by Enter.
    pub(super) async fn pick(
        &mut self,
        options: &[ObservedOption],
        id: u32,
    ) -> Result<(), BrowserError> {
        let Some(option) = usize::try_from(id).ok().and_then(|id| options.get(id)) else {
            return Ok(());
        };
        self.sent = true;
        if option.radio {
            if let Some(page) =
                elements::click_radio(&self.listener, &option.at, &option.label).await?
            {
                page.press("Enter").await?;
            }
            return Ok(());
        }
        let locators = Locators(vec![Locator::Label(option.label.clone())]);
        let wanted = control(&option.at, &locators);
        let until = Instant::now() + CONTROL;
        let (elements, listener) = (&mut self.elements, &mut self.listener);
        if let Waited::Found(found) = elements.wait_for(listener, &wanted, until, false).await? {
            click(&found, &wanted).await?;
        }
        Ok(())
    }
}
