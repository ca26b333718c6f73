//! The API answers under its own host name alone, so that no public page's host ever serves it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{problem::ApiProblem, state::ApiState};

/// 421 for another host, when one is configured.
pub(super) async fn require_host(
    State(api): State<Arc<ApiState>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(expected) = &api.door.host else {
        return next.run(request).await;
    };
    let asked = request
        .uri()
        .authority()
        .map(|authority| authority.as_str())
        .or_else(|| {
            let mut hosts = request.headers().get_all(header::HOST).iter();
            match (hosts.next(), hosts.next()) {
                (Some(host), None) => host.to_str().ok(),
                _ => None,
            }
        });
    if asked.is_some_and(|asked| same_host(asked, expected)) {
        return next.run(request).await;
    }
    ApiProblem::Misdirected.into_response()
}

/// Host names have no case, and the port is the listener's affair unless the setting names one.
fn same_host(asked: &str, expected: &str) -> bool {
    let name = match asked.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => asked,
    };
    asked.eq_ignore_ascii_case(expected) || name.eq_ignore_ascii_case(expected)
}

#[cfg(test)]
mod tests {
    use super::same_host;

    #[test]
    fn names_match_whole() {
        for good in ["api.example.com", "API.example.com", "api.example.com:8443"] {
            assert!(same_host(good, "api.example.com"), "{good}");
        }
        for bad in [
            "",
            "example.com",
            "api.example.com.evil.example",
            "connect.example.com",
            "api.example.com:x",
        ] {
            assert!(!same_host(bad, "api.example.com"), "{bad}");
        }
        assert!(same_host("localhost:7402", "localhost:7402"));
        assert!(!same_host("localhost:1", "localhost:7402"));
    }
}
