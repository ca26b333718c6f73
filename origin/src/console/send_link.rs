//! Sends a link by mail: the first time, and again.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::id::LinkId;

use super::{
    error::ConsoleError,
    form::{Form, Wrong},
    links::{Filled, page},
    session::SignedIn,
};
use crate::{
    links::{self, LinkRefused},
    text_values::Email,
};

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
    let (author, to) = (&me.author(), Some(&*to.0));
    let sending = me.console.door.store.tx("console.send_link", |tx| {
        Box::pin(links::send(tx, author, id, to))
    });
    match sending.await {
        Ok(_) => Ok(Redirect::to(&format!("/console/links/{id}?sent=yes")).into_response()),
        Err(LinkRefused::Expired | LinkRefused::Revoked | LinkRefused::Fulfilled) => {
            refuse("This link has ended. Make a new one.").await
        }
        Err(LinkRefused::SentOften { seconds }) => {
            tracing::info!(link = %id, seconds, "a link was sent too often");
            refuse("It was sent often enough today: a link is mailed five times within a day, and one address gets twenty. Send it again tomorrow.").await
        }
        Err(error) => Err(error.into()),
    }
}
