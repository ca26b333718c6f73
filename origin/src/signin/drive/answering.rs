//! Carries out the answers to demands.

use browser::BrowserError;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    Answered, Driver, FIND, Mode, Outstanding, Slot, Stage, WORK, Work,
    demand::{Answer, DemandKind, DemandedField, Reception},
    elements::{self, ElementKind},
    sensitivity,
    typing::{Sensitivity, Typed, type_value},
};
use crate::signin::recipe::Step;

impl Driver {
    /// Carries out the answer to the demand that waits. Not cancel-safe.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn answer(&mut self, answer: Answer) -> Result<Reception, BrowserError> {
        if let (Answer::SignedIn(yes), Mode::ByHand(_)) = (&answer, &self.mode) {
            // Whatever stands: "yes" can follow "not yet" on a page that does not change.
            self.listener.observer.said(*yes);
            return Ok(Reception::Taken);
        }
        let Stage::Waiting(outstanding) = std::mem::replace(&mut self.stage, Stage::Observing)
        else {
            return Ok(Reception::NothingAsked);
        };
        let outstanding = Box::new(outstanding.beside());
        let answer = with_codes_ungrouped(outstanding.demand.fields(), answer);
        if let (Answer::Choose(id), true) = (&answer, outstanding.demand.kind.has_offers()) {
            return self.press_offer(outstanding, *id).await;
        }
        let refused = self.reason_not_to_take(&outstanding, &answer);
        if let Some(refused) = refused {
            self.stage = Stage::Waiting(outstanding);
            return Ok(refused);
        }
        if let (Work::AnswerChallenge(challenge), Answer::Fields(_)) = (&outstanding.work, &answer)
            && !self.still_waits(challenge)
        {
            // Whatever the page asks for instead is demanded next.
            self.is_answered_by_hand();
            self.work_until = Instant::now() + WORK;
            return Ok(Reception::NothingAsked);
        }
        self.begin_try(outstanding.demand.fields(), &answer);
        self.is_answered_by_hand();
        self.work_until = Instant::now() + WORK;
        self.answered = Some(Answered {
            identity: outstanding.identity.clone(),
            demand: Some(outstanding.demand.clone()),
            at: Instant::now(),
        });
        match (outstanding.work, answer) {
            (Work::AnswerChallenge(challenge), Answer::Fields(values)) => {
                if !self.answer_challenge(&challenge, values) {
                    return Ok(Reception::NothingAsked);
                }
                self.go_on_after_challenge();
            }
            (Work::AnswerChallenge(challenge), Answer::Decline) => {
                self.cancel_challenge(&challenge);
                // A form may be found yet.
                self.sent = false;
                if self.is_unattended() {
                    self.end(outstanding.declined);
                }
            }
            (_, Answer::Decline) => self.end(outstanding.declined),
            (Work::FillStep(slots), Answer::Fields(values)) => {
                let is_filled = self.fill(slots, values).await?;
                if is_filled {
                    self.step += 1;
                    self.stage = Stage::Steps;
                }
            }
            (Work::FillAndSend(slots, button), Answer::Fields(values)) => {
                self.sent_itself = false;
                if self.fill(slots, values).await? && !self.sent_itself {
                    let button = button.as_ref().map(|(at, locators)| (at, locators));
                    self.send(button).await?;
                }
                self.sent = true;
                self.go_on();
            }
            (Work::Pick(options), Answer::Choose(id)) => {
                self.pick(&options, id).await?;
                self.go_on();
            }
            (_, Answer::SignedIn(yes)) => self.listener.observer.said(yes),
            _ => {}
        }
        // The page had time to be read while the answer was carried out.
        if let Some(answered) = &mut self.answered {
            answered.at = Instant::now();
        }
        Ok(Reception::Taken)
    }

    /// After something that the recipe did not foresee: with the recipe's next step, if one is left.
    fn go_on(&mut self) {
        let steps = self.recipe.as_ref().map_or(0, |recipe| recipe.steps.len());
        if matches!(self.stage, Stage::Observing) && self.step < steps {
            self.stage = Stage::Steps;
        }
    }

    /// After a challenge: with what the recipe has left.
    fn go_on_after_challenge(&mut self) {
        let step = self
            .recipe
            .as_ref()
            .and_then(|recipe| recipe.steps.get(self.step));
        if let Some(Step::Authenticate { .. }) = step {
            self.step += 1;
        }
        self.go_on();
    }

    /// Whether nobody can be asked once more.
    fn is_unattended(&self) -> bool {
        matches!(self.mode, Mode::Unattended | Mode::Healing(_))
    }

    /// Why the answer is not taken, if it is not.
    fn reason_not_to_take(
        &mut self,
        outstanding: &Outstanding,
        answer: &Answer,
    ) -> Option<Reception> {
        let values = match (answer, &outstanding.demand.kind) {
            (Answer::Decline, _)
            | (Answer::Proceed, DemandKind::ExternalAction { .. })
            | (Answer::SignedIn(_), DemandKind::IsSignedIn) => return None,
            (Answer::Choose(id), DemandKind::MfaOptions(options)) => {
                let known = options.iter().any(|option| option.id == *id);
                return (!known).then_some(Reception::DoesNotFit);
            }
            (Answer::Choose(id), DemandKind::Choices(choices)) => {
                let known = choices.iter().any(|choice| choice.id == *id);
                return (!known).then_some(Reception::DoesNotFit);
            }
            (
                Answer::Fields(values),
                DemandKind::Fields(_) | DemandKind::Code { .. } | DemandKind::Challenge(_),
            ) => values,
            _ => return Some(Reception::DoesNotFit),
        };
        let fields = outstanding.demand.fields();
        if self.was_refused(fields, values)
            || self.was_given_to_challenge(&outstanding.work, values)
        {
            return Some(Reception::PasswordSentBefore);
        }
        let attended = !self.is_unattended();
        for field in fields {
            let value = values.iter().find(|(id, _)| *id == field.id);
            let value = value.map(|(_, text)| text).filter(|text| !text.is_empty());
            let Some(value) = value else {
                if field.required {
                    return Some(Reception::DoesNotFit);
                }
                continue;
            };
            match sensitivity(field.kind) {
                // A person may have mistyped the user name alone.
                Sensitivity::Password
                    if !attended && self.passwords.contains(value) && !self.passed_gate() =>
                {
                    return Some(Reception::PasswordSentBefore);
                }
                Sensitivity::Code if self.codes.contains(value) => {
                    return Some(Reception::CodeUsedBefore);
                }
                _ => {}
            }
        }
        None
    }

    /// Types values into their fields. False when the stage is another one now.
    async fn fill(
        &mut self,
        slots: Vec<Slot>,
        values: Vec<(u32, Zeroizing<String>)>,
    ) -> Result<bool, BrowserError> {
        for slot in slots {
            let Some((_, text)) = values.iter().find(|(id, _)| *id == slot.id) else {
                continue;
            };
            if slot.element == ElementKind::Checkbox {
                elements::tick(&self.listener, &slot.at, !text.is_empty()).await?;
                continue;
            }
            if text.is_empty() {
                // It was left out, as a field that is not required may be.
                continue;
            }
            match slot.what {
                Sensitivity::Plain => {}
                // Remembered before the first key: whatever happens then, it counts as sent.
                Sensitivity::Password => self.passwords.push(text.clone()),
                Sensitivity::Code => self.codes.push(text.clone()),
            }
            match self.type_into(&slot, text).await? {
                Typed::Held => {}
                Typed::Sent => {
                    self.sent = true;
                    self.sent_itself = true;
                }
                Typed::Verdict(verdict) => {
                    self.website_said(verdict);
                    return Ok(false);
                }
                Typed::Missing => {
                    self.heal().await?;
                    return Ok(false);
                }
            }
            if slot.what == Sensitivity::Plain {
                self.filled.push((slot, text.clone()));
            }
        }
        Ok(true)
    }

    pub(super) async fn type_into(
        &mut self,
        slot: &Slot,
        text: &str,
    ) -> Result<Typed, BrowserError> {
        let until = self.work_until.min(Instant::now() + FIND);
        let (elements, listener) = (&mut self.elements, &mut self.listener);
        let wanted = slot.wanted();
        let typed = type_value(elements, listener, &wanted, text, slot.what, until).await?;
        if let Some((page, _)) = elements::find(&self.listener, &wanted).await? {
            self.page = page;
        }
        Ok(typed)
    }
}

