//! A message of the mail folder, read for whoever looks at it in the console.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail_parser::{MessageParser, MimeHeaders as _};

use super::logo::LOGO_ID;

/// What a message of the folder says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaidOutMail {
    /// The subject of the mail.
    pub subject: String,
    /// Whom it is from, as mail programs show it.
    pub from: String,
    /// The plain text of the mail.
    pub text: String,
    /// Its HTML, with the logo in it.
    pub html: String,
}

impl LaidOutMail {
    /// Reads a message; `None` when it is none.
    pub(super) fn read(raw: &[u8]) -> Option<Self> {
        let message = MessageParser::default().parse(raw)?;
        let from = message.from().and_then(|from| from.first());
        let name = from.and_then(|from| from.name()).unwrap_or_default();
        let address = from.and_then(|from| from.address()).unwrap_or_default();
        let mut html = message.body_html(0).unwrap_or_default().into_owned();
        let logo = message
            .parts
            .iter()
            .find(|part| part.content_id() == Some(LOGO_ID));
        if let Some(logo) = logo
            && let Some(kind) = logo.content_type()
        {
            let subtype = kind.subtype().unwrap_or_default();
            let data = STANDARD.encode(logo.contents());
            let url = format!("data:{}/{subtype};base64,{data}", kind.ctype());
            html = html.replace(&format!("cid:{LOGO_ID}"), &url);
        }
        Some(Self {
            subject: message.subject().unwrap_or_default().to_owned(),
            from: format!("{name} <{address}>"),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html,
        })
    }
}
