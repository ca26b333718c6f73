//! The document is what the API does: every path is asked, and every answer is one it names.

use std::{collections::BTreeMap, path::Path};

use reqwest::Method;
use serde_json::{Value, json};
use shared::api_key::ApiKeyScope;

use super::{Organization, TestApp, app::read};
use crate::api::openapi::document;

/// Set it to write the document anew; then read the difference before keeping it.
const UPDATE: &str = "MAGIC_LINKS_UPDATE_SNAPSHOTS";

#[test]
fn the_document_is_the_reviewed_one() {
    let url = "https://api.example.com".parse().expect("an address");
    let mut text = serde_json::to_string_pretty(&document(&url)).expect("JSON");
    text.push('\n');
    let file = Path::new("../docs/openapi.json");
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(file, &text).expect("written");
    }
    let reviewed = std::fs::read_to_string(file).unwrap_or_default();
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

/// An organization, and the id of one thing of each kind that it has.
struct Owner {
    organization: Organization,
    ids: BTreeMap<&'static str, String>,
}

impl Owner {
    async fn new(app: &TestApp) -> Self {
        let organization = app.organization().await;
        let (connection, bill) = organization.connect(app).await;
        let accounts = format!("/v2.2/account/company/{}", organization.client.company.id);
        let (_, accounts) = organization.get(&accounts).await;
        let account = accounts["accounts"][0]["id"].as_str().expect("an account");
        let (webhook, delivery) = organization.webhook().await;
        let brand = json!({ "name": "Acme", "accent": "#004488", "onAccent": "#ffffff" });
        let set = organization.send(Method::PUT, "/v2.2/brand", Some(brand));
        assert_eq!(set.await.0, 200);
        let ids = BTreeMap::from([
            ("company", organization.client.company.id.to_string()),
            ("site", organization.client.site.id.to_string()),
            ("link", organization.link_id().to_string()),
            ("connection", connection.to_string()),
            ("bill", bill.to_string()),
            ("account", account.to_owned()),
            ("webhook", webhook),
            ("delivery", delivery),
            ("key", organization.new_key(ApiKeyScope::ALL).await.0),
            ("member", organization.member().await),
            ("batch", organization.batch("company\nBlue Bakery").await),
        ]);
        Self { organization, ids }
    }

    fn id(&self, kind: &str) -> &str {
        self.ids.get(kind).unwrap_or_else(|| {
            panic!("the test makes no {kind}: give Owner one, so that strangers are tried at it")
        })
    }
}

/// The parameters of a path, each with the kind of thing that it names: `{id}` is what the path begins with.
fn parameters(path: &str) -> Vec<(String, String)> {
    let resource = path.split('/').nth(2).expect("a resource");
    let names = path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(name.to_owned())
    });
    let kind = |name: &str| name.strip_suffix("_id").unwrap_or(resource).to_owned();
    names.map(|name| (name.clone(), kind(&name))).collect()
}

/// The path with an id for each parameter.
fn filled<'a>(path: &str, id: impl Fn(&str, &str) -> &'a str) -> String {
    let mut url = path.to_owned();
    for (name, kind) in parameters(path) {
        url = url.replace(&format!("{{{name}}}"), id(&name, &kind));
    }
    url
}

/// A body with what is required and nothing else; none where none is.
fn body_for(document: &Value, operation: &Value) -> Option<Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    let schema = schema["$ref"].as_str().map_or(schema, |name| {
        let pointer = name.strip_prefix('#').expect("a place in the document");
        document.pointer(pointer).expect("a schema")
    });
    let no_field = Vec::new();
    let required = schema["required"].as_array().unwrap_or(&no_field);
    if required.is_empty() && operation["requestBody"]["required"] != true {
        return None;
    }
    let value = |name: &Value| {
        let name = name.as_str().expect("a name");
        let property = &schema["properties"][name];
        let value = match property["example"].clone() {
            // A key can give the scope that it has.
            Value::Null if property["type"] == "array" => operation["security"][0]["key"].clone(),
            Value::Null => json!("New"),
            example => example,
        };
        (name.to_owned(), value)
    };
    Some(required.iter().map(value).collect())
}

/// An example of a body that is no JSON; none where it is.
fn file_for(operation: &Value) -> Option<(&'static str, String)> {
    let example = operation.pointer("/requestBody/content/text~1csv/example")?;
    Some(("text/csv", example.as_str()?.to_owned()))
}

