//! The live view's messages. One WebSocket, subprotocol [`PROTOCOL`].
//!
//! Server to viewer: binary messages are frames ([`FrameHeader`] and a JPEG), text messages are
//! [`ServerMessage`]. Viewer to server: text messages, [`ViewerMessage`]. `vectors/live.json`
//! holds one example of each, read by the Rust tests and by the viewer's JavaScript tests.

use serde::{Deserialize, Serialize};

use crate::{id::FlowRef, status::Step, wire::SignInView};

/// The version is part of the name: a viewer and a server that disagree never speak.
pub const PROTOCOL: &str = "magic-links-live.1";

/// What stands before a frame's JPEG bytes: 16 bytes, big-endian.
///
/// `kind u8 = 1 | reserved u8 = 0 | scale u16 (percent) | seq u32 | page u32 | width u16 | height u16`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Device pixels in one CSS pixel, in percent.
    pub scale: u16,
    /// Rises by one each frame, over the whole flow; what `ack` names.
    pub seq: u32,
    /// Which page of the browser (a pop-up is another page).
    pub page: u32,
    /// The page's width in CSS pixels: pointer coordinates are in these.
    pub width: u16,
    /// The page's height in CSS pixels.
    pub height: u16,
}

impl FrameHeader {
    /// Length in bytes.
    pub const LEN: usize = 16;

    /// The header as it stands on the wire.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[0] = 1;
        bytes[2..4].copy_from_slice(&self.scale.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.seq.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.page.to_be_bytes());
        bytes[12..14].copy_from_slice(&self.width.to_be_bytes());
        bytes[14..16].copy_from_slice(&self.height.to_be_bytes());
        bytes
    }
}

/// What the origin tells the viewer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerMessage {
    /// First message: what to seal to. See [`crate::sealing`].
    Hello {
        /// This view's public key.
        public_key: String,
        /// What the sealing is bound to.
        flow_ref: FlowRef,
    },
    /// The flow moved, or the sign-in did. Another step than SIGN_IN, or a sign-in that is not
    /// `live`: the page reloads.
    State {
        /// Where the flow stands.
        step: Step,
        /// The sign-in, while at it.
        sign_in: Option<SignInView>,
    },
    /// What the strip above the picture says: the remote page's real host and how it is reached.
    Remote {
        /// Host and port.
        host: String,
        /// https with a good certificate.
        secure: bool,
        /// The page's title, bounded plain text.
        title: String,
        /// The page is loading.
        loading: bool,
        /// There is a page to go back to.
        can_go_back: bool,
    },
    /// The CSS cursor under the pointer.
    Cursor {
        /// A CSS cursor keyword.
        cursor: String,
    },
    /// The live view is over.
    Ended {
        /// Why.
        reason: EndReason,
    },
}

/// Why a live view is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The same flow was opened in another tab or on another device.
    TakenOver,
    /// The browser ended; the page says why.
    BrowserGone,
    /// Nobody touched the flow for too long, or it was left.
    Idle,
    /// The sign-in is over.
    Finished,
    /// The node stops.
    NodeStopping,
}

/// What the viewer tells the origin.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ViewerMessage {
    /// The frame is drawn: the next may come.
    Ack {
        /// From the frame's header; all earlier frames are done too.
        seq: u32,
    },
    /// The mouse or pen. Moves are coalesced to animation frames by the viewer.
    Pointer {
        /// move, down or up.
        kind: PointerKind,
        /// CSS pixels of the remote page.
        x: f64,
        /// CSS pixels of the remote page.
        y: f64,
        /// DOM `button`: 0 left, 1 middle, 2 right; -1 none.
        button: i8,
        /// DOM `buttons` bit set.
        buttons: u8,
        /// How many clicks in a row this press is.
        clicks: u8,
        /// See [`MODIFIERS`].
        mods: u8,
    },
    /// The wheel; deltas are CSS pixels.
    Wheel {
        /// CSS pixels of the remote page.
        x: f64,
        /// CSS pixels of the remote page.
        y: f64,
        /// To the right.
        dx: f64,
        /// Down.
        dy: f64,
        /// See [`MODIFIERS`].
        mods: u8,
    },
    /// The viewer's public key, before the first `sealed`. See [`crate::sealing`].
    Key {
        /// A fresh one each connection.
        public_key: String,
    },
    /// A [`TypedMessage`], sealed so that only the origin reads what is typed. See [`crate::sealing`].
    Sealed {
        /// Counts from 0; the nonce. Never repeats, never goes back.
        n: u32,
        /// AES-256-GCM ciphertext and tag, base64url.
        data: String,
    },
    /// The page's own buttons.
    Go {
        /// back or reload.
        to: GoTo,
    },
    /// The picture's size changed.
    Resize {
        /// CSS pixels.
        width: u16,
        /// CSS pixels.
        height: u16,
    },
    /// The viewer's tab is shown or hidden: a hidden one gets no frames. Shown says also that
    /// somebody is there.
    Visible {
        /// Shown.
        visible: bool,
    },
}

/// Bits of `mods`: those of CDP's `Input.dispatchKeyEvent`.
pub const MODIFIERS: [(&str, u8); 4] = [("alt", 1), ("ctrl", 2), ("meta", 4), ("shift", 8)];

/// What the pointer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PointerKind {
    /// It moved.
    Move,
    /// A button went down.
    Down,
    /// A button went up.
    Up,
}

/// Where to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GoTo {
    /// One page back.
    Back,
    /// The same page again.
    Reload,
}

/// What is typed: sealed inside [`ViewerMessage::Sealed`], as JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "camelCase")]
pub enum TypedMessage {
    /// A key went down or up.
    KeyPress {
        /// Down, or up.
        down: bool,
        /// DOM `key`.
        key: String,
        /// DOM `code`.
        code: String,
        /// See [`MODIFIERS`].
        mods: u8,
        /// It is held.
        repeat: bool,
    },
    /// Text that no single key made: an input method, a paste, a password manager.
    Text {
        /// At most 4096 characters.
        text: String,
    },
}
