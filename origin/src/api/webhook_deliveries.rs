//! What was sent to a webhook endpoint: list, test, and send again.

use axum::{Json, http::StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use shared::{
    id::{OrganizationId, WebhookDeliveryId, WebhookEndpointId},
    member::AuditAction,
    webhook::{WebhookDeliveryState, WebhookEventType, WebhookFault},
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id, Ids},
    fields::Query,
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    schema,
};
use crate::api_types::rfc3339;
use crate::{
    store::{StoreError, Tx, webhook_deliveries::WebhookDelivery},
    webhooks::{endpoint, send_again, send_test},
};

/// The message of one event to an endpoint.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDelivery)]
pub(super) struct DeliveryJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    /// The `webhook-id` of the message: the same whenever it is sent again.
    #[schema(value_type = uuid::Uuid)]
    event_id: String,
    #[schema(value_type = schema::WebhookEventType)]
    event_type: WebhookEventType,
    #[schema(value_type = schema::WebhookDeliveryState)]
    state: WebhookDeliveryState,
    /// How often it was sent. While it is pending it is counted anew once the endpoint has another address or is switched
    /// on again.
    attempts: i64,
    #[schema(format = DateTime)]
    created: String,
    /// When it was last sent; null before. What was dropped was not sent then.
    #[schema(format = DateTime)]
    last_attempt_at: Option<String>,
    /// When it is sent next. It may be later: it waits for the events before it.
    #[schema(format = DateTime)]
    next_attempt_at: Option<String>,
    #[schema(format = DateTime)]
    delivered_at: Option<String>,
    request: RequestJson,
    /// What came back last; null before it was sent, and where `attempts` is counted anew.
    response: Option<ResponseJson>,
}

/// What is sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookRequest)]
pub(super) struct RequestJson {
    /// The body. Addresses that open something are not kept: `magicLinkUrl` and `codeUrl` are in the message alone.
    #[schema(value_type = Object)]
    body: Box<RawValue>,
}

/// What came back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookResponse)]
pub(super) struct ResponseJson {
    /// The HTTP status, when an answer came.
    status_code: Option<u16>,
    /// Why none came.
    #[schema(value_type = Option<schema::WebhookFault>)]
    fault: Option<WebhookFault>,
    /// The answer as plain text: at most its first 1,024 bytes. Null for messages with an address
    /// that opens something, which the endpoint may have repeated.
    body: Option<String>,
}

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
    let deliveries: Result<_, StoreError> = found.rows.into_iter().map(render).collect();
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
    Answer::new(StatusCode::ACCEPTED, &render(put)?)
}

fn render(delivery: WebhookDelivery) -> Result<DeliveryJson, StoreError> {
    let body = RawValue::from_string(delivery.event.payload);
    let answer = delivery.answer;
    let response = ResponseJson {
        status_code: answer.status_code,
        fault: answer.fault,
        body: answer.excerpt,
    };
    Ok(DeliveryJson {
        id: delivery.id.to_string(),
        event_id: delivery.event.id.to_string(),
        event_type: delivery.event.event_type,
        state: delivery.state,
        attempts: delivery.attempts,
        created: rfc3339(delivery.created_at),
        last_attempt_at: delivery.last_attempt_at.map(rfc3339),
        next_attempt_at: delivery.next_attempt_at.map(rfc3339),
        delivered_at: delivery.delivered_at.map(rfc3339),
        request: RequestJson {
            body: body.map_err(|_| StoreError::Corrupt { column: "payload" })?,
        },
        response: (delivery.attempts > 0).then_some(response),
    })
}
