//! What a member does with a connection by hand: collect it now, pause and resume it, delete it.

use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use futures_util::future::BoxFuture;
use shared::{id::ConnectionId, member::AuditAction};

use super::{door::HOME, error::ConsoleError, form::Form, session::SignedIn};
use crate::{
    audit::Author,
    connections::{self, ConnectionRefused},
    store::{Tx, connection_removal::BillsAfter},
};

/// The work of an action on a connection.
type Work = for<'a, 'tx> fn(
    &'a mut Tx<'tx>,
    &'a Author<'a>,
    ConnectionId,
) -> BoxFuture<'a, Result<(), ConnectionRefused>>;

/// Collects the connection's bills now.
pub(super) async fn collect(
    me: SignedIn,
    id: Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    act(
        &me,
        &id,
        &form,
        AuditAction::CollectionAsked,
        |tx, author, id| {
            Box::pin(async move { connections::collect(tx, author, id).await.map(drop) })
        },
    )
    .await
}

/// Pauses the connection: it is not collected until it is resumed.
pub(super) async fn pause(
    me: SignedIn,
    id: Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    act(
        &me,
        &id,
        &form,
        AuditAction::ConnectionPaused,
        |tx, author, id| {
            Box::pin(async move { connections::pause(tx, author, id).await.map(drop) })
        },
    )
    .await
}

/// Has the connection collected again.
pub(super) async fn resume(
    me: SignedIn,
    id: Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    act(
        &me,
        &id,
        &form,
        AuditAction::ConnectionResumed,
        |tx, author, id| {
            Box::pin(async move { connections::resume(tx, author, id).await.map(drop) })
        },
    )
    .await
}

/// Deletes the connection for good, with its bills or without them.
pub(super) async fn remove(
    me: SignedIn,
    id: Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    let work: Work = if form.text("bills") == "delete" {
        |tx, author, id| Box::pin(connections::remove(tx, author, id, BillsAfter::Delete))
    } else {
        |tx, author, id| Box::pin(connections::remove(tx, author, id, BillsAfter::Keep))
    };
    let did = AuditAction::ConnectionDeleted;
    act(&me, &id, &form, did, work).await?;
    Ok(Redirect::to(&format!("{HOME}?done={}", did.as_str())).into_response())
}

/// Does it in one transaction, and shows the connection again.
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
    let author = &me.author();
    let store = &me.console.door.store;
    let acting = store.tx("console.act_on_connection", |tx| work(tx, author, id));
    acting.await?;
    let organization = author.organization;
    tracing::info!(%organization, connection = %id, action = did.as_str(), "by hand");
    let done = did.as_str();
    Ok(Redirect::to(&format!("{HOME}/{id}?done={done}")).into_response())
}
