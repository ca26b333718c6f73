//! Pictures of the page that is looked at.
//!
//! Chromium may have two pictures out. It gets one back when the viewer has drawn it, or when a newer
//! one came before it was sent. The newest that it could not hand out waits inside it. So a slow
//! viewer makes Chromium draw less, sees the newest next, and never makes a queue.

use std::{borrow::Cow, collections::VecDeque, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chromiumoxide_cdp::cdp::browser_protocol::page::{
    ScreencastFrameAckParams, StopScreencastParams,
};
use chromiumoxide_types::{Command, Method, MethodId};
use serde::Serialize;
use tokio::sync::watch;

use super::{
    core::{Core, State},
    incoming::ScreencastFrame,
    types::{Frame, PageId},
};

/// Pictures of the page that is looked at. Cheap to clone.
#[derive(Clone)]
pub struct Screencast {
    pub(super) core: Arc<Core>,
}

impl Screencast {
    /// Begins, or begins anew for another viewer: a picture comes even when nothing moves.
    pub fn start(&self) {
        self.core.state().cast.wanted = true;
        self.core.recast();
    }

    /// Parks: no pictures and no work until the next start.
    pub fn stop(&self) {
        self.core.state().cast.wanted = false;
        self.core.recast();
    }

    /// The newest picture, also one that was there before; older ones are never queued.
    #[must_use]
    pub fn frames(&self) -> watch::Receiver<Option<Arc<Frame>>> {
        self.core.frames.subscribe()
    }

    /// The picture with this number is on its way to the viewer.
    pub fn sent(&self, seq: u32) {
        self.core.state().cast.sent = seq;
    }

    /// The picture with this number, and all before it, are shown.
    pub fn ack(&self, seq: u32) {
        let mut state = self.core.state();
        state.cast.release(&self.core, |out| out.seq <= seq);
    }
}

/// The state of the cast.
#[derive(Default)]
pub(super) struct Cast {
    wanted: bool,
    /// Page and session that are cast now.
    on: Option<(PageId, String)>,
    last_seq: u32,
    /// The last one on its way to the viewer.
    sent: u32,
    /// Not yet acknowledged to Chromium.
    out: VecDeque<Out>,
}

struct Out {
    seq: u32,
    session: String,
    number: i64,
}

impl Cast {
    fn release(&mut self, core: &Core, done: impl Fn(&Out) -> bool) {
        self.out.retain(|out| {
            let done = done(out);
            if done {
                let ack = ScreencastFrameAckParams::new(out.number);
                core.cdp.send(Some(&out.session), &ack);
            }
            !done
        });
    }
}

impl Core {
    pub(super) fn picture(&self, session: &str, frame: ScreencastFrame<'_>) {
        let jpeg = STANDARD.decode(frame.data.as_bytes());
        let mut state = self.state();
        let cast = &mut state.cast;
        let Some((page, _)) = cast.on.as_ref().filter(|(_, on)| on == session) else {
            return;
        };
        let page = *page;
        cast.last_seq = cast.last_seq.wrapping_add(1);
        let seq = cast.last_seq;
        cast.out.push_back(Out {
            seq,
            session: session.to_owned(),
            number: frame.session_id,
        });
        // Whatever neither travels nor is the newest is superseded.
        let sent = cast.sent;
        cast.release(self, |out| out.seq > sent && out.seq != seq);
        let Ok(jpeg) = jpeg else {
            return cast.release(self, |out| out.seq == seq);
        };
        drop(state);
        self.frames.send_replace(Some(Arc::new(Frame {
            seq,
            page,
            width: frame.metadata.device_width as u16,
            height: frame.metadata.device_height as u16,
            scale: 100,
            jpeg,
        })));
    }

    /// The page that is looked at changed: pictures follow.
    pub(super) fn follow(&self) {
        let moved = {
            let state = self.state();
            let now = state.current().map(|(page, _)| page);
            state.cast.wanted && state.cast.on.as_ref().map(|(page, _)| *page) != now
        };
        if moved {
            self.recast();
        }
    }

    /// Ends the running cast, if any, and begins one of the page that is looked at, if wanted.
    fn recast(&self) {
        let mut state = self.state();
        let cast = &mut state.cast;
        // What travels to the viewer before is none of this cast's.
        cast.sent = cast.last_seq;
        cast.release(self, |_| true);
        if let Some((_, session)) = cast.on.take() {
            self.cdp
                .send(Some(&session), &StopScreencastParams::default());
        }
        if cast.wanted {
            self.begin(&mut state);
        }
    }

    fn begin(&self, state: &mut State) {
        let Some((page, session)) = state.current().map(|(id, page)| (id, page.session.clone()))
        else {
            return;
        };
        self.cdp.send(Some(&session), &StartScreencast::OURS);
        state.cast.on = Some((page, session));
    }
}

/// `Page.startScreencast` with what the typed protocol does not know yet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct StartScreencast {
    format: &'static str,
    quality: u8,
    max_frames_in_flight: u8,
    /// Keep the newest picture that could not be sent, and send it on the next ack.
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
