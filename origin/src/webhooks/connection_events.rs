//! What changed of a connection, told by how it stood before.

use serde::Serialize;
use serde_json::Value;
use shared::{
    id::{BillId, CollectionId, ConnectionId, LinkId},
    status::ConnectionStatus,
    webhook::WebhookEventType,
};

use super::outbox::{About, Outbox};
use crate::{
    api_types::{CollectionJson, ConnectionJson, render_collection, render_connection, rfc3339},
    store::{
        StoreError, Tx, code_requests::CodeRequest, collections::Collection,
        connection_removal::Removal, connections::Connection, finish::Made,
        webhook_events::WebhookStream,
    },
};

/// What tells nothing by itself: times, and what other events tell.
const TIMES: [&str; 5] = [
    "updated",
    "statusFirstSeenTime",
    "statusLastUpdateTime",
    "lastCollection",
    "nextCollectionAt",
];

/// How a connection stands at one moment of a transaction.
pub(super) struct ConnectionState {
    connection: Connection,
    json: ConnectionJson,
    last_collection: Option<Collection>,
}

/// What a run's end comes with, beside what changed of its connection.
#[derive(Debug, Clone)]
pub struct RunEvents {
    /// The run that ended.
    pub collection: CollectionId,
    /// The link by which the client is to heal the connection, when that is to be told.
    pub action_required: Option<LinkId>,
    /// The links that have done their work by it.
    pub fulfilled: Vec<LinkId>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionRequired<'a> {
    #[serde(flatten)]
    connection: &'a ConnectionJson,
    reason: ConnectionStatus,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeNeeded<'a> {
    #[serde(flatten)]
    connection: &'a ConnectionJson,
    expires_at: String,
    channel: Option<&'static str>,
    target: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finished {
    #[serde(flatten)]
    collection: CollectionJson,
    connection_id: String,
    company_id: String,
}

impl ConnectionState {
    fn about(&self) -> About {
        About {
            connection: Some(self.connection.id),
            ..About::of(self.connection.link)
        }
    }

    fn is_proven(&self) -> bool {
        let found = self.connection.works_unattended;
        found.is_some_and(|found| found.reason.is_none())
    }

    /// Two states differ if these do.
    fn meaning(&self) -> Value {
        let mut json = serde_json::to_value(&self.json).unwrap_or_default();
        let Some(fields) = json.as_object_mut() else {
            return json;
        };
        for time in TIMES {
            fields.remove(time);
        }
        let works = fields.get_mut("worksUnattended");
        if let Some(works) = works.and_then(Value::as_object_mut) {
            works.remove("at");
        }
        let accounts = fields.get_mut("accounts").and_then(Value::as_array_mut);
        for account in accounts.into_iter().flatten() {
            if let Some(account) = account.as_object_mut() {
                account.remove("lastServiceDate");
            }
        }
        json
    }
}

impl Outbox<'_> {
    /// How the company's connection stands now.
    pub(super) async fn state(
        &self,
        tx: &mut Tx<'_>,
        id: ConnectionId,
    ) -> Result<Option<ConnectionState>, StoreError> {
        let Some(connection) = tx.connection_of_company(self.company.id, id).await? else {
            return Ok(None);
        };
        let mut details = tx.connection_details(self.company.id, &[id]).await?;
        let details = details.remove(&id).unwrap_or_default();
        let last_collection = details.last_collection.clone();
        Ok(Some(ConnectionState {
            json: render_connection(&self.company, connection.clone(), details),
            connection,
            last_collection,
        }))
    }

