//! Delivering webhooks as a kind of job: one for each endpoint that has something to be sent.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use shared::{
    id::{JobId, OrganizationId, WebhookEndpointId},
    time::UnixMillis,
    token::KeyRing,
    webhook::{WebhookDeliveryState, WebhookDisabledReason, WebhookFault},
};
use tokio::time::Instant;
use url::Url;

use super::{
    address::EndpointAddresses,
    message::{self, Addresses},
    secret::{WebhookSecret, open_secrets},
    sender::{Sender, SignedMessage},
    signature::signatures,
};
use crate::{
    clock::Clock,
    jobs::{Context, Ended, Kind, new_job},
    store::{
        Store, StoreError,
        jobs::NewJob,
        webhook_deliveries::{WebhookAnswer, WebhookDelivery, WebhookOutcome},
        webhook_endpoints::WebhookEndpoint,
        webhook_events::NewWebhookDelivery,
    },
    vault::Vault,
};

/// All of a request may take so long.
pub const TIME_LIMIT: Duration = Duration::from_secs(15);
/// After each try that failed the next one follows so much later, in milliseconds; after the last nothing does.
pub(super) const RETRIES_MS: [i64; 9] = [
    5_000,
    5 * 60_000,
    30 * 60_000,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
];
const HOUR_MS: i64 = 3_600_000;
/// An endpoint that took nothing for so long, in milliseconds, is switched off when a message was tried for the last time.
const FAILING_MS: i64 = 72 * HOUR_MS;
/// Messages that are read at a time.
const BATCH: i64 = 32;
/// Requests to one endpoint at the same time.
const AT_ONCE: usize = 8;
/// One run takes so long at most: other endpoints wait.
const TURN: Duration = Duration::from_secs(60);
/// What cannot be signed is tried again after so long, in milliseconds.
const UNSIGNED_MS: i64 = 5 * 60_000;

/// Sends what is due to one endpoint, in the order of each stream, and writes down what came back.
pub struct DeliverWebhooks {
    /// The database that holds endpoints and messages.
    pub store: Store,
    /// Opens the secrets of endpoints.
    pub vault: Arc<Vault>,
    /// The keys of links, whose URLs are made again for the messages.
    pub token_keys: Arc<KeyRing>,
    /// The address with which links begin.
    pub links_base: Url,
    /// The addresses that may be reached.
    pub addresses: Arc<EndpointAddresses>,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// All of a request may take so long, its answer included.
    pub time_limit: Duration,
}

/// The endpoint that is delivered to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverWebhooksPayload {
    /// The organization of the endpoint.
    pub organization: OrganizationId,
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
}

/// A message that is due, with its body; no body when it is no longer true.
type Due = (WebhookDelivery, Option<String>);

/// An endpoint that was switched off because of how it answers. Whoever tells the organization begins here.
struct SwitchedOff {
    endpoint: WebhookEndpointId,
    reason: WebhookDisabledReason,
}

impl Kind for DeliverWebhooks {
    const NAME: &'static str = "DELIVER_WEBHOOKS";
    type Payload = DeliverWebhooksPayload;

    fn dedupe_key(payload: &DeliverWebhooksPayload) -> String {
        format!("{}:{}", Self::NAME, payload.endpoint)
    }

    async fn run(
        &self,
        context: &Context,
        of: DeliverWebhooksPayload,
    ) -> Result<Ended, StoreError> {
        let until = Instant::now() + TURN;
        let mut sender = None;
        while let Some((endpoint, due)) = self.due(of).await? {
            if Instant::now() >= until {
                return Ok(Ended::Repeat(self.clock.now()));
            }
            let id = endpoint.id;
            let key = (endpoint.organization, id);
            let secrets = open_secrets(&self.vault, key, &endpoint.secrets, self.clock.now());
            let secrets = match secrets {
                Ok(secrets) => secrets,
                Err(error) => {
                    tracing::error!(endpoint = %id, %error, "webhooks cannot be signed");
                    return Ok(Ended::Retry(self.clock.now().plus(UNSIGNED_MS)));
                }
            };
            if sender.is_none() {
                sender = Some(Sender::open(&self.addresses, &endpoint.url, self.time_limit).await);
            }
            let outcomes = self.send(&endpoint, sender.as_ref(), &secrets, due).await;
            if !self.write(context, &endpoint, &outcomes).await? {
                return Ok(Ended::Written);
            }
        }
        self.end(context, of).await
    }
}

