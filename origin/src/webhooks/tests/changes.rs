//! What is told of a connection, and what is not.

use serde_json::Value;
use shared::{
    id::{CollectionId, ConnectionId, LinkId},
    status::{CodeChannel, CodeRequestStatus, ConnectionStatus, LinkStatus},
    webhook::{WebhookDeliveryState, WebhookEventType},
};

use super::{
    receiver::{Receiver, Reply},
    scene::Scene,
};
use crate::{
    clock::Clock as _,
    store::{
        StoreError, Tx,
        bills::Stored,
        code_requests::{AskedCode, CodeRequest},
        collections::CollectionOutcome,
        connections::FoundStatus,
        finish::{FinishError, FinishInput},
        links::Link,
        testing::{NOW, finish, finish_input, fresh, new_bill, on_both, waiting_code_request},
    },
    webhooks::{Outbox, RunEvents, watch},
};

/// Finishes the client's link as a flow does.
async fn connect(scene: &Scene<'_>) -> ConnectionId {
    let input = finish_input(&scene.client);
    let (random, input) = (&scene.random, &input);
    let finished = scene.test.store.tx("test", |tx| {
        Box::pin(async move {
            let made = tx.finish(input).await?.expect("a new connection");
            let outbox = Outbox::of(tx, input.company, random, input.now).await?;
            if let Some(outbox) = outbox {
                outbox
                    .connection_created(tx, input.connection, made)
                    .await?;
            }
            Ok::<_, FinishError>(())
        })
    });
    finished.await.expect("finished");
    input.connection
}

/// A run that finds this, and makes a link if the client is to act.
async fn run_finds(scene: &Scene<'_>, id: ConnectionId, status: ConnectionStatus) {
    scene.clock.advance(1000);
    let (now, company) = (scene.clock.now(), scene.client.company.id);
    let collection = CollectionId::from_random(fresh());
    let outcome = CollectionOutcome {
        id: collection,
        found: FoundStatus {
            status,
            detail: None,
            error_detail: status.needs_client().then(|| "Wrong password.".into()),
        },
        bills_found: 1,
        bills_new: 0,
        held_requests: 0,
        unproven: None,
        next_at: Some(now.plus(1000)),
        now,
    };
    let link = LinkId::from_random(fresh());
    let (random, outcome) = (&scene.random, &outcome);
    let ended = scene.test.store.tx("test", |tx| {
        Box::pin(async move {
            tx.start_collection(company, id, collection, now).await?;
            let watched = watch(tx, (company, id), random, now).await?;
            let fulfilled = tx.end_collection(company, id, outcome).await?;
            let action_required = match status.needs_client() {
                true => Some(update_link(tx, scene, id, link).await?),
                false => None,
            };
            let run = RunEvents {
                collection,
                action_required,
                fulfilled: fulfilled.unwrap_or_default(),
            };
            watched.run_ended(tx, run).await
        })
    });
    ended.await.expect("ended");
}

async fn update_link(
    tx: &mut Tx<'_>,
    scene: &Scene<'_>,
    id: ConnectionId,
    link: LinkId,
) -> Result<LinkId, StoreError> {
    let connection = tx
        .connection_of_company(scene.client.company.id, id)
        .await?;
    let connection = connection.expect("a connection");
    let link = Link::for_update(link, &connection, 3, [7; 12], scene.clock.now());
    Ok(tx.lasting_update_link(&link).await?.0)
}

#[tokio::test]
async fn changes_of_a_connection_are_told_in_order_and_times_are_not() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        scene.endpoint(&receiver.url()).await;
        let id = connect(&scene).await;
        run_finds(&scene, id, ConnectionStatus::Connected).await;
        run_finds(&scene, id, ConnectionStatus::Connected).await;
        scene.run().await;
        run_finds(&scene, id, ConnectionStatus::PasswordIncorrect).await;
        receiver.reply(&[Reply::Echo; 3]);
        scene.run().await;
        run_finds(&scene, id, ConnectionStatus::Connected).await;
        scene.run().await;
        let expected = [
            "connection.created",
            "link.fulfilled",
            "connection.updated",
            "collection.finished",
            "collection.finished",
            "connection.updated",
            "connection.customer_action_required",
            "collection.finished",
            "connection.updated",
            "connection.repaired",
            "link.fulfilled",
            "collection.finished",
        ];
        assert_eq!(receiver.types(), expected);

        let messages: Vec<Value> = receiver.received().iter().map(|one| one.json()).collect();
        let required = &messages[6]["data"];
        assert_eq!(required["reason"], "PASSWORD_INCORRECT");
        assert_eq!(required["statusErrorDetail"], "Wrong password.");
        assert_eq!(required["id"], id.to_string());
        let url = required["magicLinkUrl"].as_str().expect("an address");
        assert!(url.starts_with("https://connect.example.com/p/connect/"));
        let (_, token) = url.rsplit_once('/').expect("a token");
        assert_eq!(messages[7]["data"]["connectionId"], id.to_string());
        assert_eq!(
            messages[10]["data"]["status"],
            LinkStatus::Fulfilled.as_str()
        );
        assert_eq!(messages[10]["data"]["connectionId"], id.to_string());

        // Nothing that opens something was stored.
        let company = scene.client.company.id;
        let endpoint = test
            .store
            .read("test", |tx| Box::pin(tx.webhook_listeners(company)));
        let endpoint = endpoint.await.expect("read")[0].endpoint;
        for row in scene.deliveries(endpoint).await {
            assert!(!row.event.payload.contains(token));
            let told = row.answer.excerpt.unwrap_or_default();
            assert!(!told.contains(token), "it answered what it was sent");
        }
    })
    .await;
}

