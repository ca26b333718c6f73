//! What is known of a password that was sent, and when it may be sent again.
//!
//! Websites lock accounts after a few wrong passwords, so one that was refused is never sent again. A refusal that
//! nobody saw, because the node died or the website broke over it, looks like nothing at all. Hence it is written down
//! before the password is sent, and forgotten only once the sign-in is proven; whoever claims the job next knows of it.
//! Most likely the password was right: it once was, or there would be no connection. So one more is sent after a day,
//! which locks nothing and mends a connection that had bad luck. If that one is not answered either, it is one a week,
//! as for an answer that is not understood.

use shared::time::UnixMillis;
use tokio::sync::watch;

use crate::store::{Store, StoreError, jobs::Job};

const DAY: i64 = 24 * 3_600_000;
const WEEK: i64 = 7 * DAY;

/// While a run waits for the answer to its password: when that may be sent again.
#[derive(Debug)]
pub struct Sent(watch::Sender<Option<UnixMillis>>);

impl Default for Sent {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Sent {
    /// Before the password is sent. False when the claim was lost: it must not be sent then.
    pub(super) async fn note(
        &self,
        store: &Store,
        job: &Job,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let rest = if job.resend_at.is_some() { WEEK } else { DAY };
        let at = Some(now.plus(rest));
        // First here, so that a node that stops waits from now on.
        self.0.send_replace(at);
        let noted = store
            .tx("collection.set_resend_at", |tx| {
                Box::pin(tx.set_resend_at(job, at))
            })
            .await;
        if !matches!(noted, Ok(true)) {
            self.0.send_replace(None);
        }
        noted
    }

    /// The password was right.
    pub(super) async fn proven(&self, store: &Store, job: &Job) -> Result<(), StoreError> {
        store
            .tx("collection.set_resend_at", |tx| {
                Box::pin(tx.set_resend_at(job, None))
            })
            .await?;
        self.0.send_replace(None);
        Ok(())
    }

    /// Waits while an answer is awaited.
    pub(super) async fn answered(&self) {
        // The sender is ours, so it is never gone.
        let _ = self.0.subscribe().wait_for(Option::is_none).await;
    }

    /// The first time at which the job may run: `at`, or later when the password must rest.
    pub(super) fn not_before(&self, job: &Job, at: UnixMillis) -> UnixMillis {
        let resend_at = *self.0.borrow();
        resend_at.or(job.resend_at).map_or(at, |rest| at.max(rest))
    }
}
