//! Webhook endpoints at the command line: listed, added, removed, tested, and what was sent to them.

use clap::{Args, Subcommand};
use serde_json::json;
use shared::{
    api_key::ApiKeyEnvironment,
    id::{WebhookDeliveryId, WebhookEndpointId},
    member::AuditAction,
    webhook::WebhookEventType,
};

use super::{
    add::{checked_text, existing_organization},
    context::{CommandContext, Outcome},
    options::{Of, sentence, table},
    output::{Output, failed},
};
use crate::{
    api_types::{DeliveryJson, WebhookJson, render_delivery, render_webhook, rfc3339},
    audit::Author,
    store::{
        Page, PageOf, StoreError, Tx, webhook_deliveries::WebhookDelivery,
        webhook_endpoints::WebhookEndpoint,
    },
    webhooks::{
        EndpointAddresses, EndpointRefused, NewEndpoint, add_endpoint, endpoint, new_endpoint,
        remove_endpoint, send_again, send_test,
    },
};

/// The longest description, in characters, as in the API.
const MAX_DESCRIPTION: usize = 200;

#[derive(Subcommand)]
pub(super) enum WebhookCommand {
    /// List the endpoints, oldest first
    List(Of),
    /// Add an endpoint and print its secret: it is shown this once
    Add(Add),
    /// Remove an endpoint and what was to be sent to it
    Remove(Choice),
    /// Send an endpoint a test
    Test(Choice),
    /// List what was and is to be sent to an endpoint, newest first
    Deliveries(Choice),
    /// Send a message once more, whatever became of it before
    Replay {
        #[command(flatten)]
        endpoint: Choice,
        /// Id of the delivery, from `webhook deliveries`
        #[arg(long, value_name = "ID")]
        delivery: WebhookDeliveryId,
    },
}

/// The endpoint that a command is about.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Choice {
    /// Id of the endpoint
    #[arg(value_name = "ID")]
    id: WebhookEndpointId,
    #[command(flatten)]
    of: Of,
}

/// The options of `origin webhook add`.
#[derive(Args)]
pub(super) struct Add {
    #[command(flatten)]
    of: Of,
    /// https address that messages are posted to
    #[arg(long)]
    url: String,
    /// What the organization calls it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// What it is told, separated by commas, such as connection.created [default: all]
    #[arg(long, value_name = "TYPES", value_delimiter = ',', value_parser = event_type)]
    event_types: Vec<WebhookEventType>,
    /// Tell it of companies for trying things out, and of no others
    #[arg(long)]
    sandbox: bool,
}

fn event_type(text: &str) -> Result<WebhookEventType, String> {
    let found = WebhookEventType::choices().find(|one| one.as_str() == text);
    found.ok_or_else(|| {
        let all: Vec<_> = WebhookEventType::choices()
            .map(|one| one.as_str())
            .collect();
        format!("must be one of {}", all.join(", "))
    })
}

pub(super) async fn run(context: &CommandContext, out: &Output, what: WebhookCommand) -> Outcome {
    match what {
        WebhookCommand::List(of) => list(context, out, of).await,
        WebhookCommand::Add(what) => add(context, out, what).await,
        WebhookCommand::Remove(which) => remove(context, out, which).await,
        WebhookCommand::Test(which) => test(context, out, which).await,
        WebhookCommand::Deliveries(which) => deliveries(context, out, which).await,
        WebhookCommand::Replay { endpoint, delivery } => {
            replay(context, out, endpoint, delivery).await
        }
    }
}

async fn list(context: &CommandContext, out: &Output, of: Of) -> Outcome {
    let organization = existing_organization(context, of.organization).await?;
    let all = Page {
        limit: Page::MAX_LIMIT,
        number: 1,
    };
    let reading = context.store.read("cli.webhooks", |tx| {
        Box::pin(tx.webhook_endpoints(organization.id, None, all))
    });
    let found: Result<PageOf<WebhookEndpoint>, StoreError> = reading.await;
    let found = found.map_err(failed)?.rows;
    let shown: Vec<WebhookJson> = found.iter().map(render_webhook).collect();
    out.say(&json!({ "webhooks": shown }), || {
        let rows = found.iter().map(|one| {
            let state = match one.disabled {
                Some((_, reason)) => reason.to_string(),
                None => "ACTIVE".into(),
            };
            let environment = one.environment.to_string();
            vec![one.id.to_string(), environment, state, one.url.to_string()]
        });
        let none = "There are no endpoints. Add one with: origin webhook add";
        table(rows.collect(), none)
    })
}

