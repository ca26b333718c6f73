//! Warms the isolate up while it starts: one page is rendered for nobody, because the runtime compiles
//! each function at its first call. The platform starts isolates during the visitor's TLS handshake.

use std::rc::Rc;

use messages::Locale;
use shared::token::{KeyRing, open};

use crate::{
    brand_style::BrandStyle,
    error::EdgeError,
    pages::{ProviderPage, Shell},
    route::Route,
    settings::Origins,
};

// The first of the vectors that shared/ is tested with: no key, link or company of anybody.
const KEYS: &str = "7:000102030405060708090a0b0c0d0e0f";
const PATH: &str = "/p/connect/01234567-89ab-cdef-0123-456789abcdef/AQcAAQIDBAUGBwgJCguUfbbfdznVF3hWJd9j9iVd5ie5_g-9_aO1Qp5DcSCMD-rJ9CACzVuQXIFybpuLA2-pccU";
const ORIGINS: &str = r#"{"0":"https://a.example"}"#;
const BRAND: &str = r##"{"name":"A","logo":null,"accent":"#000000","onAccent":"#ffffff","font":"A, serif","supportEmail":"a@a.example","frameAncestors":[]}"##;

/// Renders a link's page, as far as no request is needed for it. Answers its size in bytes.
pub fn render_one_page() -> Result<usize, EdgeError> {
    let wrong = |error: &dyn std::fmt::Display| EdgeError::Setting(error.to_string());
    let ring: KeyRing = KEYS.parse().map_err(|error| wrong(&error))?;
    Origins::parse(ORIGINS).map_err(|error| wrong(&error))?;
    let Some(Route::Link(link)) = Route::of(PATH) else {
        return Err(EdgeError::NotFound);
    };
    let claims =
        open(&ring, link.kind, &link.company, link.token).map_err(|error| wrong(&error))?;
    let url = claims.provider.as_ref().map_or("", |url| url.as_str());
    let shell = Shell::with_nonce(
        Locale::En,
        BrandStyle::decode(BRAND).map(Rc::new),
        String::new(),
    );
    let page = ProviderPage::of_link(&shell, url, claims.country);
    Ok(page.reply(200).size())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_warm_up_renders_a_whole_page() {
        assert!(super::render_one_page().is_ok_and(|bytes| bytes > 9000));
        assert!(crate::brand_style::BrandStyle::decode(super::BRAND).is_some());
    }
}
