//! A new company link, by API or at the console: its row, and whether its URL can be made.

use shared::{
    country::Country,
    id::{CompanyId, LinkId, PublicCompanyId, SiteId},
    provider::ProviderUrl,
    status::{LinkKind, LinkStatus, UtilityType},
    time::UnixMillis,
    token::{KeyRing, NONCE_LEN, SealError},
};
use url::Url;

use crate::{
    clock::{Random, bytes},
    link_url,
    store::{link_changes::LaterEnd, links::Link},
};

/// The shortest life of a link that has an end, in seconds.
pub const MIN_EXPIRY_SECONDS: i64 = 60;
/// The longest life of a link that has an end, in seconds: ten years.
pub const MAX_EXPIRY_SECONDS: i64 = 315_360_000;

/// How many runs of clients may make connections by one link at most.
pub const MAX_USES: i64 = 100;

/// What is filled in for the client beforehand; all of it may be left out.
#[derive(Debug, Clone, Default)]
pub struct Prefill {
    /// The website that the link opens with.
    pub url: Option<ProviderUrl>,
    /// The country that it opens with.
    pub country: Option<Country>,
    /// The sites that are ticked at first.
    pub initial_sites: Vec<SiteId>,
    /// The utility types that are ticked at first.
    pub utility_types: Vec<UtilityType>,
    /// Whom to ask when the client must act again.
    pub owner_email: Option<String>,
    /// `YYYY-MM-DD`: bills before it are not wanted.
    pub data_collection_start_date: Option<String>,
    /// The link's life; for ever when left out.
    pub expires_in_seconds: Option<i64>,
    /// Where the client goes afterwards.
    pub redirect_url: Option<String>,
    /// The id that the organization uses in its own systems.
    pub external_id: Option<String>,
    /// The language of the client's pages, as a tag such as `de`.
    pub locale: Option<String>,
}

/// Why a link's URL cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkUrlProblem {
    /// The website's address is too long.
    #[error("is too long for a link: at most {max} characters after https://")]
    WebsiteTooLong {
        /// The longest that fits, in characters after its scheme.
        max: usize,
    },
    /// The token cannot be sealed, for its end or its key.
    #[error(transparent)]
    Token(SealError),
}

/// The row of a new company link.
#[must_use]
pub fn company_link(
    (keys, random): (&KeyRing, &dyn Random),
    now: UnixMillis,
    company: CompanyId,
    new: Prefill,
) -> Link {
    Link {
        id: LinkId::from_random(bytes(random)),
        company,
        kind: LinkKind::Company,
        connection: None,
        key_id: keys.sealing_id(),
        nonce: bytes::<NONCE_LEN>(random),
        provider_url: new.url,
        country: new.country,
        expires_at: expiry(now, new.expires_in_seconds),
        revoked_at: None,
        revoked_reason: None,
        fulfilled_at: None,
        fulfilled_flow: None,
        max_uses: 1,
        use_count: 0,
        initial_sites: new.initial_sites,
        utility_types: new.utility_types,
        owner_email: new.owner_email,
        data_collection_start_date: new.data_collection_start_date,
        redirect_url: new.redirect_url,
        external_id: new.external_id,
        locale: new.locale,
        created_at: now,
    }
}

/// When a link ends that is made now and lives so long.
#[must_use]
pub fn expiry(now: UnixMillis, seconds: Option<i64>) -> Option<UnixMillis> {
    seconds.map(|seconds| now.plus(seconds.saturating_mul(1000)))
}

/// A later end of a link, for which its token is sealed anew. The key of a URL that can be opened stays in use, and the row
/// names it.
#[must_use]
pub fn later_end(
    keys: &KeyRing,
    link: &Link,
    now: UnixMillis,
    (expires_at, nonce): (UnixMillis, [u8; NONCE_LEN]),
) -> LaterEnd {
    let opens = link.status(now) == LinkStatus::Active;
    let key_id = match opens && keys.contains(link.key_id) {
        true => link.key_id,
        false => keys.sealing_id(),
    };
    LaterEnd {
        expires_at,
        key_id,
        nonce,
    }
}

/// The link's URL below `base`, which can be made again whenever it is needed.
///
/// # Errors
/// [`LinkUrlProblem`] when it cannot be made.
pub fn link_url(
    keys: &KeyRing,
    base: &Url,
    company: PublicCompanyId,
    link: &Link,
) -> Result<String, LinkUrlProblem> {
    let too_long = || LinkUrlProblem::WebsiteTooLong {
        max: link_url::max_provider_len(base),
    };
    match link_url::token(keys, company, link) {
        Ok(token) => {
            let url = link_url::url(base, company, link.kind, &token);
            if url.len() > link_url::MAX_LEN {
                return Err(too_long());
            }
            Ok(url)
        }
        Err(SealError::TooLong) => Err(too_long()),
        Err(error) => Err(LinkUrlProblem::Token(error)),
    }
}
