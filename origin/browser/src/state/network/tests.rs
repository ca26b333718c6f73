//! Requests, event by event.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;

const PAGE: PageId = PageId(1);

fn event<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn network() -> (Network, Instant) {
    let now = Instant::now();
    let mut network = Network::default();
    network.page_opened(PAGE, now);
    (network, now)
}

fn sent(id: &str, kind: &str, method: &str) -> RequestWillBeSent {
    event(json!({
        "requestId": id, "type": kind, "frameId": "main",
        "request": { "url": "https://a.test/x", "method": method },
    }))
}

fn answered(id: &str, status: u16) -> ResponseReceived {
    event(json!({
        "requestId": id, "type": "Document", "frameId": "main",
        "response": { "url": "https://a.test/x", "status": status },
    }))
}

fn over(id: &str, error: &str, canceled: bool) -> RequestOver {
    event(json!({ "requestId": id, "type": "Document", "errorText": error, "canceled": canceled }))
}

/// Events as lines: what, and what matters in it.
fn told(effects: Vec<Effect>) -> Vec<String> {
    let line = |effect| match effect {
        Effect::Emit(BrowserEvent::Response { status, method, .. }) => {
            format!("response {method} {status}")
        }
        Effect::Emit(BrowserEvent::RequestSent { method, .. }) => format!("sent {method}"),
        Effect::Emit(BrowserEvent::LoadFailed { error, .. }) => format!("load failed {error:?}"),
        other => format!("{other:?}"),
    };
    effects.into_iter().map(line).collect()
}

fn main_frame() -> FrameId {
    FrameId("main".to_owned())
}

#[test]
fn a_redirect_answers_the_request_before_it() {
    let (mut network, now) = network();
    let post = network.request_sent(PAGE, sent("1", "Document", "POST"), now);
    assert_eq!(told(post), ["sent POST"]);
    let mut next = sent("1", "Document", "GET");
    next.redirect_response = Some(event(
        json!({ "url": "https://a.test/login", "status": 303 }),
    ));
    let effects = network.request_sent(PAGE, next, now);
    assert_eq!(told(effects), ["response POST 303", "sent GET"]);
    let effects = network.response(PAGE, &main_frame(), answered("1", 200));
    assert_eq!(told(effects), ["response GET 200"]);
    assert!(!network.posted(PAGE), "a GET brought the document");
}

#[test]
fn a_document_that_answers_a_post_is_known_as_posted_until_the_next_document() {
    let (mut network, now) = network();
    network.request_sent(PAGE, sent("1", "Document", "POST"), now);
    network.response(PAGE, &main_frame(), answered("1", 422));
    assert!(network.posted(PAGE));
    assert_eq!(network.document_status(PAGE, "1"), Some(422));
    assert_eq!(network.document_status(PAGE, "2"), None);
    network.request_sent(PAGE, sent("2", "Document", "GET"), now);
    network.response(PAGE, &main_frame(), answered("2", 200));
    assert!(!network.posted(PAGE));
}

#[test]
fn a_page_is_quiet_from_its_last_requests_end() {
    let (mut network, start) = network();
    let at = |seconds| start + Duration::from_secs(seconds);
    assert_eq!(network.quiet_for(PAGE, at(3)), Some(at(3) - start));
    network.request_sent(PAGE, sent("1", "XHR", "GET"), at(3));
    assert_eq!(network.quiet_for(PAGE, at(4)), Some(Duration::ZERO));
    network.finished(PAGE, &over("1", "", false), at(5));
    assert_eq!(network.quiet_for(PAGE, at(7)), Some(at(7) - at(5)));
}

#[test]
fn a_request_of_a_replaced_document_is_not_waited_for() {
    let (mut network, start) = network();
    let by = |id: &str, frame: &str, loader: &str| {
        event(json!({
            "requestId": id, "type": "Fetch", "frameId": frame, "loaderId": loader,
            "request": { "url": "https://a.test/x", "method": "GET" },
        }))
    };
    let second = Duration::from_secs(1);
    let is_busy =
        |network: &Network| network.quiet_for(PAGE, start + second) == Some(Duration::ZERO);
    network.request_sent(PAGE, by("1", "main", "old"), start);
    network.request_sent(PAGE, by("2", "in", "inner"), start);
    let inner = FrameId("in".to_owned());
    network.document_came(PAGE, &inner, false, "inner 2");
    assert!(is_busy(&network), "the main document's request goes on");
    network.request_sent(PAGE, by("3", "main", "new"), start);
    network.document_came(PAGE, &main_frame(), true, "new");
    assert!(is_busy(&network), "the new document's request goes on");
    network.finished(PAGE, &over("3", "", false), start);
    assert!(!is_busy(&network));
}

#[test]
fn a_long_poll_and_a_stream_are_no_loading() {
    let (mut network, start) = network();
    network.request_sent(PAGE, sent("1", "EventSource", "GET"), start);
    let second = Duration::from_secs(1);
    assert_eq!(network.quiet_for(PAGE, start + second), Some(second));
    network.request_sent(PAGE, sent("2", "XHR", "GET"), start);
    assert_eq!(
        network.quiet_for(PAGE, start + second),
        Some(Duration::ZERO)
    );
    assert_eq!(network.quiet_for(PAGE, start + LOADING), Some(LOADING));
}

#[test]
fn a_document_that_fails_says_why_and_a_cancelled_one_does_not() {
    let (mut network, now) = network();
    network.request_sent(PAGE, sent("1", "Document", "GET"), now);
    let failed = over("1", "net::ERR_TUNNEL_CONNECTION_FAILED", false);
    let blocked = |host: &str, port: u16| {
        assert_eq!((host, port), ("a.test", 443));
        Some(NetError::BlockedAddress)
    };
    assert_eq!(
        told(network.failed(PAGE, failed, now, &blocked)),
        ["emit RequestFailed", "load failed BlockedAddress"]
    );
    network.request_sent(PAGE, sent("2", "Document", "GET"), now);
    let cancelled = over("2", "net::ERR_ABORTED", true);
    assert_eq!(
        told(network.failed(PAGE, cancelled, now, &blocked)),
        ["emit RequestFailed"]
    );
}

#[test]
fn a_request_of_a_closed_page_says_nothing() {
    let (mut network, now) = network();
    network.page_closed(PAGE);
    assert!(
        network
            .request_sent(PAGE, sent("1", "XHR", "GET"), now)
            .is_empty()
    );
    let nothing = |_: &str, _: u16| None;
    assert!(
        network
            .failed(PAGE, over("1", "", false), now, &nothing)
            .is_empty()
    );
    assert_eq!(network.quiet_for(PAGE, now), None);
}

#[test]
fn errors_of_chromium_have_their_reason() {
    let unknown = |_: &str, _: u16| None;
    for (text, reason) in [
        ("net::ERR_NAME_NOT_RESOLVED", NetError::Dns),
        ("net::ERR_CONNECTION_RESET", NetError::Refused),
        ("net::ERR_TUNNEL_CONNECTION_FAILED", NetError::Refused),
        ("net::ERR_TIMED_OUT", NetError::Timeout),
        ("net::ERR_CERT_DATE_INVALID", NetError::Tls),
        ("net::ERR_SSL_PROTOCOL_ERROR", NetError::Tls),
        ("net::ERR_HTTP2_PROTOCOL_ERROR", NetError::Other),
    ] {
        assert_eq!(
            net_error(text, "https://a.test/", &unknown),
            reason,
            "{text}"
        );
    }
}
