//! Files of rows at the console: checked, then done.

use std::sync::Arc;

use reqwest::header;
use shared::member::{AuditAction, MemberRole};

use super::{Answer, Visitor, on_both_consoles};
use crate::{
    batch::{MAX_BYTES, WorkBatch},
    clock::SystemRandom,
    jobs::{Context, Kind as _, WaitingRuns},
    store::{
        jobs::KnownKind,
        testing::{NOW, TestStore},
    },
};

const LINKS: &str = "/console/links/batch";
const COMPANIES: &str = "/console/companies/import";
const BOUNDARY: &str = "a-boundary";

impl Visitor<'_> {
    /// Posts the form with a file.
    async fn upload(&self, path: &str, file: &[u8], more: &[(&str, &str)]) -> Answer {
        let page = self.get("/console/companies").await.text;
        let (_, word) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        let word = word.split('"').next().expect("its value");
        let mut body = Vec::new();
        // The session's own word, unless a test gives another one.
        let fields = [&[("csrf", word)], more].concat();
        let is_other = more.iter().any(|(name, _)| *name == "csrf");
        for (name, value) in fields.iter().skip(usize::from(is_other)) {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"clients.csv\"\r\n\
             Content-Type: text/csv\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(file);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
        let request = self
            .console
            .http
            .post(format!("{}{path}", self.console.base));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = request.header(header::CONTENT_TYPE, kind);
        let request = request.header(header::COOKIE, &self.cookie).body(body);
        Answer::of(request.send().await.expect("an answer")).await
    }
}

/// Works through the batch that waits.
async fn work(test: &TestStore) {
    let kinds = [KnownKind {
        name: WorkBatch::NAME,
        version: 1,
    }];
    let claiming = test.store.tx("test", |tx| {
        Box::pin(tx.claim_job(&kinds, NOW, 60_000, "node"))
    });
    let job = claiming.await.expect("claimed").expect("queued");
    let payload = serde_json::from_str(&job.payload).expect("a payload");
    let work = WorkBatch {
        store: test.store.clone(),
        token_keys: Arc::new("1:000102030405060708090a0b0c0d0e0f".parse().expect("keys")),
        links_base: "https://connect.example.com".parse().expect("an address"),
        sandbox: crate::config::SandboxConfig::default(),
        clock: Arc::new(crate::clock::TestClock::at(NOW)),
        random: Arc::new(SystemRandom),
    };
    let context = Context::new(job, WaitingRuns::default());
    work.run(&context, payload).await.expect("worked");
}

