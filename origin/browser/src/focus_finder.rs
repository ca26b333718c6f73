//! Finds out where the element is that is needed to go on.

use std::sync::Arc;

use chromiumoxide_cdp::cdp::js_protocol::runtime::ReleaseObjectParams;
use tokio::sync::watch;

use super::{
    cdp::DEADLINE,
    core::Core,
    error::BrowserError,
    focus::{Focus, Needed, Place},
    ids::{FrameId, PageId},
    page::Page,
};

/// Farther away, in CSS pixels, nothing is shown.
const FAR: f64 = 100_000.0;

/// A receiver of where the element is, from now on. A website may move its focus as often as it likes: one element is looked
/// for at a time, the newest one next, and none once the receiver is gone.
pub(crate) fn follow(core: &Arc<Core>) -> watch::Receiver<Focus> {
    let (found, receiver) = watch::channel(Focus::default());
    let mut needed = core.needed.subscribe();
    let core = Arc::downgrade(core);
    tokio::spawn(async move {
        loop {
            let Needed { number, frame } = needed.borrow_and_update().clone();
            let place = match (frame, core.upgrade()) {
                // What is gone meanwhile, or has no box, is nowhere.
                (Some((page, frame)), Some(core)) => find(core, page, &frame).await.ok(),
                _ => None,
            };
            found.send_if_modified(|focus| {
                let now = Focus { number, place };
                std::mem::replace(focus, now) != now
            });
            tokio::select! {
                () = found.closed() => return,
                changed = needed.changed() => if changed.is_err() {
                    return;
                },
            }
        }
    });
    receiver
}

async fn find(core: Arc<Core>, page: PageId, frame: &FrameId) -> Result<Place, BrowserError> {
    let page = Page { core, id: page };
    let element = "() => globalThis.neededElement()";
    let found = page.evaluate(frame, element, &[], false, DEADLINE).await?;
    let object = found.object_id.ok_or(BrowserError::NoSuchElement)?;
    let session = page.session_of(frame)?;
    let corners = page.corners(frame, &session, object.clone()).await;
    page.core
        .cdp
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
