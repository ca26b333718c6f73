//! Settings > Mail: the messages that lie in the mail folder, where no mail server is set.

use askama::Template;
use axum::{
    extract::Path,
    http::header,
    response::{Html, IntoResponse as _, Response},
};

use super::{
    error::ConsoleError,
    page::{Place, Shell, render},
    session::SignedIn,
    words::Moment,
};
use crate::{
    mail::{LaidOutMail, MailFolder},
    store::delivered_mails::DeliveredMail,
};

/// Messages that the page shows.
const SHOWN: i64 = 50;
/// A mail shows its own styles and pictures, and runs nothing. Its links open beside it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// A message of the list.
struct Row {
    mail: DeliveredMail,
    /// Nothing when its file was taken out of the folder.
    subject: Option<String>,
    at: Moment,
}

#[derive(Template)]
#[template(path = "console/mails.html")]
struct MailsPage<'a> {
    shell: Shell<'a>,
    rows: &'a [Row],
}

#[derive(Template)]
#[template(path = "console/mail.html")]
struct MailPage<'a> {
    shell: Shell<'a>,
    mail: &'a DeliveredMail,
    message: &'a LaidOutMail,
    at: Moment,
}

/// The folder, for who may open what its messages bring.
fn folder(me: &SignedIn) -> Result<&MailFolder, ConsoleError> {
    me.must_write()?;
    let folder = me.console.door.mail_folder.as_ref();
    folder.ok_or(ConsoleError::NotFound)
}

/// Lists the organization's messages, newest first.
pub(super) async fn list(me: SignedIn) -> Result<Html<String>, ConsoleError> {
    let folder = folder(&me)?;
    let (organization, administers) = (me.organization.id, me.member.role.may_administer());
    let reading = me.console.door.store.read("console.mails", |tx| {
        Box::pin(tx.delivered_mails(organization, administers, SHOWN))
    });
    let mut rows = Vec::new();
    for mail in reading.await? {
        let message = folder.get(&mail.id).await?;
        rows.push(Row {
            subject: message.map(|message| message.subject),
            at: Moment::at(mail.at),
            mail,
        });
    }
    render(&MailsPage {
        shell: Shell::new(&me, Place::Settings),
        rows: &rows,
    })
}

/// Shows a message as plain text.
pub(super) async fn show(
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Html<String>, ConsoleError> {
    let (mail, message) = message(&me, &id).await?;
    render(&MailPage {
        shell: Shell::new(&me, Place::Settings),
        at: Moment::at(mail.at),
        mail: &mail,
        message: &message,
    })
}

/// Shows a message as mail programs do.
pub(super) async fn show_html(
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, ConsoleError> {
    let (_, message) = message(&me, &id).await?;
    // Without a base its links would open in the sandbox.
    let html = message
        .html
        .replacen("<head>", "<head><base target=\"_blank\">", 1);
    Ok(([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response())
}

async fn message(me: &SignedIn, id: &str) -> Result<(DeliveredMail, LaidOutMail), ConsoleError> {
    let folder = folder(me)?;
    let (organization, administers) = (me.organization.id, me.member.role.may_administer());
    let reading = me.console.door.store.read("console.mail", |tx| {
        Box::pin(tx.delivered_mail(organization, administers, id))
    });
    let mail = reading.await?.ok_or(ConsoleError::NotFound)?;
    let message = folder.get(&mail.id).await?;
    Ok((mail, message.ok_or(ConsoleError::NotFound)?))
}