#[tokio::test]
async fn a_file_is_checked_and_then_made_into_links() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console.visitor(client.organization, MemberRole::Member).await;
        let empty = member.get(LINKS).await.text;
        assert!(empty.contains("No files yet"), "{empty}");
        let template = member.get(&format!("{LINKS}/template.csv")).await.text;
        assert!(template.starts_with("\u{feff}company,url,"), "{template}");

        let file = b"company;owner\r\nblue bakery;o@client.example\r\nB\xe4cker;\r\nBlue Bakery;nobody\r\n";
        let sent = member.upload(LINKS, file, &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let waits = member.get(&sent.location).await.text;
        assert!(
            waits.contains("<progress max=\"3\" value=\"0\"") && waits.contains(">Look again</a></p></noscript>"),
            "{waits}"
        );
        assert!(!waits.contains("http-equiv"), "nobody is taken along while they read: {waits}");
        work(console.test).await;
        let page = member.get(&sent.location).await.text;
        assert!(page.contains("1 row good, 2 with problems"), "{page}");
        assert!(page.contains("Make 1 link<"), "{page}");
        let (problem, good) = (page.find("names no company that is here"), page.find("o@client.example"));
        assert!(problem < good && problem.is_some(), "problems come first");
        assert!(page.contains(">Blue Bakery</a><small>blue bakery</small>"), "{page}");
        assert!(page.contains("Bäcker") && page.contains("clients.csv"), "{page}");
        assert_eq!(console.test.rows("links").await, 1);

        let next = format!("{}/make", sent.location);
        let made = member.post(&next, &[]).await;
        assert_eq!(made.status, 303);
        assert_eq!(member.post(&next, &[]).await.location, made.location, "pressed twice");
        work(console.test).await;
        let page = member.get(&made.location).await.text;
        assert!(page.contains("1 link made, 2 with problems") && page.contains("The results have the URL"), "{page}");
        assert_eq!(console.test.rows("links").await, 2);
        let results = member.get(&format!("{}/results.csv", made.location)).await.text;
        assert!(results.contains("https://connect.example.com/p/connect/"), "{results}");
        let events = console.test.store.read("test", |tx| Box::pin(tx.audit_events(client.organization, None, None, 10)));
        let events = events.await.expect("read");
        let made_events = events.iter().filter(|(event, _)| event.action == AuditAction::LinkBatchMade);
        assert_eq!(made_events.count(), 1);

        let reader = console.visitor(client.organization, MemberRole::ReadOnly).await;
        let page = reader.get(LINKS).await.text;
        assert!(page.contains("clients.csv") && !page.contains("type=\"file\""), "{page}");
        let page = reader.get(&made.location).await.text;
        assert!(!page.contains("results.csv") && !page.contains("The results have the URL"), "{page}");
        assert_eq!(reader.get(&format!("{}/results.csv", made.location)).await.status, 403);
        assert_eq!(reader.upload(LINKS, file, &[]).await.status, 403);
        assert_eq!(reader.post(&next, &[]).await.status, 403);
        let stranger = console.test.client().await;
        let stranger = console.visitor(stranger.organization, MemberRole::Owner).await;
        for path in ["", "/results.csv"] {
            assert_eq!(stranger.get(&format!("{}{path}", made.location)).await.status, 404);
        }
        assert_eq!(stranger.post(&next, &[]).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_not_right_is_told_and_what_was_pasted_stays() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console
            .visitor(client.organization, MemberRole::Member)
            .await;
        let nothing = member.upload(LINKS, b"", &[]).await;
        assert!(
            nothing.status == 422 && nothing.text.contains("is missing"),
            "{}",
            nothing.text
        );
        let pasted = [
            ("text", "company\tremarks\nBlue Bakery\tx"),
            ("createMissing", "yes"),
        ];
        let wrong = member.upload(LINKS, b"", &pasted).await;
        assert_eq!(wrong.status, 422);
        let shown = wrong.text.contains("<b>remarks</b> is not a column here")
            && wrong.text.contains("Blue Bakery\tx")
            && wrong.text.contains("value=\"yes\" checked");
        assert!(shown, "{}", wrong.text);
        let old = member
            .upload(LINKS, b"company\nx", &[("csrf", "another")])
            .await;
        assert_eq!(old.status, 403, "of another session");
        let form = member.post(LINKS, &[("text", "company\nx")]).await;
        assert_eq!(form.status, 403, "no form of ours");
        let large = vec![b'x'; MAX_BYTES + 100_000];
        assert_eq!(member.upload(LINKS, &large, &[]).await.status, 413);
    })
    .await;
}

#[tokio::test]
async fn companies_are_imported() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let member = console.visitor(client.organization, MemberRole::Owner).await;
        let file = b"name,externalId,siteName,siteAddress\nGreen Grocer,G-1,Mill,1 Quay\nBlue Bakery,,Main shop,\n";
        let sent = member.upload(COMPANIES, file, &[]).await;
        work(console.test).await;
        let page = member.get(&sent.location).await.text;
        assert!(page.contains("Import 2 rows<"), "{page}");
        assert!(page.contains("adds the company, adds a site") && page.contains("nothing to change"), "{page}");
        assert_eq!(member.get(&sent.location.replace(COMPANIES, LINKS)).await.status, 404);
        let made = member.post(&format!("{}/make", sent.location), &[]).await;
        work(console.test).await;
        let page = member.get(&made.location).await.text;
        assert!(page.contains("2 rows imported") && page.contains("company added"), "{page}");
        assert!(member.get("/console/companies").await.text.contains("Green Grocer"));
    })
    .await;
}
