//! Sends codes to where they are really read: mail to an HTTP door for raw messages, text messages to a webhook.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{RequestBuilder, redirect::Policy};
use sha1::Sha1;

use crate::{
    customers::Customer,
    outbox::{Channel, Message, Outbox},
};

/// The number that text messages come from.
const FROM: &str = "+15550100199";

/// A door answers within this time.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where codes are sent to. Without a door they can be read on the page of the sandbox alone.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    /// Takes mail.
    pub mail: Option<Door>,
    /// Takes text messages.
    pub sms: Option<Door>,
}

/// An address, and the secret that it knows its callers by.
#[derive(Clone, Debug)]
pub struct Door {
    /// Where it is posted to.
    pub url: String,
    /// The bearer's secret, or the key of signatures.
    pub secret: String,
}

impl Doors {
    /// Sends a message on, if its customer has it forwarded and there is a door for it.
    pub(crate) fn send(&self, person: &Customer, message: &Message, outbox: &Outbox) {
        let Some(to) = outbox.forwarded(person.email, message.channel) else {
            return;
        };
        let request = match (message.channel, &self.mail, &self.sms) {
            (Channel::Email, Some(door), _) => mail(door, &to, &raw_mail(person.email, message)),
            (Channel::Sms, _, Some(door)) => sms(door, &to, &message.text()),
            _ => return,
        };
        tokio::spawn(async move {
            let sent = async { request?.send().await };
            match sent.await {
                Ok(answer) => println!("sent a code on: {}", answer.status()),
                Err(error) => println!("could not send a code on: {}", error.without_url()),
            }
        });
    }
}

/// A mail as it arrives: raw bytes, with its recipient of the envelope in a header.
fn mail(door: &Door, recipient: &str, raw: &str) -> reqwest::Result<RequestBuilder> {
    let request = client()?
        .post(&door.url)
        .bearer_auth(&door.secret)
        .header("content-type", "message/rfc822")
        .header("x-envelope-recipient", recipient)
        .body(raw.to_owned());
    Ok(request)
}

/// A text message as Twilio's webhook tells of it, signed: HMAC-SHA1 over the address and the sorted fields.
fn sms(door: &Door, to: &str, text: &str) -> reqwest::Result<RequestBuilder> {
    // Sorted by name.
    let fields = [
        ("AccountSid", "ACsandbox"),
        ("Body", text),
        ("From", FROM),
        ("MessageSid", "SMsandbox"),
        ("NumMedia", "0"),
        ("To", to),
    ];
    let request = client()?
        .post(&door.url)
        .header("x-twilio-signature", signature(door, &fields))
        .form(&fields);
    Ok(request)
}

fn client() -> reqwest::Result<reqwest::Client> {
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(Policy::none());
    client.no_proxy().build()
}

fn signature(door: &Door, fields: &[(&str, &str)]) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(door.secret.as_bytes()) else {
        return String::new();
    };
    mac.update(door.url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

fn raw_mail(to: &str, message: &Message) -> String {
    let (text, number) = (message.text(), message.number);
    format!(
        "From: Riverbend Power & Water <no-reply@riverbend.example>\r\nTo: <{to}>\r\n\
         Subject: Your verification code\r\nMessage-ID: <{number}@riverbend.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nHello,\r\n\r\n{text}\r\n\r\n\
         If it was not you who signed in, call (555) 010-0100.\r\n"
    )
}

#[cfg(test)]
mod tests {
    use axum::{Router, http::HeaderMap, routing::post};
    use tokio::sync::mpsc;

    use super::*;
    use crate::customers::find;

    #[tokio::test]
    async fn what_is_forwarded_is_posted_to_its_door() {
        let (seen, mut posted) = mpsc::unbounded_channel();
        let take = move |headers: HeaderMap, body: String| async move {
            let _ = seen.send((headers, body));
        };
        let routes = Router::new().route("/", post(take));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let door = Some(Door {
            url,
            secret: "s3cret".into(),
        });
        let doors = Doors {
            mail: door.clone(),
            sms: door,
        };
        let person = find("mail@example.com").expect("a customer");
        let outbox = Outbox::default();
        let mut next = async || {
            let posted = tokio::time::timeout(Duration::from_secs(20), posted.recv()).await;
            posted.expect("in time").expect("posted")
        };
        // Nobody forwards it yet.
        doors.send(
            person,
            &outbox.add(person, Channel::Email, "111111"),
            &outbox,
        );
        outbox.forward(person.email, "a1b2@codes.example");
        doors.send(
            person,
            &outbox.add(person, Channel::Email, "222222"),
            &outbox,
        );
        let (headers, body) = next().await;
        assert_eq!(headers["x-envelope-recipient"], "a1b2@codes.example");
        assert_eq!(headers["authorization"], "Bearer s3cret");
        assert!(
            body.contains("\r\n\r\n") && body.contains("222222"),
            "{body}"
        );
        outbox.forward(person.email, "+15550100000");
        doors.send(person, &outbox.add(person, Channel::Sms, "333333"), &outbox);
        let (headers, body) = next().await;
        assert!(headers.contains_key("x-twilio-signature"));
        assert!(
            body.contains("333333") && body.contains("To=%2B15550100000"),
            "{body}"
        );
    }

    /// The example of Twilio's documentation.
    #[test]
    fn signature_of_the_documented_example() {
        let door = Door {
            url: "https://mycompany.com/myapp.php?foo=1&bar=2".into(),
            secret: "12345".into(),
        };
        let fields = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ];
        assert_eq!(signature(&door, &fields), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }
}
