//! Mails that are no notices.

use serde_json::Value;
use shared::{
    api_key::ApiKeyEnvironment,
    id::{CollectionId, CompanyId, ConnectionId, MemberId, OrganizationId, WebhookEndpointId},
    member::MemberRole,
    status::{ConnectionStatus, LinkEventKind},
    webhook::WebhookDisabledReason,
};

use super::{FROM, MailNode, brand, read, recipient, taken, vault};
use crate::{
    clock::SystemRandom,
    mail::{
        LINK_MAILS_A_DAY, LINK_MAILS_TO_ONE_A_DAY, LaidOutMail, bounce::tests::report,
        link_mails_left, note_bounce, queue_connected, queue_invitation, queue_link_mail,
        queue_webhook_off, send_link_again,
    },
    store::{
        StoreError,
        collections::CollectionOutcome,
        connections::FoundStatus,
        links::Link,
        members::Member,
        testing::{Client, NOW, TestStore, fresh, on_both},
        webhook_endpoints::{SealedWebhookSecrets, WebhookEndpoint},
    },
};

const DAY: i64 = 24 * 3_600_000;

fn member(organization: OrganizationId, email: &str, role: MemberRole) -> Member {
    Member {
        id: MemberId::from_random(fresh()),
        organization,
        email: email.to_owned(),
        name: "Kim <b>".into(),
        role,
        has_password: false,
        has_second_factor: false,
        created_at: NOW,
        last_signed_in_at: None,
    }
}

async fn branded(test: &TestStore) -> Client {
    let client = test.client().await;
    let (organization, brand) = (client.organization, brand());
    let set = test.store.tx("test", |tx| {
        Box::pin(tx.set_brand(organization, &brand, NOW))
    });
    set.await.expect("a store");
    client
}

async fn queue_link(test: &TestStore, client: &Client, to: &str) {
    let (of, to) = ((client.organization, &client.link), to);
    let queued = test.store.tx("test", |tx| {
        Box::pin(queue_link_mail(tx, &SystemRandom, of, to, NOW))
    });
    let _id = queued.await.expect("a store");
}

/// The only message that came to `to`, raw and as it reads.
fn only(to: &str) -> (String, Value, LaidOutMail) {
    let [mail] = taken(to).try_into().expect("one message");
    let read = read(&mail);
    let raw = mail["message"].as_str().expect("text").to_owned();
    (raw, mail, read)
}

#[tokio::test]
async fn a_link_is_mailed_in_the_brand_of_its_organization() {
    on_both(async |test| {
        let client = branded(test).await;
        let to = recipient("owner");
        queue_link(test, &client, &to).await;
        let node = MailNode::new(test);
        assert!(node.deliver().await && !node.deliver().await);
        let (raw, mail, read) = only(&to);
        assert_eq!(read.from, format!("Harbor & Sons <{FROM}>"));
        let reply_to = raw.lines().find(|line| line.starts_with("Reply-To: "));
        assert!(reply_to.is_some_and(|line| line.ends_with("<help@harbor.example>")));
        assert!(!raw.contains("Auto-Submitted"), "a person sent it");
        let sender = mail["sender"].as_str().expect("a sender");
        assert!(
            sender.starts_with("bounce+") && sender.ends_with("@codes.example"),
            "{sender}"
        );
        let public = client.company.public_id;
        let address = format!("https://connect.example/p/connect/{public}/");
        for part in [&read.text, &read.html] {
            assert!(part.contains(&address), "{part}");
            assert!(part.contains("about two minutes") && part.contains("within a few days"));
            assert!(part.contains("help@harbor.example"));
        }
        assert!(read.html.contains("background-color:#f4c430;color:#1d1d1d"));
        assert!(
            read.html.contains("src=\"data:image/png;base64,"),
            "the logo goes along"
        );
        assert!(read.html.contains("alt=\"Harbor &#38; Sons\""));
        assert!(!read.html.contains("<img src=\"http"), "nothing is loaded");
        let events = log(test, &client, &client.link).await;
        assert_eq!(
            events,
            [
                (LinkEventKind::Created, None),
                (LinkEventKind::MailSent, Some(to))
            ]
        );
    })
    .await;
}

async fn log(
    test: &TestStore,
    client: &Client,
    link: &Link,
) -> Vec<(LinkEventKind, Option<String>)> {
    let (organization, link) = (client.organization, link.id);
    let log = test
        .store
        .read("test", |tx| Box::pin(tx.link_events(organization, link)));
    let log = log.await.expect("a log").into_iter();
    log.map(|line| (line.kind, line.detail)).collect()
}

