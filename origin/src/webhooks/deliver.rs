//! Delivering webhooks as a kind of job: one for each endpoint that has something to be sent.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use shared::{
    id::{JobId, OrganizationId, WebhookDeliveryId, WebhookEndpointId, WebhookEventId},
    time::UnixMillis,
    token::KeyRing,
    webhook::{WebhookDeliveryState, WebhookDisabledReason, WebhookFault},
};
use tokio::{task::JoinSet, time::Instant};
use url::Url;

use super::{
    address::EndpointAddresses,
    message::{self, Addresses},
    secret::{WebhookSecret, open_secrets},
    sender::{Sender, SignedMessage},
    signature::signatures,
};
use crate::{
    clock::{Clock, Random},
    jobs::{Context, Ended, Kind, new_job},
    mail::queue_webhook_off,
    store::{
        Store, StoreError, Tx,
        jobs::NewJob,
        webhook_deliveries::{DueWebhook, WebhookAnswer, WebhookOutcome},
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
const BATCH: i64 = 64;
/// Requests to one endpoint at the same time.
const AT_ONCE: usize = 8;
/// One run takes so long at most: other endpoints wait.
const TURN: Duration = Duration::from_secs(60);
/// An endpoint that took nothing of what was sent at a time is left for so long, in milliseconds: others wait.
pub(super) const PAUSE_MS: i64 = 5_000;
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
    /// The source of randomness for ids.
    pub random: Arc<dyn Random>,
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
type Due = (DueWebhook, Option<String>);
/// An endpoint and the messages that are due to it.
type DueMessages = (WebhookEndpoint, Vec<Due>);
/// A message and what came back; nothing when it was not sent because it is no longer true.
type Answered = (DueWebhook, Option<WebhookAnswer>);

/// What came back of messages that were sent to an endpoint as it was in this version.
#[derive(Default)]
struct Answers {
    version: i64,
    all: Vec<Answered>,
}

/// A way to an endpoint's address, or why there is none.
struct Way {
    url: Url,
    sender: Result<Sender, WebhookFault>,
}

/// An endpoint that was switched off because of how it answers.
struct SwitchedOff {
    endpoint: WebhookEndpointId,
    reason: WebhookDisabledReason,
}

impl Answers {
    /// Whether the endpoint took a message, or one was not to be sent any more.
    fn took_any(&self) -> bool {
        self.all.iter().any(|(_, answer)| match answer {
            Some(answer) => answer.is_taken(),
            None => true,
        })
    }
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
        let mut way: Option<Arc<Way>> = None;
        let mut answers = Answers::default();
        let mut due = self.turn(context, of, &answers, &[]).await?;
        loop {
            let Some(found) = due else {
                return Ok(Ended::Written);
            };
            let is_over = Instant::now() >= until;
            let Some((endpoint, messages)) = found.filter(|_| !is_over) else {
                if answers.all.is_empty() && !is_over {
                    return self.end(context, of, self.clock.now()).await;
                }
                due = self.turn(context, of, &answers, &[]).await?;
                if is_over && due.is_some() {
                    return Ok(Ended::Repeat(self.clock.now()));
                }
                answers.all.clear();
                continue;
            };
            let key = (endpoint.organization, endpoint.id);
            let secrets = open_secrets(&self.vault, key, &endpoint.secrets, self.clock.now());
            let secrets = match secrets {
                Ok(secrets) => secrets,
                Err(error) => {
                    tracing::error!(endpoint = %endpoint.id, %error, "webhooks cannot be signed");
                    return Ok(Ended::Retry(self.clock.now().plus(UNSIGNED_MS)));
                }
            };
            let (secrets, version) = (secrets.into(), endpoint.version);
            let way = match way.take().filter(|way| way.url == endpoint.url) {
                Some(known) => way.insert(known),
                None => way.insert(Arc::new(self.open(endpoint.url).await)),
            };
            // The database works while the endpoint does.
            let sending: Vec<_> = messages.iter().map(|(delivery, _)| delivery.id).collect();
            let (sent, next) = tokio::join!(
                self.send(way, &secrets, messages),
                self.turn(context, of, &answers, &sending),
            );
            answers = Answers { version, all: sent };
            due = next?;
            if !answers.took_any() {
                let written = self.turn(context, of, &answers, &[]).await?;
                return match written {
                    Some(_) => self.end(context, of, self.clock.now().plus(PAUSE_MS)).await,
                    None => Ok(Ended::Written),
                };
            }
        }
    }
}

impl DeliverWebhooks {
    async fn open(&self, url: Url) -> Way {
        let sender = Sender::open(&self.addresses, &url, self.time_limit).await;
        Way { url, sender }
    }

    /// Writes what came back, and reads what is due beside what is on its way: nothing when the endpoint is gone or
    /// switched off. `None` when the claim was lost: nothing is written then, and another run sends the same once more.
    async fn turn(
        &self,
        context: &Context,
        of: DeliverWebhooksPayload,
        answers: &Answers,
        sending: &[WebhookDeliveryId],
    ) -> Result<Option<Option<DueMessages>>, StoreError> {
        let (job, now) = (&context.job, self.clock.now());
        let due = Reading {
            addresses: Addresses {
                token_keys: &self.token_keys,
                links_base: &self.links_base,
            },
            of,
            sending,
            now,
        };
        let due = &due;
        if answers.all.is_empty() {
            let read = self.store.read("webhooks.due", |tx| Box::pin(due.read(tx)));
            return Ok(Some(read.await?));
        }
        let outcomes = &outcomes(&answers.all, now);
        let written = self.store.tx("webhooks.write", |tx| {
            Box::pin(async move {
                let locked = tx.lock_webhook_endpoint(of.organization, of.endpoint);
                // What another address answered, or the same one before it was mended, says nothing of it as it is now.
                let same = locked
                    .await?
                    .filter(|found| found.version == answers.version);
                if !tx.holds_job(job).await? {
                    return Ok::<_, StoreError>(None);
                }
                let all = outcomes.iter().map(|(outcome, _)| outcome);
                let off = match &same {
                    Some(endpoint) => note(tx, endpoint, all, now).await?,
                    None => None,
                };
                if off.is_some() {
                    let which = (of.organization, of.endpoint);
                    queue_webhook_off(tx, &*self.random, which, now).await?;
                }
                for (outcome, deliveries) in outcomes {
                    if outcome.is_done() || same.is_some() {
                        let outcome = match off {
                            Some(_) => &outcome.kept(),
                            None => outcome,
                        };
                        tx.record_webhook_outcome(of.endpoint, deliveries, outcome)
                            .await?;
                    }
                }
                Ok(Some((off, due.read(tx).await?)))
            })
        });
        let Some((off, due)) = written.await? else {
            return Ok(None);
        };
        if let Some(off) = off {
            off.tell();
        }
        Ok(Some(due))
    }

    /// Sends all of it, so many messages at a time and on all of the machine's cores, and answers what came back.
    async fn send(
        &self,
        way: &Arc<Way>,
        secrets: &Arc<[WebhookSecret]>,
        due: Vec<Due>,
    ) -> Vec<Answered> {
        let (mut sending, mut answers) = (JoinSet::new(), Vec::with_capacity(due.len()));
        let mut due = due.into_iter();
        loop {
            for (delivery, body) in due.by_ref().take(AT_ONCE - sending.len()) {
                let (way, secrets) = (Arc::clone(way), Arc::clone(secrets));
                let seconds = self.clock.now().0.div_euclid(1000);
                sending.spawn(async move {
                    let answer = match body {
                        Some(body) => {
                            let sent = way.send(&secrets, delivery.event.id, seconds, body);
                            let mut answer = sent.await;
                            if message::has_address(delivery.event.event_type) {
                                answer.excerpt = None;
                            }
                            Some(answer)
                        }
                        None => None,
                    };
                    (delivery, answer)
                });
            }
            match sending.join_next().await {
                None => return answers,
                Some(Ok(answer)) => answers.push(answer),
                // It stays pending, and is sent again.
                Some(Err(error)) => tracing::error!(%error, "the sending of a webhook broke off"),
            }
        }
    }

    /// Ends the run: the job comes back when the next message is due, not before `earliest`, and leaves the queue when there is none. Who
    /// writes an event meanwhile waits for this transaction, and queues the job anew.
    async fn end(
        &self,
        context: &Context,
        of: DeliverWebhooksPayload,
        earliest: UnixMillis,
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
                    Some(at) => tx.repeat_job(job, at.max(earliest)).await?,
                    None => tx.complete_job(job).await?,
                };
                Ok(())
            })
        });
        ended.await?;
        Ok(Ended::Written)
    }
}

