//! The door over a real socket, with signatures checked by a zone of its own.

mod dns;
mod texts;

use std::{collections::HashMap, sync::Arc};

use futures_util::{FutureExt as _, future::BoxFuture};
use mail_auth::{
    common::{crypto::Ed25519Key, headers::HeaderWriter as _},
    dkim::DkimSigner,
};
use reqwest::StatusCode;
use shared::{
    entry::SealedEntry,
    id::{CodeChannelId, FlowRef},
    sealing::SealingKey,
    status::CodeAnswerer,
};
use url::Url;

use super::{InboundDoor, router};
use crate::{
    clock::{Clock as _, SystemRandom, TestClock},
    codes::{
        ChannelCodes, ForwardingAnswer, ForwardingConfirmation, Inbox, MailAuthentication,
        MailProvider, SpfResult, certain_link, open_confirmation,
    },
    config::{Secret32, SmsConfig, VaultKey},
    store::{
        StoreError,
        code_channels::CodeChannelRow,
        code_requests::{AskedCode, CodeRequest},
        testing::{
            Client, NOW, TestStore, finish, finish_input, fresh, on_both, waiting_code_request,
        },
    },
    vault::Vault,
};

const DOMAIN: &str = "codes.example";
const NUMBER: &str = "+15005550006";
const TOKEN: &str = "token-of-the-provider";
const SECRET: &str = "0b0c0d0e0f000102030405060708090a0b0c0d0e0f000102030405060708090a";

/// A running door.
struct Door<'a> {
    test: &'a TestStore,
    clock: Arc<TestClock>,
    vault: Arc<Vault>,
    base: String,
    client: reqwest::Client,
}

/// Follows nothing, but says whether it would: the provider of the tests is known to it.
struct WouldAnswer;

impl ForwardingAnswer for WouldAnswer {
    fn answer<'a>(&'a self, confirmation: &'a ForwardingConfirmation) -> BoxFuture<'a, bool> {
        let provider = MailProvider {
            domain: "mailhost.example".into(),
            hosts: vec!["settings.mailhost.example".into()],
        };
        async move { certain_link(&[provider], confirmation).is_some() }.boxed()
    }
}

