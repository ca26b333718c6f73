//! One webhook endpoint: its settings, and what was sent to it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use shared::{
    api_key::ApiKeyEnvironment, id::WebhookEndpointId, member::AuditAction, time::UnixMillis,
};

use super::{
    error::ConsoleError,
    form::{Form, Wrong},
    once::Once,
    page::{Place, Shell, render},
    session::SignedIn,
    webhook_words::{answer_words, delivery_words, endpoint_words},
    webhooks::{Filled, audit, shown},
    words::{Moment, StatusWords},
};
use crate::{
    store::{
        Page, PageOf, webhook_deliveries::WebhookDelivery, webhook_endpoints::WebhookEndpoint,
    },
    webhooks::{
        EndpointChange, WebhookSecret, change_endpoint, endpoint, remove_endpoint, rotate_secret,
        seal_secret, send_test,
    },
};

/// Deliveries on a page.
const DELIVERIES: i64 = 25;

/// What stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The number of the page of deliveries.
    page: Option<String>,
    /// What was done just before the page is shown.
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "console/webhook.html")]
struct WebhookPage<'a> {
    shell: Shell<'a>,
    endpoint: &'a WebhookEndpoint,
    deliveries: &'a PageOf<WebhookDelivery>,
    page: Page,
    filled: &'a Filled,
    /// The version that its person has seen.
    version: i64,
    /// What was done just now, in a sentence.
    done: Option<&'static str>,
}

impl WebhookPage<'_> {
    fn words(&self) -> StatusWords {
        endpoint_words(self.endpoint)
    }

    fn moment(&self, at: &UnixMillis) -> Moment {
        Moment::at(*at)
    }

    /// Until when messages are signed with the secret before as well.
    fn overlap(&self) -> Option<Moment> {
        let (_, until) = self.endpoint.secrets.previous.as_ref()?;
        (self.shell.me.now < *until).then(|| Moment::at(*until))
    }

    fn delivery(&self, delivery: &WebhookDelivery) -> StatusWords {
        delivery_words(delivery.state, delivery.attempts)
    }

    fn answer(&self, delivery: &WebhookDelivery) -> String {
        answer_words(&delivery.answer)
    }

    /// All events that it is told; none named means all.
    fn events(&self) -> String {
        let events = self.endpoint.event_types.iter();
        let events: Vec<_> = events.map(|event| event.as_str()).collect();
        events.join(", ")
    }

    fn has_older(&self) -> bool {
        self.page.number.saturating_mul(self.page.limit) < self.deliveries.total
    }
}

async fn page(
    me: &SignedIn,
    status: StatusCode,
    id: WebhookEndpointId,
    (number, done): (i64, Option<&'static str>),
    filled: Option<(&Filled, Option<i64>)>,
) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let page = Page {
        limit: DELIVERIES,
        number,
    };
    let reading = me.console.door.store.read("console.webhook", |tx| {
        Box::pin(async move {
            let endpoint = endpoint(tx, organization, id).await?;
            let deliveries = tx.webhook_deliveries(organization, id, page).await?;
            Ok::<_, ConsoleError>((endpoint, deliveries))
        })
    });
    let (endpoint, deliveries) = reading.await?;
    let known = Filled::from_endpoint(&endpoint);
    let (filled, seen) = filled.unwrap_or((&known, None));
    let html = render(&WebhookPage {
        shell: Shell::new(me, Place::Settings),
        endpoint: &endpoint,
        deliveries: &deliveries,
        page,
        filled,
        // Only who is told what stands there now has seen it.
        version: seen.unwrap_or(endpoint.version),
        done,
    })?;
    Ok((status, html).into_response())
}

/// What was done, as the address names it and as the page tells it.
const DONE: [(&str, &str); 5] = [
    ("saved", "The endpoint was saved."),
    (
        "tested",
        "A test is on its way. Load the page again to see what came of it.",
    ),
    ("off", "It is switched off: what was to be sent waits."),
    ("on", "It is switched on, and what waited is sent."),
    ("again", "It is sent again, as a delivery of its own."),
];

/// Shows one with what was sent to it.
pub(super) async fn show(
    me: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, ConsoleError> {
    me.must_administer()?;
    let id = parsed(&id)?;
    let number = asked.page.and_then(|page| page.parse().ok());
    let number = number.filter(|page| (1..1_000_000).contains(page));
    let mut all = DONE.into_iter();
    let done = all.find(|(name, _)| asked.done.as_deref() == Some(name));
    let told = done.map(|(_, told)| told);
    page(&me, StatusCode::OK, id, (number.unwrap_or(1), told), None).await
}

pub(super) fn parsed(id: &str) -> Result<WebhookEndpointId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound)
}