impl Way {
    /// Signs one message and sends it.
    async fn send(
        &self,
        secrets: &[WebhookSecret],
        id: WebhookEventId,
        seconds: i64,
        body: String,
    ) -> WebhookAnswer {
        match &self.sender {
            Ok(sender) => {
                let message = SignedMessage {
                    id: id.to_string(),
                    seconds: seconds.to_string(),
                    signature: signatures(secrets, id, seconds, &body),
                    body,
                };
                sender.post(message).await
            }
            Err(fault) => WebhookAnswer {
                fault: Some(*fault),
                ..WebhookAnswer::default()
            },
        }
    }
}

/// What is to be read of an endpoint.
struct Reading<'a> {
    addresses: Addresses<'a>,
    of: DeliverWebhooksPayload,
    /// What is on its way.
    sending: &'a [WebhookDeliveryId],
    now: UnixMillis,
}

impl Reading<'_> {
    /// The endpoint and what is due to it; `None` when that is nothing, or it is gone or switched off.
    async fn read(&self, tx: &mut Tx<'_>) -> Result<Option<DueMessages>, StoreError> {
        let (of, now) = (self.of, self.now);
        let endpoint = tx.webhook_endpoint(of.organization, of.endpoint).await?;
        let Some(endpoint) = endpoint.filter(|found| found.disabled.is_none()) else {
            return Ok(None);
        };
        let mut due = Vec::new();
        let found = tx.due_webhook_deliveries(endpoint.id, now, BATCH, self.sending);
        for delivery in found.await? {
            let body = message::body(tx, &delivery.event, &self.addresses, now).await?;
            due.push((delivery, body));
        }
        Ok((!due.is_empty()).then_some((endpoint, due)))
    }
}

