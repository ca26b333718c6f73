//! Delivering a notice as a kind of job: once, and then as a reminder until it is no longer true.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shared::{
    id::{JobId, NoticeId},
    status::{CodeRequestStatus, LinkEventKind, LinkStatus},
    time::UnixMillis,
    token::KeyRing,
};

use crate::{
    clock::{Clock, Random, bytes},
    jobs::{Context, Ended, Kind, new_job},
    store::{
        Store, StoreError,
        jobs::NewJob,
        links::LinkEvent,
        notices::{Carried, DueNotice, Notice, NoticeContent, NoticeEnd},
    },
};

use super::{Composer, Transport};

/// Days from one notice to its reminder, and from that one to the next: then it ends.
const REMINDER_DAYS: [i64; 3] = [3, 7, 14];
const DAY_MS: i64 = 24 * 3_600_000;
/// A message that was not taken is tried again after so long, in milliseconds, and after twice as long each time.
const RETRY_MS: i64 = 5 * 60_000;
/// A notice is given up after so many tries: the last one is almost a day after the first.
const MOST_TRIES: i64 = 9;

/// Delivers each notice as one mail message, and writes the one that reminds of it.
pub struct DeliverNotice {
    /// The database that holds the notices and what they are about.
    pub store: Store,
    /// Where the messages go.
    pub transport: Transport,
    /// Puts each message together.
    pub composer: Composer,
    /// The keys of links, whose URLs are made again for the messages.
    pub token_keys: Arc<KeyRing>,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for ids.
    pub random: Arc<dyn Random>,
}

/// The notice that is delivered; its company is in the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverNoticePayload {
    /// The notice that is delivered.
    pub notice: NoticeId,
}

impl Kind for DeliverNotice {
    const NAME: &'static str = "DELIVER_NOTICE";
    type Payload = DeliverNoticePayload;

    fn dedupe_key(payload: &DeliverNoticePayload) -> String {
        format!("{}:{}", Self::NAME, payload.notice)
    }

    async fn run(
        &self,
        context: &Context,
        payload: DeliverNoticePayload,
    ) -> Result<Ended, StoreError> {
        // A job without a company is none that this program queued.
        let Some(company) = context.job.company else {
            return Ok(Ended::Done);
        };
        let due = self.store.read("mail.due_notice", |tx| {
            Box::pin(tx.due_notice(company, payload.notice))
        });
        let Some(due) = due.await? else {
            return Ok(Ended::Done);
        };
        let now = self.clock.now();
        if !is_true(&due, now) {
            return self.end(context, &due, &NoticeEnd::Dropped, now).await;
        }
        let (notice, connection) = (due.notice.id, due.connection.id);
        let message = match self.composer.compose(&self.token_keys, &due, now) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%notice, %connection, %error, "a notice cannot be written");
                return self.end(context, &due, &NoticeEnd::Dropped, now).await;
            }
        };
        let Err(error) = self.transport.deliver(notice, &message).await else {
            tracing::info!(%notice, %connection, "a notice was delivered");
            return self.end(context, &due, &NoticeEnd::Delivered, now).await;
        };
        if let Some(words) = error.refusal() {
            tracing::warn!(%notice, %connection, %error, "a notice was refused");
            let refused = NoticeEnd::Refused(words);
            return self.end(context, &due, &refused, now).await;
        }
        let tries = context.job.attempts;
        if tries >= MOST_TRIES {
            tracing::error!(%notice, %connection, %error, tries, "a notice was given up");
            return self.end(context, &due, &NoticeEnd::GivenUp, now).await;
        }
        tracing::error!(%notice, %connection, %error, tries, "a notice was not delivered");
        Ok(Ended::Retry(now.plus(retry_after(tries))))
    }
}

impl DeliverNotice {
    /// Ends the notice and writes the one that reminds of it, unless it is no longer true or nobody can be reminded.
    /// That it was refused stands in the log of its link.
    async fn end(
        &self,
        context: &Context,
        due: &DueNotice,
        end: &NoticeEnd,
        now: UnixMillis,
    ) -> Result<Ended, StoreError> {
        let reminder = match end {
            NoticeEnd::Delivered | NoticeEnd::GivenUp => self.reminder(&due.notice, now)?,
            NoticeEnd::Refused(_) | NoticeEnd::Dropped => None,
        };
        let logged = match (end, &due.carried) {
            (NoticeEnd::Refused(words), Carried::Link(link)) => {
                let line = LinkEvent {
                    kind: LinkEventKind::MailRefused,
                    flow_ref: None,
                    detail: Some(words.clone()),
                    at: now,
                };
                Some((due.company.public_id, link.id, line))
            }
            _ => None,
        };
        let (notice, reminder, job) = (&due.notice, reminder.as_ref(), &context.job);
        let logged = logged.as_ref();
        let written = self.store.tx("mail.end_notice", |tx| {
            Box::pin(async move {
                if !tx.holds_job(job).await? {
                    return Ok(());
                }
                tx.end_notice(notice.company, notice.id, end, now).await?;
                if let Some((company, link, line)) = logged {
                    tx.record_link_event(*company, *link, line).await?;
                }
                if let Some((reminder, delivery)) = reminder {
                    tx.add_notice(reminder).await?;
                    tx.enqueue(delivery).await?;
                }
                tx.complete_job(job).await.map(|_| ())
            })
        });
        written.await?;
        Ok(Ended::Written)
    }

    fn reminder(
        &self,
        notice: &Notice,
        now: UnixMillis,
    ) -> Result<Option<(Notice, NewJob)>, StoreError> {
        let days = usize::try_from(notice.reminders)
            .ok()
            .and_then(|reminders| REMINDER_DAYS.get(reminders));
        let (NoticeContent::SignInAgain(_), Some(days)) = (notice.content, days) else {
            return Ok(None);
        };
        let reminder = Notice {
            id: NoticeId::from_random(bytes(&*self.random)),
            reminders: notice.reminders + 1,
            created_at: now,
            ..notice.clone()
        };
        let id = JobId::from_random(bytes(&*self.random));
        let job = deliver_job(id, &reminder, now.plus(days * DAY_MS))?;
        Ok(Some((reminder, job)))
    }
}

/// How long to wait after so many tries, in milliseconds.
fn retry_after(tries: i64) -> i64 {
    let doublings = u32::try_from(tries.clamp(1, MOST_TRIES) - 1).unwrap_or(0);
    RETRY_MS << doublings
}

/// Whether the owner still has to act, and can by this link.
fn is_true(due: &DueNotice, now: UnixMillis) -> bool {
    let connection = &due.connection;
    match &due.carried {
        _ if connection.inactive_at.is_some() => false,
        Carried::Link(link) => {
            connection.status.needs_client() && link.status(now) == LinkStatus::Active
        }
        Carried::Code(request) => {
            request.status == CodeRequestStatus::Waiting && now < request.waits_until
        }
    }
}

/// The job that delivers a notice at `run_at`.
///
/// # Errors
/// [`StoreError::Corrupt`] when the payload has no JSON form.
pub fn deliver_job(id: JobId, notice: &Notice, run_at: UnixMillis) -> Result<NewJob, StoreError> {
    let payload = DeliverNoticePayload { notice: notice.id };
    Ok(NewJob {
        company: Some(notice.company),
        ..new_job::<DeliverNotice>(id, &payload, run_at, notice.created_at)?
    })
}