/// Leads to the page, which says what was done.
pub(super) fn go(id: WebhookEndpointId, done: &str) -> Response {
    Redirect::to(&format!("/console/webhooks/{id}?done={done}")).into_response()
}

/// Writes a change with its line in the audit log. False when the form was made of another version than there is now.
async fn write(
    me: &SignedIn,
    id: WebhookEndpointId,
    version: Option<i64>,
    change: &EndpointChange,
) -> Result<bool, ConsoleError> {
    let (organization, now) = (me.organization.id, me.now);
    let door = &me.console.door;
    let random = &*door.random;
    let writing = door.store.tx("console.change_webhook", |tx| {
        Box::pin(async move {
            let before = endpoint(tx, organization, id).await?;
            if version.is_some_and(|version| version != before.version) {
                return Ok(false);
            }
            let after = change_endpoint(tx, random, before, change, now).await?;
            tx.add_audit_event(&audit(me, AuditAction::WebhookChanged, &after))
                .await?;
            Ok::<_, ConsoleError>(true)
        })
    });
    writing.await
}

/// Changes address, name and events.
pub(super) async fn save(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let id = parsed(&id)?;
    let version = form.text("version").parse().unwrap_or_default();
    let mut filled = Filled::of(&form);
    let new = match filled.read(&me) {
        Ok(new) => new,
        Err(wrong) => {
            filled.wrong = Some(wrong);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return page(&me, status, id, (1, None), Some((&filled, Some(version)))).await;
        }
    };
    let change = EndpointChange {
        url: Some(new.url),
        description: Some(new.description),
        event_types: Some(new.event_types),
        is_active: None,
    };
    if !write(&me, id, Some(version), &change).await? {
        let told = "Somebody changed it meanwhile. What you see here is yours: save again to put it in the place of theirs.";
        filled.wrong = Some(Wrong::new("settings", told));
        return page(
            &me,
            StatusCode::CONFLICT,
            id,
            (1, None),
            Some((&filled, None)),
        )
        .await;
    }
    Ok(go(id, "saved"))
}

/// Switches it on or off.
pub(super) async fn switch(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let id = parsed(&id)?;
    let is_on = form.text("on") == "yes";
    let change = EndpointChange {
        is_active: Some(is_on),
        ..EndpointChange::default()
    };
    write(&me, id, None, &change).await?;
    Ok(go(id, if is_on { "on" } else { "off" }))
}

/// Gives it another secret, which is shown once; for a day messages are signed with both.
pub(super) async fn rotate(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let (id, once) = (parsed(&id)?, &Once::of(&me, &form)?);
    let (organization, now) = (me.organization.id, me.now);
    let door = &me.console.door;
    let secret = WebhookSecret::random(&*door.random);
    let sealed = &seal_secret(&door.vault, &*door.random, (organization, id), &secret)?;
    let who = &me;
    let rotating = door.store.tx("console.rotate_webhook_secret", |tx| {
        Box::pin(async move {
            once.take(tx).await?;
            let endpoint = rotate_secret(tx, (organization, id), sealed, now).await?;
            tx.add_audit_event(&audit(who, AuditAction::WebhookSecretMade, &endpoint))
                .await?;
            Ok::<_, ConsoleError>(endpoint)
        })
    });
    let endpoint = rotating.await?;
    shown(&me, &endpoint, &secret).await
}

/// Sends it a test.
pub(super) async fn test(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let id = parsed(&id)?;
    let (organization, now) = (me.organization.id, me.now);
    let (who, random) = (&me, &*me.console.door.random);
    let testing = me.console.door.store.tx("console.test_webhook", |tx| {
        Box::pin(async move {
            let (endpoint, _) = send_test(tx, random, (organization, id), now).await?;
            tx.add_audit_event(&audit(who, AuditAction::WebhookTested, &endpoint))
                .await?;
            Ok::<_, ConsoleError>(())
        })
    });
    testing.await?;
    Ok(go(id, "tested"))
}

/// Removes it with what was to be sent to it.
pub(super) async fn remove(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let id = parsed(&id)?;
    let (organization, who) = (me.organization.id, &me);
    let removing = me.console.door.store.tx("console.remove_webhook", |tx| {
        Box::pin(async move {
            let removed = remove_endpoint(tx, organization, id).await?;
            tx.add_audit_event(&audit(who, AuditAction::WebhookRemoved, &removed))
                .await?;
            Ok::<_, ConsoleError>(())
        })
    });
    removing.await?;
    Ok(Redirect::to("/console/webhooks").into_response())
}
