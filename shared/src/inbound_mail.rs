//! Mails that the edge hands to the origin.

use serde::{Deserialize, Serialize};

/// A mail that is longer is not taken, in bytes.
pub const MAIL_MAX: usize = 1024 * 1024;

/// A mail that the edge received.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InboundMail {
    /// The recipient of its envelope.
    pub recipient: String,
    /// The mail as it was received, base64.
    pub raw: String,
}
