//! The end of a run: what it found, where the connection stands, and whom that concerns.

use shared::{
    id::{JobId, LinkId, NoticeId},
    status::{CodeRequestStatus, ConnectionStatus, UnattendedReason},
    time::UnixMillis,
};

use crate::{
    clock::bytes,
    mail::{deliver_job, queue_connected},
    store::{
        StoreError, Tx,
        code_requests::CODE_PAGE_LIFE_MS,
        collections::CollectionOutcome,
        connections::Connection,
        jobs::NewJob,
        links::Link,
        notices::{Notice, NoticeContent},
        proposed_credentials::ProposedCredentials,
    },
    webhooks::{RunEvents, watch},
};

use super::{
    collect::{Healed, Task},
    collector::Collector,
    verification::Verified,
};

/// The owner is told so much later, in milliseconds: who is at the last page of a flow mends it there.
const NOTICE_DELAY_MS: i64 = 10 * 60_000;
/// So many sign-ins that get no code are tried again at the owner's hour within this time, in milliseconds.
const TRIES_AT_HOUR: i64 = 3;
const TRIED_AT_HOUR_MS: i64 = 7 * 24 * 3_600_000;
/// As long as the page for a code lives, on which the owner can still mend it.
const NOTICE_AFTER_CODE_MS: i64 = CODE_PAGE_LIFE_MS;

/// What a run came to, as it is written down.
pub(super) struct RunEnd<'a> {
    /// What the run found.
    pub outcome: &'a CollectionOutcome,
    /// What the verification of proposed credentials came to, if it came so far.
    pub verified: Option<Verified>,
    /// A recipe that takes the place of one that no longer led in.
    pub healed: Option<Healed>,
    /// The owner was asked for a code.
    pub asked_owner: bool,
}

/// Writes the run's results and the job's end in one transaction. False when the claim was lost meanwhile: nothing is
/// written then.
///
/// A run speaks for its connection only if it tried the credentials that the connection has at its end.
///
/// # Errors
/// When the database fails.
pub(super) async fn write_end(task: &Task<'_>, end: RunEnd<'_>) -> Result<bool, StoreError> {
    let request = ClientRequest::new(task, &end)?;
    let (end, request) = (&end, request.as_ref());
    let job = &task.context.job;
    let written = task.collector.store.tx("collection.end", |tx| {
        Box::pin(async move {
            if !tx.holds_job(job).await? {
                return Ok::<_, StoreError>(false);
            }
            let Some(next_at) = write_results(tx, task, end, request).await? else {
                return Ok(false);
            };
            let good = end.outcome.found.status == ConnectionStatus::Connected;
            match next_at {
                None => tx.complete_job(job).await,
                Some(at) if good => tx.repeat_job(job, at).await,
                Some(at) => tx.retry_job(job, at).await,
            }
        })
    });
    written.await
}

/// Writes all but the job's end, and answers when the job comes back. `None` when the run had ended before, or the
/// connection was deleted.
async fn write_results(
    tx: &mut Tx<'_>,
    task: &Task<'_>,
    end: &RunEnd<'_>,
    request: Option<&ClientRequest>,
) -> Result<Option<Option<UnixMillis>>, StoreError> {
    let (company, id) = (task.connection.company, task.connection.id);
    let mut outcome = end.outcome.clone();
    let random = &*task.collector.random;
    let watched = watch(tx, (company, id), random, outcome.now).await?;
    // As it stands now: the organization may have switched it off, or on again, since the run began.
    let Some(current) = tx.lock_connection(company, id).await? else {
        return Ok(None);
    };
    let request = request.filter(|_| current.inactive_at.is_none());
    let accepted = matches!(end.verified, Some(Verified::Accepted { .. }));
    let refused = task.proposed.filter(|_| !accepted);
    let own = tx.credentials(company, id).await?.map(|own| own.sealed);
    let is_replaced = task.proposed.is_none() && own != task.own;
    let is_passing = outcome.unproven.is_some_and(UnattendedReason::is_passing);
    if let Some(refused) = refused.filter(|_| !is_passing) {
        // The website has answered, and the connection goes on as before.
        tx.clear_lockout(company, id).await?;
        outcome.next_at = task.connection.next_collection_at;
        if !may_get_code(task.connection, &outcome, refused) {
            tx.drop_proposed_credentials(company, id, refused.proposed_at)
                .await?;
        }
    }
    let tried = task.proposed.map(|proposed| proposed.proposed_at);
    let waiting = tx.proposed_credentials(company, id).await?;
    let is_waited_for = waiting.is_some_and(|waiting| Some(waiting.proposed_at) != tried);
    if is_replaced || is_waited_for {
        // The client signed in meanwhile, and waits. Their password was not sent.
        tx.clear_lockout(company, id).await?;
        outcome.next_at = Some(outcome.now);
    }
    let asked = tx.last_code_request(company, id).await?;
    if let Some(asked) = asked.filter(|asked| asked.status == CodeRequestStatus::Again) {
        if task.was_asked_again {
            // No code was asked for this time.
            let over = CodeRequestStatus::Over;
            tx.set_code_request_status(company, asked.id, over).await?;
        } else {
            outcome.next_at = Some(outcome.now);
        }
    }
    if end.asked_owner && outcome.unproven == Some(UnattendedReason::CodeNeeded) {
        let hour = next_hour(tx, task.connection, outcome.now).await?;
        outcome.next_at = outcome.next_at.or(hour);
    }
    outcome.next_at = outcome.next_at.and_then(|at| next_of(task, &current, at));
    let others = match &end.verified {
        Some(Verified::Other(accounts)) => Some(accounts),
        _ => None,
    };
    let speaks = refused.is_none() && !is_replaced;
    let written = if speaks {
        tx.end_collection(company, id, &outcome).await?
    } else {
        let written = tx.end_verification(company, id, &outcome, others).await?;
        written.then(Vec::new)
    };
    let Some(mut fulfilled) = written else {
        return Ok(None);
    };
    let mut action_required = None;
    if speaks {
        if let Some(accepted) = task.proposed
            && outcome.found.status == ConnectionStatus::Connected
        {
            let flow = Some(accepted.flow_ref);
            let ended = tx.fulfil_update_links(company, id, flow, outcome.now);
            fulfilled.extend(ended.await?);
        }
        if outcome.found.status == ConnectionStatus::Connected
            && !tx.was_connected(company, id, outcome.id).await?
        {
            queue_connected(tx, random, &current, outcome.now).await?;
        }
        if let Some(healed) = &end.healed {
            let (credentials, recipe) = (&healed.credentials, &healed.recipe);
            tx.set_recipe(company, id, credentials, recipe, outcome.now)
                .await?;
        }
        if let Some(request) = request {
            action_required = request.write(tx).await?;
        }
    }
    let run = RunEvents {
        collection: outcome.id,
        action_required,
        fulfilled,
    };
    watched.run_ended(tx, run).await?;
    Ok(Some(outcome.next_at))
}

