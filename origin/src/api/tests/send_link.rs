//! Links that are sent by mail.

use serde_json::json;

use super::{TestApp, app::wrong_fields};

#[tokio::test]
async fn a_link_is_sent_to_its_owner_or_whom_the_call_names_and_not_without_end() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let owner = json!({ "connectionOwnerEmail": "owner@client.example" });
    let made = organization.make_link(owner).await;
    let path = format!("/v2.2/link/{}/send", made["id"].as_str().expect("an id"));
    let (status, sent) = organization.post(&path, json!({})).await;
    assert_eq!((status, &sent["to"]), (202, &json!("owner@client.example")));
    assert_eq!(sent["linkId"], made["id"]);
    let other = json!({ "to": "other@client.example" });
    for _ in 0..4 {
        let (status, sent) = organization.post(&path, other.clone()).await;
        assert_eq!((status, &sent["to"]), (202, &other["to"]));
    }
    let often = organization.request(reqwest::Method::POST, &path);
    let often = often.json(&other).send().await.expect("an answer");
    assert_eq!(often.status(), 429);
    let wait = often.headers()["retry-after"].to_str().expect("text");
    let wait: i64 = wait.parse().expect("seconds");
    assert!((1..=86_400).contains(&wait), "{wait}");
    let wrong = organization
        .post(&path, json!({ "to": "nobody", "cc": 1 }))
        .await;
    assert_eq!(wrong_fields(&wrong), ["to", "cc"]);
}

#[tokio::test]
async fn a_link_without_an_address_or_at_its_end_is_not_sent() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let made = organization.make_link(json!({})).await;
    let link = format!("/v2.2/link/{}", made["id"].as_str().expect("an id"));
    let send = format!("{link}/send");
    let nobody = organization.post(&send, json!({})).await;
    assert_eq!(
        (nobody.0, wrong_fields(&nobody)),
        (422, vec!["to".to_owned()])
    );
    let revoked = organization
        .post(&format!("{link}/revoke"), json!({}))
        .await;
    assert_eq!(revoked.0, 200);
    let to = json!({ "to": "owner@client.example" });
    assert_eq!(organization.post(&send, to).await.0, 409);
}
