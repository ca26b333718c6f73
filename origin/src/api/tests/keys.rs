//! API keys by API: what one may do, until when and from where, and that it gives no more than it has.

use reqwest::Method;
use serde_json::{Value, json};
use shared::api_key::ApiKeyScope::{self, Admin, Links, Read};

use super::{
    Organization, TestApp,
    app::{read, wrong_fields},
};

/// The status of a call with this key, said to come from `from` by the proxy.
async fn status(app: &TestApp, key: &str, from: &str) -> u16 {
    let request = app.http.get(format!("{}/v2.2/company", app.base));
    let request = request
        .header("x-api-key", key)
        .header("x-forwarded-for", from);
    read(request.send().await.expect("an answer")).await.0
}

/// Makes a key; returns what is shown of it.
async fn add(organization: &Organization, body: Value) -> Value {
    let (status, made) = organization.post("/v2.2/key", body).await;
    assert_eq!(status, 201, "{made}");
    made
}

fn path(key: &Value) -> String {
    format!("/v2.2/key/{}", key["id"].as_str().expect("an id"))
}

fn text(key: &Value) -> &str {
    key["key"].as_str().expect("a key")
}

#[tokio::test]
async fn a_key_is_shown_once_changed_by_version_and_revoked_for_good() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let wanted = json!({
        "name": " billing server ", "environment": "SANDBOX", "scopes": ["links", "read"],
        "expiresAt": "2025-10-10T00:00:00+02:00", "allowedAddresses": ["203.0.113.0/24", "2001:DB8::7/128"],
    });
    let made = add(&organization, wanted).await;
    let secret = text(&made).to_owned();
    assert!(secret.starts_with("ml_sandbox_"), "{secret}");
    let mut expected = json!({
        "id": made["id"], "name": "billing server", "prefix": secret[..16], "environment": "SANDBOX",
        "scopes": ["read", "links"], "allowedAddresses": ["203.0.113.0/24", "2001:db8::7"], "isActive": true,
        "expiresAt": "2025-10-09T22:00:00Z", "lastUsedAt": null, "revokedAt": null,
        "created": "2025-10-09T08:53:20Z", "version": 1,
    });
    let (_, shown) = organization.get(&path(&made)).await;
    assert_eq!(shown, expected, "without its text");
    let (_, list) = organization.get("/v2.2/key?limit=1&page=2").await;
    assert_eq!(
        (&list["totalKeys"], &list["keys"]),
        (&json!(2), &json!([shown]))
    );

    assert_eq!(status(&app, &secret, "203.0.113.9").await, 200);
    let patch = async |tag: &str, body: Value| {
        let request = organization.request(Method::PATCH, &path(&made));
        let request = request.header("if-match", tag).json(&body);
        read(request.send().await.expect("an answer")).await
    };
    let change = json!({ "name": "other server", "expiresAt": null, "allowedAddresses": [] });
    let (done, changed) = patch("\"1\"", change).await;
    assert_eq!(done, 200, "{changed}");
    for (field, value) in [
        ("name", json!("other server")),
        ("expiresAt", Value::Null),
        ("allowedAddresses", json!([])),
        ("lastUsedAt", json!("2025-10-09T08:53:20Z")),
        ("version", json!(2)),
    ] {
        expected[field] = value;
    }
    assert_eq!(changed, expected);
    assert_eq!(patch("\"1\"", json!({})).await.0, 412, "out of date");
    assert_eq!(status(&app, &secret, "198.51.100.1").await, 200);

    let revoke = format!("{}/revoke", path(&made));
    let (done, revoked) = organization.post(&revoke, json!({})).await;
    assert_eq!((done, &revoked["isActive"]), (200, &json!(false)));
    assert_eq!(revoked["revokedAt"], "2025-10-09T08:53:20Z");
    assert_eq!(status(&app, &secret, "198.51.100.1").await, 401);
    assert_eq!(organization.post(&revoke, json!({})).await, (200, revoked));
    assert_eq!(patch("*", json!({ "name": "x" })).await.0, 409);
}