impl SwitchedOff {
    /// Writes it into the log.
    fn tell(&self) {
        let (endpoint, reason) = (self.endpoint, self.reason);
        tracing::warn!(%endpoint, %reason, "a webhook endpoint was switched off");
    }
}

/// What the answers mean; deliveries with the same outcome stand together.
fn outcomes(answers: &[Answered], now: UnixMillis) -> Vec<(WebhookOutcome, Vec<&DueWebhook>)> {
    let mut all: Vec<(WebhookOutcome, Vec<&DueWebhook>)> = Vec::new();
    for (delivery, answer) in answers {
        let outcome = outcome(delivery, answer.clone(), now);
        tracing::info!(
            delivery = %delivery.id, event = %delivery.event.id,
            state = %outcome.state, attempt = delivery.attempts + 1, "a webhook was sent"
        );
        match all.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, deliveries)) => deliveries.push(delivery),
            None => all.push((outcome, vec![delivery])),
        }
    }
    all
}

/// What an answer means for its delivery; without one nothing was sent, because it is no longer true.
fn outcome(
    delivery: &DueWebhook,
    answer: Option<WebhookAnswer>,
    now: UnixMillis,
) -> WebhookOutcome {
    let status = answer.as_ref().and_then(|answer| answer.status_code);
    let retry = usize::try_from(delivery.attempts)
        .ok()
        .and_then(|attempts| RETRIES_MS.get(attempts));
    let (state, next_attempt_at) = match (&answer, status, retry) {
        (None, ..) => (WebhookDeliveryState::Dropped, None),
        (Some(answer), ..) if answer.is_taken() => (WebhookDeliveryState::Delivered, None),
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

/// Notes whether the endpoint takes what it is sent, and switches it off when it is gone or took nothing for days.
async fn note<'a>(
    tx: &mut Tx<'_>,
    found: &WebhookEndpoint,
    all: impl Iterator<Item = &'a WebhookOutcome> + Clone,
    now: UnixMillis,
) -> Result<Option<SwitchedOff>, StoreError> {
    let (organization, endpoint) = (found.organization, found.id);
    let any = |state| all.clone().any(|outcome| outcome.state == state);
    let status = |outcome: &WebhookOutcome| outcome.answer.as_ref()?.status_code;
    let is_gone = all.clone().any(|outcome| status(outcome) == Some(GONE));
    let takes = any(WebhookDeliveryState::Delivered);
    if takes || all.clone().any(|outcome| outcome.answer.is_some()) {
        tx.note_webhook_endpoint(organization, endpoint, !takes, now)
            .await?;
    }
    let gave_up = !takes && any(WebhookDeliveryState::Failed);
    if !is_gone && !gave_up {
        return Ok(None);
    }
    let reason = match found.failing_since {
        _ if is_gone => WebhookDisabledReason::Gone,
        Some(since) if now.since(since) >= FAILING_MS => WebhookDisabledReason::Failing,
        _ => return Ok(None),
    };
    tx.disable_webhook_endpoint(organization, endpoint, reason, now)
        .await?;
    Ok(Some(SwitchedOff { endpoint, reason }))
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
    Ok(NewJob {
        // One organization's endpoints, however many do not answer, take one run's place.
        exclusion_key: Some(format!("webhooks:{organization}")),
        ..new_job::<DeliverWebhooks>(id, &payload, delivery.first_attempt_at, now)?
    })
}
