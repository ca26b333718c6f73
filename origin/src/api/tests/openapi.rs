//! The document is what the API does: every path is asked, and every answer is one it names.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Organization, TestApp, app::read};
use crate::api::openapi::document;

/// Set it to write the document anew; then read the difference before keeping it.
const UPDATE: &str = "MAGIC_LINKS_UPDATE_SNAPSHOTS";

#[test]
fn the_document_is_the_reviewed_one() {
    let url = "https://api.example.com".parse().expect("an address");
    let mut text = serde_json::to_string_pretty(&document(&url)).expect("JSON");
    text.push('\n');
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&file, &text).expect("written");
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    let same = reviewed == text;
    assert!(
        same,
        "docs/openapi.json is not what the handlers say: run this test with {UPDATE}=1 and read the difference"
    );
}

/// Every documented operation: method, path, operation.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let method = method.to_ascii_uppercase().parse().expect("a method");
            all.push((method, path.clone(), operation.clone()));
        }
    }
    all
}

/// The path with ids of things that this organization has.
fn filled(path: &str, owner: &Organization, connection: &str, bill: &str) -> String {
    let id = match path {
        path if path.starts_with("/v2.2/company") => owner.client.company.id.to_string(),
        path if path.starts_with("/v2.2/site") => owner.client.site.id.to_string(),
        path if path.starts_with("/v2.2/link") => owner.link_id().to_string(),
        path if path.starts_with("/v2.2/bill") => bill.to_owned(),
        _ => connection.to_owned(),
    };
    path.replace("{company_id}", &owner.client.company.id.to_string())
        .replace("{connection_id}", connection)
        .replace("{id}", &id)
}

fn body_for(path: &str) -> Option<Value> {
    match path {
        "/v2.2/company" | "/v2.2/site/company/{company_id}" => Some(json!({ "name": "New" })),
        "/v2.2/webhook" => Some(json!({ "url": "https://hooks.example.com/" })),
        _ => None,
    }
}

#[tokio::test]
async fn every_documented_path_answers_its_owner_and_nobody_else() {
    let app = TestApp::start().await;
    let (owner, stranger) = (app.organization().await, app.organization().await);
    let (connection, bill) = owner.connect(&app).await;
    let (connection, bill) = (connection.to_string(), bill.to_string());
    let document = app
        .http
        .get(format!("{}/v2.2/openapi.json", app.base))
        .send()
        .await
        .expect("an answer");
    let document: Value = document.json().await.expect("JSON");
    let mut operations = operations(&document);
    // What deletes the connection comes last.
    operations.sort_by_key(|(method, path, _)| (method == Method::DELETE, path.clone()));
    assert_eq!(operations.len(), 32);

    for (method, path, operation) in operations {
        let path_of_webhook = path.starts_with("/v2.2/webhook/{id}");
        let url = if path_of_webhook {
            // One that no other operation has removed.
            let (webhook, delivery) = owner.webhook().await;
            path.replace("{id}", &webhook)
                .replace("{delivery_id}", &delivery)
        } else {
            filled(&path, &owner, &connection, &bill)
        };
        let body = (method == Method::POST).then(|| body_for(&path)).flatten();
        let documented = |status: u16| operation["responses"].get(status.to_string()).is_some();

        // Before its owner may remove it.
        let (status, _) = stranger.send(method.clone(), &url, body.clone()).await;
        let scoped = path.contains('{');
        assert_eq!(
            status == 404,
            scoped,
            "{method} {path}: {status} to a stranger"
        );
        assert!(!scoped || documented(404), "{method} {path}");
        assert!(method != Method::POST || documented(422), "{path}");

        let call = async || {
            let mut request = owner.request(method.clone(), &url);
            if let Some(body) = &body {
                request = request.json(body);
            }
            let answer = request.header("Idempotency-Key", &url).send().await;
            let answer = answer.expect("an answer");
            let replayed = answer.headers().contains_key("idempotent-replayed");
            (read(answer).await, replayed)
        };
        let ((status, first), _) = call().await;
        if method == Method::POST && status < 300 {
            assert_eq!(call().await, ((status, first), true), "{path}");
        }
        // The fixture's link made its connection, so it cannot be revoked any more.
        let expected = if path.ends_with("/revoke") {
            409..=409
        } else {
            200..=204
        };
        assert!(
            expected.contains(&status) && documented(status),
            "{method} {path}: {status}"
        );

        let nobody = app
            .http
            .request(method.clone(), format!("{}{url}", app.base))
            .send()
            .await;
        assert_eq!(
            read(nobody.expect("an answer")).await.0,
            401,
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn the_docs_load_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let get = async |path: &str| {
        app.http
            .get(format!("{}{path}", app.base))
            .send()
            .await
            .expect("an answer")
    };
    let page = get("/docs").await;
    assert_eq!(page.status(), 200, "follows to the page");
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .expect("text")
        .to_owned();
    assert!(policy.starts_with("default-src 'self';"), "{policy}");
    let html = page.text().await.expect("a page");
    assert!(
        html.contains("swagger-ui") && !html.contains("http://") && !html.contains("https://"),
        "{html}"
    );
    for file in [
        "swagger-ui-bundle.js",
        "swagger-ui-standalone-preset.js",
        "swagger-initializer.js",
        "swagger-ui.css",
        "index.css",
    ] {
        assert!(html.contains(file), "{file}");
        assert_eq!(get(&format!("/docs/{file}")).await.status(), 200, "{file}");
    }
    let initializer = get("/docs/swagger-initializer.js")
        .await
        .text()
        .await
        .expect("a script");
    assert!(initializer.contains("/v2.2/openapi.json"), "{initializer}");
}
