//! A website that asks for user name and password by HTTP authentication.

use super::ids::PageId;

/// A website's question for user name and password, which the document of a page's main frame is held for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    pub(crate) id: ChallengeId,
    /// Chromium's name for the request that is held.
    pub(crate) request_id: String,
    /// The page whose document it is.
    pub page: PageId,
    /// Scheme, host and port of the website that asks, as Chromium says.
    pub origin: String,
    /// The URL of the document.
    pub url: String,
}

/// The number of a challenge of one browser: one request may be challenged several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChallengeId(pub u64);
