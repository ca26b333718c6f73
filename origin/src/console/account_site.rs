//! At which of its company's sites an account is.

use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::id::{AccountId, SiteId};

use super::{error::ConsoleError, form::Form, session::SignedIn};
use crate::accounts::put_at_site;

/// Puts the account at the site that was chosen, or leaves it to the sites of its connection.
pub(super) async fn put(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: AccountId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let site: Option<SiteId> = match form.text("site") {
        "" => None,
        chosen => Some(chosen.parse().map_err(|_| ConsoleError::OldForm)?),
    };
    let (organization, author) = (me.organization.id, &me.author());
    let writing = me.console.door.store.tx("console.put_account", |tx| {
        Box::pin(async move {
            let account = tx.account(organization, id).await?;
            let account = account.ok_or(ConsoleError::NotFound)?;
            let put = put_at_site(tx, author, account, site).await?;
            // The site was taken away since the page was shown.
            put.ok_or(ConsoleError::OldForm)
        })
    });
    let connection = writing.await?.connection;
    let page = format!("/console/connections/{connection}?done=ACCOUNT_CHANGED#accounts");
    Ok(Redirect::to(&page).into_response())
}
