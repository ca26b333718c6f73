//! What a member does with a link: take it back, give it a later end.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::{id::LinkId, text::is_control};

use super::{
    error::ConsoleError,
    form::{Form, Wrong},
    links::{Filled, page},
    new_link::{DAY_SECONDS, LIVES_DAYS},
    session::SignedIn,
};
use crate::links::{self, LinkRefused, MAX_REASON};

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
    if reason.chars().count() > MAX_REASON || reason.contains(is_control) {
        let told = "Enter a reason of one line and 500 characters at most.";
        let wrong = Wrong::new("reason", told);
        return wrongly(&me, id, &form, wrong).await;
    }
    let (author, reason) = (&me.author(), (!reason.is_empty()).then_some(reason));
    let revoking = me.console.door.store.tx("console.revoke_link", |tx| {
        Box::pin(links::take_back(tx, author, id, reason))
    });
    revoking.await?;
    Ok(Redirect::to(&format!("/console/links/{id}")).into_response())
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
    let (author, keys) = (&me.author(), &*me.console.door.token_keys);
    let seconds = days * DAY_SECONDS;
    let extending = me.console.door.store.tx("console.extend_link", |tx| {
        Box::pin(links::extend(tx, author, keys, id, seconds))
    });
    match extending.await {
        Ok(()) => Ok(Redirect::to(&format!("/console/links/{id}")).into_response()),
        Err(error @ (LinkRefused::Unknown | LinkRefused::Store(_))) => Err(error.into()),
        Err(_) => {
            let told =
                "It cannot be: it ends later already, or it was used or taken back meanwhile.";
            wrongly(&me, id, &form, Wrong::new("lifeDays", told)).await
        }
    }
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
