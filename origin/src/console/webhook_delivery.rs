//! One message to a webhook endpoint: what was sent, what came back, and sending it again.

use askama::Template;
use axum::{
    extract::Path,
    response::{Html, Response},
};
use shared::{id::WebhookDeliveryId, member::AuditAction, time::UnixMillis};

use super::{
    error::ConsoleError,
    form::Form,
    page::{Place, Shell, render},
    session::SignedIn,
    webhook::{go, parsed},
    webhook_words::{answer_words, delivery_words, event_words},
    webhooks::audit,
    words::{Moment, StatusWords},
};
use crate::{
    store::{webhook_deliveries::WebhookDelivery, webhook_endpoints::WebhookEndpoint},
    webhooks::{endpoint, send_again},
};

/// The longest body that is shown, in characters.
const BODY_MAX: usize = 20_000;

#[derive(Template)]
#[template(path = "console/webhook_delivery.html")]
struct DeliveryPage<'a> {
    shell: Shell<'a>,
    endpoint: &'a WebhookEndpoint,
    delivery: &'a WebhookDelivery,
}

impl DeliveryPage<'_> {
    fn words(&self) -> StatusWords {
        delivery_words(self.delivery.state, self.delivery.attempts)
    }

    /// When such an event is told.
    fn event(&self) -> &'static str {
        event_words(self.delivery.event.event_type)
    }

    fn answer(&self) -> String {
        answer_words(&self.delivery.answer)
    }

    fn moment(&self, at: &UnixMillis) -> Moment {
        Moment::at(*at)
    }

    /// The body in lines for people, its beginning where it is long.
    fn body(&self) -> String {
        let payload = &self.delivery.event.payload;
        let value: Result<serde_json::Value, _> = serde_json::from_str(payload);
        let lines = value.and_then(|value| serde_json::to_string_pretty(&value));
        let lines = lines.unwrap_or_else(|_| payload.clone());
        match lines.char_indices().nth(BODY_MAX) {
            Some((end, _)) => format!("{}\n…", lines.get(..end).unwrap_or_default()),
            None => lines,
        }
    }
}

/// Shows one message with all that was tried to deliver it.
pub(super) async fn show(
    me: SignedIn,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<Html<String>, ConsoleError> {
    me.must_administer()?;
    let (id, delivery) = (parsed(&id)?, parsed_delivery(&delivery)?);
    let organization = me.organization.id;
    let reading = me
        .console
        .door
        .store
        .read("console.webhook_delivery", |tx| {
            Box::pin(async move {
                let endpoint = endpoint(tx, organization, id).await?;
                let found = tx.webhook_delivery(organization, id, delivery).await?;
                let found = found.ok_or(ConsoleError::NotFound)?;
                Ok::<_, ConsoleError>((endpoint, found))
            })
        });
    let (endpoint, delivery) = reading.await?;
    render(&DeliveryPage {
        shell: Shell::new(&me, Place::Settings),
        endpoint: &endpoint,
        delivery: &delivery,
    })
}

fn parsed_delivery(id: &str) -> Result<WebhookDeliveryId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound)
}

/// Sends it once more.
pub(super) async fn replay(
    me: SignedIn,
    Path((id, delivery)): Path<(String, String)>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_administer()?;
    let (id, delivery) = (parsed(&id)?, parsed_delivery(&delivery)?);
    let (organization, now) = (me.organization.id, me.now);
    let (who, random) = (&me, &*me.console.door.random);
    let sending = me.console.door.store.tx("console.replay_webhook", |tx| {
        Box::pin(async move {
            let of = (organization, id);
            let (endpoint, _) = send_again(tx, random, of, delivery, now).await?;
            tx.add_audit_event(&audit(who, AuditAction::WebhookReplayed, &endpoint))
                .await?;
            Ok::<_, ConsoleError>(())
        })
    });
    sending.await?;
    Ok(go(id, "again"))
}
