//! What a viewer sees of the browser: screencast frames, the remote page's host, the cursor, and where the focus is.

use std::sync::{Arc, Weak};

use browser::{Browser, Focus, Remote, Screencast, ScreencastFrame, Viewport};
use shared::live::{Place, ServerMessage};
use tokio::sync::watch;

/// The picture of one browser after the other; there is none while no browser runs.
#[derive(Default)]
pub(super) struct Video {
    source: Option<Source>,
    hidden: bool,
    size: Option<Viewport>,
}

/// Something to send to the viewer.
pub(super) enum VideoEvent {
    /// A new screencast frame.
    Frame(Arc<ScreencastFrame>),
    /// The remote page's host, the cursor or the focus changed.
    Message(ServerMessage),
}

struct Source {
    /// Weak: a viewer never keeps a browser alive.
    browser: Weak<Browser>,
    cast: Screencast,
    frames: watch::Receiver<Option<Arc<ScreencastFrame>>>,
    remote: watch::Receiver<Remote>,
    cursor: watch::Receiver<String>,
    focus: watch::Receiver<Focus>,
}

impl Video {
    /// Shows this browser from now on. Answers false when it was shown before.
    pub fn attach(&mut self, browser: Option<&Arc<Browser>>) -> bool {
        let before = self.source.as_ref().map(|source| source.browser.as_ptr());
        if before == browser.map(Arc::as_ptr) {
            return false;
        }
        self.source = browser.map(|browser| {
            let mut source = Source {
                browser: Arc::downgrade(browser),
                cast: browser.screencast(),
                frames: browser.screencast().frames(),
                remote: browser.remote(),
                cursor: browser.cursor(),
                focus: browser.focus(),
            };
            // What is there already is sent at once, also the last frame: a page that stands still
            // sends no other.
            source.frames.mark_changed();
            source.remote.mark_changed();
            source.cursor.mark_changed();
            source.focus.mark_changed();
            source
        });
        if let Some(size) = self.size {
            self.resize(size);
        }
        if !self.hidden {
            self.start();
        }
        true
    }

    /// The browser, as long as it runs.
    pub fn browser(&self) -> Option<Arc<Browser>> {
        self.source.as_ref()?.browser.upgrade()
    }

    /// The screencast that the frames come from.
    pub fn screencast(&self) -> Option<Screencast> {
        self.source.as_ref().map(|source| source.cast.clone())
    }

    /// The viewer's tab is shown or hidden. A hidden one gets no frames.
    pub fn set_hidden(&mut self, hidden: bool) {
        if hidden == self.hidden {
            return;
        }
        self.hidden = hidden;
        if hidden {
            self.stop();
        } else {
            self.start();
        }
    }

    /// The viewer's window has another size, in CSS pixels.
    pub fn resize(&mut self, size: Viewport) {
        self.size = Some(size);
        if let Some(browser) = self.browser() {
            browser.resize(size);
        }
    }

    /// The viewer has drawn the frame with this number.
    pub fn acknowledge(&self, seq: u32) {
        if let Some(source) = &self.source {
            source.cast.ack(seq);
        }
    }

    fn start(&self) {
        if let Some(source) = &self.source {
            source.cast.start();
        }
    }

    /// Stops the screencast.
    pub fn stop(&self) {
        if let Some(source) = &self.source {
            source.cast.stop();
        }
    }

    /// Waits for the next thing to send; without a browser it waits for ever. Cancel-safe.
    pub async fn next(&mut self) -> VideoEvent {
        if let Some(source) = &mut self.source
            && let Some(event) = source.next(self.hidden).await
        {
            return event;
        }
        // There is no browser, or it is gone: the flow decides what comes next.
        self.source = None;
        std::future::pending().await
    }
}

impl Source {
    /// The next event; `None` once the browser is gone.
    async fn next(&mut self, hidden: bool) -> Option<VideoEvent> {
        loop {
            tokio::select! {
                changed = self.remote.changed() => {
                    changed.ok()?;
                    let remote = self.remote.borrow_and_update().clone();
                    return Some(VideoEvent::Message(remote_message(remote)));
                }
                changed = self.cursor.changed() => {
                    changed.ok()?;
                    let cursor = self.cursor.borrow_and_update().clone();
                    return Some(VideoEvent::Message(ServerMessage::Cursor { cursor }));
                }
                changed = self.focus.changed() => {
                    changed.ok()?;
                    let focus = *self.focus.borrow_and_update();
                    return Some(VideoEvent::Message(focus_message(focus)));
                }
                changed = self.frames.changed(), if !hidden => {
                    changed.ok()?;
                    let frame = self.frames.borrow_and_update().clone();
                    if let Some(frame) = frame {
                        return Some(VideoEvent::Frame(frame));
                    }
                }
            }
        }
    }
}

fn remote_message(remote: Remote) -> ServerMessage {
    ServerMessage::Remote {
        host: remote.host,
        secure: remote.secure,
        title: remote.title,
        loading: remote.loading,
        can_go_back: remote.can_go_back,
    }
}

fn focus_message(Focus { number, place }: Focus) -> ServerMessage {
    ServerMessage::Focus {
        number,
        place: place.map(|place| Place {
            x: place.x,
            y: place.y,
            width: place.width,
            height: place.height,
        }),
    }
}
