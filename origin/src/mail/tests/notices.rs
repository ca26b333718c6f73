//! Notices to owners of connections, and their reminders.

use serde_json::Value;
use shared::{
    id::{CollectionId, ConnectionId, JobId, LinkId, NoticeId, PublicCompanyId},
    status::{ConnectionStatus, LinkEventKind},
    unsubscribe_page::{SubscriptionView, UnsubscribePage},
};
use tokio::sync::watch;

use super::{MINUTE, MailNode, read, recipient, taken, token_keys};
use crate::{
    clock::Clock as _,
    mail::{Subscriptions, bounce::tests::report, bounced_id, deliver_job, note_bounce},
    store::{
        collections::CollectionOutcome,
        connections::FoundStatus,
        mail_subscriptions::OwnerMails,
        notices::{Notice, NoticeContent},
        testing::{Client, NOW, TestStore, fresh, on_both},
    },
};

const DAY: i64 = 24 * 60 * MINUTE;

/// A connection whose owner is to be told that they must sign in again, and the node that tells them.
struct TestNotice {
    id: NoticeId,
    link: LinkId,
    client: Client,
    connection: ConnectionId,
    node: MailNode,
}

impl TestNotice {
    async fn new(test: &TestStore, recipient: &str) -> Self {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let company = client.company.id;
        let link = test.link(client.organization, company).await.id;
        let broken = CollectionOutcome {
            id: CollectionId::from_random(fresh()),
            found: FoundStatus {
                status: ConnectionStatus::PasswordIncorrect,
                detail: None,
                error_detail: None,
            },
            bills_found: 0,
            bills_new: 0,
            held_requests: 0,
            unproven: None,
            next_at: None,
            now: NOW,
        };
        let notice = Notice {
            id: NoticeId::from_random(fresh()),
            company,
            connection,
            content: NoticeContent::SignInAgain(link),
            recipient: recipient.into(),
            reminders: 0,
            first_at: NOW,
            created_at: NOW,
        };
        let job = deliver_job(JobId::from_random(fresh()), &notice, NOW).expect("a job");
        let (broken, notice, job) = (&broken, &notice, &job);
        let written = test.store.tx("test", |tx| {
            Box::pin(async move {
                tx.start_collection(company, connection, broken.id, NOW)
                    .await?;
                let ended = tx.end_collection(company, connection, broken).await?;
                assert!(ended.is_some(), "the connection needs its client");
                tx.add_notice(notice).await?;
                tx.enqueue(job).await
            })
        });
        written.await.expect("a notice");

        Self {
            id: notice.id,
            link,
            client,
            connection,
            node: MailNode::new(test),
        }
    }

    async fn last_of_log(&self) -> (LinkEventKind, Option<String>) {
        let (organization, link) = (self.client.organization, self.link);
        let log = self
            .node
            .worker
            .store
            .read("test", |tx| Box::pin(tx.link_events(organization, link)));
        let last = log.await.expect("a log").pop().expect("a line");
        (last.kind, last.detail)
    }
}

#[tokio::test]
async fn a_refused_notice_ends_and_stands_in_the_log_of_its_link() {
    on_both(async |test| {
        let notice = TestNotice::new(test, &recipient("unknown")).await;
        assert!(notice.node.deliver().await);
        let words = "550 5.1.1 … there is no such mailbox".to_owned();
        let refused = (LinkEventKind::MailRefused, Some(words));
        assert_eq!(notice.last_of_log().await, refused);
        assert_eq!(test.rows("notices").await, 1, "nobody is reminded");
        assert_eq!(test.rows("notices WHERE refusal LIKE '550 %'").await, 1);
        notice.node.clock.advance(30 * 24 * 60 * MINUTE);
        assert!(!notice.node.deliver().await, "it is over");
    })
    .await;
}

