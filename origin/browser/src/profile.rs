//! For whom a browser is driven: country, languages and the size of its pages.

/// Who the browser is driven for: decides its language, time zone and size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// ISO 3166-1 alpha-2 code, upper case. It decides the time zone, and the language unless
    /// `accept_language` says one; a code that nobody has assigned means English and UTC.
    pub country: String,
    /// The client's own `Accept-Language`, as sent, at most 256 bytes.
    pub accept_language: Option<String>,
    /// The size of the page.
    pub viewport: Viewport,
}

/// A page's size in CSS pixels; kept within 320x320 and 2560x1600.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewport {
    /// Width.
    pub width: u16,
    /// Height.
    pub height: u16,
}

impl Viewport {
    /// The nearest size that is allowed.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self {
            width: self.width.clamp(320, 2560),
            height: self.height.clamp(320, 1600),
        }
    }
}

impl Default for Viewport {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 800,
        }
    }
}
