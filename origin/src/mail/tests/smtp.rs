//! What is said to a mail server.

use std::time::Duration;

use lettre::Message;
use tokio::net::TcpListener;

use super::{FROM, client, folder, login, recipient, settings, taken};
use crate::{
    config::SmtpConfig,
    mail::{SmtpClient, SmtpError},
};

fn message(to: &str) -> Message {
    Message::builder()
        .from(FROM.parse().expect("a sender"))
        .to(to.parse().expect("a recipient"))
        .message_id(Some("<one@connect.example>".into()))
        .body("Grüße\r\n.\r\nand a line with a dot".to_owned())
        .expect("a message")
}

#[tokio::test]
async fn a_message_is_sent_in_each_of_the_three_ways() {
    for listener in ["plain", "starttls", "tls"] {
        let client = client(&settings(listener));
        client.probe().await.expect("a server");
        let to = recipient("owner");
        client.send(&message(&to)).await.expect("sent");
        let [taken] = taken(&to).try_into().expect("one message");
        assert_eq!(taken["listener"], listener);
        assert_eq!(taken["signedIn"], listener != "plain");
        assert_eq!(taken["hello"], "connect.example");
        assert_eq!(taken["sender"], FROM);
        let text = taken["message"].as_str().expect("text");
        assert!(text.contains("Message-ID: <one@connect.example>"), "{text}");
        assert!(
            text.contains("\r\n.\r\nand a line with a dot\r\n"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn only_what_is_said_of_recipient_and_message_is_a_refusal() {
    let sent = async |settings: &SmtpConfig, kind: &str| -> SmtpError {
        let to = recipient(kind);
        let error = client(settings).send(&message(&to)).await;
        assert!(taken(&to).is_empty());
        let error = error.expect_err("not taken");
        assert!(!format!("{error} {}", error.words()).contains("client.example"));
        error
    };
    let good = settings("starttls");
    let unknown = sent(&good, "unknown").await;
    assert!(unknown.is_refusal());
    assert_eq!(unknown.words(), "550 5.1.1 … there is no such mailbox");
    assert!(sent(&good, "picky").await.is_refusal());

    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port_of = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    let (silent_port, closed_port) = (port_of(&silent), port_of(&nobody));
    drop(nobody);
    let plain = settings("plain");
    for (wrong, kind, about) in [
        (good.clone(), "full", "recipient: the server said 452"),
        (
            SmtpConfig {
                login: Some(login("guessed")),
                ..good.clone()
            },
            "owner",
            "signing in to the mail server failed: the server said 535",
        ),
        (
            SmtpConfig {
                login: None,
                ..good.clone()
            },
            "owner",
            "sender: the server said 530",
        ),
        (
            SmtpConfig {
                ca_file: None,
                ..settings("tls")
            },
            "owner",
            "connecting to the mail server failed",
        ),
        (
            SmtpConfig {
                ca_file: None,
                ..good.clone()
            },
            "owner",
            "securing the connection to the mail server failed",
        ),
        (
            SmtpConfig {
                port: plain.port,
                ..good.clone()
            },
            "owner",
            "the server does not offer STARTTLS",
        ),
        (
            SmtpConfig {
                port: closed_port,
                ..plain.clone()
            },
            "owner",
            "connecting to the mail server failed",
        ),
        (
            SmtpConfig {
                port: silent_port,
                time_limit: Duration::from_millis(50),
                ..plain.clone()
            },
            "owner",
            "it took longer than",
        ),
    ] {
        let error = sent(&wrong, kind).await;
        assert!(!error.is_refusal(), "{error}");
        assert!(error.to_string().contains(about), "{about}: {error}");
    }
}

#[test]
fn certificates_that_are_not_there_are_named() {
    let from = FROM.parse().expect("an address");
    for (file, about) in [
        ("nothing.pem", "cannot be read"),
        ("ports.json", "holds no"),
    ] {
        let wrong = SmtpConfig {
            ca_file: Some(folder().join(file)),
            ..settings("tls")
        };
        let error = SmtpClient::new(&wrong, &from).expect_err("no client");
        let said = error.to_string();
        assert!(said.contains(file) && said.contains(about), "{said}");
    }
}