impl<'a> Door<'a> {
    async fn open(test: &'a TestStore, zone: HashMap<String, String>) -> Self {
        let clock = Arc::new(TestClock::at(NOW));
        let vault = Arc::new(Vault::new(&[VaultKey {
            id: 1,
            key: Secret32::new([5; 32]),
        }]));
        let codes = ChannelCodes {
            store: test.store.clone(),
            vault: Arc::clone(&vault),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
        };
        let authentication = MailAuthentication::new(Some(dns::serve(zone).await));
        let inbox = Inbox::new(
            codes,
            authentication,
            Arc::new(WouldAnswer),
            Some(DOMAIN.into()),
            vec![NUMBER.into()],
        );
        let door = InboundDoor {
            inbox: Arc::new(inbox),
            secret: Some(SECRET.parse().expect("a secret")),
            sms: Some(SmsConfig {
                numbers: vec![NUMBER.into()],
                auth_token: TOKEN.to_owned().into(),
                public_url: texts::WEBHOOK.parse().expect("an address"),
            }),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router(door)).await });
        Self {
            test,
            clock,
            vault,
            base: format!("http://{address}"),
            client: reqwest::Client::builder()
                .timeout(std::time::Duration::from_secs(20))
                .build()
                .expect("a client"),
        }
    }

    /// A connection at this website with a proven channel.
    async fn channel(&self, kind: CodeAnswerer, provider: &str) -> CodeChannelRow {
        let client: Client = self.test.client().await;
        let mut input = finish_input(&client);
        input.provider_url = provider.parse().expect("an address");
        let finished = self
            .test
            .store
            .tx("test", |tx| Box::pin(finish(tx, &input)));
        finished.await.expect("a connection");
        let id = CodeChannelId::from_random(fresh());
        let channel = CodeChannelRow {
            id,
            company: client.company.id,
            connection: input.connection,
            kind,
            address: Some(match kind {
                CodeAnswerer::Sms => NUMBER.to_owned(),
                _ => format!("mail-{id}"),
            }),
            secret: None,
            last_time_step: None,
            created_at: NOW,
            proven_at: Some(NOW),
            waits_until: NOW,
            confirmation: None,
        };
        self.put(&channel).await;
        channel
    }

    async fn put(&self, channel: &CodeChannelRow) {
        let put = self
            .test
            .store
            .tx("test", |tx| Box::pin(tx.put_code_channel(channel)));
        assert!(put.await.expect("put"));
    }

    /// A sign-in of the channel's connection waits for a code; its key opens what it is given.
    async fn request(&self, of: &CodeChannelRow, numeric: bool) -> (CodeRequest, SealingKey) {
        let key = SealingKey::from_random(&[9; 32]).expect("a key");
        let request = CodeRequest {
            public_key: key.public(),
            asked: AskedCode {
                channel: None,
                target: None,
                numeric,
                refused: None,
            },
            number: 2,
            ..waiting_code_request(of.company, of.connection, NOW)
        };
        let added = self
            .test
            .store
            .tx("test", |tx| Box::pin(tx.add_code_request(&request)));
        added.await.expect("a request");
        (request, key)
    }

    /// The code that the request was given, and the channel that gave it.
    async fn given(
        &self,
        (request, key): &(CodeRequest, SealingKey),
    ) -> Option<(String, Option<CodeChannelId>)> {
        let (company, id) = (request.company, request.id);
        let taken = self.test.store.tx("test", |tx| {
            Box::pin(async move {
                let answer = tx.take_code_answer(company, id).await?;
                let by = tx.code_request(company, id).await?;
                Ok::<_, StoreError>(answer.zip(by))
            })
        });
        let (answer, by) = taken.await.expect("a store")?;
        let page = FlowRef::from_bytes(*id.as_bytes());
        let mut opener = key.opener(&answer.public_key, page).expect("a key");
        let plain = opener.open(0, &answer.sealed).expect("it opens");
        let entry: SealedEntry = serde_json::from_slice(&plain).expect("an entry");
        assert_eq!(entry.number, request.number);
        Some((entry.values[0].text.to_string(), by.answered_by))
    }

    async fn mail(&self, to: &str, raw: &str) -> StatusCode {
        let sent = self
            .client
            .post(format!("{}/inbound/mail", self.base))
            .bearer_auth(SECRET)
            .header("x-envelope-recipient", to)
            .body(raw.to_owned());
        sent.send().await.expect("an answer").status()
    }

    /// As [`Self::mail`], brought by a host for a sender.
    async fn mail_from(&self, to: &str, (sender, client): (&str, &str), raw: &str) -> StatusCode {
        let sent = self
            .client
            .post(format!("{}/inbound/mail", self.base))
            .bearer_auth(SECRET)
            .header("x-envelope-recipient", to)
            .header("x-envelope-sender", sender)
            .header("x-client-address", client)
            .body(raw.to_owned());
        sent.send().await.expect("an answer").status()
    }

    async fn confirmation(&self, of: &CodeChannelRow) -> Option<ForwardingConfirmation> {
        let (company, id) = (of.company, of.id);
        let taken = self
            .test
            .store
            .tx("test", |tx| Box::pin(tx.take_confirmation(company, id)));
        let sealed = taken.await.expect("a store")?;
        let opened = open_confirmation(&self.vault, (company, id), &sealed);
        Some(opened.expect("it opens"))
    }
}

fn address(channel: &CodeChannelRow) -> String {
    let local = channel.address.as_deref().unwrap_or_default();
    format!("{local}@{DOMAIN}")
}

fn mail(code: &str) -> String {
    format!(
        "From: Portal <no-reply@power.example>\r\nTo: x@{DOMAIN}\r\nSubject: Your verification code\r\n\r\n\
         Your verification code is {code}.\r\n"
    )
}

