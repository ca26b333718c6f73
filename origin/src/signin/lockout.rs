//! When a password may be sent again that was sent before.
//!
//! Websites lock accounts after a few wrong passwords, so one that was refused is never sent again. A refusal that
//! nobody saw, because the node died or the website broke over it, looks like nothing at all. Hence it is written down
//! before the password is sent, and forgotten only once the sign-in is proven; whoever signs in next knows of it.
//! Most likely the password was right: it once was, or there would be no connection. So one more is sent after a day,
//! which locks nothing and mends a connection that had bad luck. If that one is not answered either, it is one a week,
//! as for an answer that is not understood.

use std::sync::{Mutex, PoisonError};

use shared::{
    id::{CompanyId, ConnectionId},
    time::UnixMillis,
};

use crate::store::{Store, StoreError, jobs::Job};

const DAY_MS: i64 = 24 * 3_600_000;
const WEEK_MS: i64 = 7 * DAY_MS;

/// What is known of the password of one connection, for one run that signs in. Every job that signs in asks it.
pub struct Lockout {
    store: Store,
    company: CompanyId,
    connection: ConnectionId,
    /// As the run began.
    before: Option<UnixMillis>,
    /// Since this run sent the password, until its sign-in is proven.
    sent: Mutex<Option<UnixMillis>>,
}

impl Lockout {
    /// Reads what earlier runs left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(
        store: &Store,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Self, StoreError> {
        let before = store
            .read("signin.lockout", |tx| {
                Box::pin(tx.lockout(company, connection))
            })
            .await?;
        Ok(Self {
            store: store.clone(),
            company,
            connection,
            before,
            sent: Mutex::default(),
        })
    }

    /// Writes down, before the password is sent, when it may be sent again. False when the run lost its claim on
    /// `job`: the password must not be sent then.
    ///
    /// # Errors
    /// When the database fails. The password must not be sent then, either.
    pub async fn before_sending(&self, job: &Job, now: UnixMillis) -> Result<bool, StoreError> {
        let resend_at = now.plus(rest_ms(self.before));
        let (company, connection) = (self.company, self.connection);
        let noted = self
            .store
            .tx("signin.before_sending", |tx| {
                Box::pin(async move {
                    let ours = tx.holds_job(job).await?;
                    if ours {
                        tx.set_lockout(company, connection, resend_at).await?;
                    }
                    Ok::<_, StoreError>(ours)
                })
            })
            .await?;
        if noted {
            self.set_sent(Some(resend_at));
        }
        Ok(noted)
    }

    /// The sign-in was proven: the password was right.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn proven(&self, job: &Job) -> Result<(), StoreError> {
        let (company, connection) = (self.company, self.connection);
        self.store
            .tx("signin.proven", |tx| {
                Box::pin(async move {
                    if tx.holds_job(job).await? {
                        tx.clear_lockout(company, connection).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        self.set_sent(None);
        Ok(())
    }

    /// The first time at which the password may be sent: `at`, or later when it must rest.
    #[must_use]
    pub fn not_before(&self, at: UnixMillis) -> UnixMillis {
        let sent = *self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.or(self.before)
            .map_or(at, |resend_at| at.max(resend_at))
    }

    fn set_sent(&self, resend_at: Option<UnixMillis>) {
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = resend_at;
    }
}

/// How long a password rests after it is sent, in milliseconds, unless its sign-in is proven.
fn rest_ms(unanswered_before: Option<UnixMillis>) -> i64 {
    if unanswered_before.is_some() {
        WEEK_MS
    } else {
        DAY_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_unanswered_password_rests_a_day_and_further_ones_a_week() {
        assert_eq!(rest_ms(None), DAY_MS);
        assert_eq!(rest_ms(Some(UnixMillis(0))), WEEK_MS);
    }
}
