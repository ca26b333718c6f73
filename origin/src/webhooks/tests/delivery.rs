//! What is sent when, and what becomes of it.

use shared::webhook::{
    WebhookDeliveryState::{Delivered, Pending},
    WebhookDisabledReason, WebhookEventType, WebhookFault,
};
use standardwebhooks::Webhook;

use super::{
    receiver::{Received, Receiver, Reply},
    scene::{LEASE_MS, Scene},
};
use crate::{
    clock::Clock as _,
    jobs::Ended,
    store::{
        test_databases::migrated_sqlite,
        testing::{NOW, TestStore, on_both},
    },
    webhooks::{
        TIME_LIMIT, WebhookSecret,
        deliver::{PAUSE_MS, RETRIES_MS},
    },
};

const OPENED: WebhookEventType = WebhookEventType::LinkOpened;
const ABANDONED: WebhookEventType = WebhookEventType::LinkAbandoned;
const REVOKED: WebhookEventType = WebhookEventType::LinkRevoked;

/// Whether the message is signed with the secret. The library judges times by the machine's clock, so it only signs.
fn is_signed(message: &Received, secret: &WebhookSecret) -> bool {
    let webhook = Webhook::new(&secret.to_text()).expect("a secret");
    let id = message.header("webhook-id");
    let seconds = message
        .header("webhook-timestamp")
        .parse()
        .expect("seconds");
    let signature = webhook.sign(&id, seconds, &message.body).expect("signed");
    let all = message.header("webhook-signature");
    all.split(' ').any(|one| one == signature)
}

#[tokio::test]
async fn a_message_is_signed_and_delivered_once() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (endpoint, secret) = scene.endpoint(&receiver.url()).await;
        scene.tell(OPENED).await;
        assert_eq!(scene.run().await, 1);
        let received = receiver.received();
        assert_eq!(received.len(), 1);
        let message = &received[0];
        assert!(is_signed(message, &secret));
        let seconds = (NOW.0 / 1000).to_string();
        assert_eq!(message.header("webhook-timestamp"), seconds);
        assert_eq!(message.header("content-type"), "application/json");
        let body = message.json();
        assert_eq!(body["type"], "link.opened");
        assert_eq!(body["data"]["id"], scene.client.link.id.to_string());
        assert_eq!(body["data"]["magicLinkUrl"], serde_json::Value::Null);
        let rows = scene.deliveries(endpoint).await;
        assert_eq!((rows[0].state, rows[0].attempts), (Delivered, 1));
        assert_eq!(message.header("webhook-id"), rows[0].event.id.to_string());
        assert_eq!(rows[0].answer.status_code, Some(204));
        assert_eq!(test.rows("jobs").await, 0, "nothing is left to do");
        assert_eq!(scene.run().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_later_event_of_a_link_waits_while_an_earlier_one_is_retried() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (endpoint, _) = scene.endpoint(&receiver.url()).await;
        receiver.reply(&[Reply::Status(500)]);
        for event in [OPENED, ABANDONED] {
            scene.tell(event).await;
        }
        let other = scene
            .test
            .link(scene.client.organization, scene.client.company.id);
        let other = other.await;
        assert_eq!(scene.run().await, 1);
        assert_eq!(receiver.types(), ["link.opened"]);
        assert_eq!(scene.states(endpoint).await, [Pending, Pending]);
        assert_eq!(scene.stored(endpoint).await.failing_since, Some(NOW));
        let first = &scene.deliveries(endpoint).await[0];
        assert_eq!(first.answer.status_code, Some(500));
        assert_eq!(
            first.answer.excerpt.as_deref(),
            Some("what the endpoint says")
        );

        // Another link does not wait, and neither does a test.
        let mut scene = scene;
        let mine = std::mem::replace(&mut scene.client.link, other);
        scene.tell(REVOKED).await;
        scene.send_test(endpoint).await;
        scene.run().await;
        let mut types = receiver.types().split_off(1);
        types.sort();
        assert_eq!(types, ["link.revoked", "webhook.test"]);
        scene.client.link = mine;

        scene.clock.advance(RETRIES_MS[0] - 1);
        scene.run().await;
        assert_eq!(receiver.types().len(), 3, "not before its time");
        scene.clock.advance(1);
        assert_eq!(scene.run().await, 1);
        assert_eq!(receiver.types()[3..], ["link.opened", "link.abandoned"]);
        let received = receiver.received();
        assert_eq!(
            received[0].header("webhook-id"),
            received[3].header("webhook-id"),
            "the same message"
        );
        assert_eq!(scene.states(endpoint).await, [Delivered; 4]);
        assert_eq!(scene.stored(endpoint).await.failing_since, None);
    })
    .await;
}

