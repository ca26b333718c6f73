//! What a page has beside the code or the approval that it asks for, and pressing its own controls for that.

use std::time::Duration;

use browser::BrowserError;
use tokio::time::Instant;

use super::{
    Answered, Driver, Outstanding, Stage, WORK,
    demand::Reception,
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
/// A control that was seen a moment ago is found within this time.
const FIND: Duration = Duration::from_secs(3);

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
