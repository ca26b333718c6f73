//! What a member does with a link: take it back, give it a later end.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::{id::LinkId, member::AuditAction, webhook::WebhookEventType};

use super::{
    error::ConsoleError,
    form::{Form, Wrong},
    links::{Filled, page},
    new_link::{DAY_SECONDS, LIVES_DAYS},
    session::SignedIn,
};
use crate::{
    clock::bytes,
    new_link::later_end,
    store::{Tx, link_changes::Revocation},
    webhooks::Outbox,
};

/// The longest reason, in characters, as in the API.
const REASON_MAX: usize = 500;

/// Takes a link back.
pub(super) async fn revoke(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: LinkId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let reason = form.text("reason");
    if reason.chars().count() > REASON_MAX || reason.chars().any(char::is_control) {
        let told = "Enter a reason of one line and 500 characters at most.";
        let wrong = Wrong::new("reason", told);
        return wrongly(&me, id, &form, wrong).await;
    }
    let reason = (!reason.is_empty()).then_some(reason);
    let detail = reason.map(str::to_owned);
    let event = me.audit(AuditAction::LinkRevoked, Some(id.to_string()), detail);
    let (who, event) = (&me, &event);
    let revoking = me.console.door.store.tx("console.revoke_link", |tx| {
        Box::pin(async move {
            if take_back(tx, who, id, reason).await? {
                tx.add_audit_event(event).await?;
            }
            Ok::<_, ConsoleError>(())
        })
    });
    revoking.await?;
    Ok(Redirect::to(&format!("/console/links/{id}")).into_response())
}

/// Takes it back, and tells webhooks; false when it was taken back before.
async fn take_back(
    tx: &mut Tx<'_>,
    me: &SignedIn,
    id: LinkId,
    reason: Option<&str>,
) -> Result<bool, ConsoleError> {
    let organization = me.organization.id;
    let before = tx.link(organization, id).await?;
    let before = before.ok_or(ConsoleError::NotFound)?;
    if before.link.revoked_at.is_some() {
        return Ok(false);
    }
    match tx.revoke_link(organization, id, reason, me.now).await? {
        Revocation::Revoked => {}
        Revocation::Fulfilled => return Err(ConsoleError::LinkUsed),
        Revocation::Unknown => return Err(ConsoleError::NotFound),
    }
    let (company, random) = (before.company.id, &*me.console.door.random);
    if let Some(outbox) = Outbox::of(tx, company, random, me.now).await? {
        outbox.link(tx, WebhookEventType::LinkRevoked, id).await?;
    }
    Ok(true)
}

/// Gives a link a later end, and with it a new URL.
pub(super) async fn extend(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: LinkId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let chosen = form.text("lifeDays");
    let days = LIVES_DAYS.iter().find(|days| days.to_string() == chosen);
    let Some(days) = days else {
        let wrong = Wrong::new("lifeDays", "Choose when the link runs out.");
        return wrongly(&me, id, &form, wrong).await;
    };
    let expires_at = me.now.plus(days * DAY_SECONDS * 1000);
    let nonce = bytes(&*me.console.door.random);
    let day = Some(format!("{days} days"));
    let event = me.audit(AuditAction::LinkExtended, Some(id.to_string()), day);
    let (who, event) = (&me, &event);
    let extending = me.console.door.store.tx("console.extend_link", |tx| {
        Box::pin(async move {
            let (organization, now) = (who.organization.id, who.now);
            let before = tx.link(organization, id).await?;
            let before = before.ok_or(ConsoleError::NotFound)?.link;
            let keys = &who.console.door.token_keys;
            let end = later_end(keys, &before, now, (expires_at, nonce));
            let is_later = tx.extend_link(organization, id, end, now).await?;
            if is_later {
                tx.add_audit_event(event).await?;
            }
            Ok::<_, ConsoleError>(is_later)
        })
    });
    if !extending.await? {
        let told = "It cannot be: it ends later already, or it was used or taken back meanwhile.";
        let wrong = Wrong::new("lifeDays", told);
        return wrongly(&me, id, &form, wrong).await;
    }
    Ok(Redirect::to(&format!("/console/links/{id}")).into_response())
}

/// The link's page again, with what was typed and what is wrong with it.
async fn wrongly(
    me: &SignedIn,
    id: LinkId,
    form: &Form,
    wrong: Wrong,
) -> Result<Response, ConsoleError> {
    let filled = Filled {
        reason: form.text("reason").to_owned(),
        life_days: form.text("lifeDays").to_owned(),
        wrong: Some(wrong),
        ..Filled::default()
    };
    let html = page(me, id, &filled).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}
