//! Links lead to listed origins alone.

use reqwest::Method;
use serde_json::{Value, json};

use super::{TestApp, app::wrong_fields};

const PATH: &str = "/v2.2/redirect-origins";

#[tokio::test]
async fn a_link_leads_only_to_an_origin_that_the_organization_listed() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let set = async |body: Value| organization.send(Method::PUT, PATH, Some(body)).await;
    let (connection, _) = organization.connect(&app).await;
    let update_links = format!("/v2.2/connection/{connection}/link");
    let body = json!({ "redirectUrl": "https://acme.example/done?x=1" });
    for path in [&organization.links_path(), &update_links] {
        let refused = organization.post(path, body.clone()).await;
        assert_eq!(wrong_fields(&refused), ["redirectUrl"], "{path}");
    }

    let listed = json!({ "origins": ["https://Acme.example/", "https://b.example:8443"] });
    let known = json!({ "origins": ["https://acme.example", "https://b.example:8443"] });
    assert_eq!(set(listed).await, (200, known.clone()));
    assert_eq!(organization.get(PATH).await, (200, known));
    for path in [&organization.links_path(), &update_links] {
        assert_eq!(organization.post(path, body.clone()).await.0, 201, "{path}");
    }
    for elsewhere in ["https://b.example/", "https://acme.example.evil.example/"] {
        let body = json!({ "redirectUrl": elsewhere });
        let refused = organization.post(&organization.links_path(), body).await;
        assert_eq!(wrong_fields(&refused), ["redirectUrl"], "{elsewhere}");
    }
    let refused = other.post(&other.links_path(), body).await;
    assert_eq!(wrong_fields(&refused), ["redirectUrl"], "listed by another");

    let wrong =
        set(json!({ "origins": ["https://a.example/x", "http://a.example", "https://a.example"] }));
    assert_eq!(wrong_fields(&wrong.await), ["origins[0]", "origins[1]"]);
    assert_eq!(wrong_fields(&set(json!({})).await), ["origins"]);
}
