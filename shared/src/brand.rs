//! What an organization looks like to its clients.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::text::is_control;

/// An organization's appearance. Everything here is public and already checked: colours are
/// `#rrggbb` with enough contrast, the logo is an image data URL of bounded size.
///
/// The edge keeps it by public company id, because that is all a link's URL says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Brand {
    /// The organization's name as its clients know it, at most 80 characters.
    pub name: String,
    /// `data:image/…;base64,…`, at most 64 KiB; png, jpeg, webp or svg (shown as an image only, so scripts in it never run).
    pub logo: Option<String>,
    /// The colour of buttons and links.
    pub accent: Colour,
    /// The colour of text on a background of `accent`.
    pub on_accent: Colour,
    /// A font family list without quotes' ends, braces or semicolons; the system's own otherwise.
    pub font: Option<String>,
    /// Where a client can ask for help: a mail address.
    pub support_email: Option<String>,
    /// The origins (`https://host[:port]`) that may show the pages in a frame.
    #[serde(default)]
    pub frame_ancestors: Vec<String>,
}

/// The longest name, in characters.
pub const MAX_NAME: usize = 80;
/// Longest logo, in characters of its data URL: 64 KiB.
pub const MAX_LOGO: usize = 65_536;
/// The largest number of origins that may show the pages in a frame.
pub const MAX_FRAME_ANCESTORS: usize = 20;
const MAX_FONT: usize = 200;
/// So much of a logo is looked at, in characters of its base64: an SVG may begin with a declaration and remarks.
const LOGO_BEGIN: usize = 4096;
const MAX_EMAIL: usize = 254;
/// WCAG 2.2 AA for text of ordinary size.
const LEAST_CONTRAST: f64 = 4.5;
/// A colour becomes another shade in this many steps at most.
const SHADES: u8 = 32;

/// What a brand must not be. The text is one sentence for whoever sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrandProblem {
    /// The name is empty, too long, or has control characters.
    #[error("The name must have 1 to {MAX_NAME} characters, all printable.")]
    Name,
    /// Not such a data URL, or too big.
    #[error(
        "The logo must be a base64 data URL of a png, jpeg, webp or svg image of at most 64 KiB."
    )]
    Logo,
    /// The button's text cannot be read on the button.
    #[error("The text on the accent colour needs a contrast of at least 4.5 to 1.")]
    Contrast,
    /// The font has characters that no font's name has.
    #[error("The font must be a list of font names: letters, digits, spaces, hyphens and commas.")]
    Font,
    /// The support address is not a mail address.
    #[error("The support contact must be a mail address.")]
    SupportEmail,
    /// One of the origins is not an https origin, or there are too many.
    #[error(
        "Framing origins must be at most {MAX_FRAME_ANCESTORS}, each `https://host` or `https://host:port`."
    )]
    FrameAncestors,
}

/// The accent of pages without a brand of their own, and of text on it.
const PLAIN_ACCENT: (Colour, Colour) = (Colour([0x0b, 0x6b, 0x57]), Colour([0xff, 0xff, 0xff]));

impl Brand {
    /// The brand of an organization that has set none: its name in the colours of the neutral look. `None` when the name
    /// cannot be shown.
    #[must_use]
    pub fn plain(organization: &str) -> Option<Self> {
        let (accent, on_accent) = PLAIN_ACCENT;
        let brand = Self {
            name: organization.trim().chars().take(MAX_NAME).collect(),
            logo: None,
            accent,
            on_accent,
            font: None,
            support_email: None,
            frame_ancestors: Vec::new(),
        };
        brand.problems().is_empty().then_some(brand)
    }

    /// Everything that is wrong with the brand; empty when pages may show it. Checked when it is saved, and
    /// again before it becomes part of a page.
    #[must_use]
    pub fn problems(&self) -> Vec<BrandProblem> {
        let name = self.name.trim();
        let checks = [
            (
                !name.is_empty()
                    && name.chars().count() <= MAX_NAME
                    && !self.name.contains(is_control),
                BrandProblem::Name,
            ),
            (self.logo.as_deref().is_none_or(is_logo), BrandProblem::Logo),
            (
                self.accent.contrast(&self.on_accent) >= LEAST_CONTRAST,
                BrandProblem::Contrast,
            ),
            (self.font.as_deref().is_none_or(is_font), BrandProblem::Font),
            (
                self.support_email.as_deref().is_none_or(is_email),
                BrandProblem::SupportEmail,
            ),
            (
                self.frame_ancestors.len() <= MAX_FRAME_ANCESTORS
                    && self.frame_ancestors.iter().all(|origin| is_origin(origin)),
                BrandProblem::FrameAncestors,
            ),
        ];
        let wrong = checks.into_iter().filter(|(good, _)| !good);
        wrong.map(|(_, problem)| problem).collect()
    }

    /// The same of a brand with a logo that is new: its file must be what it says that it is.
    #[must_use]
    pub fn problems_when_new(&self) -> Vec<BrandProblem> {
        let mut problems = self.problems();
        let is_odd = |logo: &str| !begins_as_its_kind(logo);
        if self.logo.as_deref().is_some_and(is_odd) && !problems.contains(&BrandProblem::Logo) {
            problems.push(BrandProblem::Logo);
        }
        problems
    }
}

