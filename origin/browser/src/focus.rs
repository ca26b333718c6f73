//! Where the element is that a person needs to go on: what has the focus, or what is filled first while nothing has it.
//! Who looks at a picture of the page must have it in sight.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chromiumoxide_cdp::cdp::js_protocol::runtime::ReleaseObjectParams;
use tokio::sync::watch;

use super::{
    cdp::DEADLINE,
    core::Core,
    error::BrowserError,
    ids::{FrameId, PageId},
    page::Page,
};

/// Farther away, in CSS pixels, nothing is shown.
const FAR: f64 = 100_000.0;

/// The element that is needed to go on, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Focus {
    /// Rises when it is another element; the same one may move.
    pub number: u32,
    /// Where it is; `None` when there is no such element.
    pub place: Option<Place>,
}

/// A box in CSS pixels of the page, from the corner of what is shown of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The distance from the left edge.
    pub x: i32,
    /// The distance from the top edge.
    pub y: i32,
    /// The width.
    pub width: i32,
    /// The height.
    pub height: i32,
}

/// The frame that says that it has the element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FocusQuestion {
    pub number: u32,
    pub page: PageId,
    pub frame: FrameId,
}

/// Finds out where the element is. A website may move its focus as often as it likes: one question is asked at a time, and
/// none that nobody wants to know the answer of.
#[derive(Default)]
pub(crate) struct FocusFinder {
    shown: watch::Sender<Focus>,
    asking: Mutex<Asking>,
}

#[derive(Default)]
struct Asking {
    is_busy: bool,
    next: Option<FocusQuestion>,
}

impl FocusFinder {
    fn asking(&self) -> MutexGuard<'_, Asking> {
        self.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another document came.
    pub fn forget(&self, number: u32) {
        self.asking().next = None;
        self.show(Focus {
            number,
            place: None,
        });
    }

    fn show(&self, found: Focus) {
        self.shown.send_if_modified(|shown| {
            let changes = found.number >= shown.number && *shown != found;
            if changes {
                *shown = found;
            }
            changes
        });
    }

    /// The question that is to be asked now, if any.
    fn take(&self) -> Option<FocusQuestion> {
        let mut asking = self.asking();
        let next = asking.next.take();
        asking.is_busy = next.is_some();
        next
    }
}

/// Remembers the question, and asks it if somebody wants to know.
pub(crate) fn ask(core: &Arc<Core>, question: FocusQuestion) {
    core.focus.asking().next = Some(question);
    begin(core);
}

/// A receiver of what is needed to go on, from now on.
pub(crate) fn follow(core: &Arc<Core>) -> watch::Receiver<Focus> {
    let receiver = core.focus.shown.subscribe();
    begin(core);
    receiver
}

fn begin(core: &Arc<Core>) {
    let finder = &core.focus;
    if finder.shown.receiver_count() == 0 || finder.asking().is_busy {
        return;
    }
    let Some(first) = finder.take() else {
        return;
    };
    let core = Arc::clone(core);
    tokio::spawn(async move {
        let mut next = Some(first);
        while let Some(question) = next {
            let number = question.number;
            // What is gone meanwhile, or has no box, is nowhere.
            let place = find(&core, question).await.ok();
            core.focus.show(Focus { number, place });
            next = core.focus.take();
        }
    });
}

async fn find(core: &Arc<Core>, question: FocusQuestion) -> Result<Place, BrowserError> {
    let page = Page {
        core: Arc::clone(core),
        id: question.page,
    };
    let frame = &question.frame;
    let element = "() => globalThis.neededElement()";
    let found = page.evaluate(frame, element, &[], false, DEADLINE).await?;
    let object = found.object_id.ok_or(BrowserError::NoSuchElement)?;
    let session = page.session_of(frame)?;
    let corners = page.corners(frame, &session, object.clone()).await;
    core.cdp
        .send(Some(&session), &ReleaseObjectParams::new(object));
    place(&corners?)
}

fn place(corners: &[(f64, f64)]) -> Result<Place, BrowserError> {
    let (mut left, mut top) = (FAR, FAR);
    let (mut right, mut bottom) = (-FAR, -FAR);
    for (x, y) in corners {
        if !x.is_finite() || !y.is_finite() {
            return Err(BrowserError::NoSuchElement);
        }
        (left, right) = (left.min(*x), right.max(*x));
        (top, bottom) = (top.min(*y), bottom.max(*y));
    }
    let pixel = |value: f64| value.clamp(-FAR, FAR).round() as i32;
    Ok(Place {
        x: pixel(left),
        y: pixel(top),
        width: pixel(right - left),
        height: pixel(bottom - top),
    })
}
