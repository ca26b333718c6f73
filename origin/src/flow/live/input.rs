//! The viewer's input: decoded, opened where it is sealed, and given to the browser.

use browser::{KeyPress, Pointer, PointerKind, Viewport};
use shared::{
    id::FlowRef,
    live::{self, GoTo, ServerMessage, TypedMessage, ViewerMessage},
    sealing::{Opener, SealingKey},
};
use zeroize::Zeroizing;

use super::video::Video;
use crate::{clock::sealing_key, flow::ViewerSession};

/// Takes one viewer's messages. It holds the key that the viewer seals to, and what opens sealed messages.
pub(super) struct ViewerInput {
    flow: FlowRef,
    key: SealingKey,
    opener: Option<Opener>,
}

impl ViewerInput {
    pub fn new(session: &ViewerSession) -> Self {
        Self {
            flow: session.flow_ref(),
            key: sealing_key(session.random()),
            opener: None,
        }
    }

    /// The first message of a connection: the public key to seal to.
    pub fn hello(&self) -> ServerMessage {
        ServerMessage::Hello {
            public_key: self.key.public(),
            flow_ref: self.flow,
        }
    }

    /// Applies one message. Answers false when it is not understood: our own viewer never sends such a
    /// thing, so the connection ends.
    pub fn apply(&mut self, message: &str, session: &ViewerSession, video: &mut Video) -> bool {
        let Ok(message) = serde_json::from_str(message) else {
            return false;
        };
        match message {
            ViewerMessage::Ack { seq } => video.acknowledge(seq),
            ViewerMessage::Visible { visible } => {
                // Somebody looks at it again, or says that they are still there.
                if visible {
                    session.touch();
                }
                video.set_hidden(!visible);
            }
            ViewerMessage::Resize { width, height } => {
                video.resize(Viewport { width, height }.clamped());
            }
            ViewerMessage::Key { public_key } => return self.accept_key(&public_key),
            ViewerMessage::Sealed { n, data } => {
                session.touch();
                return self.apply_sealed(n, &data, video);
            }
            ViewerMessage::Go { to } => {
                session.touch();
                navigate(to, video);
            }
            ViewerMessage::Pointer {
                kind,
                x,
                y,
                button,
                buttons,
                clicks,
                mods,
            } => {
                session.touch();
                if let Some(browser) = video.browser() {
                    browser.input().pointer(Pointer {
                        kind: match kind {
                            live::PointerKind::Move => PointerKind::Move,
                            live::PointerKind::Down => PointerKind::Down,
                            live::PointerKind::Up => PointerKind::Up,
                        },
                        x,
                        y,
                        button,
                        buttons,
                        clicks,
                        mods,
                    });
                }
            }
            ViewerMessage::Wheel { x, y, dx, dy, mods } => {
                session.touch();
                if let Some(browser) = video.browser() {
                    browser.input().wheel(x, y, dx, dy, mods);
                }
            }
        }
        true
    }

    /// Takes the viewer's public key, once for a connection: a second would start the counter anew.
    fn accept_key(&mut self, public_key: &str) -> bool {
        if self.opener.is_some() {
            return false;
        }
        self.opener = self.key.opener(public_key, self.flow).ok();
        self.opener.is_some()
    }

    fn apply_sealed(&mut self, n: u32, data: &str, video: &Video) -> bool {
        let Some(opener) = &mut self.opener else {
            return false;
        };
        let Ok(plaintext) = opener.open(n, data) else {
            return false;
        };
        let Ok(typed) = serde_json::from_slice(&plaintext) else {
            return false;
        };
        let Some(browser) = video.browser() else {
            return true;
        };
        match typed {
            TypedMessage::KeyPress {
                down,
                key,
                code,
                mods,
                repeat,
            } => browser.input().key(KeyPress {
                down,
                key: &key,
                code: &code,
                mods,
                repeat,
            }),
            TypedMessage::Text { text } => browser.input().text(&Zeroizing::new(text)),
        }
        true
    }
}

/// Runs in a task of its own: the engine may take long, and the next key must not wait for it.
fn navigate(to: GoTo, video: &Video) {
    let Some(browser) = video.browser() else {
        return;
    };
    tokio::spawn(async move {
        let gone = match to {
            GoTo::Back => browser.go_back().await,
            GoTo::Reload => browser.reload().await,
        };
        if let Err(error) = gone {
            tracing::debug!(%error, "the browser did not navigate");
        }
    });
}