#[tokio::test]
async fn after_days_of_failure_the_endpoint_is_switched_off() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (endpoint, _) = scene.endpoint(&receiver.url()).await;
        receiver.reply(&[Reply::Status(503); 10]);
        scene.tell(OPENED).await;
        scene.run().await;
        for retry in RETRIES_MS {
            scene.tell(ABANDONED).await;
            assert!(scene.stored(endpoint).await.disabled.is_none());
            scene.clock.advance(retry);
            assert!(scene.run().await > 0);
        }
        assert_eq!(receiver.types().len(), 10);
        let (at, reason) = scene.stored(endpoint).await.disabled.expect("switched off");
        assert_eq!(
            (at, reason),
            (scene.clock.now(), WebhookDisabledReason::Failing)
        );
        // What waited is kept, and nothing more is written for it.
        let expected = vec![Pending; 10];
        assert_eq!(scene.states(endpoint).await, expected);
        scene.tell(REVOKED).await;
        assert_eq!(scene.run().await, 0);
        assert_eq!(scene.states(endpoint).await, expected);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_switched_off_at_once() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (endpoint, _) = scene.endpoint(&receiver.url()).await;
        receiver.reply(&[Reply::Status(410)]);
        scene.tell(OPENED).await;
        scene.tell(ABANDONED).await;
        assert_eq!(scene.run().await, 1);
        let disabled = scene.stored(endpoint).await.disabled;
        assert_eq!(disabled, Some((NOW, WebhookDisabledReason::Gone)));
        assert_eq!(scene.states(endpoint).await, [Pending, Pending]);
        assert_eq!(receiver.types(), ["link.opened"]);
    })
    .await;
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (endpoint, old) = scene.endpoint(&receiver.url()).await;
        let new = WebhookSecret::random(&scene.random);
        let (sealed, organization) = (scene.seal(endpoint, &new), scene.client.organization);
        let until = NOW.plus(1000);
        let rotated = test.store.tx("test", |tx| {
            Box::pin(tx.rotate_webhook_secret(organization, endpoint, &sealed, until, NOW))
        });
        assert!(rotated.await.expect("rotated"));
        scene.send_test(endpoint).await;
        scene.run().await;
        scene.clock.advance(1000);
        scene.send_test(endpoint).await;
        scene.run().await;
        let received = receiver.received();
        let signed = |place: usize| [&old, &new].map(|secret| is_signed(&received[place], secret));
        assert_eq!(signed(0), [true, true]);
        assert_eq!(signed(1), [false, true]);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_public_is_not_reached_and_redirects_are_not_followed() {
    on_both(async |test| {
        let (receiver, inside) = (Receiver::start().await, Receiver::start().await);
        let scene = Scene::new(test, &[&receiver]).await;
        let https = inside.url().replace("http://", "https://");
        let (closed, _) = scene.endpoint(&inside.url()).await;
        let (closed_too, _) = scene.endpoint(&https).await;
        let (nowhere, _) = scene.endpoint("https://name.invalid/").await;
        let (open, _) = scene.endpoint(&receiver.url()).await;
        receiver.reply(&[Reply::Redirect]);
        scene.tell(OPENED).await;
        scene.run().await;
        assert!(inside.types().is_empty());
        assert_eq!(receiver.types().len(), 1);
        for (endpoint, fault, status) in [
            (closed, Some(WebhookFault::BlockedAddress), None),
            (closed_too, Some(WebhookFault::BlockedAddress), None),
            (nowhere, Some(WebhookFault::Dns), None),
            (open, None, Some(307)),
        ] {
            let row = scene.deliveries(endpoint).await.remove(0);
            assert_eq!((row.answer.fault, row.answer.status_code), (fault, status));
            assert_eq!((row.state, row.attempts), (Pending, 1));
        }
    })
    .await;
}

