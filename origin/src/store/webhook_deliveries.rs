//! The messages of events to endpoints: what is due, and what became of it.

use shared::{
    id::{OrganizationId, WebhookDeliveryId, WebhookEndpointId},
    time::UnixMillis,
    webhook::{WebhookDeliveryState, WebhookFault},
};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Page, PageOf, StoreError, Tx, row,
    webhook_events::{self, WebhookEvent},
};

/// The message of one event to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// The id of the delivery.
    pub id: WebhookDeliveryId,
    /// Where it is sent.
    pub endpoint: WebhookEndpointId,
    /// The event that the message tells of.
    pub event: WebhookEvent,
    /// Those of one stream are sent in the order of their numbers.
    pub stream: String,
    /// The number in its stream.
    pub number: i64,
    /// How it stands.
    pub state: WebhookDeliveryState,
    /// How often it was sent since it was written, or since the endpoint got another address or was switched on again.
    pub attempts: i64,
    /// When it is sent next; `None` when it is not sent again.
    pub next_attempt_at: Option<UnixMillis>,
    /// When it was last sent; `None` before that. One that is dropped was not sent then.
    pub last_attempt_at: Option<UnixMillis>,
    /// What came back last.
    pub answer: WebhookAnswer,
    /// When the endpoint took it; `None` before that.
    pub delivered_at: Option<UnixMillis>,
    /// When it was written.
    pub created_at: UnixMillis,
}

/// What came of sending a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// The HTTP status, when an answer came.
    pub status_code: Option<u16>,
    /// Why no answer came; `None` when one came.
    pub fault: Option<WebhookFault>,
    /// The beginning of the answer, as plain text.
    pub excerpt: Option<String>,
}

impl WebhookAnswer {
    /// Whether the endpoint took the message.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        matches!(self.status_code, Some(200..=299))
    }
}

/// A delivery that is due: what its message is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueWebhook {
    /// The id of the delivery.
    pub id: WebhookDeliveryId,
    /// The event that the message tells of.
    pub event: WebhookEvent,
    /// Those of one stream are sent in the order of their numbers.
    pub stream: String,
    /// The number in its stream.
    pub number: i64,
    /// How often it was sent before, counted as [`WebhookDelivery::attempts`].
    pub attempts: i64,
}

/// What one try of a delivery came to, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookOutcome {
    /// How the delivery stands now.
    pub state: WebhookDeliveryState,
    /// What came back; `None` when nothing was sent.
    pub answer: Option<WebhookAnswer>,
    /// When it is sent again; only while it is pending.
    pub next_attempt_at: Option<UnixMillis>,
    /// When that was.
    pub now: UnixMillis,
}

impl WebhookOutcome {
    /// Whether nothing is left to be done, whatever was changed of the endpoint meanwhile.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(
            self.state,
            WebhookDeliveryState::Delivered | WebhookDeliveryState::Dropped
        )
    }

    /// The same where the endpoint is switched off by it: what it did not take waits until it is on again.
    #[must_use]
    pub fn kept(&self) -> Self {
        match self.state {
            WebhookDeliveryState::Failed => Self {
                state: WebhookDeliveryState::Pending,
                next_attempt_at: Some(self.now),
                ..self.clone()
            },
            _ => self.clone(),
        }
    }
}

// The delivery's own columns, then its event's; a delivery is due once nothing before it in its stream is pending.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT d.*, v.organization_id, v.event_type, v.company_id, v.connection_id, v.link_id, v.code_request_id, \
               v.payload, v.created_at AS event_created_at \
             FROM webhook_deliveries d JOIN webhook_events v ON v.id = d.event_id ",
            $rest
        )
    };
}
macro_rules! first_of_its_stream {
    () => {
        "d.endpoint_id = $1 AND d.state = 'PENDING' AND NOT EXISTS (SELECT 1 FROM webhook_deliveries b \
           WHERE b.endpoint_id = d.endpoint_id AND b.stream = d.stream AND b.state = 'PENDING' AND b.number < d.number)"
    };
}

