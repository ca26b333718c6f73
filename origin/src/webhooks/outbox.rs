//! Tells changes, in the transaction that writes them.

use serde::Serialize;
use shared::{
    id::{
        BillId, CodeRequestId, CompanyId, ConnectionId, JobId, LinkId, OrganizationId,
        WebhookDeliveryId, WebhookEndpointId, WebhookEventId,
    },
    time::UnixMillis,
    webhook::WebhookEventType,
};

use super::deliver::deliver_job;
use crate::{
    api_types::{render_bill, render_link, rfc3339},
    clock::{Random, bytes},
    store::{
        StoreError, Tx,
        companies::Company,
        webhook_endpoints::WebhookListener,
        webhook_events::{NewWebhookDelivery, WebhookEvent, WebhookStream},
    },
};

/// What one transaction tells the endpoints of a company's organization and environment.
pub struct Outbox<'a> {
    pub(super) company: Company,
    pub(super) now: UnixMillis,
    listeners: Vec<WebhookListener>,
    random: &'a dyn Random,
}

/// What an event is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    /// Which events it waits for.
    pub stream: WebhookStream,
    /// The connection that the event is about.
    pub connection: Option<ConnectionId>,
    /// The link that it is about, or that it carries.
    pub link: Option<LinkId>,
    /// The code request that it carries.
    pub code_request: Option<CodeRequestId>,
    /// It is sent so much later, in milliseconds.
    pub delay_ms: i64,
}

#[derive(Serialize)]
struct Payload<'a, T> {
    r#type: WebhookEventType,
    timestamp: String,
    data: &'a T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    endpoint_id: String,
}

impl<'a> Outbox<'a> {
    /// The outbox of the company's organization and environment; `None` when no endpoint of both is used, so that there is
    /// nothing to do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(
        tx: &mut Tx<'_>,
        company: CompanyId,
        random: &'a dyn Random,
        now: UnixMillis,
    ) -> Result<Option<Self>, StoreError> {
        let listeners = tx.webhook_listeners(company).await?;
        if listeners.is_empty() {
            return Ok(None);
        }
        let organization = tx.organization_of(company).await?;
        let found = tx.company(organization, company).await?;
        Ok(found.map(|company| Self {
            company,
            now,
            listeners,
            random,
        }))
    }

    /// Whether somebody can be counted on to act on this: an endpoint names it, and takes what it is sent.
    #[must_use]
    pub fn is_acted_on(&self, event_type: WebhookEventType) -> bool {
        self.listeners.iter().any(|one| one.acts_on(event_type))
    }

    /// Tells something of the link: nothing that opens it is told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link(
        &self,
        tx: &mut Tx<'_>,
        event_type: WebhookEventType,
        link: LinkId,
    ) -> Result<(), StoreError> {
        let Some(stream) = tx.lock_link_stream(self.company.id, link).await? else {
            return Ok(());
        };
        let Some(found) = tx.link(self.company.organization, link).await? else {
            return Ok(());
        };
        let made = tx.connections_of_links(self.company.id, &[link]).await?;
        let data = render_link(self.now, &self.company, &found.link, made.iter(), None);
        let about = About {
            link: Some(link),
            ..About::of(stream)
        };
        self.put(tx, event_type, about, &data).await
    }

    /// Tells something of the bill with this id.
    pub(super) async fn bill(
        &self,
        tx: &mut Tx<'_>,
        event_type: WebhookEventType,
        stream: LinkId,
        bill: BillId,
    ) -> Result<(), StoreError> {
        let Some(bill) = tx.bill(self.company.organization, bill).await? else {
            return Ok(());
        };
        let about = About {
            connection: Some(bill.connection),
            ..About::of(stream)
        };
        let data = render_bill(bill);
        self.put(tx, event_type, about, &data).await
    }

    pub(super) async fn put(
        &self,
        tx: &mut Tx<'_>,
        event_type: WebhookEventType,
        about: About,
        data: &impl Serialize,
    ) -> Result<(), StoreError> {
        let first_attempt_at = self.now.plus(about.delay_ms);
        let wanted = self.listeners.iter().filter(|one| one.wants(event_type));
        let deliveries: Vec<_> = wanted
            .map(|one| new_delivery(self.random, one.endpoint, first_attempt_at))
            .collect();
        if deliveries.is_empty() {
            return Ok(());
        }
        let event = WebhookEvent {
            id: WebhookEventId::from_random(bytes(self.random)),
            organization: self.company.organization,
            event_type,
            company: Some(self.company.id),
            connection: about.connection,
            link: about.link,
            code_request: about.code_request,
            payload: payload(event_type, self.now, data)?,
            created_at: self.now,
        };
        tx.add_webhook_event(&event, about.stream, &deliveries)
            .await?;
        for delivery in &deliveries {
            let id = JobId::from_random(bytes(self.random));
            let job = deliver_job(id, event.organization, delivery, self.now)?;
            tx.enqueue(&job).await?;
        }
        Ok(())
    }
}

