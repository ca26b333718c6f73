//! A code that is asked for after the password: the session is given once it is right.

use axum::{
    Form,
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{session, views};

/// The code that everybody gets by text message.
pub const CODE: &str = "246810";
/// Names the session that waits for the code.
const COOKIE: &str = "rb_code";

/// Asks for the code before this session is given.
pub(crate) fn begin(session: &str) -> Response {
    let waits = format!("{COOKIE}={session}; Path=/code; HttpOnly; SameSite=Lax");
    ([(header::SET_COOKIE, waits)], Redirect::to("/code")).into_response()
}

/// The page that asks.
pub(crate) async fn ask() -> Html<String> {
    Html(views::code(None))
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    code: String,
}

/// Gives the session for the right code.
pub(crate) async fn check(headers: HeaderMap, Form(typed): Form<Typed>) -> Response {
    match session::cookie(&headers, COOKIE) {
        Some(waits) if typed.code == CODE => {
            let given = session::cookie_of(waits);
            ([(header::SET_COOKIE, given)], Redirect::to("/account")).into_response()
        }
        Some(_) => Html(views::code(Some("The code you entered is incorrect."))).into_response(),
        None => Redirect::to("/login").into_response(),
    }
}
