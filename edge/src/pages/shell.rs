use std::rc::Rc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{brand::Wear, country::Language, runtime};

/// Where this build's assets lie.
const VERSION: &str = match option_env!("ASSETS_VERSION") {
    Some(version) => version,
    None => "dev",
};

/// What every page has around it.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The language of its words.
    pub language: Language,
    /// The organization's look; the neutral one without.
    pub wear: Option<Rc<Wear>>,
    /// 128 random bits, base64url.
    pub nonce: String,
}

impl Shell {
    /// A page that wears a brand, if there is one.
    pub fn wearing(wear: Option<Rc<Wear>>) -> worker::Result<Self> {
        let nonce: [u8; 16] = runtime::random()?;
        Ok(Self::with_nonce(wear, URL_SAFE_NO_PAD.encode(nonce)))
    }

    /// The same, for one who has a nonce.
    pub fn with_nonce(wear: Option<Rc<Wear>>, nonce: String) -> Self {
        Self {
            language: Language::En,
            wear,
            nonce,
        }
    }

    /// A page without any name.
    pub fn neutral() -> worker::Result<Self> {
        Self::wearing(None)
    }

    /// The organization's name.
    pub fn name(&self) -> Option<&str> {
        self.wear.as_ref().map(|wear| wear.name.as_str())
    }

    /// Its name where a sentence needs one.
    pub fn who(&self) -> &str {
        self.name()
            .unwrap_or("the organization that sent you this link")
    }

    /// Its logo, a data URL.
    pub fn logo(&self) -> Option<&str> {
        self.wear.as_ref()?.logo.as_deref()
    }

    /// Its mail address for help.
    pub fn support(&self) -> Option<&str> {
        self.wear.as_ref()?.support_email.as_deref()
    }

    /// Its colours and font: CSS that [`Wear`] made from checked parts.
    pub fn style(&self) -> Option<&str> {
        self.wear.as_ref().map(|wear| wear.style.as_str())
    }

    /// Who may frame the page.
    pub fn frame_ancestors(&self) -> &str {
        self.wear
            .as_ref()
            .map_or("", |wear| wear.frame_ancestors.as_str())
    }

    /// The folder of this build's assets.
    pub fn assets(&self) -> &'static str {
        VERSION
    }

    /// For tests of pages: with a brand, and without.
    #[cfg(test)]
    pub fn samples() -> [Self; 2] {
        [Some(Rc::new(Wear::sample())), None].map(|wear| Self::with_nonce(wear, "n0nce".into()))
    }
}
