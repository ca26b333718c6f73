use std::rc::Rc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use messages::Locale;

use crate::{brand_style::BrandStyle, runtime};

/// The version of this build's assets, which names their folder.
const VERSION: &str = match option_env!("ASSETS_VERSION") {
    Some(version) => version,
    None => "dev",
};

/// What surrounds the content of every page: language, brand, nonce.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The visitor's language, which has all texts.
    pub text: Locale,
    /// The organization's brand; without one the page is neutral.
    pub brand: Option<Rc<BrandStyle>>,
    /// The nonce of the page's Content-Security-Policy: 128 random bits, base64url.
    pub nonce: String,
}

impl Shell {
    /// A shell in this brand, with a fresh nonce.
    pub fn with_brand(text: Locale, brand: Option<Rc<BrandStyle>>) -> worker::Result<Self> {
        let nonce: [u8; 16] = runtime::random()?;
        Ok(Self::with_nonce(text, brand, URL_SAFE_NO_PAD.encode(nonce)))
    }

    /// Makes a shell with this nonce.
    pub fn with_nonce(text: Locale, brand: Option<Rc<BrandStyle>>, nonce: String) -> Self {
        Self { text, brand, nonce }
    }

    /// A shell without a brand: the page shows no name.
    pub fn neutral(text: Locale) -> worker::Result<Self> {
        Self::with_brand(text, None)
    }

    /// The organization's name, when a brand is known.
    pub fn name(&self) -> Option<&str> {
        self.brand.as_ref().map(|brand| brand.name.as_str())
    }

    /// The organization's name for use in a sentence; without a brand a general word for it.
    pub fn organization(&self) -> &str {
        self.name().unwrap_or(self.text.unnamed_organization())
    }

    /// The organization's logo as a data URL.
    pub fn logo(&self) -> Option<&str> {
        self.brand.as_ref()?.logo.as_deref()
    }

    /// The mail address where the organization's clients can ask for help.
    pub fn support(&self) -> Option<&str> {
        self.brand.as_ref()?.support_email.as_deref()
    }

    /// The brand's colours and font: CSS that [`BrandStyle`] made from checked parts.
    pub fn style(&self) -> Option<&str> {
        self.brand.as_ref().map(|brand| brand.style.as_str())
    }

    /// The origins that may show the page in a frame, separated by spaces.
    pub fn frame_ancestors(&self) -> &str {
        self.brand
            .as_ref()
            .map_or("", |brand| brand.frame_ancestors.as_str())
    }

    /// The name of the folder that has this build's assets.
    pub fn assets(&self) -> &'static str {
        VERSION
    }

    /// Shells for tests of pages: one with a brand, one without.
    #[cfg(test)]
    pub fn samples() -> [Self; 2] {
        [Some(Rc::new(BrandStyle::sample())), None]
            .map(|brand| Self::with_nonce(Locale::En, brand, "n0nce".into()))
    }
}
