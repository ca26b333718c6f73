//! Pictures of the page that is looked at.
//!
//! Chromium may have two pictures out. It gets one back when the viewer has drawn it, or when a newer
//! one came before it was sent. The newest that it could not hand out waits inside it. So a slow
//! viewer makes Chromium draw less, sees the newest next, and never makes a queue.

use std::{
    borrow::Cow,
    collections::VecDeque,
    sync::{Arc, Weak},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chromiumoxide_cdp::cdp::browser_protocol::page::{
    ScreencastFrameAckParams, StopScreencastParams,
};
use chromiumoxide_types::{Command, Method, MethodId};
use imagesize::blob_size;
use serde::Serialize;
use tokio::sync::watch;

use super::{
    cdp_events::ScreencastFrameEvent,
    core::{Core, State},
    types::{PageId, ScreencastFrame, Viewport},
};

/// The first picture of a cast comes within this time, but on a very busy machine.
const BLIND: Duration = Duration::from_millis(700);

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
    pub fn frames(&self) -> watch::Receiver<Option<Arc<ScreencastFrame>>> {
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
    /// Whether the newest picture since a cast was begun, or the size changed, has the right size.
    seen: bool,
    /// Which of these was the last, so that nobody waits for `seen` because of an older one.
    turn: u64,
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
    pub(super) fn picture(self: &Arc<Self>, session: &str, frame: ScreencastFrameEvent<'_>) {
        let jpeg = STANDARD.decode(frame.data.as_bytes());
        let (width, height) = (
            frame.metadata.device_width as u16,
            frame.metadata.device_height as u16,
        );
        let mut state = self.state();
        let wanted = state.emulation.overrides.viewport.clamped();
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
        // After a change of size, a picture of the old size may show the new page, letterboxed.
        let pixels = blob_size(&jpeg).ok().map(|size| (size.width, size.height));
        let fits =
            wanted == Viewport { width, height } && pixels == Some((width.into(), height.into()));
        // A page that moves to another process may lose its size on the way.
        let lost = cast.seen && !fits;
        cast.seen = fits;
        drop(state);
        self.frames.send_replace(Some(Arc::new(ScreencastFrame {
            seq,
            page,
            width,
            height,
            scale: 100,
            jpeg,
        })));
        if lost {
            self.insist();
        }
    }

    /// The page that is looked at changed: pictures follow.
    pub(super) fn follow(self: &Arc<Self>) {
        let moved = {
            let state = self.state();
            let now = state.current().map(|(page, _)| page);
            state.cast.wanted && state.cast.on.as_ref().map(|(page, _)| *page) != now
        };
        if moved {
            self.recast();
        }
    }

    /// The page shows another document, or has loaded it. A cast that began while the page moved to
    /// another process is tied to the process before and stays blind.
    pub(super) fn cast_anew(self: &Arc<Self>, page: PageId) {
        let casts = {
            let cast = &self.state().cast;
            cast.wanted && cast.on.as_ref().is_some_and(|(on, _)| *on == page)
        };
        if casts {
            self.recast();
        }
    }

    /// Ends the running cast, if any, and begins one of the page that is looked at, if wanted.
    fn recast(self: &Arc<Self>) {
        self.begin_anew(&mut self.state());
        self.insist();
    }

    /// The size of the pages changed: a picture of that size follows.
    pub(super) fn resized(self: &Arc<Self>) {
        self.state().cast.seen = false;
        self.insist();
    }

    fn insist(self: &Arc<Self>) {
        let turn = {
            let cast = &mut self.state().cast;
            cast.turn = cast.turn.wrapping_add(1);
            cast.on.is_some().then_some(cast.turn)
        };
        if let Some(turn) = turn {
            tokio::spawn(begin_until_seen(Arc::downgrade(self), turn));
        }
    }

    fn begin_anew(&self, state: &mut State) {
        let cast = &mut state.cast;
        // What travels to the viewer before is none of this cast's.
        cast.sent = cast.last_seq;
        cast.release(self, |_| true);
        cast.seen = false;
        if let Some((_, session)) = cast.on.take() {
            self.cdp
                .send(Some(&session), &StopScreencastParams::default());
        }
        if cast.wanted {
            self.begin(state);
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

/// A cast begins with a picture of the right size, and a new size brings one. A cast without is blind:
/// it is begun again, and the page is told its size once more.
async fn begin_until_seen(core: Weak<Core>, turn: u64) {
    let mut patience = BLIND;
    loop {
        tokio::time::sleep(patience).await;
        let Some(core) = core.upgrade() else { return };
        let mut state = core.state();
        let cast = &state.cast;
        if cast.seen || cast.turn != turn || core.cdp.ended().is_some() {
            return;
        }
        tracing::debug!("no picture of the right size: begun again");
        if let Some((_, session)) = &cast.on {
            state
                .emulation
                .override_device_metrics_again(&core.cdp, session);
        }
        core.begin_anew(&mut state);
        // A machine that is too busy for a first picture is not helped by beginning more often.
        patience = patience.saturating_mul(2);
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