#[tokio::test]
async fn what_the_server_does_not_take_now_is_tried_again_for_a_day() {
    on_both(async |test| {
        let to = recipient("greylisted");
        let notice = TestNotice::new(test, &to).await;
        assert!(notice.node.deliver().await && taken(&to).is_empty());
        notice.node.clock.advance(5 * MINUTE - 1);
        assert!(!notice.node.deliver().await, "not yet");
        notice.node.clock.advance(1);
        assert!(notice.node.deliver().await);
        let [mail] = taken(&to).try_into().expect("one message");
        assert!(
            mail["message"]
                .as_str()
                .is_some_and(|text| text.contains("Message-ID: <"))
        );
        assert_eq!(test.rows("notices").await, 2, "a reminder follows");
        let sent = (LinkEventKind::MailSent, Some(to));
        assert_eq!(notice.last_of_log().await, sent);
    })
    .await;
    on_both(async |test| {
        let notice = TestNotice::new(test, &recipient("full")).await;
        let mut wait = 5 * MINUTE;
        let began = notice.node.clock.now();
        for _ in 0..8 {
            assert!(notice.node.deliver().await);
            notice.node.clock.advance(wait - 1);
            assert!(!notice.node.deliver().await, "after {wait} ms");
            notice.node.clock.advance(1);
            wait *= 2;
        }
        assert_eq!(test.rows("notices").await, 1);
        assert!(notice.node.deliver().await, "the last try");
        assert!(notice.node.clock.now() < began.plus(24 * 60 * MINUTE));
        notice.node.clock.advance(24 * 60 * MINUTE);
        assert!(!notice.node.deliver().await, "given up");
        assert_eq!(test.rows("notices WHERE dropped_at IS NOT NULL").await, 1);
        assert_eq!(test.rows("notices").await, 2, "a later mail may arrive");
    })
    .await;
}

/// A message that the server took, and whose end was not written because the node crashed, is sent once more.
#[tokio::test]
async fn a_notice_that_is_sent_twice_has_one_message_id() {
    on_both(async |test| {
        let to = recipient("owner");
        let notice = TestNotice::new(test, &to).await;
        let job = notice.node.claim().await.expect("due");
        notice.node.clock.advance(2 * MINUTE);
        // The lease ran out: what this run did is not written.
        let again = notice.node.claim().await.expect("due again");
        for job in [job, again] {
            let (_running, stop) = watch::channel(false);
            notice.node.worker.work(job, stop).await;
        }
        let ids: Vec<_> = taken(&to)
            .iter()
            .map(|mail| {
                let text = mail["message"].as_str().expect("text");
                let line = text.lines().find(|line| line.starts_with("Message-ID: "));
                line.expect("an id").to_owned()
            })
            .collect();
        assert!(ids.len() == 2 && ids.first() == ids.last(), "{ids:?}");
    })
    .await;
}

/// The days after the first notice on which the owner was written to, in this many days.
async fn days_told(notice: &TestNotice, to: &str, days: i64) -> Vec<i64> {
    let mut told = Vec::new();
    for day in 0..=days {
        while notice.node.deliver().await {
            told.push(day);
        }
        notice.node.clock.advance(DAY);
    }
    assert_eq!(taken(to).len(), told.len());
    told
}

/// How many more mails the owner gets in so many days.
async fn told_within(notice: &TestNotice, to: &str, days: i64) -> usize {
    let before = taken(to).len();
    for _ in 0..days {
        while notice.node.deliver().await {}
        notice.node.clock.advance(DAY);
    }
    taken(to).len() - before
}

#[tokio::test]
async fn an_owner_is_reminded_on_days_3_7_and_14() {
    on_both(async |test| {
        let to = recipient("owner");
        let notice = TestNotice::new(test, &to).await;
        assert_eq!(days_told(&notice, &to, 40).await, [0, 3, 7, 14]);
        let mails = taken(&to);
        let subjects = mails.iter().map(|mail| read(mail).subject);
        let subjects: Vec<_> = subjects.collect();
        assert_eq!(subjects[0], "Please sign in to utility.example again");
        let reminder = "Reminder: Please sign in to utility.example again";
        assert_eq!(subjects[1..], [reminder; 3]);
        for (place, mail) in mails.iter().enumerate() {
            assert_eq!(unsubscribe_address(mail).is_some(), place > 0);
        }
    })
    .await;
}

/// The address that ends reminders, if the message names one in its headers and in both parts.
fn unsubscribe_address(mail: &Value) -> Option<String> {
    let message = mail["message"]
        .as_str()
        .expect("text")
        .replace("\r\n ", " ");
    let (_, rest) = message.split_once("List-Unsubscribe: <")?;
    let (address, _) = rest.split_once('>').expect("its end");
    let one_click = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    assert!(message.contains(one_click) && message.contains("Auto-Submitted: auto-generated"));
    let shown = read(mail);
    assert!(shown.text.contains(address) && shown.html.contains(&format!("href=\"{address}\"")));
    Some(address.to_owned())
}

