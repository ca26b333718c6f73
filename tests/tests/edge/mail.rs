//! Mails that are routed to the Worker.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{support::Visitor, with_origin::start_both};

const MAIL: &str = "From: a@power.example\r\nTo: k7@codes.example\r\nMessage-ID: <1@power.example>\r\n\
    Subject: Code\r\n\r\nYour code is 482913.\r\n";

/// Hands a mail to the Worker, as the platform does.
async fn send(visitor: &Visitor, to: &str) -> (u16, String) {
    let path = format!("/cdn-cgi/handler/email?from=a%40power.example&to={to}");
    let answer = visitor.post(&path, MAIL).await;
    (answer.status.as_u16(), answer.text)
}

#[tokio::test]
async fn a_mail_goes_to_the_origin_as_it_is() {
    let (origin, edge, visitor) = start_both("mail").await;
    origin.respond("/edge/mail", 204, json!(null));
    let (status, text) = send(&visitor, "k7%40codes.example").await;
    assert_eq!(status, 200, "{text}");
    let requests = origin.take_requests();
    let [request] = &requests[..] else {
        panic!("one request: {requests:?}")
    };
    let body = &request.body;
    assert_eq!(body["recipient"], "k7@codes.example");
    let raw = body["raw"].as_str().expect("base64");
    assert_eq!(STANDARD.decode(raw).expect("base64"), MAIL.as_bytes());

    origin.respond("/edge/mail", 404, json!(null));
    // The platform's simulator answers before it has heard of the refusal: that the origin was asked once is all to see.
    let (status, text) = send(&visitor, "nobody%40codes.example").await;
    assert!(matches!(status, 200 | 400), "{status} {text}");
    assert_eq!(origin.take_requests().len(), 1);

    // What is one of too many is dropped without a refusal, and no other node is asked.
    for status in [413, 429] {
        origin.respond("/edge/mail", status, json!(null));
        let (status, text) = send(&visitor, "k7%40codes.example").await;
        assert_eq!(status, 200, "{text}");
        assert_eq!(origin.take_requests().len(), 1);
    }

    // What no node takes is not taken.
    origin.respond("/edge/mail", 503, json!(null));
    let (status, text) = send(&visitor, "k7%40codes.example").await;
    assert_eq!(status, 500, "{text}");
    edge.stop().await;
}