impl DeliverWebhooks {
    /// The endpoint and what is due to it; `None` when that is nothing, or it is gone or switched off.
    async fn due(
        &self,
        of: DeliverWebhooksPayload,
    ) -> Result<Option<(WebhookEndpoint, Vec<Due>)>, StoreError> {
        let now = self.clock.now();
        let addresses = &Addresses {
            token_keys: &self.token_keys,
            links_base: &self.links_base,
        };
        let read = self.store.read("webhooks.due", |tx| {
            Box::pin(async move {
                let endpoint = tx.webhook_endpoint(of.organization, of.endpoint).await?;
                let Some(endpoint) = endpoint.filter(|found| found.disabled.is_none()) else {
                    return Ok::<_, StoreError>(None);
                };
                let mut due = Vec::new();
                for delivery in tx.due_webhook_deliveries(endpoint.id, now, BATCH).await? {
                    let body = message::body(tx, &delivery.event, addresses, now).await?;
                    due.push((delivery, body));
                }
                Ok((!due.is_empty()).then_some((endpoint, due)))
            })
        });
        read.await
    }

    /// Sends all of it, so many messages at a time.
    async fn send(
        &self,
        endpoint: &WebhookEndpoint,
        sender: Option<&Result<Sender, WebhookFault>>,
        secrets: &[WebhookSecret],
        due: Vec<Due>,
    ) -> Vec<(WebhookDelivery, WebhookOutcome)> {
        let sent = stream::iter(due).map(|(delivery, body)| async move {
            let answer = match (body, sender) {
                (None, _) | (_, None) => None,
                (Some(_), Some(Err(fault))) => Some(WebhookAnswer {
                    fault: Some(*fault),
                    ..WebhookAnswer::default()
                }),
                (Some(body), Some(Ok(sender))) => {
                    Some(self.send_one(sender, secrets, &delivery, body).await)
                }
            };
            let outcome = outcome(&delivery, answer, self.clock.now());
            tracing::info!(
                endpoint = %endpoint.id, delivery = %delivery.id, event = %delivery.event.id,
                state = %outcome.state, attempt = delivery.attempts + 1, "a webhook was sent"
            );
            (delivery, outcome)
        });
        sent.buffer_unordered(AT_ONCE).collect().await
    }

    async fn send_one(
        &self,
        sender: &Sender,
        secrets: &[WebhookSecret],
        delivery: &WebhookDelivery,
        body: String,
    ) -> WebhookAnswer {
        let (id, seconds) = (delivery.event.id, self.clock.now().0.div_euclid(1000));
        let message = SignedMessage {
            id: id.to_string(),
            seconds: seconds.to_string(),
            signature: signatures(secrets, id, seconds, &body),
            body,
        };
        sender.post(message).await
    }

    /// Writes what came back. False when the claim was lost meanwhile: nothing is written then, and another run sends
    /// the same messages once more.
    async fn write(
        &self,
        context: &Context,
        endpoint: &WebhookEndpoint,
        outcomes: &[(WebhookDelivery, WebhookOutcome)],
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let (job, key) = (&context.job, (endpoint.organization, endpoint.id));
        let off = switched_off(endpoint, outcomes, now);
        let reason = off.as_ref().map(|off| off.reason);
        let takes =
            |(_, outcome): &(_, WebhookOutcome)| outcome.state == WebhookDeliveryState::Delivered;
        let was_asked = |(_, outcome): &(_, WebhookOutcome)| outcome.answer.is_some();
        let is_failing = !outcomes.iter().any(takes);
        let is_known = outcomes.iter().any(was_asked);
        let written = self.store.tx("webhooks.write", |tx| {
            Box::pin(async move {
                if !tx.holds_job(job).await? {
                    return Ok::<_, StoreError>(false);
                }
                for (delivery, outcome) in outcomes {
                    tx.record_webhook_outcome(delivery, outcome).await?;
                }
                if is_known && is_failing != endpoint.failing_since.is_some() {
                    tx.note_webhook_endpoint(key.0, key.1, is_failing, now)
                        .await?;
                }
                if let Some(reason) = reason {
                    tx.disable_webhook_endpoint(key.0, key.1, reason, now)
                        .await?;
                }
                Ok(true)
            })
        });
        let written = written.await?;
        if let Some(off) = off.filter(|_| written) {
            off.tell();
        }
        Ok(written)
    }

