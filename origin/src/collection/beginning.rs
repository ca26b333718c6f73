//! The beginning of a run: what it works on, read in the transaction that notes it.

use shared::{
    id::{CollectionId, CompanyId, ConnectionId},
    status::CodeRequestStatus,
};

use crate::{
    jobs::Context,
    store::{StoreError, connections::Connection, proposed_credentials::ProposedCredentials},
};

use super::collector::Collector;

/// What a run finds when it begins.
pub(super) struct Begun {
    /// The connection that it collects for.
    pub connection: Connection,
    /// Credentials that are to be tried instead of the connection's own.
    pub proposed: Option<ProposedCredentials>,
    /// The connection's own credentials, sealed.
    pub own: Option<Vec<u8>>,
    /// The owner asked for another code before the run began.
    pub was_asked_again: bool,
}

/// Notes that the run begins. `None` when there is nothing to run, and the job is over: the connection was deleted, or
/// is switched off; or the claim was lost.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin(
    collector: &Collector,
    context: &Context,
    (company, connection): (CompanyId, ConnectionId),
    id: CollectionId,
) -> Result<Option<Begun>, StoreError> {
    let (job, now) = (&context.job, collector.clock.now());
    let begun = collector.store.tx("collection.start", |tx| {
        Box::pin(async move {
            if !tx.holds_job(job).await? {
                return Ok(None);
            }
            // With the lock: who switches it on meanwhile queues its job after this.
            let found = tx.lock_connection(company, connection).await?;
            let Some(found) = found.filter(|found| found.inactive_at.is_none()) else {
                tx.complete_job(job).await?;
                return Ok(None);
            };
            tx.start_collection(company, connection, id, now).await?;
            let own = tx.credentials(company, connection).await?;
            let last_code = tx.last_code_request(company, connection).await?;
            Ok::<_, StoreError>(Some(Begun {
                connection: found,
                proposed: tx.proposed_credentials(company, connection).await?,
                own: own.map(|own| own.sealed),
                was_asked_again: last_code
                    .is_some_and(|last| last.status == CodeRequestStatus::Again),
            }))
        })
    });
    begun.await
}
