//! For whom a browser is driven: country, languages and the size of its pages.

/// The client that the browser is driven for. It decides the browser's language, time zone and size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The country as an ISO 3166-1 alpha-2 code in upper case. It decides the time zone, and the language unless
    /// `accept_language` says one; a code that nobody has assigned means English and UTC.
    pub country: String,
    /// The value of the client's own `Accept-Language` header, at most 256 bytes.
    pub accept_language: Option<String>,
    /// The size of the pages.
    pub viewport: Viewport,
}

/// The size of a page in CSS pixels. Pages are kept between 320x320 and 2560x1600.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewport {
    /// The width in CSS pixels.
    pub width: u16,
    /// The height in CSS pixels.
    pub height: u16,
}

impl Viewport {
    /// Returns the nearest size that is allowed.
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
