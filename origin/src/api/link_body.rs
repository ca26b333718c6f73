//! Reads the bodies of requests that change a link.

use utoipa::ToSchema;

use super::{ApiProblem, fields::Fields};
use crate::{
    links::MAX_REASON,
    new_link::{MAX_EXPIRY_SECONDS, MIN_EXPIRY_SECONDS},
};

/// A link's other end.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct ExtendLink {
    /// How many seconds the link lives from now on; it must end later than it does already.
    #[schema(minimum = 60, maximum = 315_360_000, example = 604_800)]
    pub(super) expires_in_seconds: i64,
}

impl ExtendLink {
    /// Reads the body.
    pub(super) fn read(mut fields: Fields) -> Result<Self, ApiProblem> {
        let name = "expiresInSeconds";
        if !fields.has(name) {
            fields.wrong(name, "is required");
        }
        let seconds = fields.number(name, MIN_EXPIRY_SECONDS, MAX_EXPIRY_SECONDS);
        let read = seconds.map(|expires_in_seconds| Self { expires_in_seconds });
        let wrong = fields.ended();
        match read {
            Some(read) if wrong.is_empty() => Ok(read),
            _ => Err(ApiProblem::Fields(wrong)),
        }
    }
}

/// Why a link is taken back.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "reason": "Sent to the wrong address." }))]
pub(super) struct RevokeLink {
    /// Kept with the link and in its log; the client never sees it.
    #[schema(min_length = 1, max_length = 500)]
    pub(super) reason: Option<String>,
}

impl RevokeLink {
    /// Reads the body.
    pub(super) fn read(mut fields: Fields) -> Result<Self, ApiProblem> {
        let reason = fields.text("reason", MAX_REASON);
        fields.done()?;
        Ok(Self { reason })
    }
}
