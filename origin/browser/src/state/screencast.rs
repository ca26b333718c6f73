//! The screencast of the page that is looked at.
//!
//! Chromium may have two frames out. It gets one back when the viewer has drawn it, or when a newer
//! one came before it was sent. The newest that it could not hand out waits inside it. So a slow
//! viewer makes Chromium draw less, sees the newest next, and never makes a queue.

use std::{borrow::Cow, collections::VecDeque, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chromiumoxide_cdp::cdp::browser_protocol::page::{
    ScreencastFrameAckParams, StopScreencastParams,
};
use chromiumoxide_types::{Command, Method, MethodId};
use imagesize::blob_size;
use serde::Serialize;

use super::effect::{Effect, FrameDeadline};
use crate::{
    cdp_events::ScreencastFrameEvent, ids::PageId, profile::Viewport,
    screencast_frame::ScreencastFrame,
};

/// The first frame of a screencast comes within this time, but on a very busy machine.
const FIRST_FRAME: Duration = Duration::from_millis(700);

/// The page that is looked at, and its session; `None` when there is no page.
pub(crate) type Current<'a> = Option<(PageId, &'a str)>;

/// What is known of the screencast.
#[derive(Default)]
pub(crate) struct ScreencastState {
    wanted: bool,
    /// Page and session that are cast now.
    on: Option<(PageId, String)>,
    /// Whether the newest frame since a start, or since the size changed, has the right size.
    seen: bool,
    /// Which of these was the last, so that nobody waits for `seen` because of an older one.
    turn: u64,
    last_seq: u32,
    /// The last one on its way to the viewer.
    sent: u32,
    /// Not yet acknowledged to Chromium.
    out: VecDeque<Unacknowledged>,
}

struct Unacknowledged {
    seq: u32,
    session: String,
    number: i64,
}

impl ScreencastState {
    /// Frames are wanted, or no longer. Wanted once more, a frame comes even when nothing moves.
    pub fn set_wanted(&mut self, wanted: bool, current: Current<'_>) -> Vec<Effect> {
        self.wanted = wanted;
        self.restart(current)
    }

    /// The frame with this number is on its way to the viewer.
    pub fn sent(&mut self, seq: u32) {
        self.sent = seq;
    }

    /// The frame with this number, and all before it, are shown.
    pub fn shown(&mut self, seq: u32) -> Vec<Effect> {
        self.acknowledge(|out| out.seq <= seq)
    }

    /// A frame came from a session. `size` is what the pages have.
    pub fn frame(
        &mut self,
        session: &str,
        event: &ScreencastFrameEvent<'_>,
        size: Viewport,
    ) -> Vec<Effect> {
        let Some((page, _)) = self.on.as_ref().filter(|(_, on)| on == session) else {
            return Vec::new();
        };
        let page = *page;
        self.last_seq = self.last_seq.wrapping_add(1);
        let seq = self.last_seq;
        self.out.push_back(Unacknowledged {
            seq,
            session: session.to_owned(),
            number: event.session_id,
        });
        // Whatever neither travels nor is the newest is superseded.
        let sent = self.sent;
        let mut effects = self.acknowledge(|out| out.seq > sent && out.seq != seq);
        let Ok(jpeg) = STANDARD.decode(event.data.as_bytes()) else {
            effects.extend(self.acknowledge(|out| out.seq == seq));
            return effects;
        };
        let (width, height) = (
            event.metadata.device_width as u16,
            event.metadata.device_height as u16,
        );
        // After a change of size, a frame of the old size may show the new page, letterboxed.
        let pixels = blob_size(&jpeg).ok().map(|size| (size.width, size.height));
        let fits =
            size == Viewport { width, height } && pixels == Some((width.into(), height.into()));
        // A page that moves to another process may lose its size on the way.
        let lost = self.seen && !fits;
        self.seen = fits;
        effects.push(Effect::ShowFrame(ScreencastFrame {
            seq,
            page,
            width,
            height,
            scale: 100,
            jpeg,
        }));
        if lost {
            effects.extend(self.await_frame());
        }
        effects
    }