    /// Ends the run: the job comes back when the next message is due, and leaves the queue when there is none. Who
    /// writes an event meanwhile waits for this transaction, and queues the job anew.
    async fn end(
        &self,
        context: &Context,
        of: DeliverWebhooksPayload,
    ) -> Result<Ended, StoreError> {
        let job = &context.job;
        let ended = self.store.tx("webhooks.end", |tx| {
            Box::pin(async move {
                if !tx.holds_job(job).await? {
                    return Ok::<_, StoreError>(());
                }
                let endpoint = tx.webhook_endpoint(of.organization, of.endpoint).await?;
                let next = match endpoint.filter(|found| found.disabled.is_none()) {
                    Some(endpoint) => tx.next_webhook_attempt(endpoint.id).await?,
                    None => None,
                };
                match next {
                    Some(at) => tx.repeat_job(job, at).await?,
                    None => tx.complete_job(job).await?,
                };
                Ok(())
            })
        });
        ended.await?;
        Ok(Ended::Written)
    }
}

impl SwitchedOff {
    /// The log is told; a mail to the organization belongs here as well.
    fn tell(&self) {
        let (endpoint, reason) = (self.endpoint, self.reason);
        tracing::warn!(%endpoint, %reason, "a webhook endpoint was switched off");
    }
}

/// What an answer means for its delivery; without one nothing was sent, because it is no longer true.
fn outcome(
    delivery: &WebhookDelivery,
    answer: Option<WebhookAnswer>,
    now: UnixMillis,
) -> WebhookOutcome {
    let status = answer.as_ref().and_then(|answer| answer.status_code);
    let retry = usize::try_from(delivery.attempts)
        .ok()
        .and_then(|attempts| RETRIES_MS.get(attempts));
    let (state, next_attempt_at) = match (&answer, status, retry) {
        (None, ..) => (WebhookDeliveryState::Dropped, None),
        (_, Some(200..=299), _) => (WebhookDeliveryState::Delivered, None),
        (_, Some(GONE), _) | (_, _, None) => (WebhookDeliveryState::Failed, None),
        (_, _, Some(retry)) => (WebhookDeliveryState::Pending, Some(now.plus(*retry))),
    };
    WebhookOutcome {
        state,
        answer,
        next_attempt_at,
        now,
    }
}

/// The answer of an endpoint that wants nothing any more.
const GONE: u16 = 410;

/// Whether these answers switch the endpoint off.
fn switched_off(
    endpoint: &WebhookEndpoint,
    outcomes: &[(WebhookDelivery, WebhookOutcome)],
    now: UnixMillis,
) -> Option<SwitchedOff> {
    let status = |outcome: &WebhookOutcome| outcome.answer.as_ref()?.status_code;
    let all = || outcomes.iter().map(|(_, outcome)| outcome);
    let is_gone = all().any(|outcome| status(outcome) == Some(GONE));
    let takes = all().any(|outcome| outcome.state == WebhookDeliveryState::Delivered);
    let gave_up = all().any(|outcome| outcome.state == WebhookDeliveryState::Failed);
    let since = endpoint.failing_since;
    let fails = !takes && gave_up && since.is_some_and(|since| now.since(since) >= FAILING_MS);
    let reason = match (is_gone, fails) {
        (true, _) => WebhookDisabledReason::Gone,
        (_, true) => WebhookDisabledReason::Failing,
        _ => return None,
    };
    Some(SwitchedOff {
        endpoint: endpoint.id,
        reason,
    })
}

/// The job that delivers to the endpoint, due when this delivery is.
///
/// # Errors
/// [`StoreError::Corrupt`] when the payload has no JSON form.
pub fn deliver_job(
    id: JobId,
    organization: OrganizationId,
    delivery: &NewWebhookDelivery,
    now: UnixMillis,
) -> Result<NewJob, StoreError> {
    let payload = DeliverWebhooksPayload {
        organization,
        endpoint: delivery.endpoint,
    };
    new_job::<DeliverWebhooks>(id, &payload, delivery.first_attempt_at, now)
}
