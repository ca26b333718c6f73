//! Webhook endpoints: make, list, read, change, remove, and another secret.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::TryFutureExt as _;
use serde::Serialize;
use shared::{
    id::{JobId, OrganizationId, WebhookDeliveryId, WebhookEndpointId},
    webhook::{WebhookDisabledReason, WebhookEventType},
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    etag,
    fields::{Body, Query},
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    schema,
    webhook_body::{NewWebhook, WebhookChange},
};
use crate::api_types::rfc3339;
use crate::{
    clock::bytes,
    store::{
        Page, StoreError, Tx,
        webhook_endpoints::{SealedWebhookSecrets, WebhookEndpoint},
        webhook_events::NewWebhookDelivery,
    },
    webhooks::{WebhookSecret, deliver_job, seal_secret},
};

/// Endpoints that an organization may have.
const MOST: i64 = 20;
/// For so long messages are signed with the secret before as well, in milliseconds.
const OVERLAP_MS: i64 = 24 * 3_600_000;

/// Where you are told of changes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(super) struct WebhookJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    url: String,
    description: Option<String>,
    /// What it is told; an empty list means all.
    #[schema(value_type = Vec<schema::WebhookEventChoice>)]
    event_types: Vec<WebhookEventType>,
    /// Whether anything is sent to it.
    is_active: bool,
    /// Why nothing is sent to it.
    #[schema(value_type = Option<schema::WebhookDisabledReason>)]
    disabled_reason: Option<WebhookDisabledReason>,
    #[schema(format = DateTime)]
    disabled_at: Option<String>,
    /// Since when it took nothing that it was sent; null while it does.
    #[schema(format = DateTime)]
    failing_since: Option<String>,
    /// Until when messages are signed with the secret before as well.
    #[schema(format = DateTime)]
    previous_secret_until: Option<String>,
    #[schema(format = DateTime)]
    created: String,
    #[schema(format = DateTime)]
    updated: String,
    /// Counts the changes; the `ETag` is made of it.
    version: i64,
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

/// Lists the endpoints, oldest first.
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
            Box::pin(tx.webhook_endpoints(call.organization, page).err_into())
        })
        .await?;
    Ok(Json(WebhookPage {
        total_webhooks: found.total,
        info: paging::info(page, found.total),
        webhooks: found.rows.iter().map(render).collect(),
    }))
}

