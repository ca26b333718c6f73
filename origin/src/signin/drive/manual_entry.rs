//! Manual entry: the driver uses the page for a person who answers on a page of ours. It finds the way to the form,
//! takes a refusal as a reason to ask again, and hands over to the person what cannot be asked as data.

use std::time::Duration;

use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    Driver, Mode, Outstanding, Stage, Work,
    demand::{Answer, Demand, DemandKind, DemandedField, FieldKind},
    form_search::FormSearch,
};
use crate::signin::verdict::Verdict;

/// A website that refused shows its form again within this time.
const FORM_AGAIN: Duration = Duration::from_secs(6);

/// What the driver remembers in manual entry.
pub(super) struct ManualEntry {
    /// The search for the form.
    pub(super) search: FormSearch,
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
            search: FormSearch::for_person(),
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
            Mode::Unattended | Mode::Healing(_) | Mode::ByHand(_) => None,
        }
    }

    /// With what the website refused the try before, for the next demand.
    pub(super) fn refusal(&self) -> Option<Verdict> {
        match &self.mode {
            Mode::Manual(manual) => manual.refused.as_ref().map(|(verdict, _)| verdict.clone()),
            Mode::Unattended | Mode::Healing(_) | Mode::ByHand(_) => None,
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
            Mode::Unattended | Mode::Healing(_) | Mode::ByHand(_) => true,
        }
    }

    /// Whether this attempt was refused, and the person has begun another since.
    pub(super) fn is_answered(&self, attempt: u32) -> bool {
        match &self.mode {
            Mode::Manual(manual) => manual.answered_attempt == Some(attempt),
            Mode::Unattended | Mode::Healing(_) | Mode::ByHand(_) => false,
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
        manual.search.found();
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
