//! Settings > Webhooks: the endpoints of the organization, and new ones.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use shared::{
    api_key::ApiKeyEnvironment, member::AuditAction, text::is_control, webhook::WebhookEventType,
};
use url::Url;

use super::{
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    once::Once,
    page::{Place, Shell, render},
    session::SignedIn,
    webhook_words::{endpoint_words, event_words},
    words::StatusWords,
};
use crate::{
    store::{Page, audit_events::AuditEvent, webhook_endpoints::WebhookEndpoint},
    webhooks::{
        EndpointRefused, InvalidEndpointUrl, NewEndpoint, WebhookSecret, add_endpoint, new_endpoint,
    },
};

/// The longest name of an endpoint, in characters, as in the API.
const DESCRIPTION_MAX: usize = 200;

/// The fields of an endpoint as they were filled in, and what is wrong with them.
#[derive(Default)]
pub(super) struct Filled {
    pub(super) url: String,
    pub(super) description: String,
    pub(super) events: Vec<String>,
    /// It is told of sandbox companies. This is chosen once.
    pub(super) is_sandbox: bool,
    pub(super) wrong: Option<Wrong>,
}

impl Filled {
    pub(super) fn of(form: &Form) -> Self {
        Self {
            url: form.text("url").to_owned(),
            description: form.text("description").to_owned(),
            events: form.texts("event").map(str::to_owned).collect(),
            is_sandbox: form.text("sandbox") == "yes",
            wrong: None,
        }
    }

    /// The fields as an endpoint has them.
    pub(super) fn from_endpoint(endpoint: &WebhookEndpoint) -> Self {
        let events = endpoint.event_types.iter();
        Self {
            url: endpoint.url.to_string(),
            description: endpoint.description.clone().unwrap_or_default(),
            events: events.map(ToString::to_string).collect(),
            is_sandbox: endpoint.environment == ApiKeyEnvironment::Sandbox,
            wrong: None,
        }
    }

    /// The endpoint that is meant, or what is wrong.
    pub(super) fn read(&self, me: &SignedIn) -> Result<NewEndpoint, Wrong> {
        let url: Url = match me.console.door.endpoints.check(&self.url) {
            Ok(url) => url,
            Err(InvalidEndpointUrl::NotHttps) => {
                return Err(Wrong::new(
                    "url",
                    "Enter an https address, such as https://hooks.example.com/utilities.",
                ));
            }
            Err(InvalidEndpointUrl::Port) => {
                return Err(Wrong::new(
                    "url",
                    "This port cannot be reached: use a usual one, such as 443.",
                ));
            }
            Err(InvalidEndpointUrl::NotPublic) => {
                return Err(Wrong::new(
                    "url",
                    "This address is not on the public internet: use one that we can reach from there.",
                ));
            }
        };
        let description = &self.description;
        if description.chars().count() > DESCRIPTION_MAX || description.contains(is_control) {
            return Err(Wrong::new("description", "Choose a shorter name."));
        }
        let mut event_types: Vec<WebhookEventType> = WebhookEventType::choices()
            .filter(|event| self.events.iter().any(|one| one == event.as_str()))
            .collect();
        event_types.sort_unstable();
        Ok(NewEndpoint {
            url,
            description: Some(description.clone()).filter(|text| !text.is_empty()),
            event_types,
        })
    }

    /// What is wrong with this field.
    pub(super) fn told(&self, field: &str) -> Option<&'static str> {
        told_at(self.wrong, field)
    }

    pub(super) fn is_ticked(&self, event: &WebhookEventType) -> bool {
        self.events.iter().any(|one| one == event.as_str())
    }

    /// All that can be chosen.
    pub(super) fn choices(&self) -> Vec<WebhookEventType> {
        WebhookEventType::choices().collect()
    }

    /// When the event is told.
    pub(super) fn event(&self, event: &WebhookEventType) -> &'static str {
        event_words(*event)
    }
}

#[derive(Template)]
#[template(path = "console/webhooks.html")]
struct WebhooksPage<'a> {
    shell: Shell<'a>,
    endpoints: &'a [WebhookEndpoint],
    filled: &'a Filled,
    /// An endpoint that was made just now, and its secret: it is shown this once.
    made: Option<(&'a WebhookEndpoint, &'a str)>,
}

impl WebhooksPage<'_> {
    fn words(&self, endpoint: &WebhookEndpoint) -> StatusWords {
        endpoint_words(endpoint)
    }

    /// What it is told, in few words.
    fn events(&self, endpoint: &WebhookEndpoint) -> String {
        match endpoint.event_types.as_slice() {
            [] => "Everything".to_owned(),
            [one] => one.to_string(),
            several => format!("{} kinds of events", several.len()),
        }
    }
}

async fn page(
    me: &SignedIn,
    status: StatusCode,
    filled: &Filled,
    made: Option<(&WebhookEndpoint, &str)>,
) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.webhooks", |tx| {
        Box::pin(tx.webhook_endpoints(organization, None, Page::FIRST))
    });
    let found = reading.await?;
    let html = render(&WebhooksPage {
        shell: Shell::new(me, Place::Settings),
        endpoints: &found.rows,
        filled,
        made,
    })?;
    Ok((status, html).into_response())
}

/// Lists the organization's endpoints.
pub(super) async fn list(me: SignedIn) -> Result<Response, ConsoleError> {
    me.must_administer()?;
    page(&me, StatusCode::OK, &Filled::default(), None).await
}

/// Adds an endpoint, and shows its secret once.
pub(super) async fn add(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let once = &Once::of(&me, &form)?;
    let mut filled = Filled::of(&form);
    let new = match filled.read(&me) {
        Ok(new) => new,
        Err(wrong) => {
            filled.wrong = Some(wrong);
            return page(&me, StatusCode::UNPROCESSABLE_ENTITY, &filled, None).await;
        }
    };
    let door = &me.console.door;
    let sources = (&*door.vault, &*door.random);
    let environment = if filled.is_sandbox {
        ApiKeyEnvironment::Sandbox
    } else {
        ApiKeyEnvironment::Production
    };
    let of = (me.organization.id, environment);
    let (endpoint, secret) = new_endpoint(sources, of, new, me.now)?;
    let event = audit(&me, AuditAction::WebhookAdded, &endpoint);
    let (added, event) = (&endpoint, &event);
    let adding = door.store.tx("console.add_webhook", |tx| {
        Box::pin(async move {
            once.take(tx).await?;
            add_endpoint(tx, added).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(())
        })
    });
    match adding.await {
        Ok(()) => shown(&me, &endpoint, &secret).await,
        Err(ConsoleError::Endpoint(EndpointRefused::TooMany)) => {
            let told = "There are 20 endpoints already, which is the most: remove one first.";
            filled.wrong = Some(Wrong::new("url", told));
            page(&me, StatusCode::CONFLICT, &filled, None).await
        }
        Err(error) => Err(error),
    }
}

/// The list with a secret that was made just now.
pub(super) async fn shown(
    me: &SignedIn,
    endpoint: &WebhookEndpoint,
    secret: &WebhookSecret,
) -> Result<Response, ConsoleError> {
    let text = secret.to_text();
    let made = Some((endpoint, text.as_str()));
    page(me, StatusCode::OK, &Filled::default(), made).await
}

/// A line of the audit log about an endpoint.
pub(super) fn audit(me: &SignedIn, did: AuditAction, endpoint: &WebhookEndpoint) -> AuditEvent {
    let id = endpoint.id.to_string();
    me.audit(did, Some(id), Some(endpoint.audit_name()))
}
