//! Finds the element of a step on the page, and waits until it is ready to be used.

use std::{collections::BTreeSet, time::Duration};

use browser::{BrowserError, FrameId, Page};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::super::{
    gone::gone,
    listener::{Listener, open_roots},
    recipe::{FrameLocation, Locators},
    verdict::Verdict,
};

/// A field must be the same element in the same place for this long.
const STEADY: Duration = Duration::from_millis(350);
/// A page that goes on loading, or a field that stays covered, is used all the same after this long.
const UNSETTLED: Duration = Duration::from_secs(4);
/// A page that shows no field for this long may hide it in a closed shadow root.
const CLOSED_ROOT: Duration = Duration::from_secs(1);

const FIND_JS: &str =
    "function (locators, kind) { return globalThis.watcher?.find(locators, kind) ?? null; }";
const IS_THERE_JS: &str =
    "function (locators, kind) { return Boolean(globalThis.watcher?.find(locators, kind)); }";
const RADIO_JS: &str = "function (label) { return globalThis.watcher?.radio(label) ?? null; }";
const REMEMBER_JS: &str =
    "function (wanted) { return globalThis.watcher?.rememberBox(wanted) ?? null; }";
const READINESS_JS: &str =
    "function (locators, kind) { return globalThis.watcher?.readiness(locators, kind) ?? null; }";

/// What kind of element is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::signin) enum ElementKind {
    /// A field for text that may be read by others.
    Text,
    /// A field for a password.
    Password,
    /// A button or link.
    Control,
    /// The box that lets the website remember this browser.
    Checkbox,
}

/// The element that a step wants: the frame that it is in, and how it is found there.
#[derive(Debug, Clone, Copy)]
pub(in crate::signin) struct Wanted<'a> {
    /// The frame, bound to its exact origin.
    pub(in crate::signin) at: &'a FrameLocation,
    /// The ways to find the element.
    pub(in crate::signin) locators: &'a Locators,
    /// The kind of the element.
    pub(in crate::signin) kind: ElementKind,
}

impl Wanted<'_> {
    /// The arguments of the scripts that find the element.
    pub(super) fn arguments(&self) -> [Value; 2] {
        let kind = match self.kind {
            ElementKind::Text => "text",
            ElementKind::Password => "password",
            ElementKind::Control => "control",
            ElementKind::Checkbox => "checkbox",
        };
        [json!(self.locators), json!(kind)]
    }
}

/// The frame that has the wanted element.
#[derive(Clone)]
pub(in crate::signin) struct Found {
    /// The page that has the elements.
    pub(in crate::signin) page: Page,
    /// The frame in that page.
    pub(in crate::signin) frame: FrameId,
    /// The name of the document in that frame. Empty for controls.
    pub(in crate::signin) doc: String,
}

/// What came of waiting for an element.
pub(in crate::signin) enum Waited {
    /// The element is there and ready.
    Found(Found),
    /// The website said something that ends the step.
    Verdict(Verdict),
    /// The element did not come in time.
    Missing,
}

/// One answer of the watcher about a field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Readiness {
    /// Names document and element: `document/number`.
    element: String,
    /// Left, top, width and height in CSS pixels.
    #[serde(rename = "box")]
    area: [i64; 4],
    /// It can be typed into, and no other element covers it.
    free: bool,
    /// Its document is loaded.
    loaded: bool,
}

impl Readiness {
    fn doc(&self) -> &str {
        self.element.split('/').next().unwrap_or("")
    }
}

/// How long one field has been the same in the same place.
struct Steady {
    last: Readiness,
    since: Instant,
    /// When the field first was there, moving or not.
    first: Instant,
}

/// Finds elements on all pages of one browser.
pub(in crate::signin) struct Elements {
    /// Documents that were waited for long enough to become quiet.
    settled: BTreeSet<String>,
}

impl Elements {
    /// Nothing was looked for yet.
    pub(in crate::signin) fn new() -> Self {
        Self {
            settled: BTreeSet::new(),
        }
    }

    /// Waits until the wanted element is there and ready, `patience` at most, or the website says
    /// something. Before anything was sent (`sent` is false) only an outage counts as said: what
    /// else a page shows may be gone once its form comes.
    pub(in crate::signin) async fn wait_for(
        &mut self,
        listener: &mut Listener,
        wanted: &Wanted<'_>,
        until: Instant,
        sent: bool,
    ) -> Result<Waited, BrowserError> {
        let mut asked_closed = Instant::now();
        let mut steady: Option<Steady> = None;
        loop {
            if wanted.kind == ElementKind::Control {
                if let Some((page, frame)) = find(listener, wanted).await? {
                    let doc = String::new();
                    return Ok(Waited::Found(Found { page, frame, doc }));
                }
            } else if let Some((page, frame, now)) = look(listener, wanted).await? {
                let quiet = page.settle(Duration::ZERO).await?;
                if self.is_ready(&mut steady, &now, quiet) {
                    let doc = now.doc().to_owned();
                    return Ok(Waited::Found(Found { page, frame, doc }));
                }
            } else {
                steady = None;
            }
            if steady.is_none() && asked_closed.elapsed() > CLOSED_ROOT {
                asked_closed = Instant::now();
                open_closed_roots(listener, wanted.at).await?;
            }
            let verdict = listener.next().await?.verdict;
            match verdict {
                Some(Verdict::SiteDown) => return Ok(Waited::Verdict(Verdict::SiteDown)),
                Some(verdict) if sent && verdict != Verdict::Unknown => {
                    return Ok(Waited::Verdict(verdict));
                }
                verdict if Instant::now() > until => {
                    let verdict = verdict.filter(|verdict| *verdict != Verdict::Unknown);
                    return Ok(verdict.map_or(Waited::Missing, Waited::Verdict));
                }
                _ => {}
            }
        }
    }