#[tokio::test]
async fn every_documented_path_answers_its_owner_and_nobody_else() {
    let app = TestApp::start().await;
    let stranger = Owner::new(&app).await;
    let document = app
        .http
        .get(format!("{}/v2.2/openapi.json", app.base))
        .send()
        .await
        .expect("an answer");
    let document: Value = document.json().await.expect("JSON");
    let operations = operations(&document);
    assert_eq!(operations.len(), 58);

    for (method, path, operation) in operations {
        // Another one each time: an operation may take away what the next one needs.
        let owner = Owner::new(&app).await;
        let url = filled(&path, |_, kind| owner.id(kind));
        let body = body_for(&document, &operation);
        let documented = |status: u16| operation["responses"].get(status.to_string()).is_some();
        let scoped = path.contains('{');
        assert!(!scoped || documented(404), "{method} {path}");
        assert!(method != Method::POST || documented(422), "{path}");

        // Before its owner may remove it.
        let call = stranger
            .organization
            .send(method.clone(), &url, body.clone());
        let status = call.await.0;
        assert_eq!(
            status == 404,
            scoped,
            "{method} {path}: {status} to a stranger"
        );
        for (foreign, _) in parameters(&path) {
            let mixed = filled(&path, |name, kind| {
                let whose = if name == foreign { &stranger } else { &owner };
                whose.id(kind)
            });
            let call = owner
                .organization
                .send(method.clone(), &mixed, body.clone());
            assert_eq!(call.await.0, 404, "{method} {path}: a stranger's {foreign}");
        }
        let nobody = app
            .http
            .request(method.clone(), format!("{}{url}", app.base))
            .send()
            .await;
        let status = read(nobody.expect("an answer")).await.0;
        assert_eq!(status, 401, "{method} {path}");

        let scope = operation["security"][0]["key"][0]
            .as_str()
            .expect("a scope");
        let with = async |scopes: &[ApiKeyScope]| {
            let (_, key) = owner.organization.new_key(scopes).await;
            let request = app
                .http
                .request(method.clone(), format!("{}{url}", app.base));
            let request = request
                .header("x-api-key", key)
                .header("Idempotency-Key", &url);
            match (&body, file_for(&operation)) {
                (Some(body), _) => request.json(body),
                (None, Some((kind, file))) => request.header("content-type", kind).body(file),
                (None, None) => request,
            }
        };
        let (of_it, others): (Vec<_>, Vec<_>) = ApiKeyScope::ALL
            .iter()
            .partition(|one| one.as_str() == scope);
        let refused = with(&others).await.send().await.expect("an answer");
        let (status, problem) = read(refused).await;
        assert_eq!(status, 403, "{method} {path}");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|it| it.contains(scope)),
            "{problem}"
        );

        let call = async || {
            let answer = with(&of_it).await.send().await.expect("an answer");
            let replayed = answer.headers().contains_key("idempotent-replayed");
            (read(answer).await, replayed)
        };
        // What it may make with its own scope alone.
        let ((status, first), _) = call().await;
        if method == Method::POST && status < 300 {
            assert_eq!(call().await, ((status, first), true), "{path}");
        }
        // The fixture's link made its connection, so it cannot be revoked, extended or sent any more.
        let expected = match path.as_str() {
            "/v2.2/link/{id}/revoke" | "/v2.2/link/{id}/extend" | "/v2.2/link/{id}/send" => {
                409..=409
            }
            // Its scope alone gives nobody what a member may do.
            "/v2.2/member" if method == Method::POST => 422..=422,
            "/v2.2/member/{id}/invitation" => 409..=409,
            // The fixture's company has a connection.
            "/v2.2/company/{id}" if method == Method::DELETE => 409..=409,
            _ => 200..=204,
        };
        assert!(
            expected.contains(&status) && documented(status),
            "{method} {path}: {status}"
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
        "reader.css",
        "reader.js",
    ] {
        assert!(html.contains(file), "{file}");
        assert_eq!(get(&format!("/docs/{file}")).await.status(), 200, "{file}");
    }
    assert!(html.contains("width=device-width"), "{html}");
    let none = get("/docs/nothing.js").await;
    assert_eq!(none.status(), 404);
    assert_eq!(none.headers()["content-type"], "application/problem+json");
    let initializer = get("/docs/swagger-initializer.js")
        .await
        .text()
        .await
        .expect("a script");
    assert!(initializer.contains("/v2.2/openapi.json"), "{initializer}");
}