    /// A page came or went: frames of the current one follow.
    pub fn follow(&mut self, current: Current<'_>) -> Vec<Effect> {
        let page = current.map(|(page, _)| page);
        if self.wanted && self.on.as_ref().map(|(on, _)| *on) != page {
            return self.restart(current);
        }
        Vec::new()
    }

    /// The page shows another document, or has loaded it. A screencast that began while the page
    /// moved to another process is tied to the process before and stays blind.
    pub fn document_changed(&mut self, page: PageId, current: Current<'_>) -> Vec<Effect> {
        if self.wanted && self.on.as_ref().is_some_and(|(on, _)| *on == page) {
            return self.restart(current);
        }
        Vec::new()
    }

    /// The size of the pages changed: a frame of that size follows.
    pub fn resized(&mut self) -> Vec<Effect> {
        self.seen = false;
        self.await_frame().into_iter().collect()
    }

    /// A deadline is over: whether a frame of the right size is still missing. Not when the
    /// deadline is no longer what is waited for.
    pub fn is_overdue(&self, deadline: FrameDeadline) -> bool {
        !self.seen && self.turn == deadline.turn
    }

    /// The session that is cast now.
    pub fn session(&self) -> Option<&str> {
        self.on.as_ref().map(|(_, session)| session.as_str())
    }

    /// Begins a screencast without a frame of the right size again, and waits twice as long: a
    /// machine that is too busy for a first frame is not helped by beginning more often.
    pub fn begin_overdue(&mut self, deadline: FrameDeadline, current: Current<'_>) -> Vec<Effect> {
        let mut effects = self.begin_anew(current);
        effects.push(Effect::AwaitFrame(FrameDeadline {
            turn: deadline.turn,
            after: deadline.after.saturating_mul(2),
        }));
        effects
    }

    /// Ends the running screencast, if any, and begins one of the current page, if wanted.
    fn restart(&mut self, current: Current<'_>) -> Vec<Effect> {
        let mut effects = self.begin_anew(current);
        effects.extend(self.await_frame());
        effects
    }

    fn await_frame(&mut self) -> Option<Effect> {
        self.turn = self.turn.wrapping_add(1);
        self.on
            .is_some()
            .then_some(Effect::AwaitFrame(FrameDeadline {
                turn: self.turn,
                after: FIRST_FRAME,
            }))
    }

    fn begin_anew(&mut self, current: Current<'_>) -> Vec<Effect> {
        // What travels to the viewer before is none of this screencast's.
        self.sent = self.last_seq;
        let mut effects = self.acknowledge(|_| true);
        self.seen = false;
        if let Some((_, session)) = self.on.take() {
            effects.push(Effect::send(&session, &StopScreencastParams::default()));
        }
        if let Some((page, session)) = current.filter(|_| self.wanted) {
            effects.push(Effect::send(session, &StartScreencast::OURS));
            self.on = Some((page, session.to_owned()));
        }
        effects
    }

    fn acknowledge(&mut self, done: impl Fn(&Unacknowledged) -> bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.out.retain(|out| {
            let done = done(out);
            if done {
                let ack = ScreencastFrameAckParams::new(out.number);
                effects.push(Effect::send(&out.session, &ack));
            }
            !done
        });
        effects
    }
}

/// `Page.startScreencast` with what the typed protocol does not know yet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StartScreencast {
    format: &'static str,
    quality: u8,
    max_frames_in_flight: u8,
    /// Keep the newest frame that could not be sent, and send it on the next ack.
    send_last_frame: bool,
}

impl StartScreencast {
    const OURS: Self = Self {
        format: "jpeg",
        quality: 60,
        max_frames_in_flight: 2,
        send_last_frame: true,
    };
}

impl Method for StartScreencast {
    fn identifier(&self) -> MethodId {
        Cow::Borrowed("Page.startScreencast")
    }
}

impl Command for StartScreencast {
    type Response = serde_json::Value;
}

#[cfg(test)]
mod tests;
