//! The answers to requests of the edge that cannot be served: `application/problem+json`.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::store::StoreError;

/// The reasons why a request of the edge is not served.
#[derive(Debug, Clone, Copy)]
pub(super) enum EdgeApiProblem {
    /// There is no such flow, brand or route.
    NotFound,
    /// The body is not the JSON that [`shared::wire`] defines.
    Malformed,
    /// The flow's step has no live view.
    NoLiveView,
    /// The database does not answer.
    Unavailable,
}

impl EdgeApiProblem {
    pub fn store(error: &StoreError) -> Self {
        tracing::error!(%error, "the database failed the edge's request");
        Self::Unavailable
    }
}

impl IntoResponse for EdgeApiProblem {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NoLiveView => StatusCode::CONFLICT,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        let body = json!({ "status": status.as_u16(), "title": status.canonical_reason() });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, body.to_string()).into_response()
    }
}

/// Parses a JSON body.
pub(super) fn parse_body<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, EdgeApiProblem> {
    serde_json::from_slice(bytes).map_err(|_| EdgeApiProblem::Malformed)
}
