//! What the edge hears when there is nothing good to say.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::store::StoreError;

/// `application/problem+json`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Problem {
    /// No such flow, brand or route.
    NotFound,
    /// Not the JSON that the wire says.
    Malformed,
    /// The step has no live view.
    NothingToSee,
    /// The database does not answer.
    Unavailable,
}

impl Problem {
    pub fn store(error: &StoreError) -> Self {
        tracing::error!(%error, "the database failed the edge's request");
        Self::Unavailable
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "There is nothing here."),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "The body is not what this request takes.",
            ),
            Self::NothingToSee => (StatusCode::CONFLICT, "The flow has no live view now."),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The database does not answer.",
            ),
        };
        let body = json!({ "status": status.as_u16(), "title": status.canonical_reason(), "detail": detail });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, body.to_string()).into_response()
    }
}

/// Reads a JSON body.
pub(super) fn body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|_| Problem::Malformed)
}