#[tokio::test]
async fn who_unsubscribed_is_reminded_no_more_until_they_want_it_again() {
    on_both(async |test| {
        let to = recipient("owner");
        let notice = TestNotice::new(test, &to).await;
        assert_eq!(days_told(&notice, &to, 4).await, [0, 3]);
        let address = taken(&to).iter().find_map(unsubscribe_address);
        let address = address.expect("an address");
        let path = address.strip_prefix("https://connect.example/p/unsubscribe/");
        let (company, token) = path.and_then(|path| path.split_once('/')).expect("a path");
        let subscriptions = Subscriptions {
            store: test.store.clone(),
            token_keys: token_keys(),
            clock: notice.node.clock.clone(),
        };
        let page = |company: &str| UnsubscribePage {
            public_company_id: company.parse().expect("an id"),
            token: token.to_owned(),
        };
        let wanted = |view: Option<SubscriptionView>| view.map(|view| view.wants_reminders);
        let own = page(company);
        let seen = subscriptions.view(&own).await.expect("a store");
        assert_eq!(wanted(seen), Some(true));
        let other = page(&PublicCompanyId::from_random(fresh()).to_string());
        let seen = subscriptions.change(&other, false).await.expect("a store");
        assert_eq!(wanted(seen), None, "the token is another company's");
        for _ in 0..2 {
            let seen = subscriptions.change(&own, false).await.expect("a store");
            assert_eq!(wanted(seen), Some(false));
        }
        assert_eq!(told_within(&notice, &to, 30).await, 0);
        let seen = subscriptions.change(&own, true).await.expect("a store");
        assert_eq!(wanted(seen), Some(true));
    })
    .await;
}

#[tokio::test]
async fn an_organization_that_wants_no_mails_to_owners_has_none_sent() {
    on_both(async |test| {
        let to = recipient("owner");
        let notice = TestNotice::new(test, &to).await;
        let off = OwnerMails {
            of_repairs: false,
            of_connected: true,
        };
        let organization = notice.client.organization;
        let set = test.store.tx("test", |tx| {
            Box::pin(tx.set_owner_mails(organization, off, NOW))
        });
        set.await.expect("a store");
        assert!(notice.node.deliver().await && taken(&to).is_empty());
        assert_eq!(test.rows("notices WHERE dropped_at IS NOT NULL").await, 1);
        assert_eq!(test.rows("notices").await, 1, "no reminder follows");
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_is_paused_reminds_nobody() {
    on_both(async |test| {
        let to = recipient("owner");
        let notice = TestNotice::new(test, &to).await;
        assert_eq!(days_told(&notice, &to, 4).await, [0, 3]);
        let (company, connection) = (notice.client.company.id, notice.connection);
        let paused = test.store.tx("test", |tx| {
            Box::pin(tx.switch_connection_off(company, connection, NOW))
        });
        paused.await.expect("a store");
        assert_eq!(told_within(&notice, &to, 30).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_comes_back_is_noted_once_and_reminds_nobody() {
    on_both(async |test| {
        let to = recipient("owner");
        let notice = TestNotice::new(test, &to).await;
        assert!(notice.node.deliver().await);
        let sender = taken(&to)[0]["sender"].as_str().expect("text").to_owned();
        let (local, _) = sender.split_once('@').expect("an address");
        let id = bounced_id(local).expect("a mail's id");
        let report = report("failed");
        for is_new in [true, false] {
            let noted = note_bounce(&test.store, id, report.as_bytes(), NOW).await;
            assert_eq!(noted.expect("a store"), is_new);
        }
        let words = "550 5.1.1 … no such user".to_owned();
        let bounced = (LinkEventKind::MailBounced, Some(words));
        assert_eq!(notice.last_of_log().await, bounced);
        assert_eq!(told_within(&notice, &to, 30).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_comes_back_before_its_end_is_written_reminds_nobody() {
    on_both(async |test| {
        let to = recipient("owner");
        let notice = TestNotice::new(test, &to).await;
        let (id, report) = (notice.id.to_string(), report("failed"));
        let noted = note_bounce(&test.store, &id, report.as_bytes(), NOW).await;
        assert!(noted.expect("a store"));
        assert!(notice.node.deliver().await);
        let kept = "notices WHERE delivered_at IS NOT NULL AND refusal LIKE '550 %'";
        assert_eq!(test.rows(kept).await, 1);
        assert_eq!(test.rows("notices").await, 1, "no reminder follows");
    })
    .await;
}
