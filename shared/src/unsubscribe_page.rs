//! The page on which the owner of a connection ends the reminders of an organization: what the edge asks the origin, and
//! what it answers. Any node answers for it.

use serde::{Deserialize, Serialize};

use crate::id::PublicCompanyId;

/// Names the page by the company and the token that stand in its URL.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnsubscribePage {
    /// The public id of the company, from the URL.
    pub public_company_id: PublicCompanyId,
    /// The token from the URL; the origin opens it again.
    pub token: String,
}

/// Ends reminders, or allows them again.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionChange {
    /// The page, as its URL names it.
    pub page: UnsubscribePage,
    /// Whether reminders are wanted from now on.
    pub wants_reminders: bool,
}

/// What the page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionView {
    /// Whether reminders are sent.
    pub wants_reminders: bool,
}
