//! Reads the bodies of requests that make or change a webhook endpoint.

use shared::webhook::WebhookEventType;
use url::Url;
use utoipa::ToSchema;

use super::{ApiProblem, fields::Fields, schema};
use crate::webhooks::{EndpointAddresses, EndpointChange, NewEndpoint};

/// The longest text of the organization's own.
const MAX_DESCRIPTION: usize = 200;
/// The longest address, in characters.
const MAX_URL: usize = 500;

/// A webhook endpoint to be made.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct NewWebhook {
    /// Where messages are posted: an https address on the public internet.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "https://hooks.example.com/utilities")]
    pub(super) url: Url,
    /// What you call it.
    #[schema(min_length = 1, max_length = 200)]
    pub(super) description: Option<String>,
    /// What it is told; nothing named means all.
    #[schema(value_type = Option<Vec<schema::WebhookEventChoice>>)]
    pub(super) event_types: Vec<WebhookEventType>,
}

/// What is to be changed of a webhook endpoint; what is left out stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct WebhookChange {
    /// Where messages are posted. What is pending is sent there at once.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub(super) url: Option<Url>,
    /// What you call it; null for nothing.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub(super) description: Option<Option<String>>,
    /// What it is told; an empty list means all.
    #[schema(value_type = Option<Vec<schema::WebhookEventChoice>>)]
    pub(super) event_types: Option<Vec<WebhookEventType>>,
    /// Whether anything is sent to it. What is pending waits, and is sent when it is switched on again.
    #[schema(value_type = Option<bool>)]
    pub(super) is_active: Option<bool>,
}

impl NewWebhook {
    pub(super) fn read(
        mut body: Fields,
        addresses: &EndpointAddresses,
    ) -> Result<Self, ApiProblem> {
        let url = body.required_text("url", MAX_URL);
        let url = checked(&mut body, url, addresses);
        let description = body.text("description", MAX_DESCRIPTION);
        let event_types = event_types(&mut body);
        body.done()?;
        // Without one the body was refused.
        let url = url.ok_or(ApiProblem::NotJson)?;
        Ok(Self {
            url,
            description,
            event_types,
        })
    }
}

impl WebhookChange {
    pub(super) fn read(
        mut body: Fields,
        addresses: &EndpointAddresses,
    ) -> Result<Self, ApiProblem> {
        let url = body.text("url", MAX_URL);
        let change = Self {
            url: checked(&mut body, url, addresses),
            description: body.text_or_cleared("description", MAX_DESCRIPTION),
            event_types: body.has("eventTypes").then(|| event_types(&mut body)),
            is_active: body.switch("isActive"),
        };
        body.done()?;
        Ok(change)
    }
}

impl From<NewWebhook> for NewEndpoint {
    fn from(new: NewWebhook) -> Self {
        Self {
            url: new.url,
            description: new.description,
            event_types: new.event_types,
        }
    }
}

impl From<WebhookChange> for EndpointChange {
    fn from(change: WebhookChange) -> Self {
        Self {
            url: change.url,
            description: change.description,
            event_types: change.event_types,
            is_active: change.is_active,
        }
    }
}

fn checked(body: &mut Fields, url: Option<String>, addresses: &EndpointAddresses) -> Option<Url> {
    match addresses.check(&url?) {
        Ok(url) => Some(url),
        Err(error) => {
            body.wrong("url", error.to_string());
            None
        }
    }
}

/// Each type once.
fn event_types(body: &mut Fields) -> Vec<WebhookEventType> {
    let all: Vec<_> = WebhookEventType::choices().collect();
    let mut chosen = body.choices("eventTypes", &all, WebhookEventType::as_str);
    chosen.sort_unstable();
    chosen
}