/// A bill of the connection, stored as a run does.
async fn store_bill(scene: &Scene<'_>, id: ConnectionId, number: u8) {
    let (company, random) = (scene.client.company.id, &scene.random);
    let bill = &new_bill(company, id, number);
    let added = scene.test.store.tx("test", |tx| {
        Box::pin(async move {
            let watched = watch(tx, (company, id), random, NOW).await?;
            match tx.add_bill(bill).await? {
                Stored::New { duplicated } => watched.bill_stored(tx, bill.id, &duplicated).await,
                Stored::Known => Ok(()),
            }
        })
    });
    added.await.expect("added");
}

/// The file of a stored bill was made anew: it says something else, and then the same once more.
async fn change_bill(scene: &Scene<'_>, id: ConnectionId, number: u8) {
    let (company, random) = (scene.client.company.id, &scene.random);
    let mut bill = new_bill(company, id, number);
    bill.content.invoice_id = Some("corrected".into());
    bill.content_hash = [99; 32];
    let bill = &bill;
    for is_changed in [true, false] {
        let changed = scene.test.store.tx("test", |tx| {
            Box::pin(async move {
                let watched = watch(tx, (company, id), random, NOW).await?;
                let key = &bill.natural_key;
                let found = tx.changed_bill(company, id, key, &bill.content).await?;
                if let Some(found) = found {
                    assert!(tx.change_bill(found, bill).await?);
                    watched.bill_changed(tx, found).await?;
                }
                Ok::<_, StoreError>(found.is_some())
            })
        });
        assert_eq!(changed.await.expect("a store"), is_changed);
    }
}

#[tokio::test]
async fn a_connection_is_told_when_another_has_its_account_as_well() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let input = finish_input(&scene.client);
        let again = FinishInput {
            connection: ConnectionId::from_random(fresh()),
            ..input.clone()
        };
        for input in [&input, &again] {
            let made = test.store.tx("test", |tx| Box::pin(finish(tx, input)));
            made.await.expect("a connection");
        }
        let first = input.connection;
        store_bill(&scene, first, 1).await;
        scene.endpoint(&receiver.url()).await;
        store_bill(&scene, again.connection, 2).await;
        scene.run().await;
        let updated = "connection.updated";
        assert_eq!(receiver.types(), [updated, "bill.created", updated]);
        let other = &receiver.received()[2].json()["data"];
        assert_eq!(other["id"], first.to_string());
        assert_eq!(other["accounts"][0]["isDuplicated"], true);
    })
    .await;
}

#[tokio::test]
async fn a_bill_is_told_once_and_nothing_is_written_for_nobody() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let id = connect(&scene).await;
        assert_eq!(test.rows("webhook_events").await, 0, "nobody listens");
        scene.endpoint(&receiver.url()).await;
        store_bill(&scene, id, 1).await;
        scene.run().await;
        assert_eq!(receiver.types(), ["connection.updated", "bill.created"]);
        let bill = receiver.received()[1].json()["data"].clone();
        change_bill(&scene, id, 1).await;
        scene.run().await;
        let changed = receiver.received();
        assert_eq!(changed.len(), 3, "what is the same again is not told");
        assert_eq!(changed[2].json()["type"], "bill.updated");
        assert_eq!(changed[2].json()["data"]["id"], bill["id"]);
        assert_eq!(changed[2].json()["data"]["invoiceId"], "corrected");
        assert_eq!(bill["connectionId"], id.to_string());
        assert_eq!(bill["totalCharges"].to_string(), "123.45");
        let now = NOW.plus(31 * 24 * 3_600_000);
        for slice in [(1, 1), (1, 1), (1, 1), (0, 0)] {
            let removed = test.store.tx("test", |tx| {
                Box::pin(tx.remove_webhook_events(now.plus(-1), NOW, 1))
            });
            assert_eq!(removed.await.expect("removed"), slice);
        }
        assert_eq!(test.rows("webhook_events").await, 0);
    })
    .await;
}

