//! Files of links by API: what is answered, whose they are, and what is told of a file that is not right.

use std::sync::Arc;

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::app::{Organization, TOKEN_KEYS, TestApp, read, wrong_fields};
use crate::{
    batch::{MAX_BYTES, WorkBatch},
    clock::SystemRandom,
    jobs::{Context, Kind as _, WaitingRuns},
    store::{jobs::KnownKind, testing::NOW},
};

const PATH: &str = "/v2.2/link/batch";

async fn send(of: &Organization, query: &str, file: impl Into<reqwest::Body>) -> Response {
    let request = of.request(Method::POST, &format!("{PATH}{query}"));
    let request = request.header("content-type", "text/csv; charset=utf-8");
    request.body(file).send().await.expect("an answer")
}

/// Works through the batch that waits.
async fn work(app: &TestApp) {
    let kinds = [KnownKind {
        name: WorkBatch::NAME,
        version: 1,
    }];
    let claiming = app.test.store.tx("test", |tx| {
        Box::pin(tx.claim_job(&kinds, NOW, 60_000, "node"))
    });
    let job = claiming.await.expect("claimed").expect("queued");
    let payload = serde_json::from_str(&job.payload).expect("a payload");
    let work = WorkBatch {
        store: app.test.store.clone(),
        token_keys: Arc::new(TOKEN_KEYS.parse().expect("keys")),
        links_base: "https://connect.example.com".parse().expect("an address"),
        sandbox: crate::config::SandboxConfig::default(),
        clock: app.clock.clone(),
        random: Arc::new(SystemRandom),
    };
    let context = Context::new(job, WaitingRuns::default());
    work.run(&context, payload).await.expect("worked");
}

#[tokio::test]
async fn a_file_becomes_links_whose_urls_are_told() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let file = "company,externalId,url\nBlue Bakery,L-1,utility.example\nNobody,L-2,\n";
    let (status, batch) = read(send(&organization, "", file).await).await;
    assert_eq!(status, 202, "{batch}");
    assert_eq!(
        (&batch["status"], &batch["total"]),
        (&json!("PENDING"), &json!(2))
    );
    work(&app).await;
    let path = format!("{PATH}/{}", batch["id"].as_str().expect("an id"));
    let (_, batch) = organization.get(&path).await;
    assert_eq!(
        (&batch["status"], &batch["made"], &batch["failed"]),
        (&json!("DONE"), &json!(1), &json!(1))
    );
    let (_, results) = organization.get(&format!("{path}/results")).await;
    let rows = results["rows"].as_array().expect("rows");
    assert_eq!(
        (&rows[0]["line"], &rows[0]["outcome"]),
        (&json!(2), &json!("MADE"))
    );
    assert_eq!(rows[0]["companyName"], "Blue Bakery");
    let id = rows[0]["linkId"].as_str().expect("a link");
    let (_, link) = organization.get(&format!("/v2.2/link/{id}")).await;
    assert_eq!(link["magicLinkUrl"], rows[0]["magicLinkUrl"]);
    assert_eq!(link["prefill"]["externalId"], "L-1");
    let problem = json!([{ "column": "company", "reason": "names no company that is here" }]);
    assert_eq!(rows[1]["problems"], problem);
    let (_, failed) = organization
        .get(&format!("{path}/results?outcome=FAILED"))
        .await;
    assert_eq!(
        (
            failed["totalRows"].clone(),
            failed["rows"][0]["line"].clone()
        ),
        (json!(1), json!(3))
    );

    let request = organization.request(Method::GET, &format!("{path}/results"));
    let answer = request
        .header("accept", "text/csv")
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        answer.headers()["content-type"],
        "text/csv; charset=utf-8; header=present"
    );
    let text = answer.text().await.expect("text");
    assert!(
        text.contains(link["magicLinkUrl"].as_str().expect("a URL")),
        "{text}"
    );
    let (_, list) = organization.get(PATH).await;
    assert_eq!(list["batches"], json!([batch]));

    let stranger = app.organization().await;
    for path in [path.clone(), format!("{path}/results")] {
        assert_eq!(stranger.get(&path).await.0, 404, "{path}");
    }
    assert_eq!(stranger.get(PATH).await.1["batches"], json!([]));
}

#[tokio::test]
async fn a_file_that_is_sent_again_is_worked_once() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let send = async |query: &str, file: &'static str| -> (u16, bool, Value) {
        let request = organization.request(Method::POST, &format!("{PATH}{query}"));
        let request = request
            .header("content-type", "text/csv")
            .header("Idempotency-Key", "k");
        let answer = request.body(file).send().await.expect("an answer");
        let replayed = answer.headers().contains_key("idempotent-replayed");
        let (status, body) = read(answer).await;
        (status, replayed, body)
    };
    let (status, replayed, first) = send("", "company\nBlue Bakery").await;
    assert_eq!((status, replayed), (202, false));
    assert_eq!(send("", "company\nBlue Bakery").await, (202, true, first));
    assert_eq!(app.test.rows("batches").await, 1);
    for (query, file) in [
        ("", "company\nAnother"),
        ("?dryRun=true", "company\nBlue Bakery"),
    ] {
        let (status, _, body) = send(query, file).await;
        assert_eq!(
            (status, &body["errors"][0]["field"]),
            (422, &json!("Idempotency-Key"))
        );
    }
}

#[tokio::test]
async fn a_file_that_is_not_right_is_told_as_a_whole() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    for (query, file, wrong) in [
        ("", "", vec!["file"]),
        ("", "company\n", vec!["file"]),
        ("", "PK\u{3}\u{4}", vec!["file"]),
        ("", "company,notes,url,website\nx", vec!["notes", "website"]),
        ("", "url\nx", vec!["company"]),
        ("?dryRun=perhaps&x=1", "company\nx", vec!["dryRun", "x"]),
    ] {
        let answer = read(send(&organization, query, file).await).await;
        assert_eq!(wrong_fields(&answer), wrong, "{file}");
    }
    let rows = "company\n".to_owned() + &"x\n".repeat(10_001);
    assert_eq!(
        wrong_fields(&read(send(&organization, "", rows).await).await),
        ["file"]
    );
    let large = "x".repeat(MAX_BYTES + 1);
    assert_eq!(read(send(&organization, "", large).await).await.0, 413);
    let json = organization.post(PATH, json!({})).await;
    assert_eq!(json.0, 415);
    assert_eq!(json.1["detail"], "Send the body as text/csv.");
    assert_eq!(app.test.rows("batches").await, 0);
}
