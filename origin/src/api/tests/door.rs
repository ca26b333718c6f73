//! Who comes in, and how far.

use serde_json::json;

use super::{TestApp, app::read};
use crate::store::testing::NOW;

#[tokio::test]
async fn only_a_living_key_comes_in() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let call = async |keys: &[&str]| {
        let mut request = app.http.get(format!("{}/v2.2/company", app.base));
        for key in keys {
            request = request.header("x-api-key", *key);
        }
        read(request.send().await.expect("an answer")).await.0
    };
    let key = organization.key.as_str();
    assert_eq!(call(&[key]).await, 200);
    let long = "x".repeat(5000);
    for bad in [&[][..], &[""], &["ml_unknown"], &[key, key], &[&long]] {
        assert_eq!(call(bad).await, 401, "{bad:?}");
    }
    let revoked = app
        .test
        .store
        .tx("test", |tx| {
            Box::pin(tx.revoke_key(organization.id, organization.key_id, NOW))
        })
        .await;
    assert!(revoked.expect("revoke"));
    assert_eq!(call(&[key]).await, 401);
}

#[tokio::test]
async fn another_host_is_misdirected() {
    let app = TestApp::builder().host("api.example.com").start().await;
    let organization = app.organization().await;
    let call = async |path: &str, host: &str| {
        let request = app
            .http
            .get(format!("{}{path}", app.base))
            .header("host", host);
        let answer = request.header("x-api-key", &organization.key).send().await;
        answer.expect("an answer").status().as_u16()
    };
    assert_eq!(call("/v2.2/company", "api.example.com").await, 200);
    for path in ["/v2.2/company", "/docs/", "/v2.2/openapi.json", "/nothing"] {
        assert_eq!(call(path, "connect.example.com").await, 421, "{path}");
    }
}

#[tokio::test]
async fn too_many_calls_are_told_when_to_come_again() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    for _ in 0..200 {
        assert_eq!(organization.get("/v2.2/company").await.0, 200);
    }
    let request = app.http.get(format!("{}/v2.2/company", app.base));
    let answer = request
        .header("x-api-key", &organization.key)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers().get("retry-after").expect("when"), "1");
    assert_eq!(read(answer).await.0, 429);
    app.clock.advance(1000);
    assert_eq!(organization.get("/v2.2/company").await.0, 200);
}

#[tokio::test]
async fn bodies_are_bounded_json() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let send = async |kind: &str, body: String| {
        let url = format!("{}{}", app.base, organization.links_path());
        let request = app.http.post(url).header("x-api-key", &organization.key);
        let answer = request.header("content-type", kind).body(body).send().await;
        read(answer.expect("an answer")).await.0
    };
    let json = "application/json";
    assert_eq!(send(json, "{}".into()).await, 201);
    assert_eq!(
        send("Application/JSON; charset=utf-8", "{}".into()).await,
        201
    );
    assert_eq!(
        send("text/plain", String::new()).await,
        201,
        "nothing to misread"
    );
    assert_eq!(send("text/plain", "{}".into()).await, 415);
    assert_eq!(send(json, "null".into()).await, 201);
    for bad in ["{", "[]", "7", "\"x\"", "{\"a\":1}}"] {
        assert_eq!(send(json, bad.into()).await, 400, "{bad}");
    }
    let large = json!({ "externalId": "x".repeat(64 * 1024) }).to_string();
    assert_eq!(send(json, large).await, 413);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(send(json, deep).await, 400);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_too() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    assert_eq!(organization.get("/v2.2/nothing").await.0, 404);
    assert_eq!(organization.get("/v2.2/company/not-an-id").await.0, 404);
    let method = reqwest::Method::DELETE;
    assert_eq!(
        organization.send(method, "/v2.2/company", None).await.0,
        405
    );
    let stranger = app
        .http
        .get(format!("{}/v2.2/nothing", app.base))
        .send()
        .await;
    assert_eq!(
        read(stranger.expect("an answer")).await.0,
        401,
        "strangers learn nothing"
    );
}

#[tokio::test]
async fn answers_are_not_kept() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let request = app.http.get(format!("{}/v2.2/company", app.base));
    let answer = request
        .header("x-api-key", &organization.key)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
}