/// The answer with each code written as websites take it.
fn with_codes_ungrouped(fields: &[DemandedField], answer: Answer) -> Answer {
    let Answer::Fields(mut values) = answer else {
        return answer;
    };
    for field in fields {
        if sensitivity(field.kind) != Sensitivity::Code {
            continue;
        }
        for (_, text) in values.iter_mut().filter(|(id, _)| *id == field.id) {
            *text = ungrouped(text);
        }
    }
    Answer::Fields(values)
}

/// A code without what stands around it, and without what groups its digits: mails and apps write `123 456` and `123-456`,
/// and that is what people copy.
fn ungrouped(code: &str) -> Zeroizing<String> {
    // Spaces of no width, marks of direction and the byte order mark, which come along when a mail is copied.
    let is_blank = |c: char| {
        c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
    };
    let is_hyphen = |c: char| matches!(c, '-' | '\u{2010}'..='\u{2015}');
    let bare = code.chars().filter(|&c| !is_blank(c) && !is_hyphen(c));
    if bare.clone().all(|c| c.is_ascii_digit()) {
        return Zeroizing::new(bare.collect());
    }
    Zeroizing::new(code.trim_matches(is_blank).to_owned())
}

#[cfg(test)]
mod tests {
    use super::ungrouped;

    #[test]
    fn digits_are_not_grouped_and_other_codes_stay_as_they_are() {
        for (code, taken) in [
            ("123456", "123456"),
            ("8601 8686", "86018686"),
            (" 123-456\n", "123456"),
            ("\u{200E}123\u{A0}456\u{200B}", "123456"),
            ("12\u{2011}34\u{2013}56", "123456"),
            (" AB-12 34 ", "AB-12 34"),
            ("", ""),
        ] {
            assert_eq!(ungrouped(code).as_str(), taken, "{code:?}");
        }
    }
}
