//! A link's URL, made again from its row whenever it is needed: it is never stored.

use shared::{
    id::{LinkId, PublicCompanyId},
    status::LinkKind,
    token::{Claims, KeyRing, MAX_PROVIDER_LEN, SealError, TokenKind, seal_with},
};
use url::Url;

use crate::store::{
    code_requests::{CODE_PAGE_LIFE_MS, CodeRequest},
    connections::Connection,
    links::{self, Link},
};

/// The longest URL, in characters.
pub const MAX_LEN: usize = 300;
/// The longest scheme, host and port that links begin with.
pub const MAX_BASE_LEN: usize = crate::config::MAX_LINK_BASE;
/// `/p/connect/`, a public company id, `/workflow/`.
const PATH_LEN: usize = 11 + 36 + 10;
/// What a token holds beside the provider URL, in bytes.
const TOKEN_OVERHEAD: usize = 2 + 12 + 16 + 25;

/// The token of a link.
///
/// # Errors
/// When the provider URL does not fit, or the key that sealed it is configured no more.
pub fn token(keys: &KeyRing, company: PublicCompanyId, link: &Link) -> Result<String, SealError> {
    let claims = Claims {
        link: link.id,
        expires: link.expires_at,
        provider: link.provider_url.clone(),
        country: link.country,
    };
    seal_with(keys, link.key_id, link.kind, &company, link.nonce, &claims)
}

/// The token of the page on which the owner gives a code.
///
/// # Errors
/// When the key that sealed it is configured no more.
pub fn code_token(
    keys: &KeyRing,
    company: PublicCompanyId,
    request: &CodeRequest,
    connection: &Connection,
) -> Result<String, SealError> {
    let claims = Claims {
        link: LinkId::from_bytes(*request.id.as_bytes()),
        expires: Some(request.created_at.plus(CODE_PAGE_LIFE_MS)),
        provider: links::shown_website(connection),
        country: None,
    };
    let (kind, nonce) = (TokenKind::Code, request.nonce);
    seal_with(keys, request.key_id, kind, &company, nonce, &claims)
}

/// The URL of the page on which the owner gives a code.
#[must_use]
pub fn code_url(base: &Url, company: PublicCompanyId, token: &str) -> String {
    let base = base.as_str().trim_end_matches('/');
    base.to_owned() + &code_path(company, token)
}

/// The path of that page.
#[must_use]
pub fn code_path(company: PublicCompanyId, token: &str) -> String {
    format!("/p/code/{company}/{token}")
}

/// The URL that carries the token.
#[must_use]
pub fn url(base: &Url, company: PublicCompanyId, kind: LinkKind, token: &str) -> String {
    let base = base.as_str().trim_end_matches('/');
    match kind {
        LinkKind::Company => format!("{base}/p/connect/{company}/{token}"),
        LinkKind::ConnectionUpdate => format!("{base}/p/connect/{company}/workflow/{token}"),
    }
}

/// The longest provider URL that fits into any link below `base`, in characters after its scheme.
#[must_use]
pub fn max_provider_len(base: &Url) -> usize {
    let base = base.as_str().trim_end_matches('/').len();
    let token = MAX_LEN.saturating_sub(base + PATH_LEN);
    (token / 4 * 3)
        .saturating_sub(TOKEN_OVERHEAD)
        .min(MAX_PROVIDER_LEN)
}

#[cfg(test)]
mod tests {
    use shared::{id::CompanyId, time::UnixMillis};

    use super::*;
    use crate::store::testing::new_link;

    fn keys() -> KeyRing {
        "3:000102030405060708090a0b0c0d0e0f".parse().expect("a key")
    }

    fn link(provider: &str) -> Link {
        Link {
            provider_url: Some(provider.parse().expect("an address")),
            expires_at: Some(UnixMillis(1_760_000_000_000)),
            ..new_link(CompanyId::from_random([2; 16]))
        }
    }

    #[test]
    fn the_same_row_makes_the_same_url_and_it_opens() {
        let (keys, company) = (keys(), PublicCompanyId::from_random([5; 16]));
        let link = link("https://utility.example/login");
        let made = token(&keys, company, &link).expect("seal");
        assert_eq!(Ok(&made), token(&keys, company, &link).as_ref());
        let claims = shared::token::open(&keys, link.kind, &company, &made).expect("open");
        assert_eq!((claims.link, claims.expires), (link.id, link.expires_at));
        let base = "https://connect.example.com".parse().expect("a base");
        let full = url(&base, company, link.kind, &made);
        assert_eq!(
            full,
            format!("https://connect.example.com/p/connect/{company}/{made}")
        );
    }

    #[test]
    fn the_longest_base_leaves_room_for_a_website() {
        let base = format!("https://{}.example.com", "x".repeat(MAX_BASE_LEN - 20));
        assert_eq!(base.len(), MAX_BASE_LEN);
        assert!(max_provider_len(&base.parse().expect("a base")) >= 60);
    }

    #[test]
    fn the_named_maximum_fits_and_nothing_longer_does() {
        let (keys, company) = (keys(), PublicCompanyId::from_random([5; 16]));
        for base in [
            "http://localhost:8787",
            "https://connect.a-rather-long-name-of-a-consultancy.example.com",
        ] {
            let base: Url = base.parse().expect("a base");
            let max = max_provider_len(&base);
            assert!(max >= 80, "{max}");
            let path = "x".repeat(max - "utility.example/".len());
            let mut longest = link(&format!("https://utility.example/{path}"));
            longest.kind = LinkKind::ConnectionUpdate;
            let made = token(&keys, company, &longest).expect("fits");
            assert!(url(&base, company, longest.kind, &made).len() <= MAX_LEN);
        }
        let too_long = format!("https://utility.example/{}", "x".repeat(MAX_PROVIDER_LEN));
        assert_eq!(
            token(&keys, company, &link(&too_long)),
            Err(SealError::TooLong)
        );
    }
}
