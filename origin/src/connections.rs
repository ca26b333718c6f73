//! What an organization does with a connection by hand, by API, at the console or at the command line: collects it now,
//! pauses and resumes it, deletes it. Each is written into the audit log if it changed something.

use shared::{id::ConnectionId, member::AuditAction};

use crate::{
    audit::Author,
    collection::{CollectNow, CollectNowError, CollectRefused, Locked, lock},
    store::{StoreError, Tx, TxError, connection_removal::BillsAfter},
};

/// Why a connection stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionRefused {
    /// The organization has no such connection.
    #[error("there is no such connection")]
    Unknown,
    /// It is not collected now.
    #[error(transparent)]
    Collect(#[from] CollectRefused),
    /// The database failed, and nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TxError for ConnectionRefused {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<CollectNowError> for ConnectionRefused {
    fn from(error: CollectNowError) -> Self {
        match error {
            CollectNowError::Refused(refused) => Self::Collect(refused),
            CollectNowError::Store(error) => Self::Store(error),
        }
    }
}

/// Queues the collection of the connection's bills now.
///
/// # Errors
/// [`ConnectionRefused`] says why nothing was changed: no such connection, a state that does not allow it, or the database.
pub async fn collect(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    id: ConnectionId,
) -> Result<CollectNow, ConnectionRefused> {
    let locked = locked(tx, author, id).await?;
    let name = locked.connection.provider_name.clone();
    let state = locked.collect_now(tx).await?;
    if state == CollectNow::Queued {
        tell(tx, author, AuditAction::CollectionAsked, (id, name)).await?;
    }
    Ok(state)
}

/// Pauses the connection: it is not collected until it is resumed. False when it was paused before.
///
/// # Errors
/// [`ConnectionRefused`] says why nothing was changed: no such connection, a state that does not allow it, or the database.
pub async fn pause(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    id: ConnectionId,
) -> Result<bool, ConnectionRefused> {
    let locked = locked(tx, author, id).await?;
    let name = locked.connection.provider_name.clone();
    let is_on = locked.connection.inactive_at.is_none();
    locked.switch_off(tx).await?;
    if is_on {
        tell(tx, author, AuditAction::ConnectionPaused, (id, name)).await?;
    }
    Ok(is_on)
}

/// Has the connection collected again. False when it was not paused.
///
/// # Errors
/// [`ConnectionRefused`] says why nothing was changed: no such connection, a state that does not allow it, or the database.
pub async fn resume(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    id: ConnectionId,
) -> Result<bool, ConnectionRefused> {
    let locked = locked(tx, author, id).await?;
    let name = locked.connection.provider_name.clone();
    let is_off = locked.connection.inactive_at.is_some();
    locked.switch_on(tx).await?;
    if is_off {
        tell(tx, author, AuditAction::ConnectionResumed, (id, name)).await?;
    }
    Ok(is_off)
}

/// Deletes the connection for good, with its bills or without them.
///
/// # Errors
/// [`ConnectionRefused`] says why nothing was changed: no such connection, a state that does not allow it, or the database.
pub async fn remove(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    id: ConnectionId,
    bills: BillsAfter,
) -> Result<(), ConnectionRefused> {
    let locked = locked(tx, author, id).await?;
    let name = locked.connection.provider_name.clone();
    locked.remove(tx, bills).await?;
    tell(tx, author, AuditAction::ConnectionDeleted, (id, name)).await?;
    Ok(())
}

async fn locked<'a>(
    tx: &mut Tx<'_>,
    author: &Author<'a>,
    id: ConnectionId,
) -> Result<Locked<'a>, ConnectionRefused> {
    let locked = lock(tx, author.organization, id, author.random, author.now).await?;
    locked.ok_or(ConnectionRefused::Unknown)
}

async fn tell(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    did: AuditAction,
    (id, name): (ConnectionId, String),
) -> Result<(), StoreError> {
    author.did(tx, did, Some(id.to_string()), Some(name)).await
}
