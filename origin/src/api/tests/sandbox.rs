//! Sandbox keys, and the companies that they reach.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    TestApp,
    app::{Organization, wrong_fields},
};

impl Organization {
    /// The same organization, calling with a new sandbox key.
    async fn sandbox(&self) -> Self {
        let wanted = json!({ "name": "trial", "environment": "SANDBOX", "scopes": ["read", "links", "connections", "admin"] });
        let (status, made) = self.post("/v2.2/key", wanted).await;
        assert_eq!(status, 201, "{made}");
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        self.with_key((text("id"), text("key")))
    }
}

fn id(of: &Value) -> String {
    of["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_key_reaches_the_companies_of_its_environment_alone() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (connection, bill) = organization.connect(&app).await;
    let real = organization.client.company.id.to_string();
    let link = organization.link_id();
    let site = json!({ "name": "Hall" });
    let (_, site) = organization
        .post(&format!("/v2.2/site/company/{real}"), site)
        .await;
    let site = id(&site);
    let accounts = format!("/v2.2/account/company/{real}");
    let account = id(&organization.get(&accounts).await.1["accounts"][0]);
    let batch = organization.batch("company\nNobody\n").await;
    let trial = organization.sandbox().await;
    let (status, company) = trial
        .post("/v2.2/company", json!({ "name": "Trial" }))
        .await;
    assert_eq!((status, &company["environment"]), (201, &json!("SANDBOX")));
    let company = id(&company);

    let (_, shown) = trial.get("/v2.2/company").await;
    assert_eq!(
        (&shown["totalCompanies"], id(&shown["companies"][0])),
        (&json!(1), company.clone())
    );
    let (_, shown) = organization.get("/v2.2/company").await;
    assert_eq!(
        (&shown["totalCompanies"], id(&shown["companies"][0])),
        (&json!(1), real.clone())
    );
    assert_eq!(
        organization
            .get(&format!("/v2.2/company/{company}"))
            .await
            .0,
        404
    );

    for path in [
        format!("/v2.2/company/{real}"),
        format!("/v2.2/site/{site}"),
        format!("/v2.2/site/company/{real}"),
        format!("/v2.2/link/company/{real}"),
        format!("/v2.2/link/{link}"),
        format!("/v2.2/connection/company/{real}"),
        format!("/v2.2/connection/{connection}"),
        format!("/v2.2/connection/{connection}/collections"),
        format!("/v2.2/bill/connection/{connection}"),
        format!("/v2.2/bill/company/{real}"),
        format!("/v2.2/bill/{bill}"),
        format!("/v2.2/bill/{bill}/file"),
        format!("/v2.2/account/company/{real}"),
        format!("/v2.2/account/{account}"),
        format!("/v2.2/link/batch/{batch}"),
    ] {
        let request = organization.request(Method::GET, &path);
        assert_eq!(
            request.send().await.expect("an answer").status(),
            200,
            "{path}"
        );
        assert_eq!(trial.get(&path).await.0, 404, "{path}");
    }
    for (method, path) in [
        (Method::PATCH, format!("/v2.2/company/{real}")),
        (Method::POST, organization.links_path()),
        (Method::POST, format!("/v2.2/link/{link}/revoke")),
        (Method::POST, format!("/v2.2/link/{link}/extend")),
        (Method::POST, format!("/v2.2/link/{link}/send")),
        (Method::POST, format!("/v2.2/connection/{connection}/link")),
        (Method::PATCH, format!("/v2.2/account/{account}")),
        (
            Method::POST,
            format!("/v2.2/connection/{connection}/collect"),
        ),
        (Method::DELETE, format!("/v2.2/connection/{connection}")),
    ] {
        let answer = trial.send(method, &path, Some(json!({}))).await;
        assert_eq!(answer.0, 404, "{path}");
    }
    assert_eq!(trial.get("/v2.2/company/none").await.0, 404);
}

#[tokio::test]
async fn links_open_websites_of_their_environment() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let trial = organization.sandbox().await;
    let (_, company) = trial
        .post("/v2.2/company", json!({ "name": "Trial" }))
        .await;
    let path = format!("/v2.2/connection/company/{}/link", id(&company));
    let (sample, real) = ("https://power.sandbox.example/", "https://power.example/");
    let link = async |url: &str| trial.post(&path, json!({ "url": url })).await;
    assert_eq!(link(sample).await.0, 201);
    assert_eq!(wrong_fields(&link(real).await), ["url"]);
    let path = organization.links_path();
    let link = async |url: &str| organization.post(&path, json!({ "url": url })).await;
    assert_eq!(link(real).await.0, 201);
    assert_eq!(wrong_fields(&link(sample).await), ["url"]);
}

