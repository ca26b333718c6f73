//! A sign-in that waits, and the channels that answer it.

use std::{sync::Arc, time::Duration};

use shared::{
    id::CodeChannelId,
    status::{CodeAnswerer, CodeRequestStatus},
    token::KeyRing,
};
use tokio::time::Instant;

use super::{ChannelCodes, Delivered, OwnerCodes};
use crate::{
    clock::{Clock as _, SystemRandom, TestClock},
    config::{Secret32, VaultKey},
    signin::{CodeAsked, CodeSource as _},
    store::{
        code_channels::CodeChannelRow,
        connections::Connection,
        jobs::KnownKind,
        testing::{NOW, TestStore, fresh, on_both},
    },
    vault::Vault,
};

const NOTICES: [KnownKind; 1] = [KnownKind {
    name: "DELIVER_NOTICE",
    version: 1,
}];
const ASKED: CodeAsked<'static> = CodeAsked {
    channel: None,
    target: None,
    numeric: true,
    refused: None,
};

struct Waiting<'a> {
    test: &'a TestStore,
    codes: ChannelCodes,
    clock: Arc<TestClock>,
    keys: KeyRing,
    connection: Connection,
    channel: CodeChannelRow,
}

impl<'a> Waiting<'a> {
    /// A connection with a mail address.
    async fn new(test: &'a TestStore, is_proven: bool) -> Self {
        let clock = Arc::new(TestClock::at(NOW));
        let client = test.client().await;
        let id = test.connect(&client).await;
        let organization = client.organization;
        let connection = test
            .store
            .read("test", |tx| Box::pin(tx.connection(organization, id)));
        let connection = connection.await.expect("a store").expect("a connection");
        let channel = CodeChannelRow {
            id: CodeChannelId::from_random(fresh()),
            company: client.company.id,
            connection: id,
            kind: CodeAnswerer::Email,
            address: Some(format!("mail-{id}")),
            secret: None,
            last_time_step: None,
            created_at: NOW,
            proven_at: is_proven.then_some(NOW),
            waits_until: NOW.plus(600_000),
            confirmation: None,
        };
        let put = test
            .store
            .tx("test", |tx| Box::pin(tx.put_code_channel(&channel)));
        assert!(put.await.expect("put"));
        let key = VaultKey {
            id: 1,
            key: Secret32::new([5; 32]),
        };
        Self {
            test,
            codes: ChannelCodes {
                store: test.store.clone(),
                vault: Arc::new(Vault::new(&[key])),
                clock: clock.clone(),
                random: Arc::new(SystemRandom),
            },
            clock,
            keys: "1:000102030405060708090a0b0c0d0e0f".parse().expect("keys"),
            connection,
            channel,
        }
    }

    fn owner(&self) -> OwnerCodes<'_> {
        self.asking(true)
    }

    fn asking(&self, persons: bool) -> OwnerCodes<'_> {
        OwnerCodes::new(
            &self.test.store,
            &*self.clock,
            &SystemRandom,
            &self.keys,
            &self.codes.vault,
            &self.connection,
            persons,
        )
    }

    async fn deliver(&self, code: &str) -> Delivered {
        let address = self.channel.address.as_deref().expect("an address");
        let open = self.codes.open_at(CodeAnswerer::Email, address).await;
        let delivered = self.codes.deliver(&open.expect("a store"), code, "").await;
        delivered.expect("a store")
    }

    async fn is_proven(&self) -> bool {
        let (company, connection) = (self.channel.company, self.channel.connection);
        let found = self
            .test
            .store
            .read("test", |tx| Box::pin(tx.code_channels(company, connection)));
        found.await.expect("a store")[0].proven_at.is_some()
    }

    /// Waits until the sign-in waits.
    async fn until_asked(&self) {
        let (company, id) = (self.channel.company, self.channel.connection);
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let last = self
                .test
                .store
                .read("test", |tx| Box::pin(tx.last_code_request(company, id)));
            let last = last.await.expect("a store");
            if last.is_some_and(|last| last.status == CodeRequestStatus::Waiting) {
                return;
            }
            assert!(Instant::now() < deadline, "it waits");
            tokio::task::yield_now().await;
        }
    }

    /// Whether a mail to the owner is due now.
    async fn mail_is_due(&self) -> bool {
        let now = self.clock.now();
        let claimed = self.test.store.tx("test", |tx| {
            Box::pin(tx.claim_job(&NOTICES, now, 600_000, "w"))
        });
        claimed.await.expect("a store").is_some()
    }
}