    /// Takes one answer about the field in, and tells whether it is ready now.
    fn is_ready(&mut self, steady: &mut Option<Steady>, now: &Readiness, quiet: bool) -> bool {
        let at = Instant::now();
        let first = steady.as_ref().map_or(at, |steady| steady.first);
        let same =
            |steady: &Steady| steady.last.element == now.element && steady.last.area == now.area;
        let since = steady
            .as_ref()
            .filter(|steady| same(steady))
            .map_or(at, |steady| steady.since);
        *steady = Some(Steady {
            last: now.clone(),
            since,
            first,
        });
        let settled = quiet && now.free && now.loaded;
        let waited_enough = self.settled.contains(now.doc()) || first.elapsed() > UNSETTLED;
        if since.elapsed() < STEADY || !(settled || waited_enough) {
            return false;
        }
        self.settled.insert(now.doc().to_owned());
        true
    }
}

/// The frame of exactly the wanted origin that has the element now, newest page first.
pub(in crate::signin) async fn find(
    listener: &Listener,
    wanted: &Wanted<'_>,
) -> Result<Option<(Page, FrameId)>, BrowserError> {
    for (page, frame) in candidates(listener, wanted.at) {
        let there = page.call(&frame, IS_THERE_JS, &wanted.arguments()).await;
        if there.or_else(|error| gone(error, false))? {
            return Ok(Some((page, frame)));
        }
    }
    Ok(None)
}

/// As [`find`], for a field, with what tells whether it is ready.
async fn look(
    listener: &Listener,
    wanted: &Wanted<'_>,
) -> Result<Option<(Page, FrameId, Readiness)>, BrowserError> {
    for (page, frame) in candidates(listener, wanted.at) {
        let now: Option<Readiness> = page
            .call(&frame, READINESS_JS, &wanted.arguments())
            .await
            .or_else(|error| gone(error, None))?;
        if let Some(now) = now {
            return Ok(Some((page, frame, now)));
        }
    }
    Ok(None)
}

/// All frames of exactly this origin.
fn candidates(listener: &Listener, at: &FrameLocation) -> Vec<(Page, FrameId)> {
    let mut found = Vec::new();
    let pages: Vec<&Page> = listener.pages().collect();
    for page in pages.into_iter().rev() {
        for frame in page.frames() {
            if frame.origin == at.origin {
                found.push((page.clone(), frame.id));
            }
        }
    }
    found
}

/// Clicks the wanted element with the mouse. False when it is gone.
pub(in crate::signin) async fn click(
    found: &Found,
    wanted: &Wanted<'_>,
) -> Result<bool, BrowserError> {
    let clicked = found
        .page
        .click(&found.frame, FIND_JS, &wanted.arguments())
        .await;
    clicked.map(|()| true).or_else(|error| gone(error, false))
}

/// Clicks the radio button with this label. The page that it is on; none when there is no such button.
pub(in crate::signin) async fn click_radio(
    listener: &Listener,
    at: &FrameLocation,
    label: &str,
) -> Result<Option<Page>, BrowserError> {
    for (page, frame) in candidates(listener, at) {
        let clicked = page.click(&frame, RADIO_JS, &[json!(label)]).await;
        if clicked.map(|()| true).or_else(|error| gone(error, false))? {
            return Ok(Some(page));
        }
    }
    Ok(None)
}

/// Ticks the box that lets the website remember this browser, or unticks it. One that is so already stays.
pub(in crate::signin) async fn tick(
    listener: &Listener,
    at: &FrameLocation,
    wanted: bool,
) -> Result<(), BrowserError> {
    for (page, frame) in candidates(listener, at) {
        let clicked = page.click(&frame, REMEMBER_JS, &[json!(wanted)]).await;
        clicked.or_else(|error| gone(error, ()))?;
    }
    Ok(())
}

/// Hands the closed shadow roots of these frames to their watchers: the element may be inside.
async fn open_closed_roots(listener: &Listener, at: &FrameLocation) -> Result<(), BrowserError> {
    for (page, frame) in candidates(listener, at) {
        let opened = open_roots(&page, &frame).await;
        opened.map(drop).or_else(|error| gone(error, ()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readiness(element: &str, left: i64, free: bool) -> Readiness {
        Readiness {
            element: element.into(),
            area: [left, 0, 100, 20],
            free,
            loaded: true,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn field_that_moves_or_is_replaced_is_not_ready_until_it_rests() {
        let mut elements = Elements::new();
        let mut steady = None;
        for left in 0..5 {
            assert!(!elements.is_ready(&mut steady, &readiness("a/1", left, true), true));
            tokio::time::advance(STEADY).await;
        }
        assert!(!elements.is_ready(&mut steady, &readiness("a/2", 4, true), true));
        tokio::time::advance(STEADY).await;
        assert!(elements.is_ready(&mut steady, &readiness("a/2", 4, true), true));
    }

    #[tokio::test(start_paused = true)]
    async fn covered_field_of_a_busy_page_is_used_after_a_bounded_wait_once() {
        let mut elements = Elements::new();
        let mut steady = None;
        let began = Instant::now();
        while !elements.is_ready(&mut steady, &readiness("a/1", 0, false), false) {
            assert!(began.elapsed() < 2 * UNSETTLED, "the wait is bounded");
            tokio::time::advance(STEADY).await;
        }
        assert!(began.elapsed() > UNSETTLED);
        let mut steady = None;
        assert!(!elements.is_ready(&mut steady, &readiness("a/2", 0, false), false));
        tokio::time::advance(STEADY).await;
        assert!(elements.is_ready(&mut steady, &readiness("a/2", 0, false), false));
    }
}
