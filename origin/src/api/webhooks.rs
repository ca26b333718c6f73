//! Webhook endpoints: make, list, read, change, remove, and another secret.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::TryFutureExt as _;
use serde::Serialize;
use shared::{id::WebhookEndpointId, member::AuditAction};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    etag,
    fields::{Body, Query},
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    webhook_body::{NewWebhook, WebhookChange},
};
use crate::{
    api_types::{WebhookJson, render_webhook},
    store::webhook_endpoints::WebhookEndpoint,
    webhooks::{
        EndpointRefused, WebhookSecret, add_endpoint, change_endpoint, endpoint, new_endpoint,
        remove_endpoint, rotate_secret, seal_secret,
    },
};

impl From<EndpointRefused> for ApiProblem {
    fn from(refused: EndpointRefused) -> Self {
        match refused {
            EndpointRefused::Unknown => Self::NotFound,
            EndpointRefused::SwitchedOff => {
                Self::Conflict("The endpoint is switched off: switch it on first.")
            }
            EndpointRefused::TooMany => {
                Self::Conflict("There are 20 endpoints already, which is the most.")
            }
            EndpointRefused::Store(error) => Self::Store(error),
        }
    }
}

/// An endpoint with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookWithSecret)]
pub(super) struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: WebhookJson,
    /// What the messages' signatures are verified with, as Standard Webhooks has it.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

/// A page of endpoints.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookPage {
    total_webhooks: i64,
    #[serde(flatten)]
    info: PageInfo,
    webhooks: Vec<WebhookJson>,
}

/// Lists the endpoints of the key's environment, oldest first.
#[utoipa::path(get, path = "/v2.2/webhook", tag = "Webhooks", operation_id = "listWebhooks",
    params(Paging),
    responses((status = 200, body = WebhookPage), (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Query(mut query): Query,
) -> Result<Json<WebhookPage>, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let found = call
        .tx
        .read("api.list_webhooks", |tx| {
            let environment = Some(call.key.environment);
            Box::pin(
                tx.webhook_endpoints(call.organization, environment, page)
                    .err_into(),
            )
        })
        .await?;
    Ok(Json(WebhookPage {
        total_webhooks: found.total,
        info: paging::info(page, found.total),
        webhooks: found.rows.iter().map(render_webhook).collect(),
    }))
}

