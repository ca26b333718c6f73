//! Connection update links by the API.

use serde_json::{Value, json};
use shared::status::LinkKind;

use super::{TestApp, app::wrong_fields};
use crate::store::testing::NOW;

#[tokio::test]
async fn an_update_link_is_the_connections_and_its_url_opens() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (connection, _) = organization.connect(&app).await;
    let path = format!("/v2.2/connection/{connection}/link");
    let body = json!({ "expiresInSeconds": 60, "externalId": "7" });
    let (status, made) = organization.post(&path, body).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["type"], "CONNECTION_UPDATE");
    assert_eq!(made["connectionId"], connection.to_string());
    assert_eq!(made["expiresAt"], "2025-10-09T08:54:20Z");
    let prefill = &made["prefill"];
    assert_eq!(
        (&prefill["url"], &prefill["connectionOwnerEmail"]),
        (
            &json!("https://utility.example/"),
            &json!("owner@client.example")
        ),
        "the website without path and query, and the connection's owner"
    );
    let public = organization.public_company();
    let token = made["connectionMagicLinkSecret"].as_str().expect("a token");
    assert_eq!(
        made["magicLinkUrl"],
        format!("https://connect.example.com/p/connect/{public}/workflow/{token}")
    );
    assert_eq!(made["companyMagicLinkSecret"], Value::Null);
    let kind = LinkKind::ConnectionUpdate;
    let claims = shared::token::open(&app.keys, kind, &public, token).expect("it opens");
    assert_eq!(claims.expires, Some(NOW.plus(60_000)));

    let (status, lasting) = organization.send(reqwest::Method::POST, &path, None).await;
    assert_eq!((status, &lasting["expiresAt"]), (201, &Value::Null));
    let revoke = format!(
        "/v2.2/link/{}/revoke",
        lasting["id"].as_str().expect("an id")
    );
    let (status, revoked) = organization.post(&revoke, json!({})).await;
    assert_eq!((status, &revoked["status"]), (200, &json!("REVOKED")));
}

#[tokio::test]
async fn what_the_connection_has_is_not_taken_and_strangers_find_nothing() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let (connection, _) = organization.connect(&app).await;
    let path = format!("/v2.2/connection/{connection}/link");
    let theirs = json!({ "url": "a.example", "country": "US", "utilityTypes": ["GAS"], "locale": 7, "maxUses": 2 });
    let mut wrong = wrong_fields(&organization.post(&path, theirs).await);
    wrong.sort();
    assert_eq!(
        wrong,
        ["country", "locale", "maxUses", "url", "utilityTypes"]
    );
    let (status, _) = other.post(&path, json!({})).await;
    assert_eq!(status, 404);
    let (status, _) = organization
        .post("/v2.2/connection/no-id/link", json!({}))
        .await;
    assert_eq!(status, 404);
}
