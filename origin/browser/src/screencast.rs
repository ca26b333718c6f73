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
    /// Starts the screencast, or starts it again for another viewer. A frame comes even when nothing on the
    /// page moves.
    pub fn start(&self) {
        self.core.change(|state| state.set_screencast(true));
    }

    /// Stops the screencast. Until the next start there are no frames, and Chromium has no work with them.
    pub fn stop(&self) {
        self.core.change(|state| state.set_screencast(false));
    }

    /// Returns a receiver of the newest frame. It holds the last frame that came before, if any; older ones
    /// are never queued.
    #[must_use]
    pub fn frames(&self) -> watch::Receiver<Option<Arc<ScreencastFrame>>> {
        self.core.frames.subscribe()
    }

    /// Notes that the frame with this number is on its way to the viewer.
    pub fn sent(&self, seq: u32) {
        self.core.change(|state| state.frame_sent(seq));
    }

    /// Acknowledges the frame with this number and all before it: the viewer has shown them.
    pub fn ack(&self, seq: u32) {
        self.core.change(|state| state.frame_shown(seq));
    }
}
