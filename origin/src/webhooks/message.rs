//! The body of a message as it is sent: what was written with the change, and the address that it carries.

use serde_json::{Map, Value};
use shared::{
    status::{CodeRequestStatus, LinkStatus},
    time::UnixMillis,
    token::KeyRing,
    webhook::WebhookEventType,
};
use url::Url;

use crate::{
    link_url,
    store::{StoreError, Tx, webhook_events::WebhookEvent},
};

/// What addresses are made with.
pub(super) struct Addresses<'a> {
    /// The keys that seal tokens.
    pub token_keys: &'a KeyRing,
    /// The address with which links begin.
    pub links_base: &'a Url,
}

/// Whether messages of this type have an address that opens something, so that nothing that an endpoint answers to them is
/// kept: it may repeat what it was sent.
pub(super) fn has_address(event_type: WebhookEventType) -> bool {
    matches!(
        event_type,
        WebhookEventType::ConnectionCustomerActionRequired | WebhookEventType::ConnectionCodeNeeded
    )
}

/// The body of the event's messages; `None` when it is no longer true, so that nothing is to be sent.
///
/// # Errors
/// When the database fails.
pub(super) async fn body(
    tx: &mut Tx<'_>,
    event: &WebhookEvent,
    addresses: &Addresses<'_>,
    now: UnixMillis,
) -> Result<Option<String>, StoreError> {
    match event.event_type {
        WebhookEventType::ConnectionCustomerActionRequired => {
            let url = magic_link_url(tx, event, addresses, now).await?;
            Ok(Some(with(event, "magicLinkUrl", url)?))
        }
        WebhookEventType::ConnectionCodeNeeded => {
            match code_url(tx, event, addresses, now).await? {
                Some(url) => Ok(Some(with(event, "codeUrl", Some(url))?)),
                None => Ok(None),
            }
        }
        _ => Ok(Some(event.payload.clone())),
    }
}

/// The URL of the link that heals the connection, while it can be opened.
async fn magic_link_url(
    tx: &mut Tx<'_>,
    event: &WebhookEvent,
    addresses: &Addresses<'_>,
    now: UnixMillis,
) -> Result<Option<String>, StoreError> {
    let Some(link) = event.link else {
        return Ok(None);
    };
    let found = tx.link(event.organization, link).await?;
    let found = found.filter(|found| found.link.status(now) == LinkStatus::Active);
    Ok(found.and_then(|found| {
        let (company, link) = (found.company.public_id, &found.link);
        let token = link_url::token(addresses.token_keys, company, link).ok()?;
        Some(link_url::url(
            addresses.links_base,
            company,
            link.kind,
            &token,
        ))
    }))
}

/// The URL of the page for the code, while a sign-in waits for it.
async fn code_url(
    tx: &mut Tx<'_>,
    event: &WebhookEvent,
    addresses: &Addresses<'_>,
    now: UnixMillis,
) -> Result<Option<String>, StoreError> {
    let (Some(company), Some(request)) = (event.company, event.code_request) else {
        return Ok(None);
    };
    let request = tx.code_request(company, request).await?;
    let waits = request.filter(|request| {
        request.status == CodeRequestStatus::Waiting && now < request.waits_until
    });
    let Some(request) = waits else {
        return Ok(None);
    };
    let company = tx.company(event.organization, company).await?;
    let connection = tx
        .connection(event.organization, request.connection)
        .await?;
    Ok(company.zip(connection).and_then(|(company, connection)| {
        let (keys, public) = (addresses.token_keys, company.public_id);
        let token = link_url::code_token(keys, public, &request, &connection).ok()?;
        Some(link_url::code_url(addresses.links_base, public, &token))
    }))
}

/// The event's payload with one more field in its data.
fn with(event: &WebhookEvent, name: &str, value: Option<String>) -> Result<String, StoreError> {
    let corrupt = || StoreError::Corrupt { column: "payload" };
    let mut payload: Map<String, Value> =
        serde_json::from_str(&event.payload).map_err(|_| corrupt())?;
    let data = payload.get_mut("data").and_then(Value::as_object_mut);
    let value = value.map_or(Value::Null, Value::String);
    data.ok_or_else(corrupt)?.insert(name.to_owned(), value);
    serde_json::to_string(&payload).map_err(|_| corrupt())
}
