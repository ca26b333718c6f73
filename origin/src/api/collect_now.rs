//! A collection out of turn.

use axum::http::StatusCode;
use serde::Serialize;
use shared::id::{ConnectionId, JobId};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    connection_change::{is_refused, lock},
    connections::shown,
    idempotency::Answer,
    problem::ProblemBody,
};
use crate::{api_types::ConnectionJson, clock::bytes, collection::collect_job};

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
    let (organization, now) = (call.organization, call.now);
    let random = &*call.door.random;
    let job = JobId::from_random(bytes(random));
    let done = call.tx.once("api.collect_now", |tx| {
        Box::pin(async move {
            let locked = lock(tx, organization, id, random, now).await?;
            let connection = locked.connection;
            if connection.inactive_at.is_some() {
                return Err(ApiProblem::Conflict(
                    "The connection is switched off: switch it on first.",
                ));
            }
            let company = connection.company;
            let state = match locked.job.filter(|queued| !queued.is_parked) {
                Some(queued) if queued.lease_until.is_some_and(|until| until > now) => {
                    CollectState::AlreadyRunning
                }
                Some(queued) if queued.run_at <= now => CollectState::AlreadyQueued,
                _ => CollectState::Queued,
            };
            if state == CollectState::Queued {
                if is_refused(tx, &connection).await? {
                    return Err(ApiProblem::Conflict(
                        "The website let nobody in: the client must sign in anew first, by a connection update link.",
                    ));
                }
                if tx.lockout(company, id).await?.is_some_and(|at| at > now) {
                    return Err(ApiProblem::Conflict(
                        "The website left a sign-in without an answer: the password rests, so that no account is locked.",
                    ));
                }
                if connection.next_collection_at.is_none_or(|at| at > now) {
                    tx.set_next_collection(company, id, now, now).await?;
                }
                let job = collect_job(job, company, id, &connection.provider_url, now, now)?;
                tx.enqueue(&job).await?;
            }
            let (_, connection) = shown(tx, organization, id).await?;
            let answer = CollectNow { state, connection };
            Ok((Answer::new(StatusCode::ACCEPTED, &answer)?, state))
        })
    });
    let (answer, state) = done.await?;
    if state == Some(CollectState::Queued) {
        tracing::info!(%organization, connection = %id, "a collection was asked for");
    }
    Ok(answer)
}
