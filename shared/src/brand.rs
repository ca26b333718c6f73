//! What an organization looks like to its clients.

use serde::{Deserialize, Serialize};

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
    /// Buttons and links.
    pub accent: Colour,
    /// Text on `accent`.
    pub on_accent: Colour,
    /// A font family list without quotes' ends, braces or semicolons; the system's own otherwise.
    pub font: Option<String>,
    /// Where a client can ask for help: a mail address.
    pub support_email: Option<String>,
    /// Origins (`https://host[:port]`) that may frame the pages.
    #[serde(default)]
    pub frame_ancestors: Vec<String>,
}

/// `#rrggbb`, lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour([u8; 3]);

/// The text is not `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a colour (expected #rrggbb)")]
pub struct InvalidColour;

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
