//! Whatever goes wrong is told as problem details, and no more than the caller may know.

use reqwest::Method;
use serde_json::json;

use super::{TestApp, app::read};

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
    for nothing in ["", "null"] {
        let url = format!(
            "{}/v2.2/company/{}",
            app.base, organization.client.company.id
        );
        let request = app.http.patch(url).header("x-api-key", &organization.key);
        let request = request.header("content-type", json).body(nothing);
        let answer = request.send().await.expect("an answer");
        assert_eq!(read(answer).await.0, 400, "a PATCH says what it changes");
    }
    let large = json!({ "externalId": "x".repeat(super::super::fields::MAX_BODY) }).to_string();
    assert_eq!(send(json, large).await, 413);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(send(json, deep).await, 400);
}

#[tokio::test]
async fn unknown_paths_are_not_found_by_who_may_ask() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    for path in [
        "/",
        "/v2.2",
        "/v2.2/nothing",
        "/v2.2/company/",
        "/v2.2/company/not-an-id",
        "/v2.2/company/%ff",
        "/v2.1/company",
    ] {
        assert_eq!(organization.get(path).await.0, 404, "{path}");
        let stranger = app.http.get(format!("{}{path}", app.base)).send().await;
        let status = read(stranger.expect("an answer")).await.0;
        assert_eq!(status, 401, "{path}: strangers learn nothing");
    }
    let page = app.http.get(format!("{}/docs/nothing.js", app.base)).send();
    assert_eq!(read(page.await.expect("an answer")).await.0, 404);
}

#[tokio::test]
async fn a_path_says_which_methods_it_knows() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let company = format!("/v2.2/company/{}", organization.client.company.id);
    for (method, path, allowed) in [
        (Method::DELETE, "/v2.2/company", "GET,HEAD,POST"),
        (Method::PUT, &company, "GET,HEAD,PATCH,DELETE"),
        (Method::OPTIONS, "/v2.2/webhook", "GET,HEAD,POST"),
        (Method::GET, &organization.links_path(), "POST"),
        (Method::POST, "/v2.2/openapi.json", "GET,HEAD"),
        (Method::POST, "/docs/", "GET,HEAD"),
    ] {
        let request = organization.request(method.clone(), path);
        let answer = request.send().await.expect("an answer");
        let allow = answer.headers().get("allow").cloned();
        assert_eq!(read(answer).await.0, 405, "{method} {path}");
        assert_eq!(allow.expect("Allow"), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn a_fault_of_ours_is_told_without_its_reason() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    app.test.store.close().await;
    for (method, path, body) in [
        (Method::GET, "/v2.2/company", None),
        (Method::POST, "/v2.2/company", Some(json!({ "name": "x" }))),
    ] {
        let (status, problem) = organization.send(method, path, body).await;
        let expected = json!({
            "type": "about:blank", "title": "Internal Server Error", "status": 500,
            "detail": "Something failed on our side; it has been noted.",
        });
        assert_eq!((status, problem), (500, expected));
    }
}
