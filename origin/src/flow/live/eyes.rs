//! What the viewer sees of the browser.

use std::sync::{Arc, Weak};

use shared::live::ServerMessage;
use tokio::sync::watch;

use crate::browser::{Browser, Frame, Remote, Screencast, Viewport};

/// Looks at one browser after the other; sees nothing while there is none.
#[derive(Default)]
pub(super) struct Eyes {
    at: Option<At>,
    hidden: bool,
    size: Option<Viewport>,
}

/// Something to tell the viewer.
pub(super) enum Seen {
    /// A picture.
    Frame(Arc<Frame>),
    /// The strip or the cursor.
    Say(ServerMessage),
}

struct At {
    /// Never keeps a browser alive.
    browser: Weak<Browser>,
    cast: Screencast,
    frames: watch::Receiver<Option<Arc<Frame>>>,
    remote: watch::Receiver<Remote>,
    cursor: watch::Receiver<String>,
}

impl Eyes {
    /// Turns to this browser; false when it looked at it before.
    pub fn look_at(&mut self, browser: Option<&Arc<Browser>>) -> bool {
        let before = self.at.as_ref().map(|at| at.browser.as_ptr());
        if before == browser.map(Arc::as_ptr) {
            return false;
        }
        self.at = browser.map(|browser| {
            let mut at = At {
                browser: Arc::downgrade(browser),
                cast: browser.screencast(),
                frames: browser.screencast().frames(),
                remote: browser.remote(),
                cursor: browser.cursor(),
            };
            // Told at once, also what was there before: the last picture too, since a page that
            // stands still sends no other.
            at.frames.mark_changed();
            at.remote.mark_changed();
            at.cursor.mark_changed();
            at
        });
        if let Some(size) = self.size {
            self.resize(size);
        }
        if !self.hidden {
            self.open();
        }
        true
    }

    /// The browser, while it lives.
    pub fn browser(&self) -> Option<Arc<Browser>> {
        self.at.as_ref()?.browser.upgrade()
    }

    pub fn screencast(&self) -> Option<Screencast> {
        self.at.as_ref().map(|at| at.cast.clone())
    }

    /// The viewer's tab is shown or hidden: a hidden one gets no pictures.
    pub fn set_hidden(&mut self, hidden: bool) {
        if hidden == self.hidden {
            return;
        }
        self.hidden = hidden;
        if hidden {
            self.shut();
        } else {
            self.open();
        }
    }

    /// The viewer's window has another size.
    pub fn resize(&mut self, size: Viewport) {
        self.size = Some(size);
        if let Some(browser) = self.browser() {
            browser.resize(size);
        }
    }

    /// The viewer has drawn this picture.
    pub fn drawn(&self, seq: u32) {
        if let Some(at) = &self.at {
            at.cast.ack(seq);
        }
    }

    fn open(&self) {
        if let Some(at) = &self.at {
            at.cast.start();
        }
    }

    /// No more pictures.
    pub fn shut(&self) {
        if let Some(at) = &self.at {
            at.cast.stop();
        }
    }

    /// The next thing seen; never, while there is no browser. Cancel-safe.
    pub async fn next(&mut self) -> Seen {
        if let Some(at) = &mut self.at
            && let Some(seen) = at.next(self.hidden).await
        {
            return seen;
        }
        // No browser, or it is gone: the flow says what comes next.
        self.at = None;
        std::future::pending().await
    }
}

impl At {
    /// `None` once the browser is gone.
    async fn next(&mut self, hidden: bool) -> Option<Seen> {
        loop {
            tokio::select! {
                changed = self.remote.changed() => {
                    changed.ok()?;
                    let remote = self.remote.borrow_and_update().clone();
                    return Some(Seen::Say(strip(remote)));
                }
                changed = self.cursor.changed() => {
                    changed.ok()?;
                    let cursor = self.cursor.borrow_and_update().clone();
                    return Some(Seen::Say(ServerMessage::Cursor { cursor }));
                }
                changed = self.frames.changed(), if !hidden => {
                    changed.ok()?;
                    let frame = self.frames.borrow_and_update().clone();
                    if let Some(frame) = frame {
                        return Some(Seen::Frame(frame));
                    }
                }
            }
        }
    }
}

fn strip(remote: Remote) -> ServerMessage {
    ServerMessage::Remote {
        host: remote.host,
        secure: remote.secure,
        title: remote.title,
        loading: remote.loading,
        can_go_back: remote.can_go_back,
    }
}
