//! Settings > Notifications: what owners of connections are told by mail.

use askama::Template;
use axum::{
    extract::Query,
    response::{Html, IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use shared::member::AuditAction;

use super::{
    error::ConsoleError,
    form::Form,
    page::{Place, Shell, render},
    session::SignedIn,
};
use crate::store::mail_subscriptions::OwnerMails;

/// What stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Whether it was saved just now.
    saved: Option<String>,
}

#[derive(Template)]
#[template(path = "console/notifications.html")]
struct NotificationsPage<'a> {
    shell: Shell<'a>,
    mails: OwnerMails,
    is_saved: bool,
}

/// Shows the settings to owners of the organization.
pub(super) async fn show(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, ConsoleError> {
    me.must_administer()?;
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.notifications", |tx| {
        Box::pin(tx.owner_mails(organization))
    });
    render(&NotificationsPage {
        mails: reading.await?,
        shell: Shell::new(&me, Place::Settings),
        is_saved: asked.saved.is_some(),
    })
}

/// Saves which mails owners of connections get.
pub(super) async fn save(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let wanted = |name| form.text(name) == "yes";
    let mails = OwnerMails {
        of_repairs: wanted("repairs"),
        of_connected: wanted("connected"),
    };
    let on = |is_on| if is_on { "on" } else { "off" };
    let detail = format!(
        "repairs {}, connected {}",
        on(mails.of_repairs),
        on(mails.of_connected)
    );
    let event = me.audit(AuditAction::NotificationsChanged, None, Some(detail));
    let (organization, now, event) = (me.organization.id, me.now, &event);
    let saving = me.console.door.store.tx("console.set_notifications", |tx| {
        Box::pin(async move {
            if tx.owner_mails(organization).await? == mails {
                return Ok(());
            }
            tx.set_owner_mails(organization, mails, now).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(())
        })
    });
    saving.await?;
    Ok(Redirect::to("/console/notifications?saved=yes").into_response())
}
