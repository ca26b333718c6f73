//! The mail by which a mail provider asks whether mail may be forwarded to this address.

use crate::{
    document::Document,
    html, judge,
    links::{LINK_MAX, is_for_one_thing},
};

/// What such a mail holds. Who sent it is only what it says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The mail address that it says to be from, lower case.
    pub from: String,
    /// The code that is to be entered at the provider.
    pub code: Option<String>,
    /// The link that confirms.
    pub link: Option<String>,
}

/// What says that a mail is about forwarding. Lower case.
const FORWARDING: [&str; 24] = [
    "forward",
    "weiterleit",
    "transfert",
    "transférer",
    "réexpédi",
    "reenví",
    "reenvi",
    "encaminha",
    "inoltr",
    "doorstur",
    "doorgestuurd",
    "przekaz",
    "przesył",
    "vidarebefordr",
    "videresend",
    "edelleenläh",
    "přepos",
    "továbbít",
    "redirecț",
    "yönlendir",
    "προώθησ",
    "пересыл",
    "转发",
    "転送",
];
/// What has such a word in it and is about something else: the code itself, a mail that somebody sent on, what somebody
/// hopes for. Lower case.
const NOT_FORWARDING: [&str; 10] = [
    "forwarded message",
    "forward this",
    "forward it",
    "forward your code",
    "or forward",
    "not forward",
    "never forward",
    "look forward",
    "looking forward",
    "nicht weiterleit",
];
/// What says that it is to be confirmed. Lower case.
const CONFIRM: [&str; 20] = [
    "confirm",
    "verif",
    "bestätig",
    "vérif",
    "conferm",
    "bevestig",
    "potwierd",
    "bekräft",
    "bekræft",
    "bekreft",
    "vahvist",
    "potvrd",
    "megerős",
    "onay",
    "doğrula",
    "επιβεβ",
    "подтверд",
    "确认",
    "確認",
    "확인",
];

/// What a document of a mail from this address asks to confirm; `None` when it asks for no such thing, or has neither code
/// nor link.
pub(crate) fn confirmation(from: &str, document: &Document) -> Option<Confirmation> {
    let says = |words: &[&str], text: &str| words.iter().any(|word| text.contains(word));
    // The subject speaks of it, or one of the first lines says that it is to be confirmed; a footer never makes a mail
    // one of these.
    let mut head = document.lines.iter().take(8).map(|line| &line.lower);
    let subject = &document.subject.lower;
    let asks = if is_about_forwarding(subject) {
        says(&CONFIRM, subject) || head.any(|line| says(&CONFIRM, line))
    } else {
        head.any(|line| says(&CONFIRM, line) && is_about_forwarding(line))
    };
    if !asks {
        return None;
    }
    let link = document
        .links
        .iter()
        .find(|link| {
            link.address.len() <= LINK_MAX
                && is_for_one_thing(&link.address)
                && (says(&CONFIRM, &link.words) || says(&CONFIRM, &link.address))
        })
        .map(|link| link.address.clone());
    let code = judge::code(document);
    (code.is_some() || link.is_some()).then(|| Confirmation {
        from: from.to_owned(),
        code,
        link,
    })
}

fn is_about_forwarding(line: &str) -> bool {
    let others = NOT_FORWARDING.iter();
    let line = others.fold(line.to_owned(), |line, other| line.replace(other, " "));
    FORWARDING.iter().any(|word| line.contains(word))
}

/// The one form of a page that asks to press a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent to, as it stands; empty for the page's own address.
    pub action: String,
    /// The fields that nobody fills.
    pub fields: Vec<(String, String)>,
}

/// Fields of a form that are read.
const FIELDS_MAX: usize = 50;
/// A form with more inputs than that is not the one of a button.
const INPUTS_MAX: usize = 200;

/// Whether a page has any form.
#[must_use]
pub fn has_form(page: &str) -> bool {
    html::find_ignoring_case(page, "<form").is_some()
}

