//! The end of a run: what it found, where the connection stands, and whom that concerns.

use shared::{
    id::{JobId, LinkId, NoticeId},
    status::{ConnectionStatus, UnattendedReason},
    time::UnixMillis,
};

use crate::{
    clock::bytes,
    link_url::CODE_PAGE_LIFE_MS,
    mail::deliver_job,
    store::{
        StoreError, Tx,
        collections::CollectionOutcome,
        connections::Connection,
        jobs::NewJob,
        links::Link,
        notices::{Notice, NoticeContent},
    },
};

use super::{
    collect::{Healed, Task},
    collector::Collector,
    verification::Verified,
};

/// The owner is told so much later, in milliseconds: who is at the last page of a flow mends it there.
const NOTICE_DELAY_MS: i64 = 10 * 60_000;
/// As long as the page for a code lives, on which the owner can still mend it.
const NOTICE_AFTER_CODE_MS: i64 = CODE_PAGE_LIFE_MS;

/// Writes the run's results and the job's end in one transaction. False when the claim was lost meanwhile: nothing is
/// written then.
///
/// # Errors
/// When the database fails.
pub(super) async fn write_end(
    task: &Task<'_>,
    outcome: &CollectionOutcome,
    verified: Option<Verified>,
    healed: Option<&Healed>,
) -> Result<bool, StoreError> {
    let (job, connection) = (&task.context.job, task.connection);
    let (company, id) = (connection.company, connection.id);
    let good = outcome.found.status == ConnectionStatus::Connected;
    let accepted = matches!(verified, Some(Verified::Accepted { .. }));
    let refused = task.proposed.filter(|_| !accepted);
    let request = ClientRequest::new(task, outcome)?;
    let (request, verified) = (request.as_ref(), &verified);
    let written = task.collector.store.tx("collection.end", |tx| {
        Box::pin(async move {
            if !tx.holds_job(job).await? {
                return Ok::<_, StoreError>(false);
            }
            let mut outcome = outcome.clone();
            let is_passing = outcome.unproven.is_some_and(UnattendedReason::is_passing);
            if let Some(refused) = refused.filter(|_| !is_passing) {
                tx.drop_proposed_credentials(company, id, refused.proposed_at)
                    .await?;
                // The connection goes on as before.
                outcome.next_at = connection.next_collection_at;
            }
            let tried = task.proposed.map(|proposed| proposed.proposed_at);
            let waiting = tx.proposed_credentials(company, id).await?;
            if waiting.is_some_and(|waiting| Some(waiting.proposed_at) != tried) {
                // The client signed in meanwhile, and waits.
                outcome.next_at = Some(outcome.now);
            }
            let ours = match (refused, verified) {
                (None, _) => tx.end_collection(company, id, &outcome).await?,
                (Some(_), Some(Verified::Other(accounts))) => {
                    tx.end_verification(company, id, &outcome, Some(accounts))
                        .await?
                }
                (Some(_), _) => tx.end_verification(company, id, &outcome, None).await?,
            };
            if !ours {
                return Ok(false);
            }
            if let Some(healed) = healed {
                tx.set_recipe(
                    company,
                    id,
                    &healed.credentials,
                    &healed.recipe,
                    outcome.now,
                )
                .await?;
            }
            if let Some(request) = request.filter(|_| refused.is_none()) {
                request.write(tx).await?;
            }
            match outcome.next_at {
                None => tx.complete_job(job).await,
                Some(at) if good => tx.repeat_job(job, at).await,
                Some(at) => tx.retry_job(job, at).await,
            }
        })
    });
    written.await
}

/// What is written when a connection begins to need its client: a link that repairs it, and word to its owner.
struct ClientRequest {
    link: Link,
    notice: Option<(Notice, NewJob)>,
}

impl ClientRequest {
    /// `None` when the client has nothing to do, or was asked for the same before.
    fn new(task: &Task<'_>, outcome: &CollectionOutcome) -> Result<Option<Self>, StoreError> {
        let (collector, connection) = (task.collector, task.connection);
        let status = outcome.found.status;
        if !status.needs_client() || status == connection.status {
            return Ok(None);
        }
        let link = update_link(collector, connection, outcome.now);
        let notice = match &connection.owner_email {
            None => None,
            Some(recipient) => {
                let notice = Notice {
                    id: NoticeId::from_random(bytes(&*collector.random)),
                    company: connection.company,
                    connection: connection.id,
                    content: NoticeContent::SignInAgain(link.id),
                    recipient: recipient.clone(),
                    reminders: 0,
                    created_at: outcome.now,
                };
                let id = JobId::from_random(bytes(&*collector.random));
                let delay = match status {
                    ConnectionStatus::MfaTokenExpired => NOTICE_AFTER_CODE_MS,
                    _ => NOTICE_DELAY_MS,
                };
                let at = outcome.now.plus(delay);
                let job = deliver_job(id, &notice, at)?;
                Some((notice, job))
            }
        };
        Ok(Some(Self { link, notice }))
    }

    async fn write(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let link = tx.lasting_update_link(&self.link).await?;
        if let Some((notice, job)) = &self.notice {
            let notice = Notice {
                content: NoticeContent::SignInAgain(link),
                ..notice.clone()
            };
            tx.add_notice(&notice).await?;
            tx.enqueue(job).await?;
        }
        Ok(())
    }
}

/// A link that repairs the connection, and never expires: it ends when the connection works again.
fn update_link(collector: &Collector, connection: &Connection, now: UnixMillis) -> Link {
    let random = &*collector.random;
    let id = LinkId::from_random(bytes(random));
    let key = collector.token_keys.sealing_id();
    Link::for_update(id, connection, key, bytes(random), now)
}
