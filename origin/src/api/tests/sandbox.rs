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