/// The form of a page that has exactly one, which is sent by POST.
#[must_use]
pub fn only_form(page: &str) -> Option<Form> {
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<form")?;
    if lower.matches("<form").count() != 1 {
        return None;
    }
    let end = lower
        .get(start..)?
        .find("</form")
        .map_or(lower.len(), |at| start + at);
    let inside = page.get(start..end)?;
    let tag = inside.get(..html::end_of_tag(inside)?)?;
    let value = |tag: &str, name: &str| html::attribute(tag, name).map(|text| html::decoded(&text));
    if !value(tag, "method")?.trim().eq_ignore_ascii_case("post") {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = inside;
    let mut inputs = 0;
    while let Some(at) = html::find_ignoring_case(rest, "<input") {
        inputs += 1;
        if inputs > INPUTS_MAX {
            return None;
        }
        rest = rest.get(at..)?;
        let end = html::end_of_tag(rest)?;
        let tag = rest.get(..end)?;
        rest = rest.get(end..)?;
        let is_hidden = value(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"));
        if let (true, Some(name)) = (is_hidden && fields.len() < FIELDS_MAX, value(tag, "name")) {
            fields.push((name, value(tag, "value").unwrap_or_default()));
        }
    }
    Some(Form {
        action: value(tag, "action").unwrap_or_default(),
        fields,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mail;

    fn confirmation(raw: &str) -> Option<Confirmation> {
        Mail::parse(raw.as_bytes())?.confirmation()
    }

    const LONG: &str = "From: Example Team <forwarding-noreply@mailhost.example>\r\nTo: a7k2@codes.example\r\n\
        Subject: (#604471938) Example Forwarding Confirmation - Receive Mail from pat@mailhost.example\r\n\r\n\
        pat@mailhost.example has requested to automatically forward mail to your email address a7k2@codes.example.\r\n\
        Confirmation code: 604471938\r\n\r\n\
        To allow pat@mailhost.example to automatically forward mail to your address, please click the link below to \
        confirm the request:\r\n\r\nhttps://mail-settings.mailhost.example/mail/vf-%5BANGjdJ9x2%5D-Kq3\r\n\r\n\
        If you click the link and it appears to be broken, please copy and paste it.\r\n";

    #[test]
    fn code_and_link_are_read() {
        let read = confirmation(LONG).expect("a confirmation");
        assert_eq!(read.from, "forwarding-noreply@mailhost.example");
        assert_eq!(read.code.as_deref(), Some("604471938"));
        let link = "https://mail-settings.mailhost.example/mail/vf-%5BANGjdJ9x2%5D-Kq3";
        assert_eq!(read.link.as_deref(), Some(link));
    }

    #[test]
    fn a_forwarded_code_is_none() {
        let mail = "From: pat@client.example\r\nSubject: Fwd: your login code\r\n\r\nYour login code: 119283\r\n";
        assert_eq!(confirmation(mail), None);
    }

    #[test]
    fn a_code_for_a_website_is_none() {
        for (subject, body) in [
            (
                "Your sign-in",
                "Your verification code is 123456. Do not share or forward this code.",
            ),
            (
                "Verify your sign-in",
                "We look forward to seeing you.\r\n\r\nYour verification code is 123456.",
            ),
            (
                "Your verification code",
                "Never forward it to anybody.\r\n\r\nYour verification code: 123456",
            ),
            (
                "Fwd: Sign in",
                "---------- Forwarded message ---------\r\nFrom: Portal <no-reply@portal.example>\r\n\
                 Subject: Sign in\r\n\r\nYour verification code is 123456.",
            ),
            (
                "Your account",
                "Your mail was forwarded by our office.\r\nYour verification code is 123456.",
            ),
        ] {
            let raw = format!("From: a@portal.example\r\nSubject: {subject}\r\n\r\n{body}\r\n");
            let mail = Mail::parse(raw.as_bytes()).expect("a mail");
            assert_eq!(mail.confirmation(), None, "{body}");
            assert_eq!(mail.reading(), crate::Reading::Code("123456".into()));
        }
    }

    #[test]
    fn the_only_form_of_a_page_is_read() {
        let page = "<p>Confirm?<FORM method=POST action='/mail/vf-1?a=1&amp;b=2'>\
            <input type=hidden name=at value=\"x&amp;y\"><input type=submit value=Confirm></form>";
        let form = only_form(page).expect("a form");
        assert_eq!(form.action, "/mail/vf-1?a=1&b=2");
        assert_eq!(form.fields, [("at".to_owned(), "x&y".to_owned())]);
        assert_eq!(only_form(&format!("{page}{page}")), None);
        assert_eq!(
            only_form("<form action=/search><input name=q></form>"),
            None
        );
    }

    #[test]
    fn a_link_that_is_not_encrypted_is_none() {
        let plain = LONG
            .replace("https://", "http://")
            .replace("604471938", "none");
        assert_eq!(confirmation(&plain), None);
    }
}