#[tokio::test]
async fn a_key_that_is_not_valid_is_answered_as_one_that_never_was() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let made = add(
        &organization,
        json!({
            "name": "server", "scopes": ["read"], "expiresAt": "2025-10-09T08:53:21Z", "allowedAddresses": ["203.0.113.0/24"],
        }),
    )
    .await;
    let revoked = add(&organization, json!({ "name": "old", "scopes": ["read"] })).await;
    let revoke = format!("{}/revoke", path(&revoked));
    assert_eq!(organization.post(&revoke, json!({})).await.0, 200);

    let ask = async |key: &str, from: &str| {
        let request = app.http.get(format!("{}/v2.2/company", app.base));
        let request = request
            .header("x-api-key", key)
            .header("x-forwarded-for", from);
        read(request.send().await.expect("an answer")).await
    };
    assert_eq!(ask(text(&made), "6.6.6.6, 203.0.113.9").await.0, 200);
    let from = "198.51.100.1";
    let unknown = ask("ml_production_unknown", from).await;
    assert_eq!(unknown.0, 401);
    assert_eq!(
        unknown.1["detail"],
        "This API key is unknown, was revoked, has expired, or may not be used from your address, 198.51.100.1."
    );
    assert_eq!(ask(text(&revoked), from).await, unknown);
    assert_eq!(ask(text(&made), from).await, unknown, "another address");
    let hidden = ask(text(&made), "unknown").await;
    assert_eq!(hidden.0, 401, "an address that nobody can read");
    app.clock.advance(1000);
    let late = ask(text(&made), "203.0.113.9").await;
    assert_eq!(late, ask("ml_production_unknown", "203.0.113.9").await);
    let (_, shown) = organization.get(&path(&made)).await;
    assert_eq!(shown["isActive"], false);
    assert_eq!(
        shown["lastUsedAt"], "2025-10-09T08:53:20Z",
        "refused calls are no use"
    );
}

#[tokio::test]
async fn a_use_is_written_once_a_minute() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let last = async || {
        let (_, keys) = organization.get("/v2.2/key").await;
        keys["keys"][0]["lastUsedAt"].clone()
    };
    assert_eq!(last().await, "2025-10-09T08:53:20Z");
    app.clock.advance(59_999);
    assert_eq!(last().await, "2025-10-09T08:53:20Z");
    app.clock.advance(1);
    assert_eq!(last().await, "2025-10-09T08:54:20Z");
}

#[tokio::test]
async fn a_key_gives_no_more_than_it_has() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let made = add(
        &organization,
        json!({
            "name": "console", "environment": "SANDBOX", "scopes": ["read", "admin"],
            "expiresAt": "2025-11-01T00:00:00Z", "allowedAddresses": ["127.0.0.0/8", "203.0.113.0/24"],
        }),
    );
    let made = made.await;
    let own_path = path(&made);
    let id = made["id"].as_str().expect("an id").to_owned();
    let lesser = organization.with_key((id, text(&made).to_owned()));
    let base = json!({ "name": "x", "scopes": ["read"], "expiresAt": "2025-10-20T00:00:00Z", "allowedAddresses": ["203.0.113.7"] });
    let with = |field: &str, value: Value| {
        let mut body = base.clone();
        body[field] = value;
        body
    };
    for (field, value) in [
        ("scopes", json!(["read", "links"])),
        ("environment", json!("PRODUCTION")),
        ("expiresAt", Value::Null),
        ("expiresAt", json!("2025-11-01T00:00:00.001Z")),
        ("allowedAddresses", json!([])),
        ("allowedAddresses", json!(["203.0.113.7", "198.51.100.1"])),
        ("allowedAddresses", json!(["203.0.112.0/23"])),
    ] {
        let refused = lesser.post("/v2.2/key", with(field, value.clone())).await;
        assert_eq!(wrong_fields(&refused), [field], "{value}");
        if matches!(field, "expiresAt" | "allowedAddresses") {
            let change = Some(json!({ field: value }));
            let refused = lesser.send(Method::PATCH, &own_path, change).await;
            assert_eq!(wrong_fields(&refused), [field], "{value}");
        }
    }
    let given = add(&lesser, base.clone()).await;
    assert_eq!(given["environment"], "SANDBOX", "as the key that asks");

    // Another key that can do more keeps what it can: it may get another name and be revoked, unless it is for production.
    let greater = json!({ "name": "y", "environment": "SANDBOX", "scopes": ["links"] });
    let greater = add(&organization, greater).await;
    let change = |body: Value| {
        let path = path(&greater);
        let lesser = &lesser;
        async move { lesser.send(Method::PATCH, &path, Some(body)).await.0 }
    };
    let sooner = json!({ "expiresAt": "2025-10-20T00:00:00Z" });
    assert_eq!(change(sooner).await, 409);
    assert_eq!(change(json!({ "name": "z" })).await, 200);
    let revoke = format!("{}/revoke", path(&greater));
    assert_eq!(lesser.post(&revoke, json!({})).await.0, 200);
    let production = add(&organization, json!({ "name": "y", "scopes": ["read"] })).await;
    let revoke = format!("{}/revoke", path(&production));
    assert_eq!(lesser.post(&revoke, json!({})).await.0, 409);
}

