//! What the client enters on our own page, at SIGN_IN: opened, checked, and turned into answers to the driver.

use std::time::Duration;

use shared::{
    entry::{
        Approval, CODE_MINUTES, CodeSource, EntryChoice, EntryField, EntryMfaOption, EntryOffer,
        EntryView, MAX_FIELDS, MAX_VALUE, SealedEntry,
    },
    id::FlowRef,
    sealing::SealingKey,
    status::{EntryProblem, FieldKind, OfferKind},
};
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{
    clock::{Random, sealing_key},
    registrable_domain::registrable,
    signin::drive::demand::{Answer, Demand, DemandKind, Reception},
};

/// An answer may take this long where a code or an approval is asked for, since those lose their worth, and where the
/// browser itself is asked, since the website waits for it with its page.
const CODE_TIME: Duration = Duration::from_secs(CODE_MINUTES * 60);
/// The time that is left is said once it is no more than this.
const SAID_BEFORE: Duration = Duration::from_secs(120);

/// The entry of one sign-in.
pub(super) struct Entry {
    flow: FlowRef,
    /// In manual entry; else what is asked can be answered in the website's picture as well.
    manual: bool,
    key: SealingKey,
    /// The website's registrable domain: what is entered early is given to its own forms alone.
    domain: String,
    /// The number of what is asked now.
    number: u32,
    asked: Asked,
    /// Values that the client entered before the website asked for them.
    given: Vec<(FieldKind, Zeroizing<String>)>,
    problem: Option<EntryProblem>,
    /// The client has had the website asked for a new code, and has entered none since.
    asked_anew: bool,
}

/// What is asked of the client.
enum Asked {
    /// User name and password, before the website's own form is found.
    Login,
    Nothing,
    /// A demand, the number that it was told under, and since when.
    Demand(Box<Demand>, u32, Instant),
}

impl Entry {
    /// In manual entry user name and password are asked for at once: the client need not wait until the form is found.
    pub fn new(flow: FlowRef, random: &dyn Random, host: &str, manual: bool) -> Self {
        Self {
            manual,
            domain: registrable(host).to_owned(),
            flow,
            key: sealing_key(random),
            number: 1,
            asked: if manual { Asked::Login } else { Asked::Nothing },
            given: Vec::new(),
            problem: None,
            asked_anew: false,
        }
    }

    /// The website needs this now. The answer, if the client has given it already.
    pub fn demanded(&mut self, told: u32, demand: Demand) -> Option<Answer> {
        let answer = self.given_for(&demand);
        // What the client fills in meanwhile is for the website's own form, too. Where a password goes to another website,
        // or the browser itself is asked, the page must say so first.
        let keeps_number = matches!(self.asked, Asked::Login)
            && is_login(&demand)
            && self.other_host(&demand).is_none();
        if answer.is_some() {
            self.asked = Asked::Nothing;
            return answer;
        }
        if let Asked::Demand(before, number, _) = &mut self.asked
            && before.kind == demand.kind
            && (before.again, &before.refusal) == (demand.again, &demand.refusal)
        {
            // The same is asked: what the client types meanwhile answers it.
            **before = demand;
            *number = told;
            return None;
        }
        if !keeps_number {
            self.number += 1;
        }
        self.asked = Asked::Demand(Box::new(demand), told, Instant::now());
        None
    }

    /// Nothing is needed now.
    pub fn nothing_demanded(&mut self) {
        self.problem = None;
        if matches!(self.asked, Asked::Demand(..)) {
            self.asked = Asked::Nothing;
            self.number += 1;
        }
    }

    /// The driver did not take the last answer.
    pub fn not_taken(&mut self, reception: Reception) {
        self.given.clear();
        self.asked_anew = false;
        self.problem = Some(match reception {
            Reception::CodeUsedBefore => EntryProblem::CodeUsed,
            Reception::PasswordSentBefore => EntryProblem::SameAgain,
            Reception::NothingAsked => EntryProblem::Unreadable,
            Reception::TooSoon => EntryProblem::TooSoon,
            Reception::DoesNotFit | Reception::Taken => EntryProblem::Incomplete,
        });
    }

    /// The values that the client entered: the answer to the demand, if there is one already.
    pub fn entered(&mut self, public_key: &str, sealed: &str) -> Option<Answer> {
        // The same page was sent twice: the first was taken.
        if matches!(self.asked, Asked::Nothing) {
            return None;
        }
        match self.opened(public_key, sealed) {
            Ok(values) => self.take(values),
            Err(problem) => {
                self.problem = Some(problem);
                None
            }
        }
    }

    /// The option or choice that the client chose.
    pub fn chosen(&mut self, number: u32, id: u32) -> Option<Answer> {
        if number != self.number {
            return None;
        }
        let Asked::Demand(demand, ..) = &self.asked else {
            return Some(Answer::Choose(id));
        };
        if let DemandKind::Challenge(_) = demand.kind {
            // All that can be chosen there is to go on without.
            return Some(Answer::Decline);
        }
        let offer = usize::try_from(id)
            .ok()
            .and_then(|id| demand.offers.get(id));
        self.asked_anew = offer.is_some_and(|offer| offer.kind == OfferKind::Resend);
        Some(Answer::Choose(id))
    }

