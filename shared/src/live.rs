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
    /// The length of the header in bytes.
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

/// A text message from the origin to the viewer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerMessage {
    /// First message: what to seal to. See [`crate::sealing`].
    Hello {
        /// The DOM's `key` of the event.
        public_key: String,
        /// The flow's public name; sealed messages open in this flow alone.
        flow_ref: FlowRef,
    },
    /// The flow moved, or the sign-in did. Another step than SIGN_IN, or a sign-in that is not
    /// `live`: the page reloads.
    State {
        /// The step of the flow.
        step: Step,
        /// The state of the sign-in, while the flow is at SIGN_IN.
        sign_in: Option<SignInView>,
    },
    /// What the strip above the picture says: the remote page's real host and how it is reached.
    Remote {
        /// The host and port of the remote page.
        host: String,
        /// Whether the remote page came by https with a good certificate.
        secure: bool,
        /// The title of the remote page as plain text of bounded length.
        title: String,
        /// Whether the remote page is loading.
        loading: bool,
        /// There is a page to go back to.
        can_go_back: bool,
    },
    /// The pointer is over something that has another cursor.
    Cursor {
        /// The keyword of the cursor in CSS.
        cursor: String,
    },
    /// What the client needs to go on: what has the focus on the remote page, or the first field of a sign-in while nothing
    /// has it. The picture is scrolled so that it is in sight.
    Focus {
        /// Rises when it is another element; the same one may move.
        number: u32,
        /// Where it is, if there is one.
        place: Option<Place>,
    },
    /// The live view has ended.
    Ended {
        /// Why the live view ended.
        reason: EndReason,
    },
}

/// A box on the remote page, in its CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The distance from the left edge of what is shown.
    pub x: i32,
    /// The distance from the top edge of what is shown.
    pub y: i32,
    /// How wide it is, in CSS pixels.
    pub width: i32,
    /// How high it is, in CSS pixels.
    pub height: i32,
}

/// The reasons why a live view ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The same flow was opened in another tab or on another device.
    TakenOver,
    /// The browser has ended; the page of the flow says why.
    BrowserGone,
    /// Nobody touched the flow for too long, or it was left.
    Idle,
    /// The sign-in has ended.
    Finished,
    /// The node of the origin is stopping.
    NodeStopping,
}

/// A text message from the viewer to the origin.
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
        /// What the pointer did.
        kind: PointerKind,
        /// The horizontal place, in CSS pixels of the remote page.
        x: f64,
        /// The vertical place, in CSS pixels of the remote page.
        y: f64,
        /// DOM `button`: 0 left, 1 middle, 2 right; -1 none.
        button: i8,
        /// The buttons that are down, as the bits of the DOM's `buttons`.
        buttons: u8,
        /// How many clicks in a row this press is.
        clicks: u8,
        /// The modifier keys that are down; see [`MODIFIERS`].
        mods: u8,
    },
    /// The wheel was turned.
    Wheel {
        /// The horizontal place, in CSS pixels of the remote page.
        x: f64,
        /// The vertical place, in CSS pixels of the remote page.
        y: f64,
        /// How far to scroll to the right, in CSS pixels.
        dx: f64,
        /// How far to scroll down, in CSS pixels.
        dy: f64,
        /// The modifier keys that are down; see [`MODIFIERS`].
        mods: u8,
    },
    /// The viewer's public key, before the first `sealed`. See [`crate::sealing`].
    Key {
        /// The viewer's public key, a fresh one for each connection.
        public_key: String,
    },
    /// A [`TypedMessage`], sealed so that only the origin reads what is typed. See [`crate::sealing`].
    Sealed {
        /// Counts from 0; the nonce. Never repeats, never goes back.
        n: u32,
        /// The AES-256-GCM ciphertext with its tag, base64url.
        data: String,
    },
    /// The client pressed "back" or "reload" of our page.
    Go {
        /// Which of the two it was.
        to: GoTo,
    },
    /// The place for the picture has another size now.
    Resize {
        /// The width in CSS pixels.
        width: u16,
        /// The height in CSS pixels.
        height: u16,
    },
    /// The viewer's tab is shown or hidden: a hidden one gets no frames. Shown says also that
    /// somebody is there.
    Visible {
        /// Whether the client can see the page.
        visible: bool,
    },
}

/// The modifier keys and their bits in `mods`, which are those of CDP's `Input.dispatchKeyEvent`.
pub const MODIFIERS: [(&str, u8); 4] = [("alt", 1), ("ctrl", 2), ("meta", 4), ("shift", 8)];

/// The things that a pointer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PointerKind {
    /// The pointer moved.
    Move,
    /// A button of the pointer went down.
    Down,
    /// A button of the pointer went up.
    Up,
}

/// The places where the client's buttons lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GoTo {
    /// The page before in the history.
    Back,
    /// The same page, loaded again.
    Reload,
}

/// What is typed: sealed inside [`ViewerMessage::Sealed`], as JSON.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "camelCase")]
pub enum TypedMessage {
    /// A key went down or up.
    KeyPress {
        /// Whether the key went down; else it went up.
        down: bool,
        /// DOM `key`.
        key: String,
        /// The DOM's `code` of the event.
        code: String,
        /// The modifier keys that are down; see [`MODIFIERS`].
        mods: u8,
        /// Whether the key is held down and repeats.
        repeat: bool,
    },
    /// Text that no single key made: an input method, a paste, a password manager.
    Text {
        /// The text, at most 4096 characters.
        text: String,
    },
}
