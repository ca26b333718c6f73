//! Warms the isolate up while it starts, which the platform does during the visitor's TLS handshake:
//! one page is rendered for nobody, because the runtime compiles every function at its first call.

use std::rc::Rc;

use shared::token::{KeyRing, open};

use crate::{
    brand::Wear,
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

/// Goes the way of a link's page, as far as no request is needed, and answers how many bytes it made.
pub fn up() -> Result<usize, EdgeError> {
    let wrong = |error: &dyn std::fmt::Display| EdgeError::Setting(error.to_string());
    let ring: KeyRing = KEYS.parse().map_err(|error| wrong(&error))?;
    Origins::parse(ORIGINS).map_err(|error| wrong(&error))?;
    let Some(Route::Link(link)) = Route::of(PATH) else {
        return Err(EdgeError::NotFound);
    };
    let claims =
        open(&ring, link.kind, &link.company, link.token).map_err(|error| wrong(&error))?;
    let url = claims.provider.as_ref().map_or("", |url| url.as_str());
    let shell = Shell::with_nonce(Wear::decode(BRAND).map(Rc::new), String::new());
    let page = ProviderPage::of_link(&shell, link.kind, url, claims.country);
    Ok(page.reply(200).weight())
}

#[cfg(test)]
mod tests {
    #[test]
    fn goes_the_whole_way() {
        assert!(super::up().is_ok_and(|bytes| bytes > 9000));
        assert!(crate::brand::Wear::decode(super::BRAND).is_some());
    }
}