#[tokio::test]
async fn a_refusal_stands_in_the_log_and_an_ended_link_is_not_mailed() {
    on_both(async |test| {
        let client = test.client().await;
        let node = MailNode::new(test);
        queue_link(test, &client, &recipient("unknown")).await;
        assert!(node.deliver().await);
        let words = "550 5.1.1 … there is no such mailbox".to_owned();
        let last = log(test, &client, &client.link).await.pop();
        assert_eq!(last, Some((LinkEventKind::MailRefused, Some(words))));

        queue_link(test, &client, "no..one@client.example").await;
        assert!(node.deliver().await);
        let words = "no mail can be sent to this address".to_owned();
        let last = log(test, &client, &client.link).await.pop();
        assert_eq!(last, Some((LinkEventKind::MailRefused, Some(words))));

        let to = recipient("owner");
        queue_link(test, &client, &to).await;
        let (organization, link) = (client.organization, client.link.id);
        let revoked = test.store.tx("test", |tx| {
            Box::pin(tx.revoke_link(organization, link, None, NOW))
        });
        revoked.await.expect("a store");
        assert!(node.deliver().await && taken(&to).is_empty());
        let dropped = "outgoing_mails WHERE dropped_at IS NOT NULL AND refusal IS NULL";
        assert_eq!(test.rows(dropped).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_link_is_sent_five_times_a_day_at_most() {
    on_both(async |test| {
        let client = test.client().await;
        let send = async |now| {
            let of = (client.organization, &client.link);
            let sent = test.store.tx("test", |tx| {
                Box::pin(send_link_again(
                    tx,
                    &SystemRandom,
                    of,
                    "owner@client.example",
                    now,
                ))
            });
            let sent: Result<_, StoreError> = sent.await;
            sent.expect("a store")
        };
        for sends in 0..LINK_MAILS_A_DAY {
            let now = NOW.plus(i64::try_from(sends).expect("few") * 1000);
            assert!(send(now).await.is_ok());
        }
        let often = send(NOW.plus(DAY - 1)).await.expect_err("too often");
        assert_eq!(often.again_at, NOW.plus(DAY));
        assert!(send(NOW.plus(DAY)).await.is_ok());
        assert!(
            send(NOW.plus(DAY + 999)).await.is_err(),
            "the second still counts"
        );
    })
    .await;
}

#[tokio::test]
async fn one_address_gets_twenty_links_of_one_organization_a_day_at_most() {
    on_both(async |test| {
        let (client, other) = (test.client().await, test.client().await);
        let to = recipient("owner");
        let send = async |client: &Client, to: &str, now| {
            let link = &test.link(client.organization, client.company.id).await;
            let of = (client.organization, link);
            let sent = test.store.tx("test", |tx| {
                Box::pin(send_link_again(tx, &SystemRandom, of, to, now))
            });
            let sent: Result<_, StoreError> = sent.await;
            sent.expect("a store")
        };
        let left = async |to: &str| {
            let organization = client.organization;
            let counting = test.store.read("test", |tx| {
                Box::pin(link_mails_left(tx, organization, to, NOW))
            });
            counting.await.expect("a store")
        };
        assert_eq!(left(&to).await, LINK_MAILS_TO_ONE_A_DAY);
        for _ in 0..LINK_MAILS_TO_ONE_A_DAY {
            assert!(send(&client, &to, NOW).await.is_ok());
        }
        assert_eq!(left(&to.to_uppercase()).await, 0);
        let often = send(&client, &to.to_uppercase(), NOW.plus(1)).await;
        assert_eq!(often.expect_err("too often").again_at, NOW.plus(DAY));
        assert!(send(&client, &recipient("another"), NOW).await.is_ok());
        assert!(send(&other, &to, NOW).await.is_ok(), "another organization");
        assert!(send(&client, &to, NOW.plus(DAY)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_kept_sealed_and_a_newer_one_takes_its_place() {
    on_both(async |test| {
        let client = test.client().await;
        let to = recipient("kim");
        let kim = member(client.organization, &to, MemberRole::Member);
        for number in 1..=2 {
            let url = format!("https://api.example/console/sign-in/secret-{number}");
            let (kim, vault, url) = (&kim, &vault(), &url);
            let queued = test.store.tx("test", |tx| {
                Box::pin(async move {
                    tx.add_member(kim).await?;
                    let keys = (&**vault, &SystemRandom as _);
                    let queued = queue_invitation(tx, keys, kim, url, NOW).await;
                    queued.expect("a vault");
                    Ok::<_, StoreError>(())
                })
            });
            queued.await.expect("a store");
        }
        let sealed = "outgoing_mails WHERE sealed_url IS NOT NULL";
        assert_eq!(test.rows(sealed).await, 1);
        let node = MailNode::new(test);
        while node.deliver().await {}
        let (_, _, read) = only(&to);
        for part in [&read.text, &read.html] {
            assert!(part.contains("https://api.example/console/sign-in/secret-2"));
        }
        assert!(read.html.contains("Kim &#60;b&#62;"), "{}", read.html);
        assert_eq!(test.rows(sealed).await, 0, "it was delivered");
        for number in 3..=6 {
            let (kim, vault) = (&kim, &vault());
            let queued = test.store.tx("test", |tx| {
                Box::pin(async move {
                    let keys = (&**vault, &SystemRandom as _);
                    let queued = queue_invitation(tx, keys, kim, "https://api.example/", NOW);
                    Ok::<_, StoreError>(queued.await.is_ok())
                })
            });
            assert_eq!(queued.await.expect("a store"), number < 6, "{number}");
        }
    })
    .await;
}

#[tokio::test]
async fn owners_of_an_organization_hear_that_an_endpoint_was_switched_off() {
    on_both(async |test| {
        let client = branded(test).await;
        let endpoint = WebhookEndpoint {
            id: WebhookEndpointId::from_random(fresh()),
            organization: client.organization,
            environment: ApiKeyEnvironment::Production,
            url: "https://hooks.example/secret-path"
                .parse()
                .expect("an address"),
            description: None,
            event_types: Vec::new(),
            secrets: SealedWebhookSecrets {
                current: vec![1],
                previous: None,
            },
            disabled: None,
            failing_since: None,
            created_at: NOW,
            updated_at: NOW,
            version: 1,
        };
        let (owner, other) = (recipient("owner"), recipient("member"));
        let members = [
            member(client.organization, &owner, MemberRole::Owner),
            member(client.organization, &other, MemberRole::Member),
        ];
        let (endpoint, members) = (&endpoint, &members);
        let off = test.store.tx("test", |tx| {
            Box::pin(async move {
                for member in members {
                    tx.add_member(member).await?;
                }
                tx.add_webhook_endpoint(endpoint).await?;
                let reason = WebhookDisabledReason::Failing;
                let (organization, id) = (endpoint.organization, endpoint.id);
                tx.disable_webhook_endpoint(organization, id, reason, NOW)
                    .await?;
                queue_webhook_off(tx, &SystemRandom, (organization, id), NOW).await
            })
        });
        off.await.expect("a store");
        let node = MailNode::new(test);
        while node.deliver().await {}
        assert!(taken(&other).is_empty());
        let (raw, _, read) = only(&owner);
        assert!(raw.contains("Auto-Submitted: auto-generated"));
        assert_eq!(
            read.subject,
            "The webhook endpoint at hooks.example was switched off"
        );
        assert!(read.text.contains("https://api.example/console/webhooks"));
        assert!(
            !raw.contains("/secret-path"),
            "the rest of its address may be a secret"
        );
    })
    .await;
}

/// A collection of the connection finds that it works.
async fn works(test: &TestStore, company: CompanyId, connection: ConnectionId) {
    let found = &CollectionOutcome {
        id: CollectionId::from_random(fresh()),
        found: FoundStatus {
            status: ConnectionStatus::Connected,
            detail: None,
            error_detail: None,
        },
        bills_found: 1,
        bills_new: 1,
        held_requests: 0,
        unproven: None,
        next_at: None,
        now: NOW,
    };
    let written = test.store.tx("test", |tx| {
        Box::pin(async move {
            tx.start_collection(company, connection, found.id, NOW)
                .await?;
            tx.end_collection(company, connection, found).await?;
            let run = CollectionId::from_random(fresh());
            assert!(tx.was_connected(company, connection, run).await?);
            assert!(!tx.was_connected(company, connection, found.id).await?);
            Ok::<_, StoreError>(())
        })
    });
    written.await.expect("a store");
}

#[tokio::test]
async fn an_owner_hears_once_that_the_account_is_connected() {
    on_both(async |test| {
        let client = test.client().await;
        let id = test.connect(&client).await;
        let to = recipient("owner");
        let (company, owner) = (client.company.id, to.as_str());
        works(test, company, id).await;
        let queued = test.store.tx("test", |tx| {
            Box::pin(async move {
                let found = tx.connection_of_company(company, id).await?;
                let mut connection = found.expect("a connection");
                connection.owner_email = Some(owner.to_owned());
                queue_connected(tx, &SystemRandom, &connection, NOW).await
            })
        });
        queued.await.expect("a store");
        let node = MailNode::new(test);
        while node.deliver().await {}
        let (_, _, read) = only(&to);
        assert_eq!(read.subject, "Your utility.example account is connected");
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_comes_back_before_its_end_is_written_is_kept_as_such() {
    on_both(async |test| {
        let client = test.client().await;
        let organization = client.organization;
        queue_link(test, &client, &recipient("owner")).await;
        let ids = test
            .store
            .read("test", |tx| Box::pin(tx.outgoing_mail_ids(organization)));
        let id = ids.await.expect("a store")[0].to_string();
        let report = report("failed");
        let noted = note_bounce(&test.store, &id, report.as_bytes(), NOW).await;
        assert!(noted.expect("a store"));
        assert!(MailNode::new(test).deliver().await);
        let kept = "outgoing_mails WHERE delivered_at IS NOT NULL AND refusal LIKE '550 %'";
        assert_eq!(test.rows(kept).await, 1);
    })
    .await;
}
