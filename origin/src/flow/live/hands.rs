//! What the viewer does, done to the browser.

use shared::{
    id::FlowRef,
    live::{GoTo, ServerMessage, TypedMessage, ViewerMessage},
    sealing::{Opener, SealingKey},
};
use zeroize::Zeroizing;

use super::eyes::Eyes;
use crate::{
    browser::{KeyPress, Pointer, Viewport},
    clock::{self, Random},
    flow::Seat,
};

/// One viewer's hands: the key that he seals to, and what opens his messages.
pub(super) struct Hands {
    flow: FlowRef,
    key: SealingKey,
    opener: Option<Opener>,
}

impl Hands {
    pub fn new(seat: &Seat) -> Self {
        Self {
            flow: seat.flow_ref(),
            key: fresh_key(seat.random()),
            opener: None,
        }
    }

    /// The first message.
    pub fn hello(&self) -> ServerMessage {
        ServerMessage::Hello {
            public_key: self.key.public(),
            flow_ref: self.flow,
        }
    }

    /// Does what the message says. False when it says nothing that we understand: a viewer of our
    /// own never sends such a thing.
    pub fn act(&mut self, message: &str, seat: &Seat, eyes: &mut Eyes) -> bool {
        let Ok(message) = serde_json::from_str(message) else {
            return false;
        };
        match message {
            ViewerMessage::Ack { seq } => eyes.drawn(seq),
            ViewerMessage::Visible { visible } => {
                // Who looks at it again, or says that he is there, touches it.
                if visible {
                    seat.touch();
                }
                eyes.set_hidden(!visible);
            }
            ViewerMessage::Resize { width, height } => {
                eyes.resize(Viewport { width, height }.clamped());
            }
            ViewerMessage::Key { public_key } => return self.meet(&public_key),
            ViewerMessage::Sealed { n, data } => {
                seat.touch();
                return self.typed(n, &data, eyes);
            }
            ViewerMessage::Go { to } => {
                seat.touch();
                go(to, eyes);
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
                seat.touch();
                if let Some(browser) = eyes.browser() {
                    browser.input().pointer(Pointer {
                        kind,
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
                seat.touch();
                if let Some(browser) = eyes.browser() {
                    browser.input().wheel(x, y, dx, dy, mods);
                }
            }
        }
        true
    }

    /// One key for one view: a second would begin the count anew.
    fn meet(&mut self, public_key: &str) -> bool {
        if self.opener.is_some() {
            return false;
        }
        self.opener = self.key.opener(public_key, self.flow).ok();
        self.opener.is_some()
    }

    fn typed(&mut self, n: u32, data: &str, eyes: &Eyes) -> bool {
        let Some(opener) = &mut self.opener else {
            return false;
        };
        let Ok(plaintext) = opener.open(n, data) else {
            return false;
        };
        let Ok(typed) = serde_json::from_slice(&plaintext) else {
            return false;
        };
        let Some(browser) = eyes.browser() else {
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

/// In a task of its own: the engine may take its time, and the next key must not wait for it.
fn go(to: GoTo, eyes: &Eyes) {
    let Some(browser) = eyes.browser() else {
        return;
    };
    tokio::spawn(async move {
        let gone = match to {
            GoTo::Back => browser.go_back().await,
            GoTo::Reload => browser.reload().await,
        };
        if let Err(error) = gone {
            tracing::debug!(%error, "the browser did not go");
        }
    });
}

fn fresh_key(random: &dyn Random) -> SealingKey {
    loop {
        if let Some(key) = SealingKey::from_random(&clock::bytes(random)) {
            return key;
        }
    }
}
