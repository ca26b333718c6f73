//! The outbox: what endpoints are told, written in the transaction of the change.

use shared::{
    id::{
        CodeRequestId, CompanyId, ConnectionId, LinkId, OrganizationId, WebhookDeliveryId,
        WebhookEndpointId, WebhookEventId,
    },
    time::UnixMillis,
    webhook::{WebhookDeliveryState, WebhookEventType},
};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{StoreError, Tx, row};

/// Something that endpoints are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The id of the event.
    pub id: WebhookEventId,
    /// The organization that is told.
    pub organization: OrganizationId,
    /// What it tells.
    pub event_type: WebhookEventType,
    /// The company that it is about; `None` for a test.
    pub company: Option<CompanyId>,
    /// The connection that it is about.
    pub connection: Option<ConnectionId>,
    /// The link that it is about, or that it carries.
    pub link: Option<LinkId>,
    /// The code request that it carries.
    pub code_request: Option<CodeRequestId>,
    /// The body of its messages, as JSON, without addresses that open something.
    pub payload: String,
    /// When the change was written.
    pub created_at: UnixMillis,
}

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhookDelivery {
    /// The id that it gets.
    pub id: WebhookDeliveryId,
    /// Where it is sent.
    pub endpoint: WebhookEndpointId,
    /// When it is sent at the earliest.
    pub first_attempt_at: UnixMillis,
}

/// Which messages wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookStream {
    /// Those about this link and the connections that it made.
    OfLink(LinkId),
    /// None: this event stands alone.
    Alone,
}

