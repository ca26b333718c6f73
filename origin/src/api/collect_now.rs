//! A collection out of turn.

use axum::http::StatusCode;
use serde::Serialize;
use shared::id::ConnectionId;
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    connections::shown,
    idempotency::Answer,
    problem::ProblemBody,
};
use crate::{
    api_types::ConnectionJson,
    collection::{self, CollectRefused},
    connections::{self, ConnectionRefused},
};

/// How a collection that was asked for stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum CollectState {
    /// It begins as soon as there is room.
    Queued,
    /// It was to begin already: nothing changed.
    AlreadyQueued,
    /// It runs already: nothing changed. `lastCollection` says how far it is.
    AlreadyRunning,
}

impl From<collection::CollectNow> for CollectState {
    fn from(state: collection::CollectNow) -> Self {
        match state {
            collection::CollectNow::Queued => Self::Queued,
            collection::CollectNow::AlreadyQueued => Self::AlreadyQueued,
            collection::CollectNow::AlreadyRunning => Self::AlreadyRunning,
        }
    }
}

impl From<ConnectionRefused> for ApiProblem {
    fn from(error: ConnectionRefused) -> Self {
        Self::Conflict(match error {
            ConnectionRefused::Unknown => return Self::NotFound,
            ConnectionRefused::Store(error) => return Self::Store(error),
            ConnectionRefused::Collect(CollectRefused::SwitchedOff) => {
                "The connection is switched off: switch it on first."
            }
            ConnectionRefused::Collect(CollectRefused::ClientMustAct) => {
                "The website let nobody in: the client must sign in anew first, by a connection update link."
            }
            ConnectionRefused::Collect(CollectRefused::PasswordRests) => {
                "The website left a sign-in without an answer: the password rests, so that no account is locked."
            }
        })
    }
}

/// A collection that was asked for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CollectNow {
    state: CollectState,
    connection: ConnectionJson,
}

/// Collects the connection's bills now, and not only when it is their turn. What comes of it stands in its collections.
#[utoipa::path(post, path = "/v2.2/connection/{id}/collect", tag = "Connections", operation_id = "collectNow",
    params(("id" = uuid::Uuid, Path, description = "The connection's id")),
    responses((status = 202, body = CollectNow),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json",
            description = "It is switched off, the client must act first, or its password must rest for a while")))]
pub(super) async fn collect(call: Call, Id(id): Id<ConnectionId>) -> Result<Answer, ApiProblem> {
    let author = &call.audit.author();
    let organization = author.organization;
    let done = call.tx.once("api.collect_now", |tx| {
        Box::pin(async move {
            let state = connections::collect(tx, author, id).await?;
            let (_, connection) = shown(tx, organization, id).await?;
            let answer = CollectNow {
                state: state.into(),
                connection,
            };
            Ok((Answer::new(StatusCode::ACCEPTED, &answer)?, state))
        })
    });
    let (answer, state) = done.await?;
    if state == Some(collection::CollectNow::Queued) {
        tracing::info!(%organization, connection = %id, "a collection was asked for");
    }
    Ok(answer)
}
