//! What was sent to a webhook endpoint: list, test, and send again.

use axum::{Json, http::StatusCode};
use serde::Serialize;
use shared::{
    id::{OrganizationId, WebhookDeliveryId, WebhookEndpointId},
    member::AuditAction,
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id, Ids},
    fields::Query,
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
};
use crate::{
    api_types::{DeliveryJson, render_delivery},
    store::{StoreError, Tx},
    webhooks::{endpoint, send_again, send_test},
};

/// A page of deliveries.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDeliveryPage)]
pub(super) struct DeliveryPage {
    total_deliveries: i64,
    #[serde(flatten)]
    info: PageInfo,
    deliveries: Vec<DeliveryJson>,
}

/// Lists what was and is to be sent to the endpoint, newest first. What ended is kept for 30 days.
#[utoipa::path(get, path = "/v2.2/webhook/{id}/deliveries", tag = "Webhooks", operation_id = "listWebhookDeliveries",
    params(("id" = uuid::Uuid, Path, description = "The endpoint's id"), Paging),
    responses((status = 200, body = DeliveryPage),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Id(id): Id<WebhookEndpointId>,
    Query(mut query): Query,
) -> Result<Json<DeliveryPage>, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let organization = call.organization;
    let found = call
        .tx
        .read("api.list_webhook_deliveries", |tx| {
            Box::pin(async move {
                endpoint(tx, organization, id).await?;
                Ok(tx.webhook_deliveries(organization, id, page).await?)
            })
        })
        .await?;
    let deliveries: Result<_, StoreError> = found.rows.into_iter().map(render_delivery).collect();
    Ok(Json(DeliveryPage {
        total_deliveries: found.total,
        info: paging::info(page, found.total),
        deliveries: deliveries?,
    }))
}

/// Sends the endpoint a `webhook.test`, whatever it wants to be told. What came of it stands in its deliveries.
#[utoipa::path(post, path = "/v2.2/webhook/{id}/test", tag = "Webhooks", operation_id = "testWebhook",
    params(("id" = uuid::Uuid, Path, description = "The endpoint's id")),
    responses((status = 202, body = DeliveryJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "It is switched off")))]
pub(super) async fn test(call: Call, Id(id): Id<WebhookEndpointId>) -> Result<Answer, ApiProblem> {
    let (organization, now) = (call.organization, call.now);
    let (random, audit) = (&*call.door.random, &call.audit);
    let done = call.tx.once("api.test_webhook", |tx| {
        Box::pin(async move {
            let (endpoint, made) = send_test(tx, random, (organization, id), now).await?;
            let did = AuditAction::WebhookTested;
            audit.endpoint(tx, did, &endpoint).await?;
            Ok((accepted(tx, organization, id, made).await?, ()))
        })
    });
    let (answer, made) = done.await?;
    if made.is_some() {
        tracing::info!(%organization, endpoint = %id, "a webhook endpoint is tested");
    }
    Ok(answer)
}

/// Sends a message once more, whatever became of it before: as another delivery, with the same `webhook-id`, and without
/// waiting for others.
#[utoipa::path(post, path = "/v2.2/webhook/{id}/deliveries/{delivery_id}/replay", tag = "Webhooks", operation_id = "replayWebhookDelivery",
    params(("id" = uuid::Uuid, Path, description = "The endpoint's id"),
        ("delivery_id" = uuid::Uuid, Path, description = "The delivery's id")),
    responses((status = 202, body = DeliveryJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "The endpoint is switched off")))]
pub(super) async fn replay(
    call: Call,
    Ids(id, delivery): Ids<WebhookEndpointId, WebhookDeliveryId>,
) -> Result<Answer, ApiProblem> {
    let (organization, now) = (call.organization, call.now);
    let (random, audit) = (&*call.door.random, &call.audit);
    let done = call.tx.once("api.replay_webhook_delivery", |tx| {
        Box::pin(async move {
            let of = (organization, id);
            let (endpoint, made) = send_again(tx, random, of, delivery, now).await?;
            let did = AuditAction::WebhookReplayed;
            audit.endpoint(tx, did, &endpoint).await?;
            Ok((accepted(tx, organization, id, made).await?, ()))
        })
    });
    let (answer, made) = done.await?;
    if made.is_some() {
        tracing::info!(%organization, endpoint = %id, %delivery, "a webhook is sent again");
    }
    Ok(answer)
}

/// The answer to what made a delivery.
async fn accepted(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    endpoint: WebhookEndpointId,
    made: WebhookDeliveryId,
) -> Result<Answer, ApiProblem> {
    let put = tx.webhook_delivery(organization, endpoint, made).await?;
    let put = put.ok_or(ApiProblem::NotFound)?;
    Answer::new(StatusCode::ACCEPTED, &render_delivery(put)?)
}