/// Whether a logo, which is a data URL, begins as files of the kind that it names do. One that is in use stays whatever it is.
fn begins_as_its_kind(logo: &str) -> bool {
    let rest = logo.strip_prefix("data:image/");
    let parts = rest.and_then(|rest| rest.split_once(";base64,"));
    parts.is_some_and(|(kind, data)| begins_as(kind, data))
}

fn is_logo(url: &str) -> bool {
    let Some((kind, data)) = url
        .strip_prefix("data:image/")
        .and_then(|rest| rest.split_once(";base64,"))
    else {
        return false;
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let kinds = ["png", "jpeg", "webp", "svg+xml"];
    url.len() <= MAX_LOGO && kinds.contains(&kind) && !data.is_empty() && data.bytes().all(plain)
}

/// Whether a file in base64 begins as files of this kind do.
fn begins_as(kind: &str, data: &str) -> bool {
    let begin = data.get(..LOGO_BEGIN.min(data.len())).unwrap_or_default();
    // What was cut off may have ended in the midst of a group.
    let whole = begin.len() - begin.len() % 4;
    let Ok(bytes) = STANDARD.decode(begin.get(..whole).unwrap_or_default()) else {
        return false;
    };
    match kind {
        "png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "jpeg" => bytes.starts_with(b"\xff\xd8\xff"),
        "webp" => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
        "svg+xml" => bytes.windows(4).any(|part| part == b"<svg"),
        _ => false,
    }
}

fn is_font(list: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ,-_'\"".contains(&byte);
    list.len() <= MAX_FONT
        && list.bytes().all(plain)
        && list.split(',').all(|name| {
            let name = unquoted(name);
            !name.is_empty() && !name.contains(['\'', '"'])
        })
}

/// A font's name without the quotes it may stand in.
#[must_use]
pub fn unquoted(name: &str) -> &str {
    name.trim().trim_matches(['\'', '"']).trim()
}

fn is_email(address: &str) -> bool {
    let printable = |c: char| c.is_ascii_graphic() && !"\"'<>(),;:\\&?%".contains(c);
    address.len() <= MAX_EMAIL
        && address.chars().all(printable)
        && address.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && host.contains('.') && !host.contains('@')
        })
}

/// As browsers spell an origin, so that it also is one, and no wildcard, in a Content-Security-Policy.
fn is_origin(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".:/-".contains(&byte);
    text.bytes().all(plain)
        && url::Url::parse(text).is_ok_and(|url| {
            url.scheme() == "https"
                && matches!(url.host(), Some(url::Host::Domain(_)))
                && url.origin().ascii_serialization() == text
        })
}

/// A colour, written `#rrggbb` in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour([u8; 3]);

/// The text is not `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a colour (expected #rrggbb)")]
pub struct InvalidColour;

impl Colour {
    /// The colour of these parts of red, green and blue.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// The contrast ratio of two colours as WCAG defines it: from 1 to 21.
    #[must_use]
    pub fn contrast(&self, other: &Self) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    /// The nearest shade of this colour that has this contrast with `ground`: darker on a light ground, lighter on a dark
    /// one. WCAG 2.2 AA asks for 3 where no text is meant: lines, ticks and the edges of buttons.
    #[must_use]
    pub fn visible_on(&self, ground: &Self, contrast: f64) -> Self {
        let end = [Self([0; 3]), Self([255; 3])]
            .into_iter()
            .max_by(|a, b| a.contrast(ground).total_cmp(&b.contrast(ground)));
        let end = end.unwrap_or_else(|| self.clone());
        let shades = (0..=SHADES).map(|step| self.towards(&end, step));
        let mut visible = shades.filter(|shade| shade.contrast(ground) >= contrast);
        visible.next().unwrap_or(end)
    }

    fn towards(&self, end: &Self, step: u8) -> Self {
        let mut shade = self.0;
        for (part, to) in shade.iter_mut().zip(end.0) {
            let mixed =
                u16::from(*part) * u16::from(SHADES - step) + u16::from(to) * u16::from(step);
            *part = u8::try_from(mixed / u16::from(SHADES)).unwrap_or(to);
        }
        Self(shade)
    }

    fn luminance(&self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        let [r, g, b] = self.0;
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }
}

impl TryFrom<String> for Colour {
    type Error = InvalidColour;
    fn try_from(text: String) -> Result<Self, InvalidColour> {
        text.parse()
    }
}