    /// Whether the client has had the website asked for a new code, and has entered none since.
    pub fn asked_anew(&self) -> bool {
        self.asked_anew
    }

    /// What was to be done elsewhere is done.
    pub fn proceeded(&self, number: u32) -> Option<Answer> {
        (number == self.number).then_some(Answer::Proceed)
    }

    /// When the time for an answer is over, where one is set.
    pub fn ends_at(&self) -> Option<Instant> {
        let Asked::Demand(demand, _, since) = &self.asked else {
            return None;
        };
        if !self.manual {
            return None;
        }
        let is_timed = match &demand.kind {
            DemandKind::Code { .. }
            | DemandKind::MfaOptions(_)
            | DemandKind::ExternalAction { .. }
            | DemandKind::Challenge(_) => true,
            DemandKind::Fields(_)
            | DemandKind::Choices(_)
            | DemandKind::IsSignedIn
            | DemandKind::ByHand { .. }
            | DemandKind::HandOver(_) => false,
        };
        is_timed.then(|| *since + CODE_TIME)
    }

    /// Whether the client entered a password that the website was not given yet.
    pub fn keeps_password(&self) -> bool {
        let mut given = self.given.iter();
        given.any(|(kind, _)| *kind == FieldKind::Password)
    }

    /// The number of the demand that stands.
    pub fn told(&self) -> Option<u32> {
        match self.asked {
            Asked::Demand(_, told, _) => Some(told),
            Asked::Login | Asked::Nothing => None,
        }
    }

    /// When the page must say how much time is left, if that is still to come. It says so once.
    pub fn warns_at(&self) -> Option<Instant> {
        let at = self.ends_at()? - SAID_BEFORE;
        (at > Instant::now()).then_some(at)
    }

    /// What the page shows; none when nothing is asked.
    pub fn view(&self) -> Option<Box<EntryView>> {
        let mut view = EntryView {
            number: self.number,
            public_key: self.key.public(),
            fields: self.fields(),
            mfa_options: Vec::new(),
            choices: Vec::new(),
            code: None,
            elsewhere: None,
            offers: Vec::new(),
            host: None,
            challenged_by: None,
            challenge_encrypted: true,
            problem: self.problem,
            minutes_left: None,
        };
        let Asked::Demand(demand, ..) = &self.asked else {
            return matches!(self.asked, Asked::Login).then(|| Box::new(view));
        };
        match &demand.kind {
            DemandKind::Fields(_) => {}
            DemandKind::Challenge(fields) => {
                view.challenged_by.clone_from(&demand.host);
                let mut origins = fields.iter().map(|field| &field.origin);
                view.challenge_encrypted = origins.all(|origin| origin.starts_with("https:"));
            }
            DemandKind::Code {
                channel, target, ..
            } => {
                view.code = Some(CodeSource {
                    channel: *channel,
                    target: target.clone(),
                    asked_anew: self.asked_anew,
                });
            }
            DemandKind::MfaOptions(options) => {
                let options = options.iter().map(|option| EntryMfaOption {
                    id: option.id,
                    kind: option.kind,
                    label: option.label.clone(),
                    target: option.target.clone(),
                });
                view.mfa_options = options.collect();
            }
            DemandKind::Choices(choices) => {
                let choices = choices.iter().map(|choice| EntryChoice {
                    id: choice.id,
                    label: choice.label.clone(),
                    description: choice.description.clone(),
                });
                view.choices = choices.collect();
            }
            DemandKind::ExternalAction { shown } => {
                view.elsewhere = Some(Approval {
                    shown: shown.clone(),
                });
            }
            DemandKind::IsSignedIn | DemandKind::ByHand { .. } | DemandKind::HandOver(_) => {
                return None;
            }
        }
        let offers = (0..).zip(&demand.offers).map(|(id, offer)| EntryOffer {
            id,
            kind: offer.kind,
            label: offer.label.clone(),
        });
        view.offers = offers.collect();
        view.host = self.other_host(demand).map(str::to_owned);
        let left = self
            .ends_at()
            .map(|end| end.saturating_duration_since(Instant::now()));
        view.minutes_left = left
            .filter(|left| *left <= SAID_BEFORE)
            .map(|left| left.as_secs().div_ceil(60).max(1));
        Some(Box::new(view))
    }

    fn fields(&self) -> Vec<EntryField> {
        let known = |kind| self.given.iter().any(|(given, _)| *given == kind);
        let mut fields = match &self.asked {
            Asked::Demand(demand, ..) => {
                let fields = demand.fields().iter().map(|field| EntryField {
                    id: field.id,
                    kind: field.kind,
                    label: field.label.clone(),
                    autocomplete: field.autocomplete.clone(),
                    numeric: field.numeric,
                    required: field.required,
                });
                fields.collect()
            }
            Asked::Login => vec![field(0, FieldKind::Identifier)],
            Asked::Nothing => Vec::new(),
        };
        let name_alone = matches!(fields.as_slice(), [only] if only.kind == FieldKind::Identifier);
        // A website that asks for the password on its next page gets it there.
        if name_alone && !known(FieldKind::Password) {
            fields.push(field(1, FieldKind::Password));
        }
        fields
    }

