//! Signatures as Standard Webhooks has them: HMAC-SHA256 over id, time and body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use shared::id::WebhookEventId;

use super::secret::WebhookSecret;

/// The value of `webhook-signature`: one signature for each secret, separated by spaces.
pub(super) fn signatures(
    secrets: &[WebhookSecret],
    id: WebhookEventId,
    seconds: i64,
    body: &str,
) -> String {
    let signed = format!("{id}.{seconds}.{body}");
    let each = secrets.iter().filter_map(|secret| {
        // A key of any length is one.
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.key()).ok()?;
        mac.update(signed.as_bytes());
        Some(format!(
            "v1,{}",
            STANDARD.encode(mac.finalize().into_bytes())
        ))
    });
    each.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use standardwebhooks::Webhook;

    use super::*;
    use crate::clock::{Clock as _, SystemClock, TestRandom};

    /// The crate judges times by the machine's clock.
    #[test]
    fn an_independent_library_verifies_each_signature_and_no_other_body() {
        let random = TestRandom::default();
        let (old, new) = (
            WebhookSecret::random(&random),
            WebhookSecret::random(&random),
        );
        let id = WebhookEventId::from_random([1; 16]);
        let seconds = SystemClock.now().0 / 1000;
        let body = "{\"type\":\"webhook.test\"}";
        let mut headers = HeaderMap::new();
        let both = signatures(&[new.clone(), old.clone()], id, seconds, body);
        for (name, value) in [
            ("webhook-id", id.to_string()),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", both),
        ] {
            headers.insert(name, value.parse().expect("a value"));
        }
        for secret in [&old, &new] {
            let webhook = Webhook::new(&secret.to_text()).expect("a secret");
            assert!(webhook.verify(body.as_bytes(), &headers).is_ok());
            assert!(webhook.verify(b"{}", &headers).is_err());
        }
        let other = Webhook::new(&WebhookSecret::random(&random).to_text()).expect("a secret");
        assert!(other.verify(body.as_bytes(), &headers).is_err());
    }
}