impl std::str::FromStr for Colour {
    type Err = InvalidColour;
    fn from_str(text: &str) -> Result<Self, InvalidColour> {
        let digits = text.strip_prefix('#').ok_or(InvalidColour)?;
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidColour);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| InvalidColour)?;
        let [_, r, g, b] = number.to_be_bytes();
        Ok(Self([r, g, b]))
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brand() -> Brand {
        Brand {
            name: "Harbor Energy Advisors".into(),
            logo: Some("data:image/png;base64,iVBORw0KGgo=".into()),
            accent: "#0b5fff".parse().expect("a colour"),
            on_accent: "#ffffff".parse().expect("a colour"),
            font: Some("\"Source Sans 3\", Georgia, sans-serif".into()),
            support_email: Some("help@harbor.example".into()),
            frame_ancestors: vec!["https://portal.harbor.example:8443".into()],
        }
    }

    #[test]
    fn contrast_as_wcag_counts() {
        let colour = |text: &str| text.parse::<Colour>().expect("a colour");
        assert!((colour("#000000").contrast(&colour("#ffffff")) - 21.0).abs() < 0.01);
        assert!((colour("#777777").contrast(&colour("#ffffff")) - 4.48).abs() < 0.01);
        assert!((colour("#fff000").contrast(&colour("#fff000")) - 1.0).abs() < 0.01);
    }

    #[test]
    fn a_shade_that_can_be_seen_is_the_nearest_one() {
        let colour = |text: &str| text.parse::<Colour>().expect("a colour");
        let (white, black) = (colour("#ffffff"), colour("#000000"));
        for (of, ground) in [
            ("#ffe000", &white),
            ("#ffffff", &white),
            ("#1a1a2e", &black),
        ] {
            let shade = colour(of).visible_on(ground, 3.0);
            let contrast = shade.contrast(ground);
            assert!((3.0..4.0).contains(&contrast), "{of}: {shade}, {contrast}");
        }
        assert_eq!(colour("#0b6b57").visible_on(&white, 3.0), colour("#0b6b57"));
        assert_eq!(colour("#ffe000").visible_on(&black, 3.0), colour("#ffe000"));
    }

    #[test]
    fn an_organization_without_a_brand_is_shown_by_its_name() {
        let plain = Brand::plain(" Acme Energy ").expect("a brand");
        assert_eq!(plain.name, "Acme Energy");
        assert_eq!(
            Brand::plain(&"a".repeat(200)).expect("a brand").name.len(),
            80
        );
        assert_eq!(Brand::plain(" "), None);
    }

    #[test]
    fn a_logo_is_known_by_how_its_file_begins() {
        for logo in [
            "data:image/png;base64,iVBORw0KGgo=",
            "data:image/jpeg;base64,/9j/4AAQ",
            "data:image/webp;base64,UklGRhIAAABXRUJQVlA4",
            "data:image/svg+xml;base64,PD94bWwgdmVyc2lvbj0iMS4wIj8+PHN2ZyB4bWxucz0iIj48L3N2Zz4=",
        ] {
            assert!(begins_as_its_kind(logo), "{logo}");
        }
        for logo in [
            "data:image/png;base64,bm90IGEgcG5n",
            "data:image/svg+xml;base64,bm90IGEgcG5n",
            "data:image/gif;base64,R0lGODlh",
            "data:image/jpeg;base64,iVBORw0KGgo=",
            "data:image/png;base64,\u{e9}",
            "",
        ] {
            assert!(!begins_as_its_kind(logo), "{logo}");
        }
    }

    #[test]
    fn what_a_brand_must_not_be() {
        use BrandProblem as P;
        assert_eq!(brand().problems(), []);
        let wrong = |change: fn(&mut Brand)| {
            let mut brand = brand();
            change(&mut brand);
            brand.problems()
        };
        assert_eq!(wrong(|b| b.name = " ".into()), [P::Name]);
        assert_eq!(wrong(|b| b.name = "a\u{7}".into()), [P::Name]);
        assert_eq!(wrong(|b| b.name = "a".repeat(81)), [P::Name]);
        assert_eq!(wrong(|b| b.accent = b.on_accent.clone()), [P::Contrast]);
        for logo in [
            "https://a.example/x.png",
            "data:text/html;base64,AAAA",
            "data:image/png;base64,",
            "data:image/png;base64,A\"A",
            "data:image/gif;base64,R0lGODlh",
        ] {
            let problems = Brand {
                logo: Some(logo.into()),
                ..brand()
            }
            .problems();
            assert_eq!(problems, [P::Logo], "{logo}");
        }
        for font in ["", "a;b", "a}b", "url(x)", "a,,b", "a\"b"] {
            let problems = Brand {
                font: Some(font.into()),
                ..brand()
            }
            .problems();
            assert_eq!(problems, [P::Font], "{font}");
        }
        for email in ["", "help", "a@b", "a@b.c?subject=x", "a b@c.d", "a@b@c.d"] {
            let problems = Brand {
                support_email: Some(email.into()),
                ..brand()
            }
            .problems();
            assert_eq!(problems, [P::SupportEmail], "{email}");
        }
        for origin in [
            "http://a.example",
            "https://a.example/",
            "https://*.a.example",
            "https://a.example; script-src *",
            "https://A.example",
            "'self'",
            "*",
        ] {
            let problems = Brand {
                frame_ancestors: vec![origin.into()],
                ..brand()
            }
            .problems();
            assert_eq!(problems, [P::FrameAncestors], "{origin}");
        }
    }
}