#[tokio::test]
async fn two_nodes_share_the_work_and_a_lost_claim_writes_nothing() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (endpoint, _) = scene.endpoint(&receiver.url()).await;
        let (second, _) = scene.endpoint_for(&receiver.url(), &[ABANDONED]).await;
        for _ in 0..10 {
            scene.tell(OPENED).await;
            scene.tell(ABANDONED).await;
        }
        tokio::join!(scene.run(), scene.run());
        assert_eq!(scene.states(endpoint).await, [Delivered; 20]);
        assert_eq!(scene.states(second).await, [Delivered; 10]);
        assert_eq!(receiver.types().len(), 30, "each once");

        scene.tell(OPENED).await;
        let stale = scene.claim().await.expect("a job");
        scene.clock.advance(LEASE_MS + 1);
        let job = scene.claim().await.expect("its lease ended");
        assert_eq!(scene.run_job(stale).await, Ended::Written);
        assert_eq!(scene.states(endpoint).await[20], Pending);
        scene.run_job(job).await;
        assert_eq!(scene.states(endpoint).await[20], Delivered);
        let received = receiver.received();
        assert_eq!(
            received[30].header("webhook-id"),
            received[31].header("webhook-id"),
            "sent twice, and known by its id"
        );
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = migrated_sqlite(folder.path()).await;
    let test = TestStore { store };
    let receiver = Receiver::start().await;
    let mut scene = Scene::new(&test, &[&receiver]).await;
    scene.time_limit = std::time::Duration::from_millis(100);
    let (endpoint, _) = scene.endpoint(&receiver.url()).await;
    receiver.reply(&[Reply::Nothing]);
    scene.send_test(endpoint).await;
    let job = scene.claim().await.expect("a job");
    scene.run_job(job).await;
    let row = scene.deliveries(endpoint).await.remove(0);
    assert_eq!(row.answer.fault, Some(WebhookFault::Timeout));
    assert_eq!(row.state, Pending);
}

#[tokio::test]
async fn a_change_while_a_message_is_on_its_way_stands() {
    on_both(async |test| {
        let (old, new) = (Receiver::start().await, Receiver::start().await);
        let scene = Scene::new(test, &[&old, &new]).await;
        let (endpoint, _) = scene.endpoint(&old.url()).await;
        old.reply(&[Reply::Held]);
        scene.tell(OPENED).await;
        scene.send_test(endpoint).await;
        let job = scene.claim().await.expect("a job");
        let change = async {
            while old.received().len() < 2 {
                tokio::task::yield_now().await;
            }
            let mut changed = scene.stored(endpoint).await;
            changed.url = new.url().parse().expect("an address");
            let written = test.store.tx("test", |tx| {
                Box::pin(tx.change_webhook_endpoint(&changed, NOW))
            });
            assert!(written.await.expect("changed"));
            old.release();
        };
        let both = async { tokio::join!(scene.run_job(job), change) };
        let (ended, ()) = tokio::time::timeout(TIME_LIMIT, both)
            .await
            .expect("in time");
        assert_eq!(ended, Ended::Written);
        for row in scene.deliveries(endpoint).await {
            assert_eq!((row.state, row.attempts), (Delivered, 1));
        }
        assert_eq!((old.types().len(), new.types().len()), (2, 1));
        assert_eq!(scene.stored(endpoint).await.failing_since, None);
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_ends_its_turn() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (endpoint, _) = scene.endpoint(&receiver.url()).await;
        receiver.reply(&[Reply::Status(500); 64]);
        for _ in 0..65 {
            scene.send_test(endpoint).await;
        }
        assert_eq!(scene.run().await, 1);
        assert_eq!(receiver.types().len(), 64);
        scene.clock.advance(PAUSE_MS - 1);
        assert_eq!(scene.run().await, 0);
        scene.clock.advance(1);
        assert_eq!(scene.run().await, 1);
        assert_eq!(scene.states(endpoint).await, [Delivered; 65]);
    })
    .await;
}

#[tokio::test]
async fn a_change_keeps_since_when_nothing_is_taken_unless_it_is_of_the_address() {
    on_both(async |test| {
        let receiver = Receiver::start().await;
        let scene = Scene::new(test, &[&receiver]).await;
        let (endpoint, _) = scene.endpoint(&receiver.url()).await;
        let organization = scene.client.organization;
        let mut known = scene.stored(endpoint).await;
        let noted = test.store.tx("test", |tx| {
            Box::pin(tx.note_webhook_endpoint(organization, endpoint, true, NOW))
        });
        noted.await.expect("noted");
        for (url, since) in [(receiver.url(), Some(NOW)), (receiver.url() + "/2", None)] {
            known.url = url.parse().expect("an address");
            let changed = test.store.tx("test", |tx| {
                Box::pin(tx.change_webhook_endpoint(&known, NOW))
            });
            assert!(changed.await.expect("changed"));
            assert_eq!(scene.stored(endpoint).await.failing_since, since);
            known.version += 1;
        }
    })
    .await;
}
