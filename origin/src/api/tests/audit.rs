//! What keys change by API stands in the audit log.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use shared::member::AuditAction;

use super::{
    TestApp,
    app::{Organization, read},
};
use crate::{
    api::openapi::document,
    store::{
        StoreError,
        audit_events::{AuditActor, AuditEvent},
    },
};

/// The newest lines of the organization's log, newest first.
async fn log(app: &TestApp, organization: &Organization) -> Vec<AuditEvent> {
    let id = organization.id;
    let store = &app.test.store;
    let reading = store.read("test", |tx| Box::pin(tx.audit_events(id, None, None, 1000)));
    let lines: Result<Vec<_>, StoreError> = reading.await;
    let lines = lines.expect("a log").into_iter();
    lines.map(|(event, _)| event).collect()
}

/// What changes something, as the document has it.
fn changes() -> BTreeSet<(String, String)> {
    let address = "https://api.example.com".parse().expect("an address");
    let document = serde_json::to_value(document(&address)).expect("a document");
    let paths = document["paths"].as_object().expect("paths").clone();
    let mut found = BTreeSet::new();
    for (path, item) in paths {
        for method in ["post", "put", "patch", "delete"] {
            if item.get(method).is_some() {
                found.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    found
}

#[tokio::test]
async fn every_change_and_every_download_is_written_down_with_its_key() {
    use AuditAction as A;
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (connection, bill) = organization.connect(&app).await;
    let (webhook, delivery) = organization.webhook().await;
    let (key, _) = organization
        .new_key(&[shared::api_key::ApiKeyScope::Read])
        .await;
    let member = organization.member().await;
    let company = organization.client.company.id.to_string();
    let (_, site) = organization
        .post(
            &format!("/v2.2/site/company/{company}"),
            json!({ "name": "Hall" }),
        )
        .await;
    let site = site["id"].as_str().expect("an id").to_owned();
    let link = organization
        .make_link(json!({ "expiresInSeconds": 3600 }))
        .await;
    let link = link["id"].as_str().expect("an id").to_owned();
    let (_, mistake) = organization
        .post("/v2.2/company", json!({ "name": "Mistake" }))
        .await;
    let mistake = mistake["id"].as_str().expect("an id");
    let connection = connection.to_string();
    let (_, accounts) = organization
        .get(&format!("/v2.2/account/company/{company}"))
        .await;
    let account = accounts["accounts"][0]["id"].as_str().expect("an id");
    // Each operation with the ids of its path, its body, and the line that it writes.
    #[rustfmt::skip]
    let calls: Vec<(&str, &str, Vec<&str>, Value, AuditAction)> = vec![
        ("POST", "/v2.2/company", vec![], json!({ "name": "Mill" }), A::CompanyAdded),
        ("PATCH", "/v2.2/company/{id}", vec![&company], json!({ "name": "Bakery" }), A::CompanyChanged),
        ("POST", "/v2.2/site/company/{company_id}", vec![&company], json!({ "name": "Shop" }), A::SiteAdded),
        ("PATCH", "/v2.2/site/{id}", vec![&site], json!({ "name": "Yard" }), A::SiteChanged),
        ("POST", "/v2.2/connection/company/{company_id}/link", vec![&company], json!({}), A::LinkMade),
        ("POST", "/v2.2/connection/{id}/link", vec![&connection], json!({}), A::UpdateLinkMade),
        ("POST", "/v2.2/link/batch", vec![], json!(format!("company\n{company}\n")), A::LinkBatchMade),
        ("POST", "/v2.2/link/{id}/extend", vec![&link], json!({ "expiresInSeconds": 7200 }), A::LinkExtended),
        ("POST", "/v2.2/link/{id}/send", vec![&link], json!({ "to": "owner@client.example" }), A::LinkSent),
        ("POST", "/v2.2/link/{id}/revoke", vec![&link], json!({}), A::LinkRevoked),
        ("POST", "/v2.2/connection/{id}/collect", vec![&connection], json!({}), A::CollectionAsked),
        ("PATCH", "/v2.2/connection/{id}", vec![&connection], json!({ "externalId": "c1" }), A::ConnectionChanged),
        ("PATCH", "/v2.2/connection/{id}", vec![&connection], json!({ "isActive": false }), A::ConnectionPaused),
        ("PATCH", "/v2.2/connection/{id}", vec![&connection], json!({ "isActive": true }), A::ConnectionResumed),
        ("PATCH", "/v2.2/account/{id}", vec![&account], json!({ "siteId": site }), A::AccountChanged),
        ("DELETE", "/v2.2/site/{id}", vec![&site], Value::Null, A::SiteDeleted),
        ("DELETE", "/v2.2/company/{id}", vec![mistake], Value::Null, A::CompanyDeleted),
        ("PUT", "/v2.2/brand", vec![], json!({ "name": "Acme", "accent": "#004488", "onAccent": "#ffffff" }), A::BrandChanged),
        ("GET", "/v2.2/bill/{id}/file", vec![], Value::Null, A::BillDownloaded),
        ("DELETE", "/v2.2/connection/{id}", vec![&connection], json!({}), A::ConnectionDeleted),
        ("PUT", "/v2.2/redirect-origins", vec![], json!({ "origins": ["https://portal.example"] }), A::RedirectOriginsChanged),
        ("POST", "/v2.2/webhook", vec![], json!({ "url": "https://hooks.example.com/b" }), A::WebhookAdded),
        ("PATCH", "/v2.2/webhook/{id}", vec![&webhook], json!({ "description": "b" }), A::WebhookChanged),
        ("POST", "/v2.2/webhook/{id}/secret", vec![&webhook], json!({}), A::WebhookSecretMade),
        ("POST", "/v2.2/webhook/{id}/test", vec![&webhook], json!({}), A::WebhookTested),
        ("POST", "/v2.2/webhook/{id}/deliveries/{delivery_id}/replay", vec![&webhook, &delivery], json!({}), A::WebhookReplayed),
        ("DELETE", "/v2.2/webhook/{id}", vec![&webhook], json!({}), A::WebhookRemoved),
        ("POST", "/v2.2/key", vec![], json!({ "name": "one more", "scopes": ["read"] }), A::KeyMade),
        ("PATCH", "/v2.2/key/{id}", vec![&key], json!({ "name": "renamed" }), A::KeyChanged),
        ("POST", "/v2.2/key/{id}/revoke", vec![&key], json!({}), A::KeyRevoked),
        ("POST", "/v2.2/member", vec![], json!({ "name": "Lee", "email": "lee@organization.example", "role": "OWNER" }), A::MemberInvited),
        ("POST", "/v2.2/member/{id}/invitation", vec![&member], json!({}), A::MemberInvited),
        ("PATCH", "/v2.2/member/{id}", vec![&member], json!({ "role": "MEMBER" }), A::MemberRoleChanged),
        ("PATCH", "/v2.2/member/{id}", vec![&member], json!({ "name": "Kim Lee" }), A::MemberRenamed),
        ("DELETE", "/v2.2/member/{id}", vec![&member], json!({}), A::MemberRemoved),
    ];
    let mut left = changes();
    let mut before = log(&app, &organization).await.len();
    for (method, path, ids, body, action) in calls {
        left.remove(&(method.to_owned(), path.to_owned()));
        let mut address = path.replace("{id}/file", &format!("{bill}/file"));
        for id in ids {
            let open = address.find('{').expect("a place");
            let shut = address.find('}').expect("its end");
            address.replace_range(open..=shut, id);
        }
        let verb: Method = method.parse().expect("a method");
        let mut request = organization.request(verb, &address);
        request = match body {
            Value::Null => request,
            Value::String(table) => request.header("content-type", "text/csv").body(table),
            body => request.json(&body),
        };
        let (status, answer) = read(request.send().await.expect("an answer")).await;
        assert!((200..300).contains(&status), "{method} {path}: {answer}");
        let lines = log(&app, &organization).await;
        assert_eq!(lines.len(), before + 1, "{method} {path}");
        before = lines.len();
        let is_there = lines.iter().any(|line| {
            line.action == action && line.actor == AuditActor::Key(organization.key_id)
        });
        assert!(is_there, "{method} {path}: {action}");
    }
    assert!(left.is_empty(), "say here what these write: {left:?}");
    let again = organization
        .post(&format!("/v2.2/link/{link}/revoke"), json!({}))
        .await;
    assert_eq!(again.0, 200);
    assert_eq!(
        log(&app, &organization).await.len(),
        before,
        "it changed nothing"
    );
}

#[tokio::test]
async fn an_export_is_written_down_and_a_list_is_not() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (connection, _) = organization.connect(&app).await;
    let company = organization.client.company.id;
    for path in [
        format!("/v2.2/bill/company/{company}"),
        format!("/v2.2/bill/connection/{connection}"),
    ] {
        let before = log(&app, &organization).await.len();
        for (kind, lines) in [
            ("application/json", 0),
            ("text/csv", 1),
            ("application/x-ndjson", 2),
        ] {
            let request = organization.request(Method::GET, &path);
            let answer = request
                .header("accept", kind)
                .send()
                .await
                .expect("an answer");
            assert_eq!(answer.status(), 200);
            let now = log(&app, &organization).await;
            let exports = now
                .iter()
                .filter(|line| line.action == AuditAction::BillsExported);
            assert_eq!(now.len() - before, lines, "{path} as {kind}");
            assert!(exports.count() >= lines);
        }
    }
}
