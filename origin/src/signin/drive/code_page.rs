//! What a page has beside the code or the approval that it asks for, and pressing its own controls for that.

use std::time::Duration;

use browser::BrowserError;
use tokio::time::Instant;

use super::{
    Answered, Driver, Outstanding, Stage, WORK,
    demand::{OfferKind, Reception},
    elements::{Waited, click},
    recipe_steps::control,
};
use crate::signin::{
    frames::Frames,
    recipe::{FrameLocation, Locator, Locators},
    report::Offer,
    words,
};

/// So many offers are told.
const OFFERS: usize = 4;
/// A website is asked for another code no sooner than this after it was asked before …
const RESEND_PAUSE: Duration = Duration::from_secs(30);
/// … and so often in one sign-in: many more, and a website locks the account.
const RESENDS: usize = 4;
/// Other ways are asked for so often in one sign-in.
const OTHER_WAYS: usize = 12;
/// A control that was seen a moment ago is found within this time.
const FIND: Duration = Duration::from_secs(3);

/// What the pages offered and the driver pressed.
#[derive(Debug, Default)]
pub(super) struct Pressed {
    resent_at: Option<Instant>,
    resends: usize,
    other_ways: usize,
}

impl Pressed {
    /// Whether this may be pressed now. If so, it counts.
    fn may(&mut self, kind: OfferKind, now: Instant) -> bool {
        match kind {
            OfferKind::Resend => {
                let soon = self.resent_at.is_some_and(|at| now < at + RESEND_PAUSE);
                if soon || self.resends == RESENDS {
                    return false;
                }
                self.resent_at = Some(now);
                self.resends += 1;
            }
            OfferKind::OtherWay => {
                if self.other_ways == OTHER_WAYS {
                    return false;
                }
                self.other_ways += 1;
            }
        }
        true
    }
}

/// What the pages offer.
pub(super) fn offers(frames: &Frames) -> Vec<Offer> {
    let all = located(frames).map(|(_, offer)| offer.clone());
    all.take(OFFERS).collect()
}

fn located(frames: &Frames) -> impl Iterator<Item = (FrameLocation, &Offer)> {
    frames.values().flat_map(|seen| {
        let at = seen.location();
        let state = seen.state.as_ref().filter(|_| at.is_some());
        let offers = state.into_iter().flat_map(|state| &state.offers);
        offers.filter_map(move |offer| Some((at.clone()?, offer)))
    })
}

/// The number that a page shows to be matched elsewhere: the largest that stands alone, where its words speak of one.
pub(super) fn shown_number(frames: &Frames) -> Option<String> {
    let states = frames.values().filter_map(|seen| seen.state.as_ref());
    let mut told = states.filter(|state| {
        let mut texts = state.messages.iter().map(|message| &message.text);
        texts.any(|text| words::says(&text.to_lowercase(), "number to match"))
    });
    told.find_map(|state| state.numbers.first().cloned())
}

impl Driver {
    /// Presses what the page offers: no answer to what it asks, which is asked again once the page has had time to
    /// change.
    pub(super) async fn press_offer(
        &mut self,
        outstanding: Box<Outstanding>,
        id: u32,
    ) -> Result<Reception, BrowserError> {
        let offers = &outstanding.demand.offers;
        let offer = usize::try_from(id).ok().and_then(|id| offers.get(id));
        let Some(offer) = offer.cloned() else {
            self.stage = Stage::Waiting(outstanding);
            return Ok(Reception::DoesNotFit);
        };
        if !self.pressed.may(offer.kind, Instant::now()) {
            self.stage = Stage::Waiting(outstanding);
            return Ok(Reception::TooSoon);
        }
        self.work_until = Instant::now() + WORK;
        self.external_asked = false;
        let frames = self.listener.observer.frames();
        let at = located(frames).find(|(_, other)| **other == offer);
        if let Some(at) = at.map(|(at, _)| at) {
            let locators = Locators(vec![Locator::Label(offer.label)]);
            let wanted = control(&at, &locators);
            let until = Instant::now() + FIND;
            let (elements, listener) = (&mut self.elements, &mut self.listener);
            if let Waited::Found(found) = elements.wait_for(listener, &wanted, until, false).await?
            {
                click(&found, &wanted).await?;
            }
        }
        self.answered = Some(Answered {
            identity: outstanding.identity,
            demand: None,
            at: Instant::now(),
        });
        Ok(Reception::Taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn another_code_is_asked_for_once_in_a_while_and_not_without_end() {
        let mut pressed = Pressed::default();
        let mut times = 0;
        for _ in 0..20 {
            times += usize::from(pressed.may(OfferKind::Resend, Instant::now()));
            assert!(!pressed.may(OfferKind::Resend, Instant::now()));
            tokio::time::advance(RESEND_PAUSE).await;
        }
        assert_eq!(times, RESENDS);
        assert!(pressed.may(OfferKind::OtherWay, Instant::now()));
    }
}