impl Tx<'_> {
    /// The stream of the connection's events: the link that made it. Nobody else tells anything in it before this
    /// transaction has ended, so that what is read from now on is in the order of the numbers. `None` when the company has
    /// no such connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_connection_stream(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<LinkId>, StoreError> {
        let of = "SELECT n.link_id FROM connections n WHERE n.id = $1 AND n.company_id = $2";
        self.lock_stream(of, company, connection.to_string()).await
    }

    /// The stream of the link's events: the link that made the connection that it repairs, or itself. Otherwise as
    /// [`Self::lock_connection_stream`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_link_stream(
        &mut self,
        company: CompanyId,
        link: LinkId,
    ) -> Result<Option<LinkId>, StoreError> {
        let of = "SELECT COALESCE(n.link_id, k.id) FROM links k LEFT JOIN connections n ON n.id = k.connection_id \
                  WHERE k.id = $1 AND k.company_id = $2";
        self.lock_stream(of, company, link.to_string()).await
    }

    async fn lock_stream(
        &mut self,
        link_of: &str,
        company: CompanyId,
        id: String,
    ) -> Result<Option<LinkId>, StoreError> {
        let lock = self.row_lock();
        let statement = format!("SELECT l.id FROM links l WHERE l.id = ({link_of}){lock}");
        sqlx::query(AssertSqlSafe(statement))
            .bind(id)
            .bind(company.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| row::parsed(&found, "id"))
            .transpose()
    }

    /// Writes an event and its messages; the caller queues their delivery in the same transaction.
    ///
    /// # Errors
    /// When what it names does not exist or the database fails.
    pub async fn add_webhook_event(
        &mut self,
        event: &WebhookEvent,
        stream: WebhookStream,
        deliveries: &[NewWebhookDelivery],
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO webhook_events (id, organization_id, event_type, company_id, connection_id, link_id, \
               code_request_id, payload, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(event.id.to_string())
        .bind(event.organization.to_string())
        .bind(event.event_type.as_str())
        .bind(event.company.map(|id| id.to_string()))
        .bind(event.connection.map(|id| id.to_string()))
        .bind(event.link.map(|id| id.to_string()))
        .bind(event.code_request.map(|id| id.to_string()))
        .bind(event.payload.clone())
        .bind(event.created_at.0)
        .execute(self.sql())
        .await?;
        let (stream, number) = match stream {
            WebhookStream::OfLink(link) => (link.to_string(), self.next_number(link).await?),
            WebhookStream::Alone => (event.id.to_string(), 1),
        };
        for delivery in deliveries {
            self.add_webhook_delivery(delivery, event.id, &stream, number, event.created_at)
                .await?;
        }
        Ok(())
    }

    /// The number of the next event of the link. The link's row is locked by it, so that numbers are in the order of
    /// the commits.
    async fn next_number(&mut self, link: LinkId) -> Result<i64, StoreError> {
        let counted = sqlx::query(
            "UPDATE links SET webhook_event_count = webhook_event_count + 1 WHERE id = $1 RETURNING webhook_event_count",
        )
        .bind(link.to_string())
        .fetch_one(self.sql())
        .await?;
        row::number(&counted, "webhook_event_count")
    }

    /// Runs again where the endpoint was removed meanwhile: then it is told nothing.
    async fn add_webhook_delivery(
        &mut self,
        delivery: &NewWebhookDelivery,
        event: WebhookEventId,
        stream: &str,
        number: i64,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let added = sqlx::query(
            "INSERT INTO webhook_deliveries (id, event_id, endpoint_id, stream, number, state, attempts, \
               next_attempt_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)",
        )
        .bind(delivery.id.to_string())
        .bind(event.to_string())
        .bind(delivery.endpoint.to_string())
        .bind(stream.to_owned())
        .bind(number)
        .bind(WebhookDeliveryState::Pending.as_str())
        .bind(delivery.first_attempt_at.0)
        .bind(now.0)
        .execute(self.sql())
        .await;
        match added {
            Ok(_) => Ok(()),
            Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
                Err(StoreError::Contended)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Sends an event of the organization to its endpoint once more, whatever became of the delivery before: with the
    /// same id, and without waiting for others. `None` when it has no such delivery.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replay_webhook_delivery(
        &mut self,
        organization: OrganizationId,
        before: WebhookDeliveryId,
        again: &NewWebhookDelivery,
    ) -> Result<Option<()>, StoreError> {
        let found = sqlx::query(
            "SELECT d.event_id FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id \
             WHERE d.id = $1 AND d.endpoint_id = $2 AND e.organization_id = $3",
        )
        .bind(before.to_string())
        .bind(again.endpoint.to_string())
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let (event, stream) = (row::parsed(&found, "event_id")?, again.id.to_string());
        self.add_webhook_delivery(again, event, &stream, 1, again.first_attempt_at)
            .await?;
        Ok(Some(()))
    }

    /// Removes what was sent, or given up, and made before `ended_before`, and what was made before `all_before`, which is
    /// earlier, whatever became of it, of all organizations: at most `limit` messages, and as many events that have no
    /// message left. Answers how many of each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_webhook_events(
        &mut self,
        ended_before: UnixMillis,
        all_before: UnixMillis,
        limit: i64,
    ) -> Result<(u64, u64), StoreError> {
        let messages = sqlx::query(
            "DELETE FROM webhook_deliveries WHERE id IN (SELECT d.id FROM webhook_deliveries d \
               WHERE d.created_at < $1 AND (d.state <> 'PENDING' OR d.created_at < $2) LIMIT $3)",
        )
        .bind(ended_before.0)
        .bind(all_before.0)
        .bind(limit)
        .execute(self.sql())
        .await?;
        let events = sqlx::query(
            "DELETE FROM webhook_events WHERE id IN (SELECT v.id FROM webhook_events v WHERE v.created_at < $1 \
               AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.event_id = v.id) LIMIT $2)",
        )
        .bind(ended_before.0)
        .bind(limit)
        .execute(self.sql())
        .await?;
        Ok((messages.rows_affected(), events.rows_affected()))
    }
}

/// Reads an event from a row whose column `event_id` is its id and `event_created_at` its time.
pub(super) fn read(found: &AnyRow) -> Result<WebhookEvent, StoreError> {
    Ok(WebhookEvent {
        id: row::parsed(found, "event_id")?,
        organization: row::parsed(found, "organization_id")?,
        event_type: row::parsed(found, "event_type")?,
        company: row::maybe_parsed(found, "company_id")?,
        connection: row::maybe_parsed(found, "connection_id")?,
        link: row::maybe_parsed(found, "link_id")?,
        code_request: row::maybe_parsed(found, "code_request_id")?,
        payload: row::text(found, "payload")?,
        created_at: row::at(found, "event_created_at")?,
    })
}
