//! Webhook endpoints and what was sent to them, in words.

use shared::webhook::{
    WebhookDeliveryState, WebhookDisabledReason, WebhookEventType, WebhookFault,
};

use super::words::StatusWords;
use crate::store::{webhook_deliveries::WebhookAnswer, webhook_endpoints::WebhookEndpoint};

/// When an event is told, in a sentence.
pub(super) fn event_words(event: WebhookEventType) -> &'static str {
    match event {
        WebhookEventType::LinkOpened => "Somebody began with a link.",
        WebhookEventType::LinkAbandoned => "Whoever began left before the end.",
        WebhookEventType::LinkFulfilled => "A link has done its work.",
        WebhookEventType::LinkRevoked => "A link was taken back.",
        WebhookEventType::ConnectionCreated => "A client connected an account.",
        WebhookEventType::ConnectionUpdated => {
            "Anything of a connection changed that is more than a time."
        }
        WebhookEventType::ConnectionValidated => "A sign-in was repeated without the client.",
        WebhookEventType::ConnectionCustomerActionRequired => {
            "A connection needs its client: the message has a link to send."
        }
        WebhookEventType::ConnectionRepaired => "A connection works again.",
        WebhookEventType::ConnectionCodeNeeded => {
            "A sign-in waits for a one-time code: the message has the page for it."
        }
        WebhookEventType::BillCreated => "A bill was stored.",
        WebhookEventType::BillUpdated => "What is known of a bill changed.",
        WebhookEventType::CollectionFinished => "A collection ended, well or not.",
        WebhookEventType::WebhookTest => "You asked for a test.",
    }
}

/// How an endpoint stands; `who` says why where it is not well.
pub(super) fn endpoint_words(endpoint: &WebhookEndpoint) -> StatusWords {
    let words = |label, tone, who| StatusWords { label, tone, who };
    match endpoint.disabled {
        Some((_, WebhookDisabledReason::SwitchedOff)) => {
            words("Switched off", "off", "Your organization switched it off.")
        }
        Some((_, WebhookDisabledReason::Gone)) => words(
            "Switched off",
            "bad",
            "It answered that it is gone (410). What was to be sent waits.",
        ),
        Some((_, WebhookDisabledReason::Failing)) => words(
            "Switched off",
            "bad",
            "It took nothing for days. What was to be sent waits.",
        ),
        None if endpoint.failing_since.is_some() => words(
            "Failing",
            "bad",
            "It took nothing that it was last sent. We try again by ourselves.",
        ),
        None => words("Active", "good", ""),
    }
}

/// How a delivery stands.
pub(super) fn delivery_words(state: WebhookDeliveryState, attempts: i64) -> StatusWords {
    let words = |label, tone| StatusWords {
        label,
        tone,
        who: "",
    };
    match state {
        WebhookDeliveryState::Pending if attempts == 0 => words("Waiting", "waits"),
        WebhookDeliveryState::Pending => words("Sent again later", "waits"),
        WebhookDeliveryState::Delivered => words("Delivered", "good"),
        WebhookDeliveryState::Failed => words("Given up", "bad"),
        WebhookDeliveryState::Dropped => words("Dropped, no longer true", "off"),
    }
}

/// What came back, in few words; empty before anything was sent.
pub(super) fn answer_words(answer: &WebhookAnswer) -> String {
    match (answer.status_code, answer.fault) {
        (Some(code), _) => format!("HTTP {code}"),
        (None, Some(fault)) => fault_words(fault).to_owned(),
        (None, None) => String::new(),
    }
}

fn fault_words(fault: WebhookFault) -> &'static str {
    match fault {
        WebhookFault::Timeout => "No answer within 15 seconds",
        WebhookFault::Dns => "The host name does not resolve",
        WebhookFault::BlockedAddress => "The address must not be reached",
        WebhookFault::Unreachable => "No connection, or no encryption that can be trusted",
        WebhookFault::BrokenOff => "The connection ended before the answer",
    }
}
