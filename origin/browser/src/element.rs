//! Elements: found by a script, clicked by the mouse.

use std::time::Duration;

use chromiumoxide_cdp::cdp::{
    browser_protocol::{
        dom::{GetContentQuadsParams, GetFrameOwnerParams, ScrollIntoViewIfNeededParams},
        input::{DispatchMouseEventParams, DispatchMouseEventType, MouseButton},
    },
    js_protocol::runtime::{ReleaseObjectParams, RemoteObjectId},
};
use serde_json::Value;

use super::{cdp::DEADLINE, error::BrowserError, ids::FrameId, page::Page};

/// An element that has not moved for this long stays where it is.
const REST: Duration = Duration::from_millis(60);

impl Page {
    /// Scrolls the element that the function returns into view and clicks its middle with the
    /// mouse.
    ///
    /// # Errors
    /// [`BrowserError::NoSuchElement`] when the function returns no element, or one without a box, and
    /// [`BrowserError::Script`] when it throws; also when the frame or the browser is gone.
    pub async fn click(
        &self,
        frame: &FrameId,
        element_js: &str,
        args: &[Value],
    ) -> Result<(), BrowserError> {
        let found = self
            .evaluate(frame, element_js, args, false, DEADLINE)
            .await?;
        let object = found.object_id.ok_or(BrowserError::NoSuchElement)?;
        let session = self.session_of(frame)?;
        let point = self.middle(frame, &session, object.clone()).await;
        self.core
            .cdp
            .send(Some(&session), &ReleaseObjectParams::new(object));
        let (x, y) = point?;
        self.click_at(x, y).await
    }

    /// Where the element's middle comes to rest: scrolling and layout of frames in other processes
    /// arrive a moment later.
    async fn middle(
        &self,
        frame: &FrameId,
        session: &str,
        object: RemoteObjectId,
    ) -> Result<(f64, f64), BrowserError> {
        let scroll = ScrollIntoViewIfNeededParams {
            object_id: Some(object.clone()),
            ..Default::default()
        };
        let scrolled = self.core.cdp.call(Some(session), scroll, DEADLINE).await;
        scrolled.map_err(no_box)?;
        let mut last = None;
        for _ in 0..20 {
            let now = self.measure(frame, session, object.clone()).await?;
            if last == Some(now) {
                break;
            }
            last = Some(now);
            tokio::time::sleep(REST).await;
        }
        last.ok_or(BrowserError::NoSuchElement)
    }

    async fn measure(
        &self,
        frame: &FrameId,
        session: &str,
        object: RemoteObjectId,
    ) -> Result<(f64, f64), BrowserError> {
        let corners = self.corners(frame, session, object).await?;
        let [(ax, ay), (bx, by), (cx, cy), (dx, dy)] = corners;
        Ok(((ax + bx + cx + dx) / 4.0, (ay + by + cy + dy) / 4.0))
    }

    /// The four corners of the element's first box, on the page.
    pub(super) async fn corners(
        &self,
        frame: &FrameId,
        session: &str,
        object: RemoteObjectId,
    ) -> Result<[(f64, f64); 4], BrowserError> {
        let ask = GetContentQuadsParams {
            object_id: Some(object),
            ..Default::default()
        };
        let quads = self.core.cdp.call(Some(session), ask, DEADLINE).await;
        let quads = quads.map_err(no_box)?.quads;
        let quad = quads.iter().find(|quad| area(quad.inner()) > 1.0);
        let corners = corners_of(quad.ok_or(BrowserError::NoSuchElement)?.inner())
            .ok_or(BrowserError::NoSuchElement)?;
        let (left, top) = self.place_of(frame).await?;
        Ok(corners.map(|(x, y)| (x + left, y + top)))
    }

    /// Where the frame's document begins on the page. Within one process coordinates are the
    /// outermost frame's already; each border between processes adds the place of the frame.
    async fn place_of(&self, frame: &FrameId) -> Result<(f64, f64), BrowserError> {
        let (mut left, mut top) = (0.0, 0.0);
        let mut at = frame.clone();
        // No page nests deeper; a loop in the table would never end.
        for _ in 0..64 {
            let (session, parent) = {
                let state = self.core.state();
                let of = state.frames.get(&at).ok_or(BrowserError::NoSuchFrame)?;
                (of.session.clone(), of.parent.clone())
            };
            let Some(parent) = parent else {
                return Ok((left, top));
            };
            let outer = self.session_of(&parent)?;
            if outer != session {
                let (x, y) = self.owner_place(&outer, &at).await?;
                left += x;
                top += y;
            }
            at = parent;
        }
        Err(BrowserError::NoSuchFrame)
    }

    async fn owner_place(&self, outer: &str, frame: &FrameId) -> Result<(f64, f64), BrowserError> {
        let cdp = &self.core.cdp;
        let ask = GetFrameOwnerParams::new(frame.0.clone());
        let owner = cdp.call(Some(outer), ask, DEADLINE).await?;
        let ask = GetContentQuadsParams {
            backend_node_id: Some(owner.backend_node_id),
            ..Default::default()
        };
        let quads = cdp.call(Some(outer), ask, DEADLINE).await?;
        let corner = quads.quads.first().map(|quad| quad.inner().as_slice());
        match corner {
            Some([x, y, ..]) => Ok((*x, *y)),
            _ => Err(BrowserError::NoSuchElement),
        }
    }

    async fn click_at(&self, x: f64, y: f64) -> Result<(), BrowserError> {
        let session = self.session()?;
        let steps = [
            (DispatchMouseEventType::MouseMoved, MouseButton::None, 0, 0),
            (
                DispatchMouseEventType::MousePressed,
                MouseButton::Left,
                1,
                1,
            ),
            (
                DispatchMouseEventType::MouseReleased,
                MouseButton::Left,
                0,
                1,
            ),
        ];
        for (kind, button, buttons, clicks) in steps {
            let mut event = DispatchMouseEventParams::new(kind, x, y);
            event.button = Some(button);
            event.buttons = Some(buttons);
            event.click_count = Some(clicks);
            // A dialog that the click opened withholds the answer: no error.
            match self.core.cdp.call(Some(&session), event, DEADLINE).await {
                Ok(_) | Err(BrowserError::Timeout { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The engine refuses to scroll to, or to measure, what is not laid out.
fn no_box(error: BrowserError) -> BrowserError {
    match error {
        BrowserError::Refused { .. } => BrowserError::NoSuchElement,
        other => other,
    }
}

/// Four corners, x and y each.
fn corners_of(quad: &[f64]) -> Option<[(f64, f64); 4]> {
    match *quad {
        [ax, ay, bx, by, cx, cy, dx, dy] => Some([(ax, ay), (bx, by), (cx, cy), (dx, dy)]),
        _ => None,
    }
}

fn area(quad: &[f64]) -> f64 {
    match quad {
        [ax, ay, bx, by, cx, cy, dx, dy] => {
            ((ax * by - bx * ay) + (bx * cy - cx * by) + (cx * dy - dx * cy) + (dx * ay - ax * dy))
                .abs()
                / 2.0
        }
        _ => 0.0,
    }
}