#[tokio::test]
async fn endpoints_are_reached_and_told_in_their_environment_alone() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let trial = organization.sandbox().await;
    let mut endpoints = Vec::new();
    for (own, other, environment) in [
        (&organization, &trial, "PRODUCTION"),
        (&trial, &organization, "SANDBOX"),
    ] {
        let (endpoint, delivery) = own.webhook().await;
        let path = format!("/v2.2/webhook/{endpoint}");
        let (status, shown) = own.get(&path).await;
        assert_eq!((status, &shown["environment"]), (200, &json!(environment)));
        let (_, list) = own.get("/v2.2/webhook").await;
        assert_eq!(
            (&list["totalWebhooks"], id(&list["webhooks"][0])),
            (&json!(1), endpoint.clone())
        );
        let replay = format!("{path}/deliveries/{delivery}/replay");
        for (method, path) in [
            (Method::GET, path.clone()),
            (Method::GET, format!("{path}/deliveries")),
            (Method::PATCH, path.clone()),
            (Method::POST, format!("{path}/secret")),
            (Method::POST, format!("{path}/test")),
            (Method::POST, replay.clone()),
            (Method::DELETE, path),
        ] {
            let answer = other.send(method, &path, Some(json!({}))).await;
            assert_eq!(answer.0, 404, "{path}");
        }
        assert_eq!(own.post(&replay, json!({})).await.0, 202);
        endpoints.push(endpoint);
    }

    let (_, company) = trial
        .post("/v2.2/company", json!({ "name": "Trial" }))
        .await;
    let of_trial = format!("/v2.2/connection/company/{}/link", id(&company));
    let told = async |of: &Organization, endpoint: &str| {
        let path = format!("/v2.2/webhook/{endpoint}/deliveries");
        let (_, list) = of.get(&path).await;
        let all = list["deliveries"].as_array().expect("deliveries").clone();
        let body = |one: &Value| one["request"]["body"].clone();
        let of_links = all.iter().map(body);
        let of_links = of_links.filter(|body| body["type"] == "link.revoked");
        of_links.map(|body| id(&body["data"])).collect::<Vec<_>>()
    };
    let mut links = Vec::new();
    for (own, path) in [
        (&organization, organization.links_path()),
        (&trial, of_trial),
    ] {
        let (_, link) = own.post(&path, json!({})).await;
        let link = id(&link);
        let revoke = format!("/v2.2/link/{link}/revoke");
        assert_eq!(own.post(&revoke, json!({})).await.0, 200);
        links.push(link);
    }
    assert_eq!(told(&organization, &endpoints[0]).await, [links[0].clone()]);
    assert_eq!(told(&trial, &endpoints[1]).await, [links[1].clone()]);
}

#[tokio::test]
async fn a_sandbox_key_does_not_change_what_production_shows() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let trial = organization.sandbox().await;
    let brand = json!({ "name": "Acme", "accent": "#004488", "onAccent": "#ffffff" });
    let origins = json!({ "origins": ["https://portal.example"] });
    for (path, body) in [("/v2.2/brand", brand), ("/v2.2/redirect-origins", origins)] {
        let put = async |of: &Organization| of.send(Method::PUT, path, Some(body.clone())).await.0;
        assert_eq!(put(&trial).await, 403, "{path}");
        assert_eq!(put(&organization).await, 200, "{path}");
        assert_eq!(trial.get(path).await.0, 200, "it may read {path}");
    }
}