async fn add(context: &CommandContext, out: &Output, what: Add) -> Outcome {
    let organization = existing_organization(context, what.of.organization).await?;
    let addresses = EndpointAddresses::new(&context.config.browser);
    let url = addresses.check(&what.url);
    let description = what.description.as_deref();
    let mut event_types = what.event_types;
    event_types.sort_unstable();
    event_types.dedup();
    let new = NewEndpoint {
        url: url.map_err(|error| format!("--url {error}."))?,
        description: description
            .map(|text| checked_text("--description", text, MAX_DESCRIPTION))
            .transpose()?,
        event_types,
    };
    let environment = match what.sandbox {
        true => ApiKeyEnvironment::Sandbox,
        false => ApiKeyEnvironment::Production,
    };
    let (author, vault) = (&context.author(organization.id), context.vault());
    let sources = (&*vault, author.random);
    let made = new_endpoint(sources, (organization.id, environment), new, author.now);
    let (added, secret) = made.map_err(|error| sentence(&error))?;
    let added = &added;
    let adding = context.store.tx("cli.add_webhook", |tx| {
        Box::pin(async move {
            add_endpoint(tx, added).await?;
            tell(tx, author, AuditAction::WebhookAdded, added).await?;
            Ok::<_, EndpointRefused>(())
        })
    });
    adding.await.map_err(refused)?;
    let secret = secret.to_text();
    let mut shown = serde_json::to_value(render_webhook(added)).map_err(|it| it.to_string())?;
    if let Some(object) = shown.as_object_mut() {
        object.insert("secret".into(), json!(*secret));
    }
    out.say(&shown, || {
        let (id, secret) = (added.id, &*secret);
        format!("Added endpoint {id}. Its secret is shown this once:\n{secret}")
    })
}

async fn remove(context: &CommandContext, out: &Output, which: Choice) -> Outcome {
    let author = &context.author(which.of.organization);
    let removing = context.store.tx("cli.remove_webhook", |tx| {
        Box::pin(async move {
            let removed = remove_endpoint(tx, author.organization, which.id).await?;
            tell(tx, author, AuditAction::WebhookRemoved, &removed).await?;
            Ok::<_, EndpointRefused>(())
        })
    });
    removing.await.map_err(refused)?;
    out.say(&json!({ "id": which.id, "removed": true }), || {
        "Nothing is sent to it any more.".into()
    })
}

async fn test(context: &CommandContext, out: &Output, which: Choice) -> Outcome {
    let author = &context.author(which.of.organization);
    let sending = context.store.tx("cli.test_webhook", |tx| {
        Box::pin(async move {
            let of = (author.organization, which.id);
            let (endpoint, made) = send_test(tx, author.random, of, author.now).await?;
            tell(tx, author, AuditAction::WebhookTested, &endpoint).await?;
            put(tx, author, which, made).await
        })
    });
    say_sent(out, sending.await.map_err(refused)?)
}

async fn replay(
    context: &CommandContext,
    out: &Output,
    which: Choice,
    delivery: WebhookDeliveryId,
) -> Outcome {
    let author = &context.author(which.of.organization);
    let sending = context.store.tx("cli.replay_webhook", |tx| {
        Box::pin(async move {
            let of = (author.organization, which.id);
            let sent = send_again(tx, author.random, of, delivery, author.now);
            let (endpoint, made) = sent.await?;
            tell(tx, author, AuditAction::WebhookReplayed, &endpoint).await?;
            put(tx, author, which, made).await
        })
    });
    say_sent(out, sending.await.map_err(refused)?)
}

async fn put(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    which: Choice,
    made: WebhookDeliveryId,
) -> Result<WebhookDelivery, EndpointRefused> {
    let put = tx.webhook_delivery(author.organization, which.id, made);
    put.await?.ok_or(EndpointRefused::Unknown)
}

fn say_sent(out: &Output, delivery: WebhookDelivery) -> Outcome {
    let id = delivery.id;
    let shown = render_delivery(delivery).map_err(failed)?;
    out.say(&shown, || {
        format!("A node that serves sends it: delivery {id}.")
    })
}

async fn deliveries(context: &CommandContext, out: &Output, which: Choice) -> Outcome {
    let (organization, id) = (which.of.organization, which.id);
    let mut all = Vec::new();
    for number in 1.. {
        let page = Page {
            limit: Page::MAX_LIMIT,
            number,
        };
        let reading = context.store.read("cli.webhook_deliveries", |tx| {
            Box::pin(async move {
                endpoint(tx, organization, id).await?;
                Ok::<_, EndpointRefused>(tx.webhook_deliveries(organization, id, page).await?)
            })
        });
        let found = reading.await.map_err(refused)?;
        if found.rows.is_empty() {
            break;
        }
        all.extend(found.rows);
    }
    let lines: Vec<_> = all.iter().map(line).collect();
    let shown: Result<Vec<DeliveryJson>, _> = all.into_iter().map(render_delivery).collect();
    let shown = shown.map_err(failed)?;
    out.say(&json!({ "deliveries": shown }), || {
        table(lines, "Nothing was sent to it yet.")
    })
}

fn line(delivery: &WebhookDelivery) -> Vec<String> {
    let answer = &delivery.answer;
    let answer = match (answer.status_code, answer.fault) {
        (Some(code), _) => code.to_string(),
        (None, Some(fault)) => fault.to_string(),
        (None, None) => "-".into(),
    };
    vec![
        delivery.id.to_string(),
        rfc3339(delivery.created_at),
        delivery.state.to_string(),
        answer,
        delivery.event.event_type.to_string(),
    ]
}

async fn tell(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    did: AuditAction,
    endpoint: &WebhookEndpoint,
) -> Result<(), StoreError> {
    let (id, name) = (endpoint.id.to_string(), endpoint.audit_name());
    author.did(tx, did, Some(id), Some(name)).await
}

fn refused(refused: EndpointRefused) -> String {
    match refused {
        EndpointRefused::Store(error) => failed(error),
        other => sentence(&other),
    }
}