#[tokio::test]
async fn the_code_of_a_mail_is_given_to_the_sign_in_that_waits() {
    on_both(async |test| {
        let door = Door::open(test, HashMap::new()).await;
        let channel = door
            .channel(CodeAnswerer::Email, "https://power.example/")
            .await;
        let other = door
            .channel(CodeAnswerer::Email, "https://power.example/")
            .await;
        let (mine, theirs) = (
            door.request(&channel, true).await,
            door.request(&other, true).await,
        );
        // The domain is spelled as senders like, and letters are no digits.
        let to = address(&channel).to_uppercase();
        assert_eq!(
            door.mail(&to, &mail("K7P2MX")).await,
            StatusCode::NO_CONTENT
        );
        assert_eq!(door.given(&mine).await, None);
        assert_eq!(
            door.mail(&to, &mail("482913")).await,
            StatusCode::NO_CONTENT
        );
        let given = door.given(&mine).await;
        assert_eq!(given, Some(("482913".to_owned(), Some(channel.id))));
        assert_eq!(door.given(&theirs).await, None);
        let kept = test.rows("code_channels").await;
        assert_eq!(kept, 2, "nothing is kept but the channels");
    })
    .await;
}

#[tokio::test]
async fn the_door_takes_nothing_else() {
    on_both(async |test| {
        let door = Door::open(test, HashMap::new()).await;
        let channel = door
            .channel(CodeAnswerer::Email, "https://power.example/")
            .await;
        let to = address(&channel);
        let url = format!("{}/inbound/mail", door.base);
        let post = || {
            let request = door.client.post(&url);
            request
                .header("x-envelope-recipient", &to)
                .body(mail("482913"))
        };
        for request in [
            post(),
            post().bearer_auth("0".repeat(64)),
            post().bearer_auth("x"),
        ] {
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        }
        let long = "x".repeat(shared::inbound_mail::MAIL_MAX + 1);
        assert_eq!(door.mail(&to, &long).await, StatusCode::PAYLOAD_TOO_LARGE);
        for nobody in ["", "nobody@codes.example", "@codes.example"] {
            assert_eq!(
                door.mail(nobody, &mail("1234")).await,
                StatusCode::NOT_FOUND,
                "{nobody}"
            );
        }
        let elsewhere = to.replace(DOMAIN, "other.example");
        assert_eq!(
            door.mail(&elsewhere, &mail("1234")).await,
            StatusCode::NOT_FOUND
        );
        // Nobody has proven it, and nobody sets it up any more.
        let closed = CodeChannelRow {
            id: CodeChannelId::from_random(fresh()),
            proven_at: None,
            ..channel.clone()
        };
        door.put(&closed).await;
        assert_eq!(door.mail(&to, &mail("1234")).await, StatusCode::NOT_FOUND);
        door.put(&channel).await;
        let mut answers = Vec::new();
        for _ in 0..25 {
            answers.push(door.mail(&to, "Subject: hello\r\n\r\nhello").await);
        }
        assert_eq!(answers[0], StatusCode::NO_CONTENT);
        assert_eq!(answers[24], StatusCode::TOO_MANY_REQUESTS);
    })
    .await;
}

/// A mail provider's key, and its record in the zone.
fn provider() -> (Vec<u8>, HashMap<String, String>) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let pair = Ed25519Key::generate_pkcs8().expect("a key");
    let public = Ed25519Key::from_pkcs8_der(&pair)
        .expect("a key")
        .public_key();
    let record = format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(public));
    let policy = "v=spf1 ip4:192.0.2.7 -all".to_owned();
    let zone = [
        ("s1._domainkey.mailhost.example".to_owned(), record),
        ("mailhost.example".to_owned(), policy),
    ];
    (pair, zone.into())
}

fn signed(pair: &[u8], raw: &str) -> String {
    signed_over(pair, &["From", "To", "Subject"], raw)
}

/// Signs these headers and the body.
fn signed_over(pair: &[u8], headers: &[&str], raw: &str) -> String {
    let signature = DkimSigner::from_key(Ed25519Key::from_pkcs8_der(pair).expect("a key"))
        .domain("mailhost.example")
        .selector("s1")
        .headers(headers.iter().copied())
        .sign(raw.as_bytes())
        .expect("a signature");
    format!("{}{raw}", signature.to_header())
}

