//! What an operator sees of connections, and never sees.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use shared::{
    id::{CollectionId, ConnectionId},
    status::{ConnectionStatus, StatusDetail},
};

use super::{Answer, Visitor, on_both_pages};
use crate::{
    clock::SystemRandom,
    collection::seal_failure,
    signin::{FailedStep, FailureReason, SignInFailure, StepKind},
    store::{
        StoreError,
        collections::CollectionOutcome,
        connections::FoundStatus,
        sign_in_failures::SealedFailure,
        testing::{Client, NOW, TestStore, fresh, new_bill},
    },
    vault::Vault,
};

/// The most that a page may be, in bytes that are sent.
const MOST: usize = 50_000;
/// A picture needs to be none that a browser shows.
const PICTURE: &[u8] = b"\xff\xd8 a picture \xff\xd9";
/// What stands in a recipe beside its steps, and in what an organization alone may see.
const HIDDEN: [&str; 8] = [
    "querysecret",
    "locatorsecret",
    "markssecret",
    "pathsecret",
    "j***@client.example",
    "owner@client.example",
    "A-100",
    "123.45",
];
const RECIPE: &str = r#"{"version":1,"start":"https://portal.example/pathsecret?session=querysecret",
"steps":[
{"do":"open","at":{"origin":"https://portal.example","path":"/pathsecret","query":"querysecret","main":true},"target":[{"by":"label","is":"locatorsecret"}]},
{"do":"fill","at":{"origin":"https://login.portal.example","path":"/pathsecret","main":false},"what":"username","target":[{"by":"id","is":"locatorsecret"}]},
{"do":"fill","at":{"origin":"https://login.portal.example","path":"/pathsecret","main":false},"what":"password","target":[{"by":"name","is":"locatorsecret"}]},
{"do":"fill","at":{"origin":"https://login.portal.example","path":"/pathsecret","main":false},"what":{"other":3},"target":[{"by":"name","is":"locatorsecret"}]},
{"do":"submit","at":{"origin":"https://login.portal.example","path":"/pathsecret","main":false},"target":null}],
"success":{"url":"https://portal.example/markssecret","signOut":true,"account":[]},"mfa":"NONE"}"#;

/// A connection with a bill, whose website changed, and what its sign-in saw last.
async fn failed(test: &TestStore, vault: &Vault, client: &Client) -> ConnectionId {
    let id = test.connect(client).await;
    let company = client.company.id;
    let failure = SignInFailure {
        reason: FailureReason::NotFilled,
        verdict: "unknown".into(),
        step: Some(FailedStep {
            index: 2,
            kind: StepKind::FillPassword,
            origin: "https://login.portal.example".into(),
            main: false,
        }),
        searched: true,
        password_typed: false,
        address: "https://login.portal.example/in".into(),
        outline: "heading <b>Sign in</b>\nbutton Continue".into(),
        picture: Some("/9ggYSBwaWN0dXJlIP/Z".into()),
    };
    let sealed = seal_failure(vault, &SystemRandom, (company, id), &failure);
    let failure = &SealedFailure {
        sealed: sealed.expect("sealed"),
        failed_at: NOW.plus(5_000),
    };
    let filling = test.store.tx("test", |tx| {
        Box::pin(async move {
            assert!(tx.set_recipe(company, id, &[1, 2, 3], RECIPE, NOW).await?);
            tx.add_bill(&new_bill(company, id, 1)).await?;
            let run = CollectionId::from_random(fresh());
            tx.start_collection(company, id, run, NOW.plus(4_000))
                .await?;
            tx.keep_sign_in_failure(company, id, failure).await?;
            let outcome = CollectionOutcome {
                id: run,
                found: FoundStatus {
                    status: ConnectionStatus::UnderInvestigation,
                    detail: Some(StatusDetail::SiteChanged),
                    error_detail: Some("Account A-1004 is busy".into()),
                },
                bills_found: 0,
                bills_new: 0,
                held_requests: 7,
                unproven: None,
                next_at: Some(NOW.plus(86_400_000)),
                now: NOW.plus(6_000),
            };
            tx.end_collection(company, id, &outcome).await?;
            Ok::<_, StoreError>(())
        })
    });
    filling.await.expect("filled");
    id
}

