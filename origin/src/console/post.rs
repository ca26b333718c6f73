//! Forms of other websites do nothing here.
//!
//! The session's cookie is not sent along with them (`SameSite=Lax`). Beside that a form carries the session's own secret
//! word ([`SignedIn::csrf`](super::session::SignedIn::csrf)), and the browser's word where it was posted from must be this
//! host.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use url::Url;

use super::{door::HOME, place::Reached};

/// Refuses what changes something and does not come from a page of this host.
pub(crate) async fn refuse_other_origins<S: Reached>(
    State(pages): State<Arc<S>>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_from_here(request.headers(), pages.public_url()) {
        return next.run(request).await;
    }
    S::other_origin()
}

/// Leads who opens an address to which forms are posted to the page that has the form.
pub(crate) async fn lead_to_page(method: Method, uri: Uri) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    Redirect::to(page_of(uri.path())).into_response()
}

/// The page of what is done at this address: what stands before its last part.
fn page_of(path: &str) -> &str {
    // What is done with one of these is done in their list.
    let lists = ["/console/team", "/console/keys", "/console/single-sign-on"];
    let list = lists.into_iter().find(|list| path.starts_with(list));
    let above = path.rsplit_once('/').map_or(HOME, |(above, _)| above);
    list.unwrap_or(match above {
        "/console" => HOME,
        page => page,
    })
}

/// Every browser says `Origin` with a POST. Who sends none is no browser, and has no session that could be abused. A proxy may
/// keep the host's name for itself: then the configured one counts.
fn is_from_here(headers: &HeaderMap, public_url: &Url) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let origin = origin
        .to_str()
        .ok()
        .and_then(|origin| Url::parse(origin).ok());
    origin.is_some_and(|origin| is_this_host(&origin, headers, public_url))
}

/// Whether an address is one of this host, as the request names it or the configuration.
pub(super) fn is_this_host(url: &Url, headers: &HeaderMap, public_url: &Url) -> bool {
    if url.origin() == public_url.origin() {
        return true;
    }
    let host = headers.get(header::HOST);
    let (Some(name), Some(host)) = (url.host_str(), host.and_then(|host| host.to_str().ok()))
    else {
        return false;
    };
    let with_port = url.port().map(|port| format!("{name}:{port}"));
    host.eq_ignore_ascii_case(with_port.as_deref().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_form_of_another_website_is_known() {
        let posted = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::HOST,
                HeaderValue::from_static("api.example.com:8443"),
            );
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            is_from_here(
                &headers,
                &"https://public.example.com/".parse().expect("an address"),
            )
        };
        assert!(posted(Some("https://public.example.com")));
        assert!(posted(Some("https://api.example.com:8443")));
        assert!(posted(None));
        for other in [
            "null",
            "https://evil.example",
            "https://api.example.com",
            "https://api.example.com.evil.example:8443",
            "https://evil.example:8443",
        ] {
            assert!(!posted(Some(other)), "{other}");
        }
    }
}