/// When a connection that stands like this now is collected next, where it would be at `at` by what the run found.
fn next_of(task: &Task<'_>, current: &Connection, at: UnixMillis) -> Option<UnixMillis> {
    if current.inactive_at.is_some() {
        return None;
    }
    // Who changed it meanwhile wants a collection that begins after the change.
    let before = task.connection.next_collection_at;
    let asked_for = current.next_collection_at.filter(|at| Some(*at) != before);
    Some(asked_for.map_or(at, |asked_for| at.min(task.lockout.not_before(asked_for))))
}

/// When the owner wants to be asked for a code again who gave none, unless that was in vain often enough.
async fn next_hour(
    tx: &mut Tx<'_>,
    connection: &Connection,
    now: UnixMillis,
) -> Result<Option<UnixMillis>, StoreError> {
    let (company, id) = (connection.company, connection.id);
    let Some(hour) = tx.code_hour(company, id).await? else {
        return Ok(None);
    };
    let since = now.plus(-TRIED_AT_HOUR_MS);
    let tries = tx.unanswered_code_requests(company, id, since).await?;
    Ok((tries <= TRIES_AT_HOUR).then(|| hour.next(now.plus(NOTICE_DELAY_MS))))
}

/// Whether credentials wait for a code that their owner can still give on its page.
fn may_get_code(
    connection: &Connection,
    outcome: &CollectionOutcome,
    proposed: &ProposedCredentials,
) -> bool {
    outcome.unproven == Some(UnattendedReason::CodeNeeded)
        && connection.owner_email.is_some()
        && outcome.now.since(proposed.proposed_at) < CODE_PAGE_LIFE_MS
}

/// What is written when a connection begins to need its client: a link that repairs it, and word to its owner.
struct ClientRequest {
    link: Link,
    notice: Option<(Notice, NewJob)>,
    /// The connection stood otherwise before.
    is_new: bool,
}

impl ClientRequest {
    /// `None` when the client has nothing to do.
    fn new(task: &Task<'_>, end: &RunEnd<'_>) -> Result<Option<Self>, StoreError> {
        let (collector, connection) = (task.collector, task.connection);
        let (status, now) = (end.outcome.found.status, end.outcome.now);
        if !status.needs_client() {
            return Ok(None);
        }
        let link = update_link(collector, connection, now);
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
                    first_at: now,
                    created_at: now,
                };
                let id = JobId::from_random(bytes(&*collector.random));
                let delay = if end.asked_owner {
                    NOTICE_AFTER_CODE_MS
                } else {
                    NOTICE_DELAY_MS
                };
                let job = deliver_job(id, &notice, now.plus(delay))?;
                Some((notice, job))
            }
        };
        let is_new = status != connection.status;
        Ok(Some(Self {
            link,
            notice,
            is_new,
        }))
    }

    /// The owner hears of it once, and again when a link that they have is of no use any more. Answers the link when it
    /// is to be told.
    async fn write(&self, tx: &mut Tx<'_>) -> Result<Option<LinkId>, StoreError> {
        let (link, is_new_link) = tx.lasting_update_link(&self.link).await?;
        if !self.is_new && !is_new_link {
            return Ok(None);
        }
        if let Some((notice, job)) = &self.notice {
            let notice = Notice {
                content: NoticeContent::SignInAgain(link),
                ..notice.clone()
            };
            tx.add_notice(&notice).await?;
            tx.enqueue(job).await?;
        }
        Ok(Some(link))
    }
}

/// A link that repairs the connection, and never expires: it ends when the connection works again.
fn update_link(collector: &Collector, connection: &Connection, now: UnixMillis) -> Link {
    let random = &*collector.random;
    let id = LinkId::from_random(bytes(random));
    let key = collector.token_keys.sealing_id();
    Link::for_update(id, connection, key, bytes(random), now)
}