#[tokio::test]
async fn a_confirmation_is_kept_with_whose_signature_it_bears() {
    on_both(async |test| {
        let (pair, zone) = provider();
        let door = Door::open(test, zone).await;
        let proven = door.channel(CodeAnswerer::Email, "https://power.example/").await;
        let channel = CodeChannelRow {
            id: CodeChannelId::from_random(fresh()),
            proven_at: None,
            waits_until: NOW.plus(600_000),
            ..proven.clone()
        };
        door.put(&channel).await;
        let to = address(&channel);
        let waiting = door.request(&channel, true).await;
        let link = "https://settings.mailhost.example/mail/vf-a1b2c3d4";
        let raw = format!(
            "From: Team <forwarding-noreply@mailhost.example>\r\nTo: {to}\r\n\
             Subject: (#604471938) Forwarding Confirmation\r\n\r\n\
             pat@mailhost.example has requested to automatically forward mail to your address.\r\n\
             Confirmation code: 604471938\r\n\r\nPlease click the link below to confirm the request:\r\n\r\n{link}\r\n"
        );
        assert_eq!(
            door.mail(&to, &signed(&pair, &raw)).await,
            StatusCode::NO_CONTENT
        );
        let kept = door.confirmation(&channel).await.expect("a confirmation");
        assert_eq!(kept.code.as_deref(), Some("604471938"));
        assert_eq!(kept.link.as_deref(), Some(link));
        assert_eq!(kept.signed_by, ["mailhost.example"]);
        assert!(kept.was_answered);
        assert_eq!(door.given(&waiting).await, None, "it is no website's code");

        // What somebody put behind it, or another sender, is signed by nobody.
        let changed = format!("{}Or here: https://evil.example/12345678\r\n", signed(&pair, &raw));
        let forged = signed(&pair, &raw).replace("From: Team", "From: Our Team");
        // Nor is a sender that no signature names, or that stands before the signed one.
        let unnamed = signed_over(&pair, &["To", "Subject"], &raw);
        let second = format!("From: forwarding-noreply@mailhost.example\r\n{}", signed(&pair, &raw));
        for other in [raw.clone(), changed, forged, unnamed, second] {
            door.mail(&to, &other).await;
            let kept = door.confirmation(&channel).await.expect("a confirmation");
            assert!(kept.signed_by.is_empty() && !kept.was_answered, "{kept:?}");
            assert_eq!(kept.spf, None, "nobody told who brought it");
        }

        let sender = "bounce@mailhost.example";
        for (from, result) in [
            ((sender, "192.0.2.7"), Some(SpfResult::Pass)),
            ((sender, "192.0.2.8"), Some(SpfResult::Fail)),
            (("x@unknown.example", "192.0.2.7"), Some(SpfResult::None)),
            (("<>", "192.0.2.7"), None),
            ((sender, "here"), None),
        ] {
            door.mail_from(&to, from, &raw).await;
            let kept = door.confirmation(&channel).await.expect("a confirmation");
            assert_eq!(kept.spf.map(|spf| spf.result), result, "{from:?}");
        }

        // Once the address is set up, whatever comes is read as any other mail.
        door.put(&proven).await;
        door.mail(&to, &signed(&pair, &raw)).await;
        let given = door.given(&waiting).await;
        assert_eq!(given, Some(("604471938".to_owned(), Some(proven.id))));
        door.put(&channel).await;

        door.clock.advance(600_000);
        assert_eq!(
            door.mail(&to, &signed(&pair, &raw)).await,
            StatusCode::NOT_FOUND,
            "nobody waits any more"
        );
        door.put(&proven).await;
        door.mail(&to, &signed(&pair, &raw)).await;
        assert_eq!(door.confirmation(&proven).await, None);
        assert!(Url::parse(link).is_ok() && door.clock.now() > NOW);
    })
    .await;
}
