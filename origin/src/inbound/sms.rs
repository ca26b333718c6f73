//! Text messages from an SMS provider, in the format of Twilio's webhook.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use url::form_urlencoded;

use super::{InboundDoor, read};
use crate::config::SmsConfig;

/// The header that carries the provider's signature.
const SIGNATURE: &str = "x-twilio-signature";
/// A webhook's form is far shorter, in bytes.
const FORM_MAX: usize = 64 * 1024;
/// A webhook's form has far fewer fields.
const FIELDS_MAX: usize = 200;
/// Says that nothing is sent back to the sender.
const NO_ANSWER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>";

/// `POST /inbound/sms`: a form with `To`, `From`, `Body` and more. 200 with an empty answer for whatever is signed.
pub(super) async fn receive(State(door): State<Arc<InboundDoor>>, request: Request) -> Response {
    let Some(sms) = &door.sms else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (parts, body) = request.into_parts();
    let form = match read(body, FORM_MAX).await {
        Ok(form) => form,
        Err(status) => return status.into_response(),
    };
    let fields: Vec<(String, String)> = form_urlencoded::parse(&form)
        .take(FIELDS_MAX)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if !is_signed(sms, &parts.headers, &fields) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let field = |wanted: &str| {
        let mut found = fields.iter().filter(|(name, _)| name == wanted);
        found.next().map(|(_, value)| value.as_str())
    };
    if let (Some(number), Some(text)) = (field("To"), field("Body"))
        && let Err(error) = door
            .inbox
            .text(number, field("From").unwrap_or_default(), text)
            .await
    {
        tracing::error!(%error, "a text message could not be taken");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    ([(header::CONTENT_TYPE, "text/xml")], NO_ANSWER).into_response()
}

/// Whether the provider signed the request: HMAC-SHA1 under its token over the address and the sorted fields.
fn is_signed(sms: &SmsConfig, headers: &HeaderMap, fields: &[(String, String)]) -> bool {
    let signature = headers
        .get(SIGNATURE)
        .and_then(|value| STANDARD.decode(value.as_bytes()).ok());
    let mac = Hmac::<Sha1>::new_from_slice(sms.auth_token.as_bytes());
    let (Some(signature), Ok(mut mac)) = (signature, mac) else {
        return false;
    };
    let mut sorted: Vec<&(String, String)> = fields.iter().collect();
    sorted.sort();
    mac.update(sms.public_url.as_str().as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac.verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// The example of the provider's documentation: its token, address, fields and signature.
    #[test]
    fn the_example_of_the_documentation_is_signed() {
        let sms = SmsConfig {
            numbers: Vec::new(),
            auth_token: "12345".to_owned().into(),
            public_url: "https://example.com/myapp.php?foo=1&bar=2"
                .parse()
                .expect("an address"),
        };
        let fields: Vec<(String, String)> = [
            ("Digits", "1234"),
            ("CallSid", "CA1234567890ABCDE"),
            ("To", "+18005551212"),
            ("Caller", "+14158675310"),
            ("From", "+14158675310"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let mut headers = HeaderMap::new();
        assert!(!is_signed(&sms, &headers, &fields));
        headers.insert(
            SIGNATURE,
            HeaderValue::from_static("L/OH5YylLD5NRKLltdqwSvS0BnU="),
        );
        assert!(is_signed(&sms, &headers, &fields));
        let mut other = fields;
        other.push(("Body".to_owned(), "x".to_owned()));
        assert!(!is_signed(&sms, &headers, &other));
    }
}