impl About {
    /// In the order of what is told of this link and of the connections that it made.
    pub(super) fn of(link: LinkId) -> Self {
        Self {
            stream: WebhookStream::OfLink(link),
            connection: None,
            link: None,
            code_request: None,
            delay_ms: 0,
        }
    }
}

/// Sends the organization's endpoint a test, whatever it wants to hear of; answers the delivery's id.
///
/// # Errors
/// When there is no such endpoint or the database fails.
pub(super) async fn put_test(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    (organization, endpoint): (OrganizationId, WebhookEndpointId),
    now: UnixMillis,
) -> Result<WebhookDeliveryId, StoreError> {
    let event_type = WebhookEventType::WebhookTest;
    let data = Test {
        endpoint_id: endpoint.to_string(),
    };
    let event = WebhookEvent {
        id: WebhookEventId::from_random(bytes(random)),
        organization,
        event_type,
        company: None,
        connection: None,
        link: None,
        code_request: None,
        payload: payload(event_type, now, &data)?,
        created_at: now,
    };
    let delivery = new_delivery(random, endpoint, now);
    let deliveries = std::slice::from_ref(&delivery);
    tx.add_webhook_event(&event, WebhookStream::Alone, deliveries)
        .await?;
    let id = JobId::from_random(bytes(random));
    tx.enqueue(&deliver_job(id, organization, &delivery, now)?)
        .await?;
    Ok(delivery.id)
}

/// Sends the organization's endpoint the event of a delivery once more; answers the new delivery's id, or `None` when
/// it has no such delivery.
///
/// # Errors
/// When the database fails.
pub(super) async fn put_again(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    (organization, endpoint): (OrganizationId, WebhookEndpointId),
    before: WebhookDeliveryId,
    now: UnixMillis,
) -> Result<Option<WebhookDeliveryId>, StoreError> {
    let again = new_delivery(random, endpoint, now);
    let replayed = tx.replay_webhook_delivery(organization, before, &again);
    if replayed.await?.is_none() {
        return Ok(None);
    }
    let id = JobId::from_random(bytes(random));
    tx.enqueue(&deliver_job(id, organization, &again, now)?)
        .await?;
    Ok(Some(again.id))
}

fn new_delivery(
    random: &dyn Random,
    endpoint: WebhookEndpointId,
    first_attempt_at: UnixMillis,
) -> NewWebhookDelivery {
    NewWebhookDelivery {
        id: WebhookDeliveryId::from_random(bytes(random)),
        endpoint,
        first_attempt_at,
    }
}

fn payload(
    r#type: WebhookEventType,
    now: UnixMillis,
    data: &impl Serialize,
) -> Result<String, StoreError> {
    let payload = Payload {
        r#type,
        timestamp: rfc3339(now),
        data,
    };
    serde_json::to_string(&payload).map_err(|_| StoreError::Corrupt { column: "payload" })
}