    /// Tells that a client connected an account, and that the link has done its work by it if so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connection_created(
        &self,
        tx: &mut Tx<'_>,
        id: ConnectionId,
        made: Made,
    ) -> Result<(), StoreError> {
        tx.lock_connection_stream(self.company.id, id).await?;
        let Some(state) = self.state(tx, id).await? else {
            return Ok(());
        };
        let created = WebhookEventType::ConnectionCreated;
        self.put(tx, created, state.about(), &state.json).await?;
        if let Some(link) = made.fulfilled {
            self.link(tx, WebhookEventType::LinkFulfilled, link).await?;
        }
        Ok(())
    }

    /// Tells what a bill that was stored changed of its connection, the bill, and that other connections have one of their
    /// accounts twice from now on.
    pub(super) async fn bill_stored(
        &self,
        tx: &mut Tx<'_>,
        before: &ConnectionState,
        bill: BillId,
        duplicated: &[ConnectionId],
    ) -> Result<(), StoreError> {
        self.connection_changed(tx, before).await?;
        let created = WebhookEventType::BillCreated;
        self.bill(tx, created, before.connection.link, bill).await?;
        self.others_changed(tx, duplicated).await
    }

    /// Tells what another content of a bill changed of its connection, and the bill.
    pub(super) async fn bill_changed(
        &self,
        tx: &mut Tx<'_>,
        before: &ConnectionState,
        bill: BillId,
    ) -> Result<(), StoreError> {
        self.connection_changed(tx, before).await?;
        let updated = WebhookEventType::BillUpdated;
        self.bill(tx, updated, before.connection.link, bill).await
    }

    /// Tells that a connection was deleted: the links that were to repair it are revoked, and other connections no longer
    /// have one of its accounts as well.
    pub(super) async fn removed(
        &self,
        tx: &mut Tx<'_>,
        removal: &Removal,
    ) -> Result<(), StoreError> {
        for link in &removal.revoked {
            self.link(tx, WebhookEventType::LinkRevoked, *link).await?;
        }
        self.others_changed(tx, &removal.no_longer_duplicated).await
    }

    async fn others_changed(
        &self,
        tx: &mut Tx<'_>,
        others: &[ConnectionId],
    ) -> Result<(), StoreError> {
        for other in others {
            tx.lock_connection_stream(self.company.id, *other).await?;
            if let Some(state) = self.state(tx, *other).await? {
                let updated = WebhookEventType::ConnectionUpdated;
                self.put(tx, updated, state.about(), &state.json).await?;
            }
        }
        Ok(())
    }

    /// Tells what changed of a connection that stood like this before in the same transaction. A time that moved on is
    /// no change.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn connection_changed(
        &self,
        tx: &mut Tx<'_>,
        before: &ConnectionState,
    ) -> Result<(), StoreError> {
        let after = self.state(tx, before.connection.id).await?;
        match after {
            Some(after) => self.tell_changes(tx, before, &after).await,
            None => Ok(()),
        }
    }

    async fn tell_changes(
        &self,
        tx: &mut Tx<'_>,
        before: &ConnectionState,
        after: &ConnectionState,
    ) -> Result<(), StoreError> {
        let about = after.about();
        if before.meaning() != after.meaning() {
            let updated = WebhookEventType::ConnectionUpdated;
            self.put(tx, updated, about, &after.json).await?;
        }
        if after.is_proven() && !before.is_proven() {
            let validated = WebhookEventType::ConnectionValidated;
            self.put(tx, validated, about, &after.json).await?;
        }
        Ok(())
    }

    /// Tells what a run's end means: what changed of the connection, that it works again or needs its client, the links
    /// that have done their work by it, and that the run is over.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn run_ended(
        &self,
        tx: &mut Tx<'_>,
        before: &ConnectionState,
        run: RunEvents,
    ) -> Result<(), StoreError> {
        let id = before.connection.id;
        let Some(after) = self.state(tx, id).await? else {
            return Ok(());
        };
        self.tell_changes(tx, before, &after).await?;
        let needed_client = before.connection.status.needs_client() || !run.fulfilled.is_empty();
        if needed_client && after.connection.shown_status() == ConnectionStatus::Connected {
            let repaired = WebhookEventType::ConnectionRepaired;
            self.put(tx, repaired, after.about(), &after.json).await?;
        }
        for link in run.fulfilled {
            self.link(tx, WebhookEventType::LinkFulfilled, link).await?;
        }
        if let Some(link) = run.action_required {
            let data = ActionRequired {
                connection: &after.json,
                reason: after.connection.shown_status(),
            };
            let about = About {
                link: Some(link),
                ..after.about()
            };
            let required = WebhookEventType::ConnectionCustomerActionRequired;
            self.put(tx, required, about, &data).await?;
        }
        let about = after.about();
        let last = after.last_collection;
        if let Some(collection) = last.filter(|last| last.id == run.collection) {
            let data = Finished {
                collection: render_collection(collection),
                connection_id: id.to_string(),
                company_id: self.company.id.to_string(),
            };
            let finished = WebhookEventType::CollectionFinished;
            self.put(tx, finished, about, &data).await?;
        }
        Ok(())
    }

    /// Tells that a sign-in waits for a code, in `delay_ms` milliseconds, and then only if it still does. It waits for no
    /// other event, since it is of no use later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn code_needed(
        &self,
        tx: &mut Tx<'_>,
        request: &CodeRequest,
        delay_ms: i64,
    ) -> Result<(), StoreError> {
        let Some(state) = self.state(tx, request.connection).await? else {
            return Ok(());
        };
        let data = CodeNeeded {
            connection: &state.json,
            expires_at: rfc3339(request.waits_until),
            channel: request.asked.channel.map(|channel| channel.as_str()),
            target: request.asked.target.as_deref(),
        };
        let about = About {
            stream: WebhookStream::Alone,
            code_request: Some(request.id),
            delay_ms,
            ..state.about()
        };
        let needed = WebhookEventType::ConnectionCodeNeeded;
        self.put(tx, needed, about, &data).await
    }
}
