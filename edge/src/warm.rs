//! Warms the isolate up while it starts, which the platform does during the visitor's TLS handshake:
//! one page is rendered for nobody, because the runtime compiles every function at its first call.

use std::rc::Rc;

use shared::{
    id::PublicCompanyId,
    status::LinkKind,
    token::{KeyRing, OpenError, open},
};

use crate::{
    brand::Wear,
    pages::{ProviderPage, Shell},
};

// The first of the vectors that shared/ is tested with: no key, link or company of anybody.
const KEYS: &str = "7:000102030405060708090a0b0c0d0e0f";
const COMPANY: [u8; 16] = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef_u128.to_be_bytes();
const TOKEN: &str =
    "AQcAAQIDBAUGBwgJCguUfbbfdznVF3hWJd9j9iVd5ie5_g-9_aO1Qp5DcSCMD-rJ9CACzVuQXIFybpuLA2-pccU";
const BRAND: &str = r##"{"name":"A","logo":null,"accent":"#000000","onAccent":"#ffffff","font":"A, serif","supportEmail":"a@a.example","frameAncestors":[]}"##;

/// Goes the way of a link's page, as far as no request is needed.
pub fn up() -> Result<usize, OpenError> {
    let ring: KeyRing = KEYS.parse().map_err(|_| OpenError::UnknownKey)?;
    let company = PublicCompanyId::from_bytes(COMPANY);
    let claims = open(&ring, LinkKind::Company, &company, TOKEN)?;
    let url = claims.provider.as_ref().map_or("", |url| url.as_str());
    let shell = Shell::with_nonce(Wear::decode(BRAND).map(Rc::new), String::new());
    let page = ProviderPage::of_link(&shell, LinkKind::Company, url, claims.country);
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
