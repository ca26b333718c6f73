//! FORWARDING: how codes reach us when the client is not there. What the page of that step shows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    id::ConnectionId,
    proof::Proof,
    status::{CodeAnswerer, CodeChannel, EntryProblem},
    time::{UnixMillis, UtcHour},
};

/// All that the page at FORWARDING shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForwardingView {
    /// The connection that codes are for.
    pub connection_id: ConnectionId,
    /// How the code of the client's sign-in travelled, as far as the website said.
    pub channel: Option<CodeChannel>,
    /// Until when the website probably asks for no code, because it knows the browser of the client's sign-in.
    pub trusted_until: Option<UnixMillis>,
    /// The owner's mail address, masked: who is asked for a code when nothing else answers.
    pub owner: Option<String>,
    /// The hour at which a sign-in that gets no code is tried again, if one was chosen.
    pub hour: Option<UtcHour>,
    /// The channels that can be set up here, and how they stand.
    pub channels: Vec<ForwardingChannel>,
    /// What an authenticator's secret is sealed to when it is entered, as the one value of a
    /// [`SealedEntry`](crate::entry::SealedEntry): an uncompressed P-256 point, base64url.
    pub public_key: String,
    /// The number of that entry.
    pub number: u32,
    /// Why the last entry was not taken.
    pub problem: Option<EntryProblem>,
    /// A code of the authenticator, which the client asked for to enter it on the website.
    pub code: Option<ShownCode>,
    /// The client asked for a code, and has to ask once more in a moment.
    pub is_code_soon: bool,
    /// The client's window of the website.
    pub website: WebsiteWindow,
    /// Why a picture of the website gave no secret, after the client asked to read one.
    pub unread: Option<UnreadQrCode>,
    /// How far the first collection is, which may be asked for a code.
    pub proof: Proof,
}

/// A way for codes to reach us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForwardingChannel {
    /// What gives the codes: an authenticator's secret, mail, or text messages.
    #[serde(rename = "type")]
    pub kind: CodeAnswerer,
    /// How it stands; `None` when it is not set up.
    pub state: Option<ChannelState>,
    /// The mail address or phone number that codes are to be sent to, once there is one.
    pub address: Option<String>,
    /// What the client's mail provider sent there, to confirm that mail may be forwarded.
    pub confirmation: Option<Confirmation>,
}

/// How a channel for codes stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChannelState {
    /// It is set up, and proves itself by the first code that the website takes.
    Waiting,
    /// A code of it was received, read, and accepted by the website.
    Proven,
}

/// What a mail provider sent to confirm that mail may be forwarded. All of it is the sender's word. `Debug` shows none of
/// what confirms.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Confirmation {
    /// The mail address that it came from.
    pub from: String,
    /// Whether a DKIM signature proves the sender's domain.
    pub is_authentic: bool,
    /// The code in it.
    pub code: Option<String>,
    /// The https link in it.
    pub link: Option<String>,
    /// Whether the link was followed already, so that there is most likely nothing to do.
    pub is_confirmed: bool,
}

/// A code of the authenticator, shown to the client. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShownCode {
    /// Its six to eight digits, as the client types them into the website.
    pub code: String,
    /// Until when the website takes it.
    pub until: UnixMillis,
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation")
            .field("is_authentic", &self.is_authentic)
            .field("is_confirmed", &self.is_confirmed)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ShownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShownCode")
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// The browser in which the client signed in, at FORWARDING.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WebsiteWindow {
    /// It was closed.
    Gone,
    /// It can be shown.
    Hidden,
    /// The page shows it, live.
    Shown,
}

/// Why no authenticator was read from what the website shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UnreadQrCode {
    /// There is no QR code in sight.
    NoQrCode,
    /// There is one, but not of an authenticator, or of a kind that is not supported.
    NotSupported,
}
