//! What an organization does with its endpoints, by API and at the console.

use shared::{
    api_key::ApiKeyEnvironment,
    id::{JobId, OrganizationId, WebhookDeliveryId, WebhookEndpointId},
    time::UnixMillis,
    webhook::{WebhookDisabledReason, WebhookEventType},
};
use url::Url;

use super::{
    WebhookSecret, deliver::deliver_job, outbox::put_again, outbox::put_test, seal_secret,
};
use crate::{
    clock::{Random, bytes},
    store::{
        Page, StoreError, Tx, TxError,
        webhook_endpoints::{SealedWebhookSecrets, WebhookEndpoint},
        webhook_events::NewWebhookDelivery,
    },
    vault::{Vault, VaultError},
};

/// Endpoints that an organization may have in each environment.
const MOST: i64 = 20;
/// For so long messages are signed with the secret before as well, in milliseconds.
const OVERLAP_MS: i64 = 24 * 3_600_000;

/// What an endpoint is made of.
pub struct NewEndpoint {
    /// Where messages are posted, checked by [`EndpointAddresses`](super::EndpointAddresses).
    pub url: Url,
    /// What the organization calls it.
    pub description: Option<String>,
    /// What it is told; nothing named means all.
    pub event_types: Vec<WebhookEventType>,
}

/// What is to be changed of an endpoint; what is `None` stays.
#[derive(Default)]
pub struct EndpointChange {
    /// Where messages are posted. What is pending is sent there at once.
    pub url: Option<Url>,
    /// What the organization calls it; `Some(None)` for nothing.
    pub description: Option<Option<String>>,
    /// What it is told; nothing named means all.
    pub event_types: Option<Vec<WebhookEventType>>,
    /// Whether anything is sent to it. What is pending waits until it is switched on again.
    pub is_active: Option<bool>,
}

/// Why an endpoint is sent nothing, or was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EndpointRefused {
    /// The organization has no such endpoint, or the endpoint no such delivery.
    #[error("there is no such endpoint or delivery")]
    Unknown,
    /// The endpoint is switched off.
    #[error("the endpoint is switched off")]
    SwitchedOff,
    /// The organization has as many endpoints of the environment as it may.
    #[error("there are {MOST} endpoints already")]
    TooMany,
    /// The database failed, and nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TxError for EndpointRefused {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