/// Makes an endpoint. Its secret is shown in this answer and never again.
#[utoipa::path(post, path = "/v2.2/webhook", tag = "Webhooks", operation_id = "addWebhook",
    request_body = NewWebhook,
    responses((status = 201, body = WebhookWithSecret),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "There are 20 already"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn add(call: Call, Body(body): Body) -> Result<Answer, ApiProblem> {
    let (door, organization, now) = (&call.door, call.organization, call.now);
    let new = NewWebhook::read(body, &door.endpoints)?;
    let random = &*door.random;
    let id = WebhookEndpointId::from_random(bytes(random));
    let secret = WebhookSecret::random(random);
    let endpoint = WebhookEndpoint {
        id,
        organization,
        url: new.url,
        description: new.description,
        event_types: new.event_types,
        secrets: SealedWebhookSecrets {
            current: seal_secret(&door.vault, random, (organization, id), &secret)?,
            previous: None,
        },
        disabled: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let (added, secret) = (&endpoint, &secret);
    let done = call.tx.once("api.add_webhook", |tx| {
        Box::pin(async move {
            tx.lock_organization(organization).await?;
            let there = tx.webhook_endpoints(organization, Page::FIRST).await?;
            if there.total >= MOST {
                return Err(ApiProblem::Conflict(
                    "There are 20 endpoints already, which is the most.",
                ));
            }
            tx.add_webhook_endpoint(added).await?;
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
            Box::pin(async move { own(tx, call.organization, id).await })
        })
        .await?;
    Ok((etag::header(&tag(&found)), Json(render(&found))).into_response())
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
    let change = &WebhookChange::read(body, &door.endpoints)?;
    let (random, headers) = (&*door.random, &headers);
    let resume = NewWebhookDelivery {
        id: WebhookDeliveryId::from_random(bytes(random)),
        endpoint: id,
        first_attempt_at: now,
    };
    let job = deliver_job(
        JobId::from_random(bytes(random)),
        organization,
        &resume,
        now,
    )?;
    let job = &job;
    let changed = call
        .tx
        .write("api.change_webhook", |tx| {
            Box::pin(async move {
                let mut endpoint = own(tx, organization, id).await?;
                if !etag::matches(headers, &tag(&endpoint)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                let before = (endpoint.url.clone(), endpoint.disabled);
                apply(&mut endpoint, change, now);
                if !tx.change_webhook_endpoint(&endpoint, now).await? {
                    return Err(StoreError::Contended.into());
                }
                let is_new = (endpoint.url.clone(), endpoint.disabled) != before;
                if is_new && endpoint.disabled.is_none() {
                    tx.resume_webhook_deliveries(id, now).await?;
                    tx.enqueue(job).await?;
                }
                own(tx, organization, id).await
            })
        })
        .await?;
    tracing::info!(%organization, endpoint = %id, "a webhook endpoint was changed");
    Ok((etag::header(&tag(&changed)), Json(render(&changed))).into_response())
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
    let organization = call.organization;
    let removed = call
        .tx
        .write("api.remove_webhook", |tx| {
            Box::pin(tx.remove_webhook_endpoint(organization, id).err_into())
        })
        .await?;
    if !removed {
        return Err(ApiProblem::NotFound);
    }
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
    let random = &*door.random;
    let secret = &WebhookSecret::random(random);
    let sealed = &seal_secret(&door.vault, random, (organization, id), secret)?;
    let until = now.plus(OVERLAP_MS);
    let done = call.tx.once("api.rotate_webhook_secret", |tx| {
        Box::pin(async move {
            let rotated = tx.rotate_webhook_secret(organization, id, sealed, until, now);
            if !rotated.await? {
                return Err(ApiProblem::NotFound);
            }
            let endpoint = own(tx, organization, id).await?;
            Ok((shown_once(StatusCode::OK, &endpoint, secret)?, ()))
        })
    });
    let (answer, made) = done.await?;
    if made.is_some() {
        tracing::info!(%organization, endpoint = %id, "a webhook endpoint has another key");
    }
    Ok(answer)
}

/// The organization's endpoint; another's is as unknown as none.
pub(super) async fn own(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: WebhookEndpointId,
) -> Result<WebhookEndpoint, ApiProblem> {
    let found = tx.webhook_endpoint(organization, id).await?;
    found.ok_or(ApiProblem::NotFound)
}

fn apply(endpoint: &mut WebhookEndpoint, change: &WebhookChange, now: shared::time::UnixMillis) {
    if let Some(url) = &change.url {
        endpoint.url = url.clone();
    }
    if let Some(description) = &change.description {
        endpoint.description.clone_from(description);
    }
    if let Some(event_types) = &change.event_types {
        endpoint.event_types.clone_from(event_types);
    }
    match change.is_active {
        Some(true) if endpoint.disabled.is_some() => {
            endpoint.disabled = None;
        }
        Some(false) if endpoint.disabled.is_none() => {
            endpoint.disabled = Some((now, WebhookDisabledReason::SwitchedOff));
        }
        _ => {}
    }
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
        webhook: render(endpoint),
        secret: secret.to_text().to_string(),
    };
    Answer::new(status, &shown)
}

fn render(endpoint: &WebhookEndpoint) -> WebhookJson {
    let previous = endpoint.secrets.previous.as_ref();
    WebhookJson {
        id: endpoint.id.to_string(),
        url: endpoint.url.to_string(),
        description: endpoint.description.clone(),
        event_types: endpoint.event_types.clone(),
        is_active: endpoint.disabled.is_none(),
        disabled_reason: endpoint.disabled.map(|(_, reason)| reason),
        disabled_at: endpoint.disabled.map(|(at, _)| rfc3339(at)),
        failing_since: endpoint.failing_since.map(rfc3339),
        previous_secret_until: previous.map(|(_, until)| rfc3339(*until)),
        created: rfc3339(endpoint.created_at),
        updated: rfc3339(endpoint.updated_at),
        version: endpoint.version,
    }
}
