//! Bills by the API.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::{TestApp, app::wrong_fields};
use crate::store::{StoreError, testing::new_bill};

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

#[tokio::test]
async fn a_companys_bills_are_listed_by_date_site_and_type_and_exported_whole() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let (connection, _) = organization.connect(&app).await;
    let company = organization.client.company.id;
    // More than an export reads at a time, some of one day and one without a date.
    let stored = app.test.store.tx("test", |tx| {
        Box::pin(async move {
            for number in 2..=430_u32 {
                let day = u8::try_from(number % 28 + 1).expect("a day");
                let mut bill = new_bill(company, connection, day);
                bill.natural_key = format!("A-100|{number}");
                bill.content_hash = sha2::Sha256::digest(number.to_be_bytes()).into();
                if number == 2 {
                    bill.content.bill_date = None;
                }
                bill.content.invoice_id = Some(format!("={number}"));
                tx.add_bill(&bill).await?;
            }
            Ok::<_, StoreError>(())
        })
    });
    stored.await.expect("stored");
    let path = format!("/v2.2/bill/company/{company}");
    let (status, page) = organization.get(&format!("{path}?limit=2")).await;
    assert_eq!((status, &page["totalBills"]), (200, &json!(430)));
    assert_eq!(page["bills"].as_array().map(Vec::len), Some(2));
    let total = async |query: &str| {
        let (status, page) = organization.get(&format!("{path}?{query}")).await;
        assert_eq!(status, 200, "{query}: {page}");
        page["totalBills"].as_i64().expect("a number")
    };
    let site = organization.client.site.id;
    assert_eq!(total("from=2026-01-05&to=2026-01-05").await, 16);
    assert_eq!(total("to=2026-01-31").await, 429, "all that have a date");
    assert_eq!(total("from=2099-01-01").await, 0);
    assert_eq!(
        total(&format!("site={site}&utilityType=ELECTRICITY")).await,
        430
    );
    assert_eq!(total("utilityType=WATER").await, 0);
    let wrong = organization
        .get(&format!("{path}?from=today&utilityType=GAS,WATER&site=x"))
        .await;
    let mut wrong = wrong_fields(&wrong);
    wrong.sort();
    assert_eq!(wrong, ["from", "site", "utilityType"]);
    let foreign = organization
        .get(&format!("{path}?site={}", other.client.site.id))
        .await;
    assert_eq!(wrong_fields(&foreign), ["site"]);
    assert_eq!(other.get(&path).await.0, 404);

    let export = async |accept: &str| {
        let request = organization
            .request(Method::GET, &path)
            .header("accept", accept);
        let answer = request.send().await.expect("an answer");
        let kind = answer.headers()["content-type"].clone();
        assert!(
            kind.to_str().is_ok_and(|kind| kind.starts_with(accept)),
            "{kind:?}"
        );
        answer.text().await.expect("a text")
    };
    let lines = export("application/x-ndjson").await;
    let ids: BTreeSet<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("an object")["id"].to_string())
        .collect();
    assert_eq!(
        (lines.lines().count(), ids.len()),
        (430, 430),
        "each bill once"
    );
    let table = export("text/csv").await;
    let mut table = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    let names = table.headers().expect("names").clone();
    let rows: Vec<_> = table.records().map(|row| row.expect("a row")).collect();
    let column = |name: &str| names.iter().position(|one| one == name).expect("a column");
    assert_eq!(rows.len(), 430);
    let formulas = rows
        .iter()
        .filter(|row| row[column("invoiceId")].starts_with('='));
    assert_eq!(
        formulas.count(),
        0,
        "a spreadsheet takes none for a formula"
    );
    assert_eq!(&rows[0][column("accountNumber")], "A-100");

    let path = format!("/v2.2/bill/connection/{connection}");
    for (kind, lines) in [("text/csv", 431), ("application/x-ndjson", 430)] {
        let request = organization.request(Method::GET, &path);
        let answer = request.header("accept", kind).send().await;
        let text = answer.expect("an answer").text().await.expect("a text");
        assert_eq!(text.lines().count(), lines, "of the connection as {kind}");
        let request = other.request(Method::GET, &path).header("accept", kind);
        let strange = request.send().await.expect("an answer");
        assert_eq!(strange.status(), 404, "another organization's: {kind}");
    }
}
