//! How far collections are, as a page is told it.

use std::time::Duration;

use reqwest::{Response, header};
use serde_json::{Value, json};
use shared::{id::CollectionId, member::MemberRole};

use super::{Visitor, on_both_consoles};
use crate::store::{
    StoreError,
    testing::{KINDS, fresh, waiting_code_request},
    works_unattended::BillCounts,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// The stream of events about these ids.
async fn follow(visitor: &Visitor<'_>, ids: &str) -> Response {
    let console = visitor.console;
    let path = format!("{}/console/connections/events?ids={ids}", console.base);
    let request = console
        .http
        .get(path)
        .header(header::COOKIE, &visitor.cookie);
    request.send().await.expect("an answer")
}

/// The next event of a stream; `None` at its end.
async fn event(stream: &mut Response) -> Option<String> {
    let mut text = String::new();
    while !text.ends_with("\n\n") {
        let chunk = tokio::time::timeout(PATIENCE, stream.chunk()).await;
        let chunk = chunk.expect("an event in time").expect("no failure")?;
        text.push_str(std::str::from_utf8(&chunk).expect("a text"));
        if text.starts_with(':') {
            // To keep the connection alive.
            text.clear();
        }
    }
    Some(text)
}

async fn told(stream: &mut Response) -> Value {
    let event = event(stream).await.expect("an event");
    let data = event.lines().find_map(|line| line.strip_prefix("data: "));
    serde_json::from_str(data.expect("data")).expect("JSON")
}

#[tokio::test]
async fn a_page_is_told_how_far_collections_are_until_the_session_ends() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let theirs = console.test.client().await;
        let (company, id) = (client.company.id, console.test.connect(&client).await);
        let other = console.test.connect(&theirs).await;
        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        let ids = format!("{id},{other}");
        let mut stream = follow(&reader, &ids).await;
        assert_eq!(stream.status(), 200);
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        let first = told(&mut stream).await;
        let stands = json!([{ "id": id.to_string(), "label": "First collection", "tone": "waits", "who": "", "progress": "" }]);
        assert_eq!(first, stands, "and nothing of another organization");

        let now = super::NOW.plus(2000);
        let run = CollectionId::from_random(fresh());
        let claiming = console.test.store.tx("test", |tx| {
            Box::pin(async move {
                while let Some(job) = tx.claim_job(&KINDS, now, super::DAY_MS, "w").await? {
                    if job.payload.contains(&id.to_string()) {
                        break;
                    }
                }
                tx.start_collection(company, id, run, now).await
            })
        });
        let claimed: Result<_, StoreError> = claiming.await;
        claimed.expect("a run");
        assert_eq!(told(&mut stream).await[0]["progress"], "Signing in");
        let request = &waiting_code_request(company, id, now);
        let asking = console
            .test
            .store
            .tx("test", |tx| Box::pin(tx.add_code_request(request)));
        asking.await.expect("asked");
        let waits = "Waiting for the owner to enter a code";
        assert_eq!(told(&mut stream).await[0]["progress"], waits);
        let counting = console.test.store.tx("test", |tx| {
            Box::pin(async move {
                let counts = BillCounts {
                    found: 4,
                    new: 4,
                    expected: 13,
                };
                tx.set_proven(company, id, run, now).await?;
                tx.set_bill_counts(company, id, run, counts).await
            })
        });
        let counted: Result<_, StoreError> = counting.await;
        counted.expect("counted");
        assert_eq!(told(&mut stream).await[0]["progress"], "Bill 4 of 13");
        // Without JavaScript the pages say it, too.
        for page in ["/console/connections", &format!("/console/connections/{id}")] {
            let page = reader.get(page).await.text;
            assert!(page.contains("Bill 4 of 13"), "{page}");
        }
        let page = format!("/console/connections/{id}");
        let running = reader.get(&page).await.text;
        assert!(running.contains("A collection is running."), "{running}");
        // A node that died holds its job no more.
        console.clock.advance(2 * super::DAY_MS);
        assert_eq!(told(&mut stream).await[0]["progress"], "");
        let ended = reader.get(&page).await.text;
        assert!(ended.contains("how the collections ended"), "{ended}");
        console.clock.advance(30 * super::DAY_MS);
        let last = event(&mut stream).await.expect("an event");
        assert!(last.contains("event: over"), "{last}");
        assert_eq!(event(&mut stream).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_page_that_was_left_open_does_not_keep_the_session() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let id = console.test.connect(&client).await.to_string();
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        console.clock.advance(4 * super::DAY_MS);
        let mut stream = follow(&member, &id).await;
        told(&mut stream).await;
        console.clock.advance(4 * super::DAY_MS);
        assert_eq!(member.get("/console/companies").await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn a_member_follows_few_pages_at_once_and_none_outlives_the_node() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let id = console.test.connect(&client).await.to_string();
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let mut streams = Vec::new();
        for _ in 0..4 {
            let mut stream = follow(&member, &id).await;
            told(&mut stream).await;
            streams.push(stream);
        }
        assert_eq!(follow(&member, &id).await.status(), 429);
        assert_eq!(follow(&member, "x").await.status(), 404);
        let many = vec![id.as_str(); 101].join(",");
        assert_eq!(follow(&member, &many).await.status(), 404);
        console.stopping.send_replace(true);
        for stream in &mut streams {
            assert_eq!(event(stream).await, None);
        }
        // Each has given its place back.
        assert_eq!(follow(&member, &id).await.status(), 200);
    })
    .await;
}
