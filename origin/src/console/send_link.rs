//! Sends a link by mail: the first time, and again.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::{id::LinkId, member::AuditAction, status::LinkStatus, time::UnixMillis};

use super::{
    error::ConsoleError,
    form::{Form, Wrong},
    links::{Filled, page},
    session::SignedIn,
};
use crate::{
    mail::{SentOften, send_link_again},
    text_values::Email,
};

/// Why a link is not sent.
enum Refused {
    Ended,
    Often(UnixMillis),
}

/// Writes the mail, and leads back to the link.
pub(super) async fn send(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: LinkId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let typed = form.text("to");
    let refuse = async |told: &'static str| {
        let filled = Filled {
            to: Some(typed.to_owned()),
            wrong: Some(Wrong::new("to", told)),
            ..Filled::default()
        };
        let page = page(&me, id, &filled).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let Ok(to) = typed.parse::<Email>() else {
        return refuse("Enter a mail address, such as owner@client.example.").await;
    };
    match queue(&me, id, &to.0).await? {
        Ok(()) => Ok(Redirect::to(&format!("/console/links/{id}?sent=yes")).into_response()),
        Err(Refused::Ended) => refuse("This link has ended. Make a new one.").await,
        Err(Refused::Often(at)) => {
            tracing::info!(link = %id, until = at.0, "a link was sent too often");
            refuse("It was sent five times within a day. Send it again tomorrow.").await
        }
    }
}

async fn queue(me: &SignedIn, id: LinkId, to: &str) -> Result<Result<(), Refused>, ConsoleError> {
    let (organization, now) = (me.organization.id, me.now);
    let event = me.audit(
        AuditAction::LinkSent,
        Some(id.to_string()),
        Some(to.to_owned()),
    );
    let (random, event) = (&*me.console.door.random, &event);
    let sending = me.console.door.store.tx("console.send_link", |tx| {
        Box::pin(async move {
            let found = tx.link(organization, id).await?;
            let link = found.ok_or(ConsoleError::NotFound)?.link;
            if link.status(now) != LinkStatus::Active {
                return Ok(Err(Refused::Ended));
            }
            let sent = send_link_again(tx, random, (organization, &link), to, now).await?;
            if let Err(SentOften { again_at }) = sent {
                return Ok(Err(Refused::Often(again_at)));
            }
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(Ok(()))
        })
    });
    sending.await
}
