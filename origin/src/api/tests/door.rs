//! Who comes in, and how far.

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