#[tokio::test]
async fn a_sandbox_key_is_not_told_what_production_was_answered() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let sandbox = json!({ "name": "x", "environment": "SANDBOX", "scopes": ApiKeyScope::ALL });
    let made = add(&organization, sandbox).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    let sandbox = organization.with_key((id, text(&made).to_owned()));
    let mut prefixes = Vec::new();
    for caller in [&organization, &sandbox, &sandbox] {
        let request = caller.request(Method::POST, "/v2.2/key");
        let request = request.header("Idempotency-Key", "order 7");
        let request = request.json(&json!({ "name": "y", "scopes": ["read"] }));
        let (status, made) = read(request.send().await.expect("an answer")).await;
        assert_eq!(status, 201, "{made}");
        prefixes.push(made["prefix"].clone());
    }
    assert_ne!(prefixes[0], prefixes[1]);
    assert_eq!(prefixes[1], prefixes[2], "but what it was answered itself");
}

#[tokio::test]
async fn the_last_key_that_makes_keys_stays() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let first = format!("/v2.2/key/{}", organization.key_id);
    let revoke = async |path: &str| {
        let path = format!("{path}/revoke");
        organization.post(&path, json!({})).await
    };
    organization.new_key(&[Read, Links]).await;
    let sandbox = json!({ "name": "x", "environment": "SANDBOX", "scopes": ApiKeyScope::ALL });
    add(&organization, sandbox).await;
    let brief = json!({ "name": "x", "scopes": ["admin"], "expiresAt": "2025-10-09T08:53:21Z" });
    let brief = add(&organization, brief).await;
    let bound = json!({ "name": "x", "scopes": ["admin"], "allowedAddresses": ["203.0.113.0/24"] });
    add(&organization, bound).await;
    assert_eq!(revoke(&first).await.0, 409, "neither is one that ends soon");
    app.clock.advance(1000);
    let (status, problem) = revoke(&first).await;
    assert_eq!(
        status, 409,
        "neither sandbox nor expired keys take its place, nor those of other addresses"
    );
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(detail.contains("last key"), "{detail}");
    let expire = json!({ "expiresAt": "2025-10-09T09:00:00Z" });
    let expire = organization.send(Method::PATCH, &first, Some(expire));
    assert_eq!(expire.await.0, 409, "that would be the same");
    assert_eq!(revoke(&path(&brief)).await.0, 200);

    let elsewhere = Some(json!({ "allowedAddresses": ["203.0.113.0/24"] }));
    let elsewhere = organization.send(Method::PATCH, &first, elsewhere).await;
    assert_eq!(
        wrong_fields(&elsewhere),
        ["allowedAddresses"],
        "it would shut itself out"
    );
    let hidden = organization.request(Method::PATCH, &first);
    let hidden = hidden.header("x-forwarded-for", "unknown");
    let here = json!({ "allowedAddresses": ["127.0.0.0/8"] });
    let hidden = read(hidden.json(&here).send().await.expect("an answer"));
    assert_eq!(wrong_fields(&hidden.await), ["allowedAddresses"]);
    let nulls = Some(json!({ "name": null, "allowedAddresses": null }));
    let nulls = organization.send(Method::PATCH, &first, nulls).await;
    assert_eq!(wrong_fields(&nulls), ["name", "allowedAddresses"]);
    let other = organization.with_key(organization.new_key(&[Admin]).await);
    let here = Some(json!({ "allowedAddresses": ["203.0.113.0/24", "127.0.0.0/8"] }));
    assert_eq!(organization.send(Method::PATCH, &first, here).await.0, 200);
    assert_eq!(revoke(&first).await.0, 200, "there is another one");
    assert_eq!(organization.get("/v2.2/key").await.0, 401);
    let last = format!("/v2.2/key/{}/revoke", other.key_id);
    assert_eq!(other.post(&last, json!({})).await.0, 409);
}

#[tokio::test]
async fn every_wrong_field_is_named_and_there_are_a_hundred_at_most() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let post = async |body: Value| organization.post("/v2.2/key", body).await;
    let wrong = post(json!({
        "environment": "TEST", "scopes": ["read", "write"], "expiresAt": "tomorrow",
        "allowedAddresses": ["203.0.113.7/24", "localhost"], "more": 1,
    }));
    let mut fields = wrong_fields(&wrong.await);
    fields.sort();
    assert_eq!(
        fields,
        [
            "allowedAddresses[0]",
            "allowedAddresses[1]",
            "environment",
            "expiresAt",
            "more",
            "name",
            "scopes[1]"
        ]
    );
    let mut fields = wrong_fields(&post(json!({})).await);
    fields.sort();
    assert_eq!(fields, ["name", "scopes"]);
    let past = json!({ "name": "x", "scopes": ["read"], "expiresAt": "2025-10-09T08:53:20Z" });
    assert_eq!(wrong_fields(&post(past).await), ["expiresAt"]);
    // One more than the first key.
    for _ in 1..100 {
        organization.new_key(&[Read]).await;
    }
    let (status, problem) = post(json!({ "name": "x", "scopes": ["read"] })).await;
    assert_eq!(status, 409, "{problem}");
}
