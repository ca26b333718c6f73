//! A mail as people read it, and its two parts: HTML in the organization's brand, and plain text.

use askama::Template;
use messages::Locale;
use shared::brand::{Brand, Colour};

/// What a mail says, whatever its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The subject line of the mail.
    pub subject: String,
    /// What lists of mails show beside the subject.
    pub preview: String,
    /// The heading above the mail's text.
    pub heading: String,
    /// What stands before the button.
    pub paragraphs: Vec<String>,
    /// What the reader is asked to open.
    pub action: Option<Action>,
    /// What stands after the button.
    pub after: Vec<String>,
    /// Why the reader gets it.
    pub why: String,
    /// The address at which the reader ends mails of this kind.
    pub unsubscribe: Option<String>,
    /// Whether a machine decided to send it, and no person (RFC 3834).
    pub is_automatic: bool,
}

/// A button of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What the button says.
    pub label: String,
    /// The address that it opens.
    pub url: String,
}

/// In whose name a mail is sent, and how that looks.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The name that clients know.
    pub name: &'a str,
    /// The appearance, if the organization has one.
    pub brand: Option<&'a Brand>,
}

impl<'a> Sender<'a> {
    /// An organization: by its brand's name, or by its own where it has no brand.
    #[must_use]
    pub fn new(organization: &'a str, brand: Option<&'a Brand>) -> Self {
        Self {
            name: brand.map_or(organization, |brand| brand.name.as_str()),
            brand,
        }
    }

    /// Where readers can ask for help.
    #[must_use]
    pub fn support(&self) -> Option<&'a str> {
        self.brand?.support_email.as_deref()
    }
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct HtmlPart<'a> {
    texts: Locale,
    language: &'a str,
    letter: &'a Letter,
    name: &'a str,
    support: Option<&'a str>,
    /// The content id of the logo.
    logo: Option<&'a str>,
    font: &'a str,
    accent: &'a str,
    on_accent: &'a str,
    /// The accent in a shade that can be seen on white.
    mark: &'a str,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct TextPart<'a> {
    texts: Locale,
    letter: &'a Letter,
    name: &'a str,
    support: Option<&'a str>,
}

/// The fonts of mail programs: each has one of these.
const FONT: &str = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
/// The colour of buttons without a brand, which is that of the public pages.
const ACCENT: &str = "#0b6b57";
const ON_ACCENT: &str = "#ffffff";
/// The contrast of the button's edge with the message's ground at least, as WCAG asks.
const LEAST_CONTRAST: f64 = 3.0;
/// The ground of a message.
const WHITE: Colour = Colour::new(0xff, 0xff, 0xff);

impl Letter {
    /// The part for mail programs that show HTML. `logo`: the content id of the logo, where one goes along.
    ///
    /// # Errors
    /// When the template cannot be filled in.
    pub fn html(
        &self,
        texts: Locale,
        sender: Sender<'_>,
        logo: Option<&str>,
    ) -> askama::Result<String> {
        let accent = sender.brand.map(|brand| brand.accent.to_string());
        let on_accent = sender.brand.map(|brand| brand.on_accent.to_string());
        let mark = sender
            .brand
            .map(|brand| brand.accent.visible_on(&WHITE, LEAST_CONTRAST).to_string());
        let font = sender.brand.and_then(|brand| brand.font.as_deref());
        let font = font.map(|font| format!("{},{FONT}", font.replace('"', "'")));
        HtmlPart {
            texts,
            language: texts.tag(),
            letter: self,
            name: sender.name,
            support: sender.support(),
            logo,
            font: font.as_deref().unwrap_or(FONT),
            accent: accent.as_deref().unwrap_or(ACCENT),
            on_accent: on_accent.as_deref().unwrap_or(ON_ACCENT),
            mark: mark.as_deref().unwrap_or(ACCENT),
        }
        .render()
    }

    /// The part in plain text, with the line ends of mail.
    ///
    /// # Errors
    /// When the template cannot be filled in.
    pub fn text(&self, texts: Locale, sender: Sender<'_>) -> askama::Result<String> {
        let part = TextPart {
            texts,
            letter: self,
            name: sender.name,
            support: sender.support(),
        };
        Ok(part.render()?.replace('\n', "\r\n"))
    }
}
