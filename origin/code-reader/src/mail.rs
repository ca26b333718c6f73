//! From the bytes of a mail to what its reader sees.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

use crate::{document::Document, html};

/// Mails inside of mails are read so deep.
const DEPTH: usize = 2;
/// A mail with more parts than that is not read.
const PARTS_MAX: usize = 64;

/// What a mail shows: its HTML first, then its plain text, then the same of mails that it carries. `None` when it is no
/// mail.
pub fn documents(raw: &[u8]) -> Option<Vec<Document>> {
    let message = MessageParser::default().parse(raw)?;
    let mut documents = Vec::new();
    collect(&message, 0, &mut documents);
    Some(documents)
}

/// The address that a mail says to be from, lower case.
pub fn sender(raw: &[u8]) -> Option<String> {
    let message = MessageParser::default().parse_headers(raw)?;
    let address = message.from()?.first()?.address()?;
    Some(address.to_lowercase())
}

fn collect(message: &Message<'_>, depth: usize, documents: &mut Vec<Document>) {
    if depth > DEPTH || message.parts.len() > PARTS_MAX {
        return;
    }
    let subject = message.subject().unwrap_or_default();
    // A part that is the body of both kinds is converted by the parser; only what is really there is read.
    let bodies = || message.html_body.iter().chain(&message.text_body);
    for id in bodies() {
        if let Some(PartType::Html(text)) = message.part(*id).map(|part| &part.body) {
            documents.push(html::document(subject, text));
            break;
        }
    }
    for id in bodies() {
        let Some(part) = message.part(*id) else {
            continue;
        };
        if let PartType::Text(text) = &part.body
            && part.attachment_name().is_none()
        {
            documents.push(Document::plain(subject, text));
            break;
        }
    }
    if documents.is_empty() {
        documents.push(Document::new(subject));
    }
    for part in &message.parts {
        if let PartType::Message(inner) = &part.body {
            collect(inner, depth + 1, documents);
        }
    }
}
