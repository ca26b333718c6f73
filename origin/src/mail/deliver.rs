//! Delivering a notice as a kind of job: once, and then as a reminder until it is no longer true.

use serde::{Deserialize, Serialize};
use shared::{
    id::{JobId, MailSubscriptionId, NoticeId},
    status::{CodeRequestStatus, LinkStatus},
    time::UnixMillis,
};

use super::{
    attempt::{Attempt, MailServices},
    composer::ComposeError,
    letter::Sender,
};
use crate::{
    clock::bytes,
    jobs::{Context, Ended, Kind, new_job},
    store::{
        StoreError,
        jobs::NewJob,
        notices::{Carried, DueNotice, Notice, NoticeContent},
        outgoing_mails::MailEnd,
    },
};

/// The days on which an owner is reminded, counted from the day on which the first notice was written.
const REMINDER_DAYS: [i64; 3] = [3, 7, 14];
const DAY_MS: i64 = 24 * 3_600_000;

/// Delivers each notice as one mail message, and writes the one that reminds of it.
pub struct DeliverNotice(pub MailServices);

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
        let due = self.0.store.read("mail.due_notice", |tx| {
            Box::pin(tx.due_notice(company, payload.notice))
        });
        let Some(mut due) = due.await? else {
            return Ok(Ended::Done);
        };
        let now = self.0.clock.now();
        if !is_true(&due, now) {
            return self.end(context, &due, &MailEnd::Dropped, now).await;
        }
        if due.notice.reminders > 0 && due.subscription.is_none() {
            self.subscribe(&mut due).await?;
        }
        let (notice, connection) = (due.notice.id, due.connection.id);
        let message = match self.message(&due, now) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%notice, %connection, %error, "a notice cannot be written");
                let end = MailEnd::Refused(error.words());
                return self.end(context, &due, &end, now).await;
            }
        };
        let tries = context.job.attempts;
        match self.0.attempt(&notice.to_string(), &message, tries).await {
            Attempt::Ended(end) => self.end(context, &due, &end, now).await,
            Attempt::Again(at) => Ok(Ended::Retry(at)),
        }
    }
}

impl DeliverNotice {
    fn message(&self, due: &DueNotice, now: UnixMillis) -> Result<lettre::Message, ComposeError> {
        let services = &self.0;
        let nonce = bytes(&*services.random);
        let (composer, keys) = (&services.composer, &services.token_keys);
        let letter = composer.notice_letter(keys, due, nonce)?;
        let sender = Sender::new(&due.organization.name, due.brand.as_ref());
        let (id, recipient) = (due.notice.id.to_string(), &due.notice.recipient);
        composer.message(&id, (&letter, sender), recipient, now)
    }

    /// Notes the owner as one who gets reminders: whoever gets one can end them.
    async fn subscribe(&self, due: &mut DueNotice) -> Result<(), StoreError> {
        let id = MailSubscriptionId::from_random(bytes(&*self.0.random));
        let (organization, recipient) = (due.organization.id, &due.notice.recipient);
        let made = self.0.store.tx("mail.subscribe", |tx| {
            Box::pin(tx.subscription_made(organization, recipient, id))
        });
        due.subscription = Some(made.await?);
        Ok(())
    }

    /// Ends the notice and writes the one that reminds of it, unless it is no longer true or nobody can be reminded.
    /// What became of one with a link stands in the link's log.
    async fn end(
        &self,
        context: &Context,
        due: &DueNotice,
        end: &MailEnd,
        now: UnixMillis,
    ) -> Result<Ended, StoreError> {
        let reminder = match end {
            MailEnd::Delivered | MailEnd::GivenUp => self.reminder(&due.notice, now)?,
            MailEnd::Refused(_) | MailEnd::Dropped => None,
        };
        let line = match &due.carried {
            Carried::Link(link) => end
                .log_line(&due.notice.recipient, now)
                .map(|line| (due.company.public_id, link.id, line)),
            Carried::Code(_) => None,
        };
        let (notice, reminder, job) = (&due.notice, reminder.as_ref(), &context.job);
        let line = line.as_ref();
        let written = self.0.store.tx("mail.end_notice", |tx| {
            Box::pin(async move {
                if !tx.holds_job(job).await? {
                    return Ok(());
                }
                let is_refused = tx.end_notice(notice.company, notice.id, end, now).await?;
                if let Some((company, link, line)) = line {
                    tx.record_link_event(*company, *link, line).await?;
                }
                if let Some((reminder, delivery)) = reminder
                    && !is_refused
                {
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
            id: NoticeId::from_random(bytes(&*self.0.random)),
            reminders: notice.reminders + 1,
            created_at: now,
            ..notice.clone()
        };
        let id = JobId::from_random(bytes(&*self.0.random));
        let due = notice.first_at.plus(days * DAY_MS).max(now);
        let job = deliver_job(id, &reminder, due)?;
        Ok(Some((reminder, job)))
    }
}

/// Whether the owner still has to act, can by what it carries, and is to be told.
fn is_true(due: &DueNotice, now: UnixMillis) -> bool {
    let connection = &due.connection;
    match &due.carried {
        _ if connection.inactive_at.is_some() => false,
        Carried::Link(link) => {
            let wants_none = due.subscription.as_ref();
            let wants_none = wants_none.is_some_and(|owner| owner.unsubscribed_at.is_some());
            connection.status.needs_client()
                && link.status(now) == LinkStatus::Active
                && due.owner_mails.of_repairs
                && !(wants_none && due.notice.reminders > 0)
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
