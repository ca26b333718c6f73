//! Tells in the database how far a running collection is, for whoever waits for it: on any node.

use std::time::Duration;

use shared::{id::CollectionId, status::UnattendedReason};
use tokio::time::Instant;

use crate::{
    store::{StoreError, connections::Connection, jobs::Job, works_unattended::BillCounts},
    webhooks::watch,
};

use super::{collector::Collector, ingest::Ingested};

/// Between two notes of the number of bills: known bills come faster than anybody reads.
const PAUSE: Duration = Duration::from_millis(250);

/// How a run came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// By the browser session of an earlier run.
    SavedSession,
    /// By the password alone.
    Password,
    /// With a code that a person gave.
    Code,
    /// By the client's browser session, where the website asked for a code without it.
    SessionNotCode,
}

impl Arrival {
    /// Whether the website asked for a code: the sign-in does not work without a person.
    #[must_use]
    pub fn asks_code(self) -> bool {
        matches!(self, Self::Code | Self::SessionNotCode)
    }
}

/// How far one run is.
pub struct Progress<'a> {
    collector: &'a Collector,
    connection: &'a Connection,
    collection: CollectionId,
    expected: usize,
    noted: Option<Instant>,
}

impl<'a> Progress<'a> {
    /// Nothing was done yet.
    #[must_use]
    pub fn new(
        collector: &'a Collector,
        connection: &'a Connection,
        collection: CollectionId,
    ) -> Self {
        Self {
            collector,
            connection,
            collection,
            expected: 0,
            noted: None,
        }
    }

    /// The run came in. The password alone proves that the connection works without its client, and a code that was
    /// asked for proves that it does not; a saved session, or credentials that are only `proposed`, prove nothing of it.
    /// Nothing is written when the claim on `job` was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed_in(
        &self,
        job: &Job,
        by: Arrival,
        proposed: bool,
    ) -> Result<(), StoreError> {
        let (company, connection) = (self.connection.company, self.connection.id);
        let (collection, now) = (self.collection, self.collector.clock.now());
        let random = &*self.collector.random;
        let noted = self.collector.store.tx("collection.signed_in", |tx| {
            Box::pin(async move {
                if !tx.holds_job(job).await? {
                    return Ok(());
                }
                let watched = watch(tx, (company, connection), random, now).await?;
                match by {
                    _ if proposed => tx.set_signed_in(company, connection, collection, now).await,
                    Arrival::Password => tx.set_proven(company, connection, collection, now).await,
                    Arrival::Code | Arrival::SessionNotCode => {
                        tx.set_signed_in(company, connection, collection, now)
                            .await?;
                        let reason = UnattendedReason::CodeNeeded;
                        tx.set_unproven(company, connection, reason, now).await
                    }
                    Arrival::SavedSession => {
                        tx.set_signed_in(company, connection, collection, now).await
                    }
                }?;
                watched.changed(tx).await
            })
        });
        noted.await
    }

    /// So many bills are known of by now.
    pub fn expect(&mut self, bills: usize) {
        self.expected = bills;
    }

    /// Notes the bills so far, a few times a second at most. The run goes on without it when the database fails.
    pub async fn note(&mut self, ingested: Ingested) {
        if self.noted.is_some_and(|noted| noted.elapsed() < PAUSE) {
            return;
        }
        self.noted = Some(Instant::now());
        let (company, connection) = (self.connection.company, self.connection.id);
        let collection = self.collection;
        let count = |bills| i64::try_from(bills).unwrap_or(i64::MAX);
        let counts = BillCounts {
            found: count(ingested.bills),
            new: count(ingested.new),
            expected: count(self.expected.max(ingested.bills)),
        };
        let noted = self.collector.store.tx("collection.bill_counts", |tx| {
            Box::pin(tx.set_bill_counts(company, connection, collection, counts))
        });
        if let Err(error) = noted.await {
            tracing::warn!(%connection, %error, "the progress of a collection was not noted");
        }
    }
}
