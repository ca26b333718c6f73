//! Mails that come back: a report of a mail server (RFC 3464) to the address from which one of ours was sent.

use mail_parser::{MessageParser, MimeHeaders as _, PartType};
use shared::{status::LinkEventKind, time::UnixMillis};

use super::{composer::BOUNCE_MARK, smtp::plain};
use crate::store::{Store, StoreError, links::LinkEvent};

/// Lines of a report that are read.
const LINES_MAX: usize = 200;

/// The id of the mail that comes back to this local part, if it is one of such addresses.
#[must_use]
pub fn bounced_id(local: &str) -> Option<&str> {
    local.strip_prefix(BOUNCE_MARK)
}

/// Notes that the mail with this id came back, if the message says that it could not be delivered for good. Everything
/// else (a delay, an answer of a machine) changes nothing. Tells whether something was noted.
///
/// # Errors
/// When the database fails.
pub async fn note_bounce(
    store: &Store,
    id: &str,
    raw: &[u8],
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let Some(words) = failure(raw) else {
        return Ok(false);
    };
    let words = &words;
    let noted = store.tx("mail.note_bounce", |tx| {
        Box::pin(async move {
            let Some(bounced) = tx.note_bounce(id, words, now).await? else {
                return Ok::<_, StoreError>(false);
            };
            if let Some((company, link)) = bounced.link {
                let line = LinkEvent {
                    kind: LinkEventKind::MailBounced,
                    flow_ref: None,
                    detail: Some(words.clone()),
                    at: now,
                };
                tx.record_link_event(company, link, &line).await?;
            }
            Ok(true)
        })
    });
    noted.await
}

/// Why the message that a report is about could not be delivered; `None` when it is no report of a failure.
fn failure(raw: &[u8]) -> Option<String> {
    let message = MessageParser::default().parse(raw)?;
    let report = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("message")
                && kind
                    .subtype()
                    .is_some_and(|of| of.eq_ignore_ascii_case("delivery-status"))
        })
    })?;
    let text = match &report.body {
        PartType::Text(text) => text.as_ref().to_owned(),
        _ => String::from_utf8_lossy(report.contents()).into_owned(),
    };
    let fields = fields(&text);
    let value = |name: &str| {
        let mut found = fields.iter();
        found
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    if !value("Action")?.eq_ignore_ascii_case("failed") {
        return None;
    }
    // `smtp; 550 5.1.1 …`: what the other server said.
    let said = value("Diagnostic-Code").map(|code| match code.split_once(';') {
        Some((_, words)) => words,
        None => code,
    });
    let words = plain(said.or_else(|| value("Status")).unwrap_or_default());
    Some(words).filter(|words| !words.is_empty())
}

/// The fields of a report, each in one line.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines().take(LINES_MAX) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    fields
}

#[cfg(test)]
pub(super) mod tests {
    use super::failure;

    /// A report as Postfix writes it.
    pub fn report(action: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mail.client.example\r\nTo: bounce@codes.example\r\nSubject: Undelivered Mail\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\nMIME-Version: 1.0\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mail.client.example\r\n\r\n\
             Final-Recipient: rfc822; owner@client.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 <owner@client.example>\r\n    no such user\r\n\r\n\
             --b--\r\n"
        )
    }

    #[test]
    fn a_failure_is_told_from_a_delay_and_from_answers_of_machines() {
        let words = failure(report("failed").as_bytes());
        assert_eq!(words.as_deref(), Some("550 5.1.1 … no such user"));
        assert_eq!(failure(report("delayed").as_bytes()), None);
        let away =
            "From: owner@client.example\r\nAuto-Submitted: auto-replied\r\n\r\nAction: failed";
        assert_eq!(failure(away.as_bytes()), None);
    }
}
