//! Where the client goes when a flow is over: the `redirectUrl` of its link.

use shared::{
    id::{ConnectionId, FlowRef},
    wire::RedirectView,
};
use url::Url;

/// The address that the link names, if the organization lists its origin now: it may have been taken off the list since the
/// link was made.
pub(super) fn listed(url: Option<&str>, origins: &[String]) -> Option<Url> {
    let url = Url::parse(url?).ok()?;
    origins
        .contains(&url.origin().ascii_serialization())
        .then_some(url)
}

/// The address with what happened in its query. What stood there under these names is replaced: whoever reads it trusts it.
pub(super) fn view(url: &Url, flow: FlowRef, connection: Option<ConnectionId>) -> RedirectView {
    const NAMES: [&str; 3] = ["status", "flowRef", "connectionId"];
    let mut to = url.clone();
    let kept: Vec<_> = url
        .query_pairs()
        .filter(|(name, _)| !NAMES.contains(&name.as_ref()))
        .collect();
    let mut query = to.query_pairs_mut();
    query.clear().extend_pairs(kept);
    query.append_pair("status", connection.map_or("EXIT", |_| "CONNECTED"));
    query.append_pair("flowRef", &flow.to_string());
    if let Some(connection) = connection {
        query.append_pair("connectionId", &connection.to_string());
    }
    drop(query);
    RedirectView {
        host: url.host_str().unwrap_or_default().to_owned(),
        url: to.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    #[test]
    fn says_what_happened_and_nothing_else() {
        let to = url("https://portal.example/back?order=7&status=forged#end");
        let flow = FlowRef::from_bytes([1; 16]);
        let connection = ConnectionId::from_bytes([2; 16]);
        let done = view(&to, flow, Some(connection));
        let wanted = format!(
            "https://portal.example/back?order=7&status=CONNECTED&flowRef={flow}&connectionId={connection}#end"
        );
        assert_eq!((done.url, done.host), (wanted, "portal.example".to_owned()));
        let left = view(&url("https://portal.example"), flow, None);
        let wanted = format!("https://portal.example/?status=EXIT&flowRef={flow}");
        assert_eq!(left.url, wanted);
    }

    #[test]
    fn leads_to_listed_origins_alone() {
        let origins = ["https://portal.example".to_owned()];
        let is_listed = |url: &str| listed(Some(url), &origins).is_some();
        assert!(is_listed("https://portal.example/a?b"));
        for other in [
            "https://portal.example:8443/",
            "http://portal.example/",
            "https://portal.example.evil.example/",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!is_listed(other), "{other}");
        }
        assert!(listed(None, &origins).is_none());
    }
}
