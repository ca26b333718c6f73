//! Bills by the API.

use serde_json::json;

use super::TestApp;
use crate::store::testing::new_bill;

#[tokio::test]
async fn bills_are_listed_read_and_downloaded() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (connection, bill) = organization.connect(&app).await;
    let later = new_bill(organization.client.company.id, connection, 2);
    app.test
        .store
        .tx("test", |tx| Box::pin(tx.add_bill(&later)))
        .await
        .expect("add");

    let path = format!("/v2.2/bill/connection/{connection}");
    let (status, list) = organization.get(&path).await;
    assert_eq!((status, &list["totalBills"]), (200, &json!(2)));
    assert_eq!(list["bills"][0]["id"], json!(later.id), "newest first");
    assert_eq!(list["bills"][1]["id"], json!(bill));
    let (_, second) = organization.get(&format!("{path}?limit=1&page=2")).await;
    assert_eq!(
        (&second["bills"][0]["id"], &second["hasPrevious"]),
        (&json!(bill), &json!(true))
    );

    let (status, one) = organization.get(&format!("/v2.2/bill/{bill}")).await;
    assert_eq!(status, 200);
    let expected = json!({
        "connectionId": connection, "billDate": "2026-01-01", "totalCharges": 123.45, "dueDate": null,
        "usageData": [{ "startDate": null, "endDate": "2026-01-01", "quantity": 0.1, "units": null,
            "isEstimated": false, "currentReading": null, "previousReading": null, "tariff": null }],
        "lineItems": [], "isFlagged": false, "flags": [], "fileName": "bill-1.pdf", "sourceType": "INVOICE",
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&one[name], value, "{name}");
    }

    let request = app.http.get(format!("{}/v2.2/bill/{bill}/file", app.base));
    let answer = request
        .header("x-api-key", &organization.key)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"bill-1.pdf\""
    );
    assert_eq!(
        header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("content-length"), "5");
    assert_eq!(answer.bytes().await.expect("a body").as_ref(), b"%PDF\x01");
}

#[tokio::test]
async fn a_file_whose_blob_is_gone_is_a_fault_of_the_server() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (connection, _) = organization.connect(&app).await;
    let lost = new_bill(organization.client.company.id, connection, 2);
    app.test
        .store
        .tx("test", |tx| Box::pin(tx.add_bill(&lost)))
        .await
        .expect("add");
    let (status, problem) = organization
        .get(&format!("/v2.2/bill/{}/file", lost.id))
        .await;
    assert_eq!(status, 500, "{problem}");
    assert!(!problem.to_string().contains(&lost.blob), "{problem}");
}
