//! From the bytes of a mail to what its reader sees.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

use crate::{
    Reading,
    document::Document,
    forwarding::{self, Confirmation},
    html, judge, links,
};

/// Mails inside of mails are read so deep.
const DEPTH: usize = 2;
/// A mail with more parts than that is not read.
const PARTS_MAX: usize = 64;

/// Documents of a mail that are read.
const DOCUMENTS_MAX: usize = 8;

/// A mail, parsed once for all that is asked of it.
#[derive(Debug)]
pub struct Mail {
    sender: Option<String>,
    /// What it shows: its HTML first, then its plain text, then the same of mails that it carries.
    documents: Vec<Document>,
}

impl Mail {
    /// Parses a mail as it was received; `None` when it is none.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Option<Self> {
        let message = MessageParser::default().parse(raw)?;
        let mut documents = Vec::new();
        collect(&message, 0, &mut documents);
        let from = message.from().and_then(|from| from.first()?.address());
        Some(Self {
            sender: from.map(str::to_lowercase),
            documents,
        })
    }

    /// The address that it says to be from, lower case.
    #[must_use]
    pub fn sender(&self) -> Option<&str> {
        self.sender.as_deref()
    }

    /// The code that it brings, or the link that approves a sign-in.
    #[must_use]
    pub fn reading(&self) -> Reading {
        if let Some(code) = self.documents.iter().find_map(judge::code) {
            return Reading::Code(code);
        }
        let approval = self.documents.iter().find_map(links::approval);
        approval.map_or(Reading::Nothing, Reading::Approval)
    }

    /// What it asks to confirm, when it asks to confirm a forwarding; `None` when it is no such mail, or has neither code
    /// nor link.
    #[must_use]
    pub fn confirmation(&self) -> Option<Confirmation> {
        let from = self.sender()?;
        self.documents
            .iter()
            .find_map(|document| forwarding::confirmation(from, document))
    }
}

fn collect(message: &Message<'_>, depth: usize, documents: &mut Vec<Document>) {
    if depth > DEPTH || message.parts.len() > PARTS_MAX || documents.len() >= DOCUMENTS_MAX {
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
