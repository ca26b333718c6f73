//! Webhook endpoints by API.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    TestApp,
    app::{read, wrong_fields},
};

const URL: &str = "https://hooks.example.com/in";

#[tokio::test]
async fn an_endpoint_shows_its_secret_once_and_is_changed_by_version() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let wanted = json!({ "url": URL, "eventTypes": ["bill.created", "link.opened"] });
    let (status, made) = organization.post("/v2.2/webhook", wanted).await;
    assert_eq!(status, 201, "{made}");
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 50);
    assert_eq!(made["eventTypes"], json!(["link.opened", "bill.created"]));
    let path = format!("/v2.2/webhook/{}", made["id"].as_str().expect("an id"));
    let (status, shown) = organization.get(&path).await;
    assert_eq!((status, &shown["isActive"]), (200, &json!(true)));
    assert!(!shown.to_string().contains(&secret) && shown.get("secret").is_none());

    let patch = async |tag: Option<&str>, body: Value| {
        let mut request = app.http.patch(format!("{}{path}", app.base));
        if let Some(tag) = tag {
            request = request.header("if-match", tag);
        }
        let request = request.header("x-api-key", &organization.key).json(&body);
        read(request.send().await.expect("an answer")).await
    };
    let (status, off) = patch(
        Some("\"1\""),
        json!({ "isActive": false, "description": "Billing", "eventTypes": [] }),
    )
    .await;
    assert_eq!(status, 200, "{off}");
    assert_eq!(off["version"], 2);
    assert_eq!(off["description"], "Billing");
    assert_eq!(off["disabledReason"], "SWITCHED_OFF");
    assert_eq!(off["eventTypes"], json!([]));
    assert_eq!(patch(Some("\"1\""), json!({})).await.0, 412, "out of date");
    let test = format!("{path}/test");
    assert_eq!(
        organization.post(&test, json!({})).await.0,
        409,
        "it is off"
    );
    let (status, on) = patch(None, json!({ "isActive": true, "description": null })).await;
    assert_eq!((status, &on["disabledAt"]), (200, &Value::Null));
    assert_eq!(on["description"], Value::Null);

    let (status, rotated) = organization
        .post(&format!("{path}/secret"), json!({}))
        .await;
    assert_eq!(status, 200);
    assert_ne!(rotated["secret"], secret.as_str());
    assert_eq!(rotated["previousSecretUntil"], "2025-10-10T08:53:20Z");
    let (_, list) = organization.get("/v2.2/webhook").await;
    assert_eq!(
        (&list["totalWebhooks"], &list["webhooks"][0]["id"]),
        (&json!(1), &made["id"])
    );

    assert_eq!(organization.send(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(organization.get(&path).await.0, 404);
}

#[tokio::test]
async fn a_test_is_listed_with_its_request_and_can_be_sent_again() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let wanted = json!({ "url": URL, "eventTypes": ["bill.created"] });
    let (_, made) = organization.post("/v2.2/webhook", wanted).await;
    let path = format!("/v2.2/webhook/{}", made["id"].as_str().expect("an id"));
    let (status, sent) = organization.post(&format!("{path}/test"), json!({})).await;
    assert_eq!((status, &sent["state"]), (202, &json!("PENDING")), "{sent}");
    assert_eq!(sent["request"]["body"]["type"], "webhook.test");
    assert_eq!(sent["request"]["body"]["data"]["endpointId"], made["id"]);
    assert_eq!(sent["response"], Value::Null);
    let delivery = sent["id"].as_str().expect("an id");
    let again = format!("{path}/deliveries/{delivery}/replay");
    let (status, again) = organization.post(&again, json!({})).await;
    assert_eq!((status, &again["eventId"]), (202, &sent["eventId"]));
    assert_ne!(again["id"], sent["id"]);
    let (_, list) = organization
        .get(&format!("{path}/deliveries?limit=1"))
        .await;
    assert_eq!(
        (&list["totalDeliveries"], &list["hasNext"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(app.test.rows("jobs").await, 1, "one job delivers both");
}

#[tokio::test]
async fn every_wrong_field_is_named_and_there_are_twenty_at_most() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let post = async |body: Value| organization.post("/v2.2/webhook", body).await;
    let wrong = post(json!({
        "url": "http://hooks.example.com/", "description": 7, "eventTypes": ["bill.created", "bill.lost"], "more": 1,
    }));
    let mut fields = wrong_fields(&wrong.await);
    fields.sort();
    assert_eq!(fields, ["description", "eventTypes[1]", "more", "url"]);
    assert_eq!(wrong_fields(&post(json!({})).await), ["url"]);
    for url in [
        "https://u:p@a.example/",
        "https://a.example:22/",
        "https://10.0.0.1/",
        "https://localhost/",
        "mailto:a@b.example",
        "x",
    ] {
        assert_eq!(
            wrong_fields(&post(json!({ "url": url })).await),
            ["url"],
            "{url}"
        );
    }
    for _ in 0..20 {
        assert_eq!(post(json!({ "url": URL })).await.0, 201);
    }
    assert_eq!(post(json!({ "url": URL })).await.0, 409);
}
