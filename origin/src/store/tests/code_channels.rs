use shared::{id::CodeChannelId, status::CodeAnswerer, time::UnixMillis};

use crate::store::{
    StoreError,
    code_channels::{CodeChannelRow, EARLY_CODE_MS},
    code_requests::{CodeRequest, SealedAnswer},
    testing::{Client, NOW, TestStore, fresh, on_both, waiting_code_request},
};

const NUMBER: &str = "+447700900123";

impl TestStore {
    /// Runs one function of the store in a transaction of its own.
    async fn put(&self, channel: &CodeChannelRow) -> bool {
        let put = self
            .store
            .tx("test", |tx| Box::pin(tx.put_code_channel(channel)));
        put.await.expect("put")
    }

    async fn channels(&self, of: &CodeChannelRow) -> Vec<CodeChannelRow> {
        let (company, connection) = (of.company, of.connection);
        let found = self
            .store
            .read("test", |tx| Box::pin(tx.code_channels(company, connection)));
        found.await.expect("channels")
    }

    async fn open_at(
        &self,
        kind: CodeAnswerer,
        address: &str,
        now: UnixMillis,
    ) -> Vec<CodeChannelId> {
        let found = self.store.read("test", |tx| {
            Box::pin(tx.code_channels_at(kind, address, now))
        });
        let found = found.await.expect("channels of an address");
        assert!(found.iter().all(|open| open.channel.is_open(now)));
        found.iter().map(|open| open.channel.id).collect()
    }

    async fn channel(&self, client: &Client, kind: CodeAnswerer) -> CodeChannelRow {
        let id = CodeChannelId::from_random(fresh());
        CodeChannelRow {
            id,
            company: client.company.id,
            connection: self.connect(client).await,
            kind,
            address: match kind {
                CodeAnswerer::Authenticator => None,
                CodeAnswerer::Email => Some(format!("mail-{id}")),
                CodeAnswerer::Sms => Some(NUMBER.to_owned()),
            },
            secret: (kind == CodeAnswerer::Authenticator).then(|| vec![1, 2]),
            last_time_step: None,
            created_at: NOW,
            proven_at: None,
            waits_until: NOW.plus(1_000),
            confirmation: None,
        }
    }

    async fn request(&self, of: &CodeChannelRow) -> CodeRequest {
        let request = CodeRequest {
            waits_until: NOW.plus(10_000),
            ..waiting_code_request(of.company, of.connection, NOW)
        };
        let added = self
            .store
            .tx("test", |tx| Box::pin(tx.add_code_request(&request)));
        added.await.expect("a request");
        request
    }
}

#[tokio::test]
async fn one_channel_of_a_kind_for_each_connection() {
    on_both(async |test| {
        let client = test.client().await;
        let mail = test.channel(&client, CodeAnswerer::Email).await;
        let totp = CodeChannelRow {
            id: CodeChannelId::from_random(fresh()),
            kind: CodeAnswerer::Authenticator,
            address: None,
            secret: Some(vec![1, 2]),
            last_time_step: Some(7),
            proven_at: Some(NOW),
            confirmation: Some(vec![3]),
            ..mail.clone()
        };
        assert!(test.put(&mail).await && test.put(&totp).await);
        assert_eq!(test.channels(&mail).await, [totp.clone(), mail.clone()]);

        let again = CodeChannelRow {
            id: CodeChannelId::from_random(fresh()),
            address: Some("another".into()),
            ..mail.clone()
        };
        assert!(test.put(&again).await);
        assert_eq!(test.channels(&mail).await, [totp.clone(), again.clone()]);

        let other = test.client().await;
        let taken = CodeChannelRow {
            address: again.address.clone(),
            ..test.channel(&other, CodeAnswerer::Email).await
        };
        assert!(
            !test.put(&taken).await,
            "the mail address is another channel's"
        );
        let number = test.channel(&test.client().await, CodeAnswerer::Sms).await;
        let same_number = test.channel(&test.client().await, CodeAnswerer::Sms).await;
        assert!(test.put(&number).await && test.put(&same_number).await);
        let mut at = test.open_at(CodeAnswerer::Sms, NUMBER, NOW).await;
        let mut both = [number.id, same_number.id];
        at.sort();
        both.sort();
        assert_eq!(at, both, "a number may serve several connections");

        let (theirs, id) = (other.company.id, totp.id);
        let removed = test
            .store
            .tx("test", |tx| Box::pin(tx.remove_code_channel(theirs, id)));
        removed.await.expect("remove");
        assert_eq!(
            test.channels(&mail).await,
            [totp, again],
            "another company's"
        );
    })
    .await;
}

#[tokio::test]
async fn no_time_step_is_used_twice() {
    on_both(async |test| {
        let client = test.client().await;
        let channel = test.channel(&client, CodeAnswerer::Authenticator).await;
        test.put(&channel).await;
        let take = async |company, step| {
            let id = channel.id;
            let taken = test
                .store
                .tx("test", |tx| Box::pin(tx.take_time_step(company, id, step)));
            taken.await.expect("take")
        };
        let company = client.company.id;
        assert!(take(company, 100).await);
        assert!(!take(company, 100).await && !take(company, 99).await);
        assert!(!take(test.client().await.company.id, 101).await);
        assert!(take(company, 101).await);
    })
    .await;
}

