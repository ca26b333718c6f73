//! The operator's own account.

use askama::Template;
use axum::response::Html;

use super::{
    error::OperatorError,
    page::{Place, Shell, render},
    session::Operating,
};

#[derive(Template)]
#[template(path = "operator/account.html")]
struct AccountPage<'a> {
    shell: Shell<'a>,
}

/// Shows who is signed in, and how that is ended everywhere.
pub(super) async fn show(me: Operating) -> Result<Html<String>, OperatorError> {
    let shell = Shell::new(&me, Place::Account);
    render(&AccountPage { shell })
}
