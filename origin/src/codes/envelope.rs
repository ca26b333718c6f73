//! What a mail server was told of a mail, beside the mail itself (RFC 5321).

use std::{fmt, net::IpAddr};

/// The envelope of a mail.
#[derive(Clone, Default)]
pub struct Envelope {
    /// The address that the mail is for.
    pub recipient: String,
    /// The address that it is from, where the door was told; mails that report failures have none.
    pub sender: Option<String>,
    /// The address of the host that brought it, where the door was told.
    pub client: Option<IpAddr>,
}

impl fmt::Debug for Envelope {
    /// Without addresses: the recipient's is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Envelope(…)")
    }
}
