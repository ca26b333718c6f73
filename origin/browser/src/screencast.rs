//! Frames of the page that is looked at, for a live view.

use std::sync::Arc;

use tokio::sync::watch;

use super::{core::Core, screencast_frame::ScreencastFrame};

/// The screencast of the current page. Cheap to clone.
#[derive(Clone)]
pub struct Screencast {
    pub(super) core: Arc<Core>,
}

impl Screencast {
    /// Begins, or begins anew for another viewer: a frame comes even when nothing moves.
    pub fn start(&self) {
        self.core.change(|state| state.set_screencast(true));
    }

    /// Stops: no frames and no work until the next start.
    pub fn stop(&self) {
        self.core.change(|state| state.set_screencast(false));
    }

    /// The newest frame, also one that was there before; older ones are never queued.
    #[must_use]
    pub fn frames(&self) -> watch::Receiver<Option<Arc<ScreencastFrame>>> {
        self.core.frames.subscribe()
    }

    /// The frame with this number is on its way to the viewer.
    pub fn sent(&self, seq: u32) {
        self.core.change(|state| state.frame_sent(seq));
    }

    /// The frame with this number, and all before it, are shown.
    pub fn ack(&self, seq: u32) {
        self.core.change(|state| state.frame_shown(seq));
    }
}
