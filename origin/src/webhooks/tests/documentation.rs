//! The samples of the documentation do what they say.

use std::process::Command;

use shared::id::WebhookEventId;

use crate::{
    clock::{Clock as _, SystemClock, TestRandom},
    webhooks::{WebhookSecret, signature::signatures},
};

const GUIDE: &str = include_str!("../../../../docs/webhooks.md");
const BODY: &str = "{\"type\":\"webhook.test\",\"data\":{\"name\":\"Überlandwerk\"}}";

/// The sample in this language.
fn sample(language: &str) -> &'static str {
    let (_, rest) = GUIDE
        .split_once(&format!("```{language}\n"))
        .expect("a sample");
    rest.split_once("```").expect("its end").0
}

fn run(program: &str, flag: &str, script: &str) -> String {
    let ran = Command::new(program).arg(flag).arg(script).output();
    let ran = ran.expect("the program");
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{errors}");
    String::from_utf8_lossy(&ran.stdout)
        .trim()
        .to_ascii_lowercase()
}

#[test]
fn the_samples_take_what_is_signed_and_nothing_else() {
    let random = TestRandom::default();
    let (old, new) = (
        WebhookSecret::random(&random),
        WebhookSecret::random(&random),
    );
    let id = WebhookEventId::from_random([1; 16]);
    let now = SystemClock.now().0 / 1000;
    let secrets = [new, old];
    let other = WebhookSecret::random(&random);
    for (seconds, secret, body, expected) in [
        (now, &secrets[0], BODY, "true"),
        (now, &secrets[1], BODY, "true"),
        (now, &other, BODY, "false"),
        (now, &secrets[0], "{}", "false"),
        (now - 600, &secrets[0], BODY, "false"),
    ] {
        let headers = serde_json::json!({
            "webhook-id": id.to_string(),
            "webhook-timestamp": seconds.to_string(),
            "webhook-signature": signatures(&secrets, id, seconds, BODY),
        });
        let secret = secret.to_text();
        let python = format!(
            "{}\nprint(verify('{}', {headers}, '{body}'.encode()))",
            sample("python"),
            *secret
        );
        assert_eq!(run("python3", "-c", &python), expected, "Python, {body}");
        let node = format!(
            "{}\nconsole.log(verify('{}', {headers}, '{body}'))",
            sample("javascript"),
            *secret
        );
        assert_eq!(run("node", "-e", &node), expected, "JavaScript, {body}");
    }
}