/// A sign-in of the connection asks for a code, and the owner's channel has a moment to give it.
async fn ask_for_code(scene: &Scene<'_>, id: ConnectionId, delay_ms: i64) -> CodeRequest {
    let now = scene.clock.now();
    let request = CodeRequest {
        nonce: [8; 12],
        asked: AskedCode {
            channel: Some(CodeChannel::Sms),
            target: Some("…42".into()),
            numeric: true,
            refused: None,
        },
        ..waiting_code_request(scene.client.company.id, id, now)
    };
    let (random, asked) = (&scene.random, &request);
    let put = scene.test.store.tx("test", |tx| {
        Box::pin(async move {
            tx.add_code_request(asked).await?;
            let outbox = Outbox::of(tx, asked.company, random, now).await?;
            let outbox = outbox.expect("somebody listens");
            outbox.code_needed(tx, asked, delay_ms).await
        })
    });
    put.await.expect("asked");
    request
}

#[tokio::test]
async fn a_code_is_asked_for_while_it_is_waited_for() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let id = connect(&scene).await;
        let (endpoint, _) = scene.endpoint(&receiver.url()).await;
        ask_for_code(&scene, id, 0).await;
        scene.run().await;
        assert_eq!(receiver.types(), ["connection.code_needed"]);
        let data = receiver.received()[0].json()["data"].clone();
        assert_eq!(
            (&data["channel"], &data["target"]),
            (&"sms".into(), &"…42".into())
        );
        let url = data["codeUrl"].as_str().expect("an address");
        assert!(
            url.starts_with("https://connect.example.com/p/code/"),
            "{url}"
        );

        let request = ask_for_code(&scene, id, 120_000).await;
        assert_eq!(scene.run().await, 0, "a channel may answer first");
        let (company, over) = (request.company, CodeRequestStatus::Accepted);
        let answered = test.store.tx("test", |tx| {
            Box::pin(tx.set_code_request_status(company, request.id, over))
        });
        answered.await.expect("answered");
        scene.clock.advance(120_000);
        assert_eq!(scene.run().await, 1);
        assert_eq!(receiver.types().len(), 1);
        let rows = scene.deliveries(endpoint).await;
        let dropped = rows
            .iter()
            .find(|row| row.state == WebhookDeliveryState::Dropped);
        assert_eq!(dropped.expect("one").attempts, 0);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_is_removed_while_it_is_told_hears_nothing() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (organization, company) = (scene.client.organization, scene.client.company.id);
        for _ in 0..5 {
            let (gone, _) = scene.endpoint(&receiver.url()).await;
            let removed = test.store.tx("test", |tx| {
                Box::pin(tx.remove_webhook_endpoint(organization, gone))
            });
            let tell = async {
                for _ in 0..5 {
                    scene.tell(WebhookEventType::LinkOpened).await;
                }
            };
            let (removed, ()) = tokio::join!(removed, tell);
            assert!(removed.expect("removed"));
            assert_eq!(test.rows("webhook_deliveries").await, 0);
        }

        // The other was faster: nothing is written, and the work runs again.
        let (gone, _) = scene.endpoint(&receiver.url()).await;
        let (random, mut runs) = (&scene.random, 0);
        let outbox = test
            .store
            .read("test", |tx| Box::pin(Outbox::of(tx, company, random, NOW)));
        let outbox = outbox.await.expect("read").expect("somebody listens");
        let removed = test.store.tx("test", |tx| {
            Box::pin(tx.remove_webhook_endpoint(organization, gone))
        });
        assert!(removed.await.expect("removed"));
        let (outbox, link) = (&outbox, scene.client.link.id);
        let told = test.store.tx("test", |tx| {
            runs += 1;
            let is_again = runs > 1;
            Box::pin(async move {
                match is_again {
                    true => Ok(()),
                    false => outbox.link(tx, WebhookEventType::LinkOpened, link).await,
                }
            })
        });
        told.await.expect("told");
        assert_eq!(runs, 2);
    })
    .await;
}

#[tokio::test]
async fn only_an_endpoint_that_names_codes_and_takes_messages_is_counted_on_for_one() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (organization, company) = (scene.client.organization, scene.client.company.id);
        let needed = WebhookEventType::ConnectionCodeNeeded;
        let is_acted_on = async || {
            let random = &scene.random;
            let outbox = test
                .store
                .read("test", |tx| Box::pin(Outbox::of(tx, company, random, NOW)));
            let outbox = outbox.await.expect("read").expect("somebody listens");
            outbox.is_acted_on(needed)
        };
        scene.endpoint(&receiver.url()).await;
        assert!(!is_acted_on().await, "it hears of all");
        let (names_it, _) = scene.endpoint_for(&receiver.url(), &[needed]).await;
        assert!(is_acted_on().await);
        let noted = test.store.tx("test", |tx| {
            Box::pin(tx.note_webhook_endpoint(organization, names_it, true, NOW))
        });
        noted.await.expect("noted");
        assert!(!is_acted_on().await, "it takes nothing");
    })
    .await;
}
