//! A POST that is sent again is answered as it was at first, and its work is done once.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::app::{Organization, TestApp};
use crate::store::{idempotency::IDEMPOTENCY_MS, testing::NOW};

/// Sends a POST with this key: the status, whether the answer was given before, and the body.
async fn post(
    organization: &Organization,
    path: &str,
    key: &str,
    body: Value,
) -> (StatusCode, bool, Value) {
    let request = organization.request(Method::POST, path);
    let request = request.header("Idempotency-Key", key).json(&body);
    let answer = request.send().await.expect("answered");
    let replayed = answer.headers().contains_key("idempotent-replayed");
    let status = answer.status();
    (status, replayed, answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn the_same_call_is_answered_as_before_and_done_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let path = organization.links_path();
    let body = json!({ "country": "GB" });
    let before = app.test.rows("links").await;
    let (status, replayed, first) = post(&organization, &path, "order 7", body.clone()).await;
    assert_eq!((status, replayed), (StatusCode::CREATED, false));
    let again = post(&organization, &path, "order 7", body.clone()).await;
    assert_eq!(again, (StatusCode::CREATED, true, first.clone()));
    assert_eq!(app.test.rows("links").await, before + 1);

    let other = app.organization().await;
    let theirs = post(&other, &other.links_path(), "order 7", body.clone()).await;
    assert_eq!(
        (theirs.0, theirs.1),
        (StatusCode::CREATED, false),
        "a key of another organization"
    );
    app.clock.advance(IDEMPOTENCY_MS);
    let (status, replayed, later) = post(&organization, &path, "order 7", body).await;
    assert_eq!((status, replayed), (StatusCode::CREATED, false));
    assert_ne!(later["id"], first["id"], "a day later it is a new call");
}

#[tokio::test]
async fn a_key_is_of_one_call_and_what_was_refused_may_be_sent_again() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let refused = post(&organization, "/v2.2/company", "k", json!({ "name": "" })).await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
    let body = json!({ "name": "Meadow Lane Bakery" });
    let made = post(&organization, "/v2.2/company", "k", body.clone()).await;
    assert_eq!((made.0, made.1), (StatusCode::CREATED, false));
    for (path, body) in [
        ("/v2.2/company", json!({ "name": "Another" })),
        (&*organization.links_path(), body),
    ] {
        let (status, _, answer) = post(&organization, path, "k", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(answer["errors"][0]["field"], "Idempotency-Key");
    }
    for key in ["", &"k".repeat(256)] {
        let (status, ..) = post(&organization, "/v2.2/company", key, json!({})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{key}");
    }
}

#[tokio::test]
async fn calls_at_the_same_moment_are_done_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let before = app.test.rows("companies").await;
    let body = json!({ "name": "Meadow Lane Bakery" });
    let calls = (0..6).map(|_| post(&organization, "/v2.2/company", "k", body.clone()));
    let answers = futures_util::future::join_all(calls).await;
    let first = answers.iter().filter(|answer| !answer.1).count();
    assert_eq!(first, 1);
    assert!(answers.iter().all(|answer| answer.2 == answers[0].2));
    assert_eq!(app.test.rows("companies").await, before + 1);
}

#[tokio::test]
async fn what_is_kept_is_sealed() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (_, _, link) = post(&organization, &organization.links_path(), "k", json!({})).await;
    let secret = link["companyMagicLinkSecret"].as_str().expect("a token");
    let kept = app.test.store.tx("test", |tx| {
        let (mine, key) = (
            organization.id,
            <sha2::Sha256 as sha2::Digest>::digest(b"k"),
        );
        Box::pin(tx.take_idempotency_key(mine, key.into(), [0; 32], NOW))
    });
    let kept = kept.await.expect("read").expect("kept");
    let token = secret.as_bytes();
    assert!(kept.body_sealed.len() > token.len());
    assert!(!kept.body_sealed.windows(8).any(|part| part == &token[..8]));
}