    fn opened(
        &self,
        public_key: &str,
        sealed: &str,
    ) -> Result<Vec<(u32, Zeroizing<String>)>, EntryProblem> {
        open_entry(&self.key, self.flow, self.number, public_key, sealed)
    }

    fn take(&mut self, values: Vec<(u32, Zeroizing<String>)>) -> Option<Answer> {
        let fields = self.fields();
        let value = |id| {
            values
                .iter()
                .find(|(of, _)| *of == id)
                .map(|(_, text)| text)
        };
        let empty = |field: &&EntryField| value(field.id).is_none_or(|text| text.is_empty());
        if fields
            .iter()
            .filter(|field| field.required)
            .any(|field| empty(&field))
        {
            self.problem = Some(EntryProblem::Incomplete);
            return None;
        }
        self.problem = None;
        self.asked_anew = false;
        if let Asked::Demand(demand, ..) = &self.asked {
            let demanded = demand.fields();
            // The password for the website's next page.
            let later = fields
                .iter()
                .filter(|field| demanded.iter().all(|d| d.id != field.id));
            self.given = later
                .filter_map(|field| Some((field.kind, value(field.id)?.clone())))
                .collect();
            let is_demanded = |(id, _): &(u32, _)| demanded.iter().any(|field| field.id == *id);
            return Some(Answer::Fields(
                values.into_iter().filter(is_demanded).collect(),
            ));
        }
        let given = fields
            .iter()
            .filter_map(|field| Some((field.kind, value(field.id)?.clone())));
        self.given = given.collect();
        self.asked = Asked::Nothing;
        self.number += 1;
        None
    }

    /// The host of the demanded form when it is not the website's own.
    fn other_host<'a>(&self, demand: &'a Demand) -> Option<&'a str> {
        let host = demand.host.as_deref()?;
        (registrable(host) != self.domain).then_some(host)
    }

    /// The answer that the values which were given before make; each is used once.
    fn given_for(&mut self, demand: &Demand) -> Option<Answer> {
        let (DemandKind::Fields(fields) | DemandKind::Challenge(fields)) = &demand.kind else {
            return None;
        };
        let is_elsewhere = self.other_host(demand).is_some();
        let is_refused = demand.refusal.is_some() || demand.again;
        if is_refused || is_elsewhere {
            if !is_refused && self.keeps_password() {
                self.problem = Some(EntryProblem::NotSentElsewhere);
            }
            self.given.clear();
            return None;
        }
        let known = |kind| self.given.iter().any(|(given, _)| *given == kind);
        if fields.is_empty() || !fields.iter().all(|field| known(field.kind)) {
            return None;
        }
        let mut values = Vec::new();
        for field in fields {
            let at = self
                .given
                .iter()
                .position(|(kind, _)| *kind == field.kind)?;
            values.push((field.id, self.given.swap_remove(at).1));
        }
        Some(Answer::Fields(values))
    }
}

/// The values that a page of the flow sealed to `key`, in answer to what was asked under `number`.
pub(super) fn open_entry(
    key: &SealingKey,
    flow: FlowRef,
    number: u32,
    public_key: &str,
    sealed: &str,
) -> Result<Vec<(u32, Zeroizing<String>)>, EntryProblem> {
    let unreadable = |_| EntryProblem::Unreadable;
    let mut opener = key.opener(public_key, flow).map_err(unreadable)?;
    let plain = opener.open(0, sealed).map_err(unreadable)?;
    let entry: SealedEntry =
        serde_json::from_slice(&plain).map_err(|_| EntryProblem::Unreadable)?;
    if entry.number != number {
        return Err(EntryProblem::Unreadable);
    }
    let too_long = |text: &str| text.chars().count() > MAX_VALUE;
    if entry.values.len() > MAX_FIELDS || entry.values.iter().any(|v| too_long(&v.text)) {
        return Err(EntryProblem::Incomplete);
    }
    let values = entry.values.into_iter().map(|value| (value.id, value.text));
    Ok(values.collect())
}

fn is_login(demand: &Demand) -> bool {
    let kinds = demand.fields().iter().map(|field| field.kind);
    matches!(demand.kind, DemandKind::Fields(_))
        && kinds.eq([FieldKind::Identifier, FieldKind::Password]
            .into_iter()
            .take(demand.fields().len()))
}

fn field(id: u32, kind: FieldKind) -> EntryField {
    EntryField {
        id,
        kind,
        label: String::new(),
        autocomplete: String::new(),
        numeric: false,
        required: true,
    }
}

#[cfg(test)]
#[path = "entry_tests.rs"]
mod tests;