/// A new endpoint of the organization and environment with its secret, not stored yet.
///
/// # Errors
/// When no vault key is configured.
pub fn new_endpoint(
    (vault, random): (&Vault, &dyn Random),
    (organization, environment): (OrganizationId, ApiKeyEnvironment),
    new: NewEndpoint,
    now: UnixMillis,
) -> Result<(WebhookEndpoint, WebhookSecret), VaultError> {
    let id = WebhookEndpointId::from_random(bytes(random));
    let secret = WebhookSecret::random(random);
    let endpoint = WebhookEndpoint {
        id,
        organization,
        environment,
        url: new.url,
        description: new.description,
        event_types: new.event_types,
        secrets: SealedWebhookSecrets {
            current: seal_secret(vault, random, (organization, id), &secret)?,
            previous: None,
        },
        disabled: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    Ok((endpoint, secret))
}

/// Stores a new endpoint.
///
/// # Errors
/// [`EndpointRefused::TooMany`], and when the database fails.
pub async fn add_endpoint(
    tx: &mut Tx<'_>,
    endpoint: &WebhookEndpoint,
) -> Result<(), EndpointRefused> {
    tx.lock_organization(endpoint.organization).await?;
    let environment = Some(endpoint.environment);
    let there = tx.webhook_endpoints(endpoint.organization, environment, Page::FIRST);
    if there.await?.total >= MOST {
        return Err(EndpointRefused::TooMany);
    }
    Ok(tx.add_webhook_endpoint(endpoint).await?)
}

/// The organization's endpoint.
///
/// # Errors
/// [`EndpointRefused::Unknown`], and when the database fails.
pub async fn endpoint(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: WebhookEndpointId,
) -> Result<WebhookEndpoint, EndpointRefused> {
    let found = tx.webhook_endpoint(organization, id).await?;
    found.ok_or(EndpointRefused::Unknown)
}

/// Changes an endpoint as it was read in this transaction. What is pending is sent at once where it has another address, or
/// was switched off.
///
/// # Errors
/// When somebody else changed it meanwhile, so that the transaction runs again, and when the database fails.
pub async fn change_endpoint(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    before: WebhookEndpoint,
    change: &EndpointChange,
    now: UnixMillis,
) -> Result<WebhookEndpoint, EndpointRefused> {
    let (organization, id) = (before.organization, before.id);
    let mut after = before.clone();
    if let Some(url) = &change.url {
        after.url = url.clone();
    }
    if let Some(description) = &change.description {
        after.description.clone_from(description);
    }
    if let Some(event_types) = &change.event_types {
        after.event_types.clone_from(event_types);
    }
    match change.is_active {
        Some(true) => after.disabled = None,
        Some(false) if after.disabled.is_none() => {
            after.disabled = Some((now, WebhookDisabledReason::SwitchedOff));
        }
        _ => {}
    }
    if !tx.change_webhook_endpoint(&after, now).await? {
        return Err(StoreError::Contended.into());
    }
    let is_other = after.url != before.url || after.disabled != before.disabled;
    if is_other && after.disabled.is_none() {
        tx.resume_webhook_deliveries(id, now).await?;
        let resume = NewWebhookDelivery {
            id: WebhookDeliveryId::from_random(bytes(random)),
            endpoint: id,
            first_attempt_at: now,
        };
        let job = JobId::from_random(bytes(random));
        tx.enqueue(&deliver_job(job, organization, &resume, now)?)
            .await?;
    }
    endpoint(tx, organization, id).await
}

/// Gives the endpoint another secret, sealed for its row; for a day messages are signed with both.
///
/// # Errors
/// [`EndpointRefused::Unknown`], and when the database fails.
pub async fn rotate_secret(
    tx: &mut Tx<'_>,
    (organization, id): (OrganizationId, WebhookEndpointId),
    sealed: &[u8],
    now: UnixMillis,
) -> Result<WebhookEndpoint, EndpointRefused> {
    let until = now.plus(OVERLAP_MS);
    let rotated = tx.rotate_webhook_secret(organization, id, sealed, until, now);
    if !rotated.await? {
        return Err(EndpointRefused::Unknown);
    }
    endpoint(tx, organization, id).await
}

/// Removes the endpoint and what was to be sent to it.
///
/// # Errors
/// [`EndpointRefused::Unknown`], and when the database fails.
pub async fn remove_endpoint(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: WebhookEndpointId,
) -> Result<WebhookEndpoint, EndpointRefused> {
    let endpoint = endpoint(tx, organization, id).await?;
    if !tx.remove_webhook_endpoint(organization, id).await? {
        return Err(EndpointRefused::Unknown);
    }
    Ok(endpoint)
}

/// Sends the endpoint a test, whatever it wants to be told.
///
/// # Errors
/// [`EndpointRefused`].
pub async fn send_test(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    (organization, id): (OrganizationId, WebhookEndpointId),
    now: UnixMillis,
) -> Result<(WebhookEndpoint, WebhookDeliveryId), EndpointRefused> {
    let endpoint = active(endpoint(tx, organization, id).await?)?;
    let made = put_test(tx, random, (organization, id), now).await?;
    Ok((endpoint, made))
}

/// Sends the event of a delivery once more, as another delivery that waits for no other.
///
/// # Errors
/// [`EndpointRefused`].
pub async fn send_again(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    (organization, id): (OrganizationId, WebhookEndpointId),
    delivery: WebhookDeliveryId,
    now: UnixMillis,
) -> Result<(WebhookEndpoint, WebhookDeliveryId), EndpointRefused> {
    let endpoint = endpoint(tx, organization, id).await?;
    let there = tx.webhook_delivery(organization, id, delivery).await?;
    there.ok_or(EndpointRefused::Unknown)?;
    let endpoint = active(endpoint)?;
    let made = put_again(tx, random, (organization, id), delivery, now).await?;
    Ok((endpoint, made.ok_or(EndpointRefused::Unknown)?))
}

fn active(endpoint: WebhookEndpoint) -> Result<WebhookEndpoint, EndpointRefused> {
    match endpoint.disabled {
        None => Ok(endpoint),
        Some(_) => Err(EndpointRefused::SwitchedOff),
    }
}
