//! What a member does with a connection by hand: collect it now, pause and resume it, delete it.

use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use futures_util::future::BoxFuture;
use shared::{id::ConnectionId, member::AuditAction};

use super::{door::HOME, error::ConsoleError, form::Form, session::SignedIn};
use crate::{
    collection::{CollectNow, CollectNowError, Locked, lock},
    store::{Tx, connection_removal::BillsAfter},
};

/// The work of an action on a locked connection; it tells whether it changed something.
type Work =
    for<'a, 'tx> fn(Locked<'a>, &'a mut Tx<'tx>) -> BoxFuture<'a, Result<bool, ConsoleError>>;

/// Collects the connection's bills now.
pub(super) async fn collect(
    me: SignedIn,
    id: Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let did = AuditAction::CollectionAsked;
    act(&me, &id, &form, did, |locked, tx| {
        Box::pin(async move {
            match locked.collect_now(tx).await {
                Ok(done) => Ok(done == CollectNow::Queued),
                Err(CollectNowError::Refused(refused)) => Err(ConsoleError::Collect(refused)),
                Err(CollectNowError::Store(error)) => Err(error.into()),
            }
        })
    })
    .await
}

/// Pauses the connection: it is not collected until it is resumed.
pub(super) async fn pause(
    me: SignedIn,
    id: Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let did = AuditAction::ConnectionPaused;
    act(&me, &id, &form, did, |locked, tx| {
        Box::pin(async move {
            let is_on = locked.connection.inactive_at.is_none();
            locked.switch_off(tx).await?;
            Ok(is_on)
        })
    })
    .await
}

/// Has the connection collected again.
pub(super) async fn resume(
    me: SignedIn,
    id: Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let did = AuditAction::ConnectionResumed;
    act(&me, &id, &form, did, |locked, tx| {
        Box::pin(async move {
            let is_off = locked.connection.inactive_at.is_some();
            locked.switch_on(tx).await?;
            Ok(is_off)
        })
    })
    .await
}

/// Deletes the connection for good, with its bills or without them.
pub(super) async fn remove(
    me: SignedIn,
    id: Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let work: Work = if form.text("bills") == "delete" {
        |locked, tx| Box::pin(removed(locked, tx, BillsAfter::Delete))
    } else {
        |locked, tx| Box::pin(removed(locked, tx, BillsAfter::Keep))
    };
    act(&me, &id, &form, AuditAction::ConnectionDeleted, work).await?;
    Ok(Redirect::to(HOME).into_response())
}

async fn removed(
    locked: Locked<'_>,
    tx: &mut Tx<'_>,
    bills: BillsAfter,
) -> Result<bool, ConsoleError> {
    locked.remove(tx, bills).await?;
    Ok(true)
}

/// Does it in one transaction, with its line in the audit log, and shows the connection again.
async fn act(
    me: &SignedIn,
    id: &str,
    form: &Form,
    did: AuditAction,
    work: Work,
) -> Result<Response, ConsoleError> {
    me.check(form)?;
    me.must_write()?;
    let id: ConnectionId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let (organization, now) = (me.organization.id, me.now);
    let random = &*me.console.door.random;
    let acting = me.console.door.store.tx("console.act_on_connection", |tx| {
        Box::pin(async move {
            let locked = lock(tx, organization, id, random, now).await?;
            let locked = locked.ok_or(ConsoleError::NotFound)?;
            let name = locked.connection.provider_name.clone();
            if work(locked, tx).await? {
                let event = me.audit(did, Some(id.to_string()), Some(name));
                tx.add_audit_event(&event).await?;
            }
            Ok::<_, ConsoleError>(())
        })
    });
    acting.await?;
    tracing::info!(%organization, connection = %id, action = did.as_str(), "by hand");
    let done = did.as_str();
    Ok(Redirect::to(&format!("{HOME}/{id}?done={done}")).into_response())
}