fn assert_hidden(answer: &Answer) {
    let text = answer.text();
    for hidden in HIDDEN {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}

/// How often the log tells of this.
async fn told(visitor: &Visitor<'_>, what: &str) -> usize {
    visitor
        .get("/operator/log")
        .await
        .text()
        .matches(what)
        .count()
}

#[tokio::test]
async fn a_failure_is_shown_without_secrets_and_each_look_is_written_down() {
    on_both_pages(&[], async |pages| {
        let client = pages.test.client().await;
        let visitor = pages.visitor().await;
        let empty = visitor.get("/operator/failures").await.text();
        assert!(empty.contains("Nothing waits for you"), "{empty}");
        let id = failed(pages.test, &pages.vault, &client).await;

        let list = visitor.get("/operator/failures").await;
        assert!(list.text().contains("1 connection of 1 organization"));
        assert!(list.text().contains("The website changed"));
        assert_hidden(&list);
        let none = "/operator/failures?website=elsewhere.example&status=OTHER_ERROR";
        assert!(visitor.get(none).await.text().contains("Nothing here"));

        let path = format!("/operator/connections/{id}");
        let shown = visitor.get(&path).await;
        let text = shown.text();
        for wanted in [
            "Presses what leads to the form",
            "Types the user name",
            "Types the password",
            "Types a further value",
            "Sends the form",
            "In a frame of https://login.portal.example",
            "A field was found and did not take its value",
            "Ended here",
            "heading &#60;b&#62;Sign in&#60;/b&#62;",
            "Account … is busy",
            &client.company.name,
            &pages.organization_name(client.organization).await,
            &format!("src=\"{path}/picture\""),
        ] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
        assert_hidden(&shown);
        assert_eq!(told(&visitor, "Read why a sign-in failed").await, 1);
        assert_eq!(told(&visitor, "Looked at its masked picture").await, 0);
        let picture = visitor.get(&format!("{path}/picture")).await;
        assert_eq!((picture.kind.as_str(), picture.status), ("image/jpeg", 200));
        assert_eq!(picture.bytes, PICTURE);
        assert_eq!(told(&visitor, "Looked at its masked picture").await, 1);

        // Others get nothing of it.
        for path in [path.clone(), format!("{path}/picture")] {
            assert_eq!(pages.get(&path, "").await.status, 303);
            assert_eq!(pages.post(&path, "", &[]).await.status, 405);
        }
        let unknown = format!("/operator/connections/{}", client.company.id);
        assert_eq!(visitor.get(&unknown).await.status, 404);
        assert_eq!(visitor.get(&format!("{unknown}/picture")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_connection_is_collected_again_unless_its_password_rests() {
    on_both_pages(&[], async |pages| {
        let client = pages.test.client().await;
        let visitor = pages.visitor().await;
        let id = failed(pages.test, &pages.vault, &client).await;
        let company = client.company.id;
        let job = &format!("COLLECT:{id}");
        let removing = pages.test.store.tx("test", |tx| {
            Box::pin(tx.remove_waiting_job(company, job, NOW))
        });
        removing.await.expect("removed");
        let collect = format!("/operator/connections/{id}/collect");
        let resting = async |until| {
            let setting = pages
                .test
                .store
                .tx("test", |tx| Box::pin(tx.set_lockout(company, id, until)));
            setting.await.expect("set");
        };
        resting(NOW.plus(60_000)).await;
        let refused = visitor.post(&collect, &[]).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text().contains("The password rests for a while"));
        assert_eq!(pages.test.rows("jobs").await, 0);
        resting(NOW.plus(-1)).await;
        let without = pages.post(&collect, &visitor.cookie, &[]).await;
        assert_eq!(without.status, 403, "no word of the session");
        let asked = visitor.post(&collect, &[]).await;
        let page = format!("/operator/connections/{id}?done=collect");
        assert_eq!(asked.location, page, "{}", asked.text());
        assert!(
            visitor
                .get(&page)
                .await
                .text()
                .contains("as soon as there is room")
        );
        assert_eq!(pages.test.rows("jobs").await, 1);
        assert_eq!(told(&visitor, "Collected a connection").await, 1);
        let queue = visitor.get("/operator/queue").await.text();
        assert!(queue.contains("Collect bills") && queue.contains("in use at this node"));
    })
    .await;
}

#[tokio::test]
async fn pages_are_small() {
    on_both_pages(&[], async |pages| {
        let client = pages.test.client().await;
        let visitor = pages.visitor().await;
        let id = failed(pages.test, &pages.vault, &client).await;
        for _ in 0..59 {
            let link = pages.test.link(client.organization, client.company.id);
            let client = Client {
                link: link.await,
                ..client.clone()
            };
            failed(pages.test, &pages.vault, &client).await;
        }
        let first = visitor.get("/operator/failures").await;
        let text = first.text();
        let (_, older) = text
            .split_once("href=\"/operator/failures?since=")
            .expect("a page more");
        let older = older
            .split('"')
            .next()
            .expect("its end")
            .replace("&#38;", "&");
        let older = visitor
            .get(&format!("/operator/failures?since={older}"))
            .await;
        let rows = |page: &Answer| page.text().matches("<th scope=\"row\"").count();
        assert_eq!((rows(&first), rows(&older)), (50, 10));
        let mut shown = vec![first, older];
        for path in [
            &format!("/operator/connections/{id}"),
            "/operator/log",
            "/operator/queue",
            "/operator/account",
        ] {
            shown.push(visitor.get(path).await);
        }
        for page in shown {
            assert_eq!(page.status, 200);
            let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
            zipped.write_all(&page.bytes).expect("memory");
            // The style sheet and the script are the console's, which its own test adds.
            let sent = zipped.finish().expect("memory").len();
            assert!(sent < MOST / 2, "{sent} bytes");
        }
    })
    .await;
}