#[tokio::test]
async fn messages_are_read_for_what_waits_or_is_proven() {
    on_both(async |test| {
        let client = test.client().await;
        let channel = test.channel(&client, CodeAnswerer::Email).await;
        test.put(&channel).await;
        let address = channel.address.clone().expect("an address");
        let (company, id, later) = (client.company.id, channel.id, NOW.plus(1_000));
        let kind = CodeAnswerer::Email;
        assert_eq!(test.open_at(kind, &address, NOW).await, [id]);
        assert_eq!(test.open_at(CodeAnswerer::Sms, &address, NOW).await, []);
        assert_eq!(test.open_at(kind, &address, later).await, []);

        let keep = async |now| {
            let kept = test.store.tx("test", |tx| {
                Box::pin(tx.set_confirmation(company, id, &[5, 6], now))
            });
            kept.await.expect("keep")
        };
        assert!(!keep(later).await, "nobody waits any more");
        assert!(keep(NOW).await);
        let forget = async |now| {
            let forgotten = test
                .store
                .tx("test", |tx| Box::pin(tx.forget_unused_messages(now)));
            forgotten.await.expect("forget")
        };
        assert_eq!(forget(NOW).await, 0);
        let take = async || {
            let taken = test
                .store
                .tx("test", |tx| Box::pin(tx.take_confirmation(company, id)));
            taken.await.expect("take")
        };
        assert_eq!((take().await, take().await), (Some(vec![5, 6]), None));
        assert!(keep(NOW).await);
        assert_eq!((forget(later).await, take().await), (1, None));

        let request = test.request(&channel).await;
        let waiting = async |now| {
            let address = address.as_str();
            let found = test.store.read("test", |tx| {
                Box::pin(tx.code_requests_waiting_at(kind, address, now))
            });
            let found = found.await.expect("waiting");
            found
                .into_iter()
                .map(|one| (one.channel, one.request))
                .collect::<Vec<_>>()
        };
        assert_eq!(waiting(NOW).await, [(id, request.clone())]);
        assert_eq!(waiting(later).await, [], "a channel that nobody proved");
        let proven = test.store.tx("test", |tx| {
            Box::pin(tx.set_code_channel_proven(company, id, NOW))
        });
        proven.await.expect("proven");
        assert_eq!(test.open_at(kind, &address, later).await, [id]);
        assert_eq!(waiting(later).await.len(), 1);

        let answered = test.store.tx("test", |tx| {
            let answer = SealedAnswer {
                public_key: "theirs".into(),
                sealed: "code".into(),
            };
            let request = request.id;
            Box::pin(async move {
                let given = tx
                    .answer_code_request(company, request, &answer, Some(id), NOW)
                    .await?;
                Ok::<_, StoreError>((given, tx.code_request(company, request).await?))
            })
        });
        let (given, request) = answered.await.expect("answer");
        assert!(given);
        assert_eq!(request.expect("there").answered_by, Some(id));
        assert_eq!(waiting(NOW).await, [], "it has its answer");
    })
    .await;
}

#[tokio::test]
async fn an_early_code_is_given_once() {
    on_both(async |test| {
        let (mine, theirs) = (test.client().await, test.client().await);
        let mut channels = Vec::new();
        for client in [&mine, &theirs] {
            let channel = test.channel(client, CodeAnswerer::Sms).await;
            test.put(&channel).await;
            channels.push(channel);
        }
        let [mine, theirs] = &channels[..] else {
            unreachable!()
        };
        let keep = async |channel: &CodeChannelRow| {
            let (company, id) = (channel.company, channel.id);
            let kept = test.store.tx("test", |tx| {
                Box::pin(tx.keep_early_code(company, id, &[8], NOW))
            });
            kept.await.expect("keep");
        };
        let take = async |of: &CodeChannelRow, since| {
            let (company, connection) = (of.company, of.connection);
            let taken = test.store.tx("test", |tx| {
                Box::pin(tx.take_early_code(company, connection, since))
            });
            taken.await.expect("take")
        };
        keep(mine).await;
        keep(theirs).await;
        assert_eq!(take(mine, NOW.plus(1)).await, None, "it is of before");
        assert_eq!(take(mine, NOW).await, Some((mine.id, vec![8])));
        assert_eq!(
            take(theirs, NOW).await,
            None,
            "it was the code of the other one"
        );

        keep(mine).await;
        let forgotten = test.store.tx("test", |tx| {
            Box::pin(tx.forget_unused_messages(NOW.plus(EARLY_CODE_MS)))
        });
        assert_eq!(forgotten.await.expect("forget"), 1);
        assert_eq!(take(mine, NOW).await, None);
    })
    .await;
}