impl Tx<'_> {
    /// The deliveries to the endpoint that are due, those that are due longest first: at most one of each stream, and
    /// only when nothing before it in the stream is pending. Those `but` are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_webhook_deliveries(
        &mut self,
        endpoint: WebhookEndpointId,
        now: UnixMillis,
        limit: i64,
        but: &[WebhookDeliveryId],
    ) -> Result<Vec<DueWebhook>, StoreError> {
        let places: Vec<String> = (4..but.len() + 4)
            .map(|number| format!("${number}"))
            .collect();
        let statement = format!(
            concat!(
                "SELECT d.id, d.event_id, d.stream, d.number, d.attempts, v.organization_id, v.event_type, v.company_id, \
                   v.connection_id, v.link_id, v.code_request_id, v.payload, v.created_at AS event_created_at \
                 FROM webhook_deliveries d JOIN webhook_events v ON v.id = d.event_id \
                 WHERE d.next_attempt_at <= $2 AND d.id NOT IN ({}) AND ",
                first_of_its_stream!(),
                " ORDER BY d.next_attempt_at, d.created_at, d.id LIMIT $3"
            ),
            match places.as_slice() {
                [] => "''".to_owned(),
                places => places.join(", "),
            }
        );
        let mut query = sqlx::query(AssertSqlSafe(statement))
            .persistent(false)
            .bind(endpoint.to_string())
            .bind(now.0)
            .bind(limit);
        for id in but {
            query = query.bind(id.to_string());
        }
        query
            .fetch_all(self.sql())
            .await?
            .iter()
            .map(|found| {
                Ok(DueWebhook {
                    id: row::parsed(found, "id")?,
                    event: webhook_events::read(found)?,
                    stream: row::text(found, "stream")?,
                    number: row::number(found, "number")?,
                    attempts: row::number(found, "attempts")?,
                })
            })
            .collect()
    }

    /// When the next delivery to the endpoint is due; `None` when none is pending.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_webhook_attempt(
        &mut self,
        endpoint: WebhookEndpointId,
    ) -> Result<Option<UnixMillis>, StoreError> {
        let found = sqlx::query(concat!(
            "SELECT d.next_attempt_at FROM webhook_deliveries d WHERE ",
            first_of_its_stream!(),
            " ORDER BY d.next_attempt_at LIMIT 1"
        ))
        .bind(endpoint.to_string())
        .fetch_optional(self.sql())
        .await?;
        found.map_or(Ok(None), |found| row::maybe_at(&found, "next_attempt_at"))
    }

    /// Writes what became of pending deliveries to the endpoint, the same of all of them. What waits behind one that is
    /// sent again is not due before it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_webhook_outcome(
        &mut self,
        endpoint: WebhookEndpointId,
        deliveries: &[&DueWebhook],
        outcome: &WebhookOutcome,
    ) -> Result<(), StoreError> {
        let is_delivered = outcome.state == WebhookDeliveryState::Delivered;
        let (attempts, answer) = match outcome.answer.clone() {
            Some(answer) => (1_i64, answer),
            None => (0, WebhookAnswer::default()),
        };
        let places: Vec<String> = (10..deliveries.len() + 10)
            .map(|number| format!("${number}"))
            .collect();
        // What was answered before stays where nothing was sent.
        let statement = format!(
            "UPDATE webhook_deliveries SET state = $2, next_attempt_at = $3, delivered_at = $4, \
               attempts = attempts + $5, \
               last_attempt_at = CASE WHEN $5 = 1 THEN $6 ELSE last_attempt_at END, \
               status_code = CASE WHEN $5 = 1 THEN $7 ELSE status_code END, \
               fault = CASE WHEN $5 = 1 THEN $8 ELSE fault END, \
               response_excerpt = CASE WHEN $5 = 1 THEN $9 ELSE response_excerpt END \
             WHERE endpoint_id = $1 AND state = 'PENDING' AND id IN ({})",
            places.join(", ")
        );
        // Only the number of placeholders is not fixed: another text for another number of ids, so none is kept.
        let mut update = sqlx::query(AssertSqlSafe(statement))
            .persistent(false)
            .bind(endpoint.to_string())
            .bind(outcome.state.as_str())
            .bind(outcome.next_attempt_at.map(|at| at.0))
            .bind(is_delivered.then_some(outcome.now.0))
            .bind(attempts)
            .bind(outcome.now.0)
            .bind(answer.status_code.map(i64::from))
            .bind(answer.fault.map(WebhookFault::as_str))
            .bind(answer.excerpt);
        for delivery in deliveries {
            update = update.bind(delivery.id.to_string());
        }
        update.execute(self.sql()).await?;
        let Some(next) = outcome.next_attempt_at else {
            return Ok(());
        };
        for delivery in deliveries {
            sqlx::query(
                "UPDATE webhook_deliveries SET next_attempt_at = $4 WHERE endpoint_id = $1 AND stream = $2 \
                   AND state = 'PENDING' AND number > $3 AND next_attempt_at < $4",
            )
            .bind(endpoint.to_string())
            .bind(delivery.stream.clone())
            .bind(delivery.number)
            .bind(next.0)
            .execute(self.sql())
            .await?;
        }
        Ok(())
    }

    /// Makes all that is pending for the endpoint due now, as if it had never been sent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_webhook_deliveries(
        &mut self,
        endpoint: WebhookEndpointId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE webhook_deliveries SET next_attempt_at = $2, attempts = 0 \
             WHERE endpoint_id = $1 AND state = 'PENDING'",
        )
        .bind(endpoint.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// A page of the deliveries to the organization's endpoint, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_deliveries(
        &mut self,
        organization: OrganizationId,
        endpoint: WebhookEndpointId,
        page: Page,
    ) -> Result<PageOf<WebhookDelivery>, StoreError> {
        let count = sqlx::query(
            "SELECT COUNT(*) AS total FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id \
             WHERE d.endpoint_id = $1 AND e.organization_id = $2",
        )
        .bind(endpoint.to_string())
        .bind(organization.to_string())
        .fetch_one(self.sql())
        .await?;
        let rows = sqlx::query(select!(
            "WHERE d.endpoint_id = $1 AND v.organization_id = $2 \
             ORDER BY d.created_at DESC, d.number DESC, d.id LIMIT $3 OFFSET $4"
        ))
        .bind(endpoint.to_string())
        .bind(organization.to_string())
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// A delivery to the organization's endpoint.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_delivery(
        &mut self,
        organization: OrganizationId,
        endpoint: WebhookEndpointId,
        id: WebhookDeliveryId,
    ) -> Result<Option<WebhookDelivery>, StoreError> {
        sqlx::query(select!(
            "WHERE d.id = $1 AND d.endpoint_id = $2 AND v.organization_id = $3"
        ))
        .bind(id.to_string())
        .bind(endpoint.to_string())
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }
}

fn read(found: &AnyRow) -> Result<WebhookDelivery, StoreError> {
    let status_code = row::maybe_number(found, "status_code")?;
    Ok(WebhookDelivery {
        id: row::parsed(found, "id")?,
        endpoint: row::parsed(found, "endpoint_id")?,
        event: webhook_events::read(found)?,
        stream: row::text(found, "stream")?,
        number: row::number(found, "number")?,
        state: row::parsed(found, "state")?,
        attempts: row::number(found, "attempts")?,
        next_attempt_at: row::maybe_at(found, "next_attempt_at")?,
        last_attempt_at: row::maybe_at(found, "last_attempt_at")?,
        answer: WebhookAnswer {
            status_code: status_code.and_then(|code| u16::try_from(code).ok()),
            fault: row::maybe_parsed(found, "fault")?,
            excerpt: row::maybe_text(found, "response_excerpt")?,
        },
        delivered_at: row::maybe_at(found, "delivered_at")?,
        created_at: row::at(found, "created_at")?,
    })
}
