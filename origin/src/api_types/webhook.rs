//! A webhook endpoint, and what was sent to it.

use serde::Serialize;
use serde_json::value::RawValue;
use shared::{
    api_key::ApiKeyEnvironment,
    webhook::{WebhookDeliveryState, WebhookDisabledReason, WebhookEventType, WebhookFault},
};
use utoipa::ToSchema;

use super::{rfc3339, schema};
use crate::store::{
    StoreError, webhook_deliveries::WebhookDelivery, webhook_endpoints::WebhookEndpoint,
};

/// Where you are told of changes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub struct WebhookJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    /// The environment of the key that made it. Only such keys reach it, and it is told of such companies alone.
    #[schema(value_type = schema::ApiKeyEnvironment)]
    environment: ApiKeyEnvironment,
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

/// The message of one event to an endpoint.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDelivery)]
pub struct DeliveryJson {
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
pub struct RequestJson {
    /// The body. Addresses that open something are not kept: `magicLinkUrl` and `codeUrl` are in the message alone.
    #[schema(value_type = Object)]
    body: Box<RawValue>,
}

/// What came back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookResponse)]
pub struct ResponseJson {
    /// The HTTP status, when an answer came.
    status_code: Option<u16>,
    /// Why none came.
    #[schema(value_type = Option<schema::WebhookFault>)]
    fault: Option<WebhookFault>,
    /// The answer as plain text: at most its first 1,024 bytes. Null for messages with an address
    /// that opens something, which the endpoint may have repeated.
    body: Option<String>,
}

/// An endpoint, without its secret.
#[must_use]
pub fn render_webhook(endpoint: &WebhookEndpoint) -> WebhookJson {
    let previous = endpoint.secrets.previous.as_ref();
    WebhookJson {
        id: endpoint.id.to_string(),
        environment: endpoint.environment,
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

/// What was sent to an endpoint, and what came back.
///
/// # Errors
/// When the kept body is not JSON.
pub fn render_delivery(delivery: WebhookDelivery) -> Result<DeliveryJson, StoreError> {
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
