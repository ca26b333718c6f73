//! A change of a connection that is told: how it stood before, and what is told after.

use shared::{
    id::{BillId, CompanyId, ConnectionId},
    time::UnixMillis,
};

use super::{
    connection_events::{ConnectionState, RunEvents},
    outbox::Outbox,
};
use crate::{
    clock::Random,
    store::{StoreError, Tx, connection_removal::Removal},
};

/// A connection that a transaction is about to change. Nothing is read or told while no endpoint is used.
pub struct Watched<'a>(Option<(Outbox<'a>, ConnectionState)>);

/// Notes how the company's connection stands, before it is changed in the same transaction.
///
/// # Errors
/// When there is no such company or the database fails.
pub async fn watch<'a>(
    tx: &mut Tx<'_>,
    (company, connection): (CompanyId, ConnectionId),
    random: &'a dyn Random,
    now: UnixMillis,
) -> Result<Watched<'a>, StoreError> {
    let Some(outbox) = Outbox::of(tx, company, random, now).await? else {
        return Ok(Watched(None));
    };
    if tx
        .lock_connection_stream(company, connection)
        .await?
        .is_none()
    {
        return Ok(Watched(None));
    }
    let before = outbox.state(tx, connection).await?;
    Ok(Watched(before.map(|before| (outbox, before))))
}

impl Watched<'_> {
    /// Tells what changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changed(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        match &self.0 {
            Some((outbox, before)) => outbox.connection_changed(tx, before).await,
            None => Ok(()),
        }
    }

    /// Tells what changed by a bill that was stored, and the bill. `duplicated` are the other connections that it changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bill_stored(
        &self,
        tx: &mut Tx<'_>,
        bill: BillId,
        duplicated: &[ConnectionId],
    ) -> Result<(), StoreError> {
        match &self.0 {
            Some((outbox, before)) => outbox.bill_stored(tx, before, bill, duplicated).await,
            None => Ok(()),
        }
    }

    /// Tells that a bill that was stored before says something else now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bill_changed(&self, tx: &mut Tx<'_>, bill: BillId) -> Result<(), StoreError> {
        match &self.0 {
            Some((outbox, before)) => outbox.bill_changed(tx, before, bill).await,
            None => Ok(()),
        }
    }

    /// Tells what goes with a connection that was deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn removed(&self, tx: &mut Tx<'_>, removal: &Removal) -> Result<(), StoreError> {
        match &self.0 {
            Some((outbox, _)) => outbox.removed(tx, removal).await,
            None => Ok(()),
        }
    }

    /// Tells what changed by the end of a run, and that it ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_ended(&self, tx: &mut Tx<'_>, run: RunEvents) -> Result<(), StoreError> {
        match &self.0 {
            Some((outbox, before)) => outbox.run_ended(tx, before, run).await,
            None => Ok(()),
        }
    }
}