#[tokio::test]
async fn a_code_that_comes_first_answers_and_proves_its_channel() {
    on_both(async |test| {
        let mut waiting = Waiting::new(test, false).await;
        // Nobody can be asked; what the channel brings is waited for all the same.
        waiting.connection.owner_email = None;
        assert_eq!(waiting.deliver("111111").await, Delivered::Kept);
        waiting.clock.advance(1_000);
        let mut owner = waiting.owner();
        assert_eq!(waiting.deliver("482913").await, Delivered::Kept);
        let code = owner.code(ASKED).await.expect("a store");
        assert_eq!(code.as_deref().map(String::as_str), Some("482913"));
        assert!(!owner.was_asked() && !waiting.is_proven().await);
        owner.end(true).await.expect("a store");
        assert!(waiting.is_proven().await);
    })
    .await;
}

#[tokio::test]
async fn a_code_of_an_earlier_sign_in_answers_nothing() {
    on_both(async |test| {
        let waiting = Waiting::new(test, true).await;
        assert_eq!(waiting.deliver("111111").await, Delivered::Kept);
        waiting.clock.advance(1_000);
        let mut owner = waiting.owner();
        let (code, ()) = tokio::join!(owner.code(ASKED), async {
            waiting.until_asked().await;
            assert_eq!(waiting.deliver("482913").await, Delivered::Given);
        });
        let code = code.expect("a store");
        assert_eq!(code.as_deref().map(String::as_str), Some("482913"));
        owner.end(false).await.expect("a store");
        assert!(waiting.is_proven().await, "once proven, always");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_comes_twice_brings_no_code_anew() {
    on_both(async |test| {
        let waiting = Waiting::new(test, true).await;
        let mut owner = waiting.owner();
        assert_eq!(waiting.deliver("111111").await, Delivered::Kept);
        let first = owner.code(ASKED).await.expect("a store");
        assert_eq!(first.as_deref().map(String::as_str), Some("111111"));
        // It was refused; its mail comes once more, before and after the next question.
        assert_eq!(waiting.deliver("111111").await, Delivered::Kept);
        let (second, ()) = tokio::join!(owner.code(ASKED), async {
            waiting.until_asked().await;
            while waiting.deliver("482913").await != Delivered::Given {
                waiting.until_asked().await;
            }
        });
        let second = second.expect("a store");
        assert_eq!(second.as_deref().map(String::as_str), Some("482913"));
    })
    .await;
}

#[tokio::test]
async fn the_owner_is_asked_when_a_proven_channel_brought_nothing_for_two_minutes() {
    on_both(async |test| {
        for (is_proven, at_once) in [(true, false), (false, true)] {
            let waiting = Waiting::new(test, is_proven).await;
            let mut owner = waiting.owner();
            tokio::select! {
                _ = owner.code(ASKED) => panic!("nobody has answered"),
                () = waiting.until_asked() => {}
            }
            assert_eq!(waiting.mail_is_due().await, at_once);
            waiting.clock.advance(2 * 60_000);
            assert_eq!(waiting.mail_is_due().await, !at_once);
        }
    })
    .await;
}

#[tokio::test]
async fn a_channel_may_answer_while_no_person_is_asked() {
    on_both(async |test| {
        let waiting = Waiting::new(test, false).await;
        let mut codes = waiting.asking(false);
        let (code, ()) = tokio::join!(codes.code(ASKED), async {
            waiting.until_asked().await;
            assert_eq!(waiting.deliver("482913").await, Delivered::Given);
        });
        let code = code.expect("a store");
        assert_eq!(code.as_deref().map(String::as_str), Some("482913"));
        waiting.clock.advance(10 * 60_000);
        assert!(!waiting.mail_is_due().await, "nobody hears of it");
        // Without a channel there is nothing to wait for.
        let (company, id) = (waiting.channel.company, waiting.channel.id);
        let removed = test
            .store
            .tx("test", |tx| Box::pin(tx.remove_code_channel(company, id)));
        removed.await.expect("removed");
        let none = waiting.asking(false).code(ASKED).await.expect("a store");
        assert_eq!(none, None);
    })
    .await;
}
