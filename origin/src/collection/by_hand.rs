//! What an organization does with a connection by hand: collect it now, switch it off and on, delete it. Every door
//! that offers it comes here.

use shared::{
    id::{ConnectionId, JobId, OrganizationId, SiteId},
    time::UnixMillis,
};

use super::job::{collect_job, collect_job_key};
use crate::{
    clock::{Random, bytes},
    store::{
        StoreError, Tx, TxError, connection_changes::ConnectionSettings,
        connection_removal::BillsAfter, connections::Connection, jobs::QueuedJob,
    },
    webhooks::{Watched, watch},
};

/// How a collection that was asked for stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectNow {
    /// It begins as soon as there is room.
    Queued,
    /// It was to begin already: nothing changed.
    AlreadyQueued,
    /// It runs already: nothing changed.
    AlreadyRunning,
}

/// Why a connection is not collected although somebody asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CollectRefused {
    /// The organization switched it off.
    #[error("the connection is switched off")]
    SwitchedOff,
    /// The website let nobody in by all that the client has given so far.
    #[error("the client must sign in anew first")]
    ClientMustAct,
    /// A sign-in was left without an answer, so the password is not sent for a while.
    #[error("the password rests")]
    PasswordRests,
}

/// Why a collection was not queued.
#[derive(Debug, thiserror::Error)]
pub enum CollectNowError {
    /// The connection is not to be collected now. Nothing was written.
    #[error(transparent)]
    Refused(#[from] CollectRefused),
    /// The database failed, and nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TxError for CollectNowError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Refused(_) => None,
        }
    }
}

/// A connection that nobody else changes before the transaction has ended. Each way to end its change tells webhooks
/// of it once, but for [`Self::collect_now`], which moves the time of the next collection alone: that is no change to them.
pub struct Locked<'a> {
    /// The connection as it stood when it was locked.
    pub connection: Connection,
    job: Option<QueuedJob>,
    watched: Watched<'a>,
    random: &'a dyn Random,
    now: UnixMillis,
}

/// Locks the organization's connection; `None` when the organization has no such connection.
///
/// # Errors
/// When the database fails.
pub async fn lock<'a>(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ConnectionId,
    random: &'a dyn Random,
    now: UnixMillis,
) -> Result<Option<Locked<'a>>, StoreError> {
    let Some(found) = tx.connection(organization, id).await? else {
        return Ok(None);
    };
    let company = found.company;
    // A run takes its locks in this order too.
    let job = tx.lock_job(&collect_job_key(id)).await?;
    let watched = watch(tx, (company, id), random, now).await?;
    let connection = tx.lock_connection(company, id).await?;
    Ok(connection.map(|connection| Locked {
        connection,
        job,
        watched,
        random,
        now,
    }))
}

impl Locked<'_> {
    /// Queues the collection of its bills now, and not only when it is its turn.
    ///
    /// # Errors
    /// [`CollectNowError`] when it is not to be collected now, or the database fails.
    pub async fn collect_now(self, tx: &mut Tx<'_>) -> Result<CollectNow, CollectNowError> {
        if self.connection.inactive_at.is_some() {
            return Err(CollectRefused::SwitchedOff.into());
        }
        let now = self.now;
        match self.job.as_ref().filter(|queued| !queued.is_parked) {
            Some(queued) if queued.lease_until.is_some_and(|until| until > now) => {
                return Ok(CollectNow::AlreadyRunning);
            }
            Some(queued) if queued.run_at <= now => return Ok(CollectNow::AlreadyQueued),
            _ => {}
        }
        if self.is_refused(tx).await? {
            return Err(CollectRefused::ClientMustAct.into());
        }
        if self.rests_until(tx).await?.is_some_and(|at| at > now) {
            return Err(CollectRefused::PasswordRests.into());
        }
        let Connection {
            company,
            id,
            next_collection_at,
            ..
        } = self.connection;
        if next_collection_at.is_none_or(|at| at > now) {
            tx.set_next_collection(company, id, now, now).await?;
        }
        self.queue(tx, now).await?;
        Ok(CollectNow::Queued)
    }

    /// Switches it off, if it is on: it is not collected from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn switch_off(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let (company, id) = (self.connection.company, self.connection.id);
        if self.connection.inactive_at.is_none() {
            tx.switch_connection_off(company, id, self.now).await?;
            tx.remove_waiting_job(company, &collect_job_key(id), self.now)
                .await?;
        }
        self.tell(tx).await
    }

    /// Switches it on, if it is off, and queues its collection: now, or once its password may be sent. What the website
    /// refused is not tried again, unless the client has given something else.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn switch_on(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let (company, id, now) = (self.connection.company, self.connection.id, self.now);
        if self.connection.inactive_at.is_some() {
            tx.switch_connection_on(company, id, now).await?;
            if !self.is_refused(tx).await? {
                let rests_until = self.rests_until(tx).await?;
                let at = rests_until.map_or(now, |until| now.max(until));
                tx.set_next_collection(company, id, at, now).await?;
                self.queue(tx, at).await?;
            }
        }
        self.tell(tx).await
    }

    /// Deletes it for good, with all that signs in; its bills stay or go as `bills` says.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(self, tx: &mut Tx<'_>, bills: BillsAfter) -> Result<(), StoreError> {
        let (company, id, now) = (self.connection.company, self.connection.id, self.now);
        if self.connection.inactive_at.is_none() {
            // The last that can be told of it.
            tx.switch_connection_off(company, id, now).await?;
            self.watched.changed(tx).await?;
        }
        let job = collect_job_key(id);
        let removal = tx.remove_connection(company, id, &job, bills, now).await?;
        self.watched.removed(tx, &removal).await
    }

    /// Writes the settings and the sites that differ from what it has. Who has done so tells of it.
    ///
    /// # Errors
    /// When a site is not the company's or the database fails.
    pub async fn set(
        &self,
        tx: &mut Tx<'_>,
        (settings, sites): (&ConnectionSettings, Option<&[SiteId]>),
    ) -> Result<(), StoreError> {
        let (company, id) = (self.connection.company, self.connection.id);
        if *settings != ConnectionSettings::of(&self.connection) {
            tx.change_connection_settings(company, id, settings, self.now)
                .await?;
        }
        if let Some(sites) = sites {
            let mut sites = sites.to_vec();
            sites.sort_unstable();
            if sites != tx.sites_of_connection(company, id).await? {
                tx.change_connection_sites(company, id, &sites, self.now)
                    .await?;
            }
        }
        Ok(())
    }

    /// Tells webhooks what else was changed of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.watched.changed(tx).await
    }

    /// Whether the website let nobody in by all that the client has given so far.
    async fn is_refused(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let Connection {
            company,
            id,
            status,
            ..
        } = self.connection;
        Ok(status.refuses_sign_in() && tx.proposed_credentials(company, id).await?.is_none())
    }

    async fn rests_until(&self, tx: &mut Tx<'_>) -> Result<Option<UnixMillis>, StoreError> {
        tx.lockout(self.connection.company, self.connection.id)
            .await
    }

    async fn queue(&self, tx: &mut Tx<'_>, at: UnixMillis) -> Result<(), StoreError> {
        let (company, id) = (self.connection.company, self.connection.id);
        let job = JobId::from_random(bytes(self.random));
        let provider = &self.connection.provider_url;
        let job = collect_job(job, company, id, provider, at, self.now)?;
        tx.enqueue(&job).await
    }
}
