//! A website that asks for user name and password by HTTP authentication.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::ids::PageId;

/// A website's question for user name and password, which the document of a page's main frame is held for.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    pub(crate) id: ChallengeId,
    /// Chromium's name for the request that is held.
    pub(crate) request_id: String,
    /// The page whose document it is.
    pub page: PageId,
    /// Scheme, host and port of the website that asks, as Chromium says.
    pub origin: String,
    /// What user name and password are asked for.
    pub realm: Realm,
    /// The URL of the document.
    pub url: String,
}

impl fmt::Debug for Challenge {
    /// Without the URL, whose query may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Challenge");
        shown.field("id", &self.id).field("page", &self.page);
        shown.field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// The part of a website that asks, to tell whether the same one asks again. The website's own words for it are not kept:
/// nobody may be shown them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Realm(u64);

impl Realm {
    /// The part of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Realm")
    }
}

/// The number of a challenge of one browser: one request may be challenged several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChallengeId(pub u64);