/// Makes an endpoint, which is told of companies of the key's environment. Its secret is shown in this answer and never again.
#[utoipa::path(post, path = "/v2.2/webhook", tag = "Webhooks", operation_id = "addWebhook",
    request_body = NewWebhook,
    responses((status = 201, body = WebhookWithSecret),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "There are 20 already"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn add(call: Call, Body(body): Body) -> Result<Answer, ApiProblem> {
    let (door, organization, now) = (&call.door, call.organization, call.now);
    let new = NewWebhook::read(body, &door.endpoints)?;
    let of = (organization, call.key.environment);
    let (endpoint, secret) = new_endpoint((&door.vault, &*door.random), of, new.into(), now)?;
    let (added, secret, audit) = (&endpoint, &secret, &call.audit);
    let id = added.id;
    let done = call.tx.once("api.add_webhook", |tx| {
        Box::pin(async move {
            add_endpoint(tx, added).await?;
            audit.endpoint(tx, AuditAction::WebhookAdded, added).await?;
            Ok((shown_once(StatusCode::CREATED, added, secret)?, ()))
        })
    });
    let (answer, made) = done.await?;
    if made.is_some() {
        tracing::info!(%organization, endpoint = %id, "a webhook endpoint was made");
    }
    Ok(answer)
}

/// Reads an endpoint.
#[utoipa::path(get, path = "/v2.2/webhook/{id}", tag = "Webhooks", operation_id = "getWebhook",
    params(("id" = uuid::Uuid, Path, description = "The endpoint's id")),
    responses((status = 200, body = WebhookJson, headers(("ETag" = String, description = "The endpoint's version"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(call: Call, Id(id): Id<WebhookEndpointId>) -> Result<Response, ApiProblem> {
    let found = call
        .tx
        .read("api.get_webhook", |tx| {
            Box::pin(async move { Ok(endpoint(tx, call.organization, id).await?) })
        })
        .await?;
    Ok((etag::header(&tag(&found)), Json(render_webhook(&found))).into_response())
}

/// Changes an endpoint. With `If-Match` only if nobody else has changed it since.
#[utoipa::path(patch, path = "/v2.2/webhook/{id}", tag = "Webhooks", operation_id = "changeWebhook",
    params(("id" = uuid::Uuid, Path, description = "The endpoint's id"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be changed")),
    request_body = WebhookChange,
    responses((status = 200, body = WebhookJson, headers(("ETag" = String, description = "The endpoint's version"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn change(
    call: Call,
    Id(id): Id<WebhookEndpointId>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiProblem> {
    let (door, organization, now) = (&call.door, call.organization, call.now);
    let change = &WebhookChange::read(body, &door.endpoints)?.into();
    let (random, headers, audit) = (&*door.random, &headers, &call.audit);
    let changed = call
        .tx
        .write("api.change_webhook", |tx| {
            Box::pin(async move {
                let before = endpoint(tx, organization, id).await?;
                if !etag::matches(headers, &tag(&before)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                let changed = change_endpoint(tx, random, before, change, now).await?;
                let did = AuditAction::WebhookChanged;
                audit.endpoint(tx, did, &changed).await?;
                Ok(changed)
            })
        })
        .await?;
    tracing::info!(%organization, endpoint = %id, "a webhook endpoint was changed");
    Ok((etag::header(&tag(&changed)), Json(render_webhook(&changed))).into_response())
}

/// Removes an endpoint and what was to be sent to it.
#[utoipa::path(delete, path = "/v2.2/webhook/{id}", tag = "Webhooks", operation_id = "removeWebhook",
    params(("id" = uuid::Uuid, Path, description = "The endpoint's id")),
    responses((status = 204),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn remove(
    call: Call,
    Id(id): Id<WebhookEndpointId>,
) -> Result<StatusCode, ApiProblem> {
    let (organization, audit) = (call.organization, &call.audit);
    call.tx
        .write("api.remove_webhook", |tx| {
            Box::pin(async move {
                let removed = remove_endpoint(tx, organization, id).await?;
                let did = AuditAction::WebhookRemoved;
                Ok(audit.endpoint(tx, did, &removed).await?)
            })
        })
        .await?;
    tracing::info!(%organization, endpoint = %id, "a webhook endpoint was removed");
    Ok(StatusCode::NO_CONTENT)
}

/// Gives an endpoint another secret, which is shown in this answer and never again. For 24 hours messages are signed with
/// both.
#[utoipa::path(post, path = "/v2.2/webhook/{id}/secret", tag = "Webhooks", operation_id = "rotateWebhookSecret",
    params(("id" = uuid::Uuid, Path, description = "The endpoint's id")),
    responses((status = 200, body = WebhookWithSecret),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn rotate(
    call: Call,
    Id(id): Id<WebhookEndpointId>,
) -> Result<Answer, ApiProblem> {
    let (door, organization, now) = (&call.door, call.organization, call.now);
    let (random, audit) = (&*door.random, &call.audit);
    let secret = &WebhookSecret::random(random);
    let sealed = &seal_secret(&door.vault, random, (organization, id), secret)?;
    let done = call.tx.once("api.rotate_webhook_secret", |tx| {
        Box::pin(async move {
            let endpoint = rotate_secret(tx, (organization, id), sealed, now).await?;
            let did = AuditAction::WebhookSecretMade;
            audit.endpoint(tx, did, &endpoint).await?;
            Ok((shown_once(StatusCode::OK, &endpoint, secret)?, ()))
        })
    });
    let (answer, made) = done.await?;
    if made.is_some() {
        tracing::info!(%organization, endpoint = %id, "a webhook endpoint has another key");
    }
    Ok(answer)
}

fn tag(endpoint: &WebhookEndpoint) -> String {
    etag::of_version(endpoint.version)
}

fn shown_once(
    status: StatusCode,
    endpoint: &WebhookEndpoint,
    secret: &WebhookSecret,
) -> Result<Answer, ApiProblem> {
    let shown = WebhookWithSecret {
        webhook: render_webhook(endpoint),
        secret: secret.to_text().to_string(),
    };
    Answer::new(status, &shown)
}
