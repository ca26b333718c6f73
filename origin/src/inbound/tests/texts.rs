//! Text messages, signed as their provider signs them.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::StatusCode;
use sha1::Sha1;
use shared::status::CodeAnswerer;

use super::{Door, NUMBER, TOKEN};
use crate::store::testing::on_both;

/// The address of the webhook as the provider was told.
pub const WEBHOOK: &str = "https://inbound.example.com/inbound/sms";

impl Door<'_> {
    async fn text(&self, token: &str, body: &str) -> (StatusCode, String) {
        self.text_from("+15005550001", token, body).await
    }

    async fn text_from(&self, sender: &str, token: &str, body: &str) -> (StatusCode, String) {
        let fields = [("Body", body), ("From", sender), ("To", NUMBER)];
        let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("a key");
        mac.update(WEBHOOK.as_bytes());
        for (name, value) in fields {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields.iter().rev() {
            form.append_pair(name, value);
        }
        let sent = self
            .client
            .post(format!("{}/inbound/sms", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .header(
                "x-twilio-signature",
                STANDARD.encode(mac.finalize().into_bytes()),
            )
            .body(form.finish());
        let answer = sent.send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a text"))
    }
}

#[tokio::test]
async fn a_text_message_is_for_the_website_that_it_names() {
    on_both(async |test| {
        let door = Door::open(test, HashMap::new()).await;
        let lumiere = door
            .channel(CodeAnswerer::Sms, "https://www.lumiere.example/")
            .await;
        let river = door
            .channel(CodeAnswerer::Sms, "https://my.blueriver.example/")
            .await;
        let of_lumiere = door.request(&lumiere, true).await;
        let (status, _) = door.text("another token", "Your code is 350617").await;
        assert_eq!(status, StatusCode::FORBIDDEN);
        assert_eq!(door.given(&of_lumiere).await, None);

        // Blue River is not waited for: its code is kept, and Lumiere does not get it.
        door.text(TOKEN, "Blue River: your security code is 771204")
            .await;
        assert_eq!(door.given(&of_lumiere).await, None);
        let (company, connection) = (river.company, river.connection);
        let early = test.store.tx("test", |tx| {
            Box::pin(tx.take_early_code(company, connection, crate::store::testing::NOW))
        });
        assert!(early.await.expect("a store").is_some());

        let (status, answer) = door.text(TOKEN, "Lumiere: your code is 350617").await;
        assert_eq!(status, StatusCode::OK);
        assert!(answer.ends_with("<Response></Response>"), "{answer}");
        let given = door.given(&of_lumiere).await;
        assert_eq!(given, Some(("350617".to_owned(), Some(lumiere.id))));

        // Both wait, and the message names neither: nobody gets it.
        let both = (
            door.request(&lumiere, true).await,
            door.request(&river, true).await,
        );
        door.text(TOKEN, "Your code is 918263").await;
        assert_eq!(door.given(&both.0).await, None);
        assert_eq!(door.given(&both.1).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_sender_that_sends_too_much_holds_nobody_else_up() {
    on_both(async |test| {
        let door = Door::open(test, HashMap::new()).await;
        let channel = door
            .channel(CodeAnswerer::Sms, "https://www.lumiere.example/")
            .await;
        let waiting = door.request(&channel, true).await;
        for _ in 0..20 {
            door.text(TOKEN, "hello").await;
        }
        door.text(TOKEN, "Your code is 350617").await;
        assert_eq!(door.given(&waiting).await, None, "it is refused");
        door.text_from("Lumiere", TOKEN, "Your code is 771204")
            .await;
        let given = door.given(&waiting).await;
        assert_eq!(given, Some(("771204".to_owned(), Some(channel.id))));
    })
    .await;
}
