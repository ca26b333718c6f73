//! The page that says why there is no other one: it leads back to where the person was, and what they typed is not lost.
//!
//! [`ConsoleError`](super::error::ConsoleError) says what to tell; only who knows the request can make the page of it. A form
//! that came without a session, or with the secret word of one that is over, is offered once more, with its fields as they
//! were: it is sent again by a press of a button on this very host, which no other website can do for somebody. What came without
//! a session carries a secret word of this browser alone, so that the first press is taken after a sign-in in another tab.

use std::sync::Arc;

use askama::Template;
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};
use url::{Url, form_urlencoded};

use super::{
    assets,
    door::{ConsoleState, HOME},
    error::{ConsoleError, Offer, Told},
    form::FORM_MAX,
    post::is_this_host,
    session::{CSRF_FIELD, csrf_in, kept_csrf},
};

/// Where the forms begin whose fields are shown once more. Those of the account and of signing in hold secrets.
const OFFERED: [&str; 10] = [
    "/console/companies",
    "/console/connections",
    "/console/keys",
    "/console/links",
    "/console/notifications",
    "/console/redirects",
    "/console/sites",
    "/console/team",
    "/console/views",
    "/console/webhooks",
];

/// A form that can be sent once more.
struct Again<'a> {
    path: &'a str,
    fields: Vec<(String, String)>,
    csrf: String,
    /// Whether there is a session by now.
    is_signed_in: bool,
}

#[derive(Template)]
#[template(path = "console/error.html")]
struct RefusalPage<'a> {
    assets: &'static str,
    title: &'a str,
    advice: &'a str,
    /// Where the person was, on this host.
    back: Option<String>,
    again: Option<Again<'a>>,
}

/// Makes the page of whatever was refused.
pub(super) async fn show(
    State(console): State<Arc<ConsoleState>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let kept = (
        parts.method.clone(),
        parts.uri.clone(),
        parts.headers.clone(),
    );
    let (request, form) = if is_short_form(&parts.method, &parts.headers) {
        // It is as long as it says, and that is not much.
        let Ok(form) = to_bytes(body, FORM_MAX).await else {
            return ConsoleError::TooLong.into_response();
        };
        (Request::from_parts(parts, Body::from(form.clone())), form)
    } else {
        (Request::from_parts(parts, body), Bytes::new())
    };
    let answer = next.run(request).await;
    let Some(told) = answer.extensions().get::<Told>() else {
        return answer;
    };
    let (method, uri, headers) = kept;
    let path = uri.path_and_query().map_or(HOME, |path| path.as_str());
    let is_offered = told.offer != Offer::Nothing
        && OFFERED.iter().any(|page| path.starts_with(page))
        && is_short_form(&method, &headers);
    let fields = is_offered.then(|| shown_fields(&form)).flatten();
    let is_signed_in = told.offer == Offer::Now;
    let (again, cookie) = fields.map_or((None, None), |fields| {
        let (csrf, cookie) = match csrf_in(&headers).filter(|_| is_signed_in) {
            Some(csrf) => (csrf, None),
            None => {
                let (csrf, cookie) = kept_csrf(&headers, &*console.door.random);
                (csrf, Some([(header::SET_COOKIE, cookie)]))
            }
        };
        let again = Again {
            path,
            fields,
            csrf,
            is_signed_in,
        };
        (Some(again), cookie)
    });
    let page = RefusalPage {
        assets: assets::version(),
        title: told.title,
        advice: told.advice,
        back: back(&headers, &console.door.public_url),
        again,
    };
    let html = page.render().unwrap_or_else(|_| told.title.to_owned());
    (told.status, cookie, Html(html)).into_response()
}

fn is_short_form(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name)?.to_str().ok();
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    *method == Method::POST
        && kind.starts_with("application/x-www-form-urlencoded")
        && length.is_some_and(|length| length <= FORM_MAX)
}

/// The fields of a form; none where one of them is a secret, which no page shows.
fn shown_fields(form: &[u8]) -> Option<Vec<(String, String)>> {
    let fields: Vec<(String, String)> = form_urlencoded::parse(form)
        .filter(|(name, _)| name != CSRF_FIELD)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let is_secret = |name: &str| {
        let name = name.to_lowercase();
        let words = ["password", "code", "secret"];
        words.iter().any(|word| name.contains(word))
    };
    let has_secret = fields.iter().any(|(name, _)| is_secret(name));
    (!has_secret).then_some(fields)
}

/// The page of the console from which the request came, as the browser says.
fn back(headers: &HeaderMap, public_url: &Url) -> Option<String> {
    let from = headers.get(header::REFERER)?.to_str().ok()?;
    let from = Url::parse(from).ok()?;
    if !is_this_host(&from, headers, public_url) || !from.path().starts_with("/console/") {
        return None;
    }
    Some(match from.query() {
        Some(query) => format!("{}?{query}", from.path()),
        None => from.path().to_owned(),
    })
}
