//! Connections at the command line: listed, shown, collected, paused, resumed, repaired and deleted.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use shared::{
    id::{CompanyId, ConnectionId},
    status::ConnectionStatus,
};

use super::{
    add::existing_organization,
    context::{CommandContext, Outcome},
    link::{self, EveryLink},
    options::{Of, one_of, sentence, table},
    output::{Output, failed},
};
use crate::{
    api_types::{ConnectionJson, render_connection, rfc3339},
    brand_push::push_for_links,
    collection::CollectNow,
    connections::{self, ConnectionRefused},
    links::{self, LinkRefused},
    store::{
        StoreError,
        connection_removal::BillsAfter,
        connections::Connection,
        overview::{ConnectionOverview, Cursor, OverviewFilter},
    },
};

/// Connections that are read at a time.
const AT_ONCE: i64 = 200;

#[derive(Subcommand)]
pub(super) enum ConnectionCommand {
    /// List connections, newest first
    List(List),
    /// Show a connection with its accounts and its last collection
    Show(Choice),
    /// Make a link that repairs the connection, and print its id and URL
    UpdateLink {
        #[command(flatten)]
        connection: Choice,
        #[command(flatten)]
        link: EveryLink,
    },
    /// Collect the connection's bills now; a node that serves does it
    Collect(Choice),
    /// Pause the connection: it is not collected until it is resumed
    Pause(Choice),
    /// Have a paused connection collected again
    Resume(Choice),
    /// Delete the connection for good, with its credentials
    Delete {
        #[command(flatten)]
        connection: Choice,
        /// What becomes of its bills
        #[arg(long, value_enum, default_value_t = Bills::Keep)]
        bills: Bills,
    },
}

/// What becomes of the bills of what is deleted.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Bills {
    /// They can still be read
    Keep,
    /// They go as well
    Delete,
}

impl From<Bills> for BillsAfter {
    fn from(bills: Bills) -> Self {
        match bills {
            Bills::Keep => Self::Keep,
            Bills::Delete => Self::Delete,
        }
    }
}

/// The connection that a command is about.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Choice {
    /// Id of the connection
    #[arg(value_name = "ID")]
    id: ConnectionId,
    #[command(flatten)]
    of: Of,
}

/// The options of `origin connection list`.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    of: Of,
    /// Only connections of this company
    #[arg(long, value_name = "ID")]
    company: Option<CompanyId>,
    /// Only connections with one of these statuses, separated by commas, such as PASSWORD_INCORRECT
    #[arg(long, value_delimiter = ',', value_parser = one_of(ConnectionStatus::ALL, ConnectionStatus::as_str))]
    status: Vec<ConnectionStatus>,
    /// Only connections with this text in company, website, owner or account number
    #[arg(long, value_name = "TEXT", default_value = "")]
    search: String,
}

pub(super) async fn run(
    context: &CommandContext,
    out: &Output,
    what: ConnectionCommand,
) -> Outcome {
    match what {
        ConnectionCommand::List(what) => list(context, out, what).await,
        ConnectionCommand::Show(which) => show(context, out, which).await,
        ConnectionCommand::UpdateLink { connection, link } => {
            update_link(context, out, connection, &link).await
        }
        ConnectionCommand::Collect(which) => collect(context, out, which).await,
        ConnectionCommand::Pause(which) => pause(context, out, which).await,
        ConnectionCommand::Resume(which) => resume(context, out, which).await,
        ConnectionCommand::Delete { connection, bills } => {
            delete(context, out, connection, bills).await
        }
    }
}

async fn list(context: &CommandContext, out: &Output, what: List) -> Outcome {
    let organization = existing_organization(context, what.of.organization).await?;
    let filter = &OverviewFilter {
        company: what.company,
        statuses: what.status,
        is_inactive: None,
        search: what.search,
    };
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let reading = context.store.read("cli.connections", |tx| {
            Box::pin(tx.connection_overviews(organization.id, filter, after, AT_ONCE))
        });
        let rows: Result<_, StoreError> = reading.await;
        let rows = rows.map_err(failed)?;
        let Some(last) = rows.last() else {
            break;
        };
        after = Some(Cursor {
            created_at: last.created_at,
            id: last.id,
        });
        all.extend(rows);
    }
    let shown: Vec<Value> = all.iter().map(overview).collect();
    out.say(&json!({ "connections": shown }), || {
        let rows = all.iter().map(|one| {
            vec![
                one.id.to_string(),
                status(one).to_string(),
                one.newest_bill.clone().unwrap_or_else(|| "-".into()),
                one.provider.clone(),
                one.company_name.clone(),
            ]
        });
        let none = "There are no such connections. A client makes one by a link: origin link make";
        table(rows.collect(), none)
    })
}

fn status(connection: &ConnectionOverview) -> ConnectionStatus {
    match connection.inactive_at {
        Some(_) => ConnectionStatus::CompanyInactive,
        None => connection.status,
    }
}

fn overview(one: &ConnectionOverview) -> Value {
    json!({
        "id": one.id,
        "companyId": one.company,
        "companyName": one.company_name,
        "status": status(one),
        "statusDetail": one.detail,
        "statusErrorDetail": one.error_detail,
        "isActive": one.inactive_at.is_none(),
        "datasourceName": one.provider,
        "connectionOwnerEmail": one.owner_email,
        "accounts": one.accounts,
        "lastCollectionAt": one.last_collection_at.map(rfc3339),
        "nextCollectionAt": one.next_collection_at.map(rfc3339),
        "newestBill": one.newest_bill,
        "created": rfc3339(one.created_at),
    })
}

/// The connection, and what the API says of it.
async fn read(context: &CommandContext, which: Choice) -> Outcome<(Connection, ConnectionJson)> {
    let (organization, id) = (which.of.organization, which.id);
    let reading = context.store.read("cli.connection", |tx| {
        Box::pin(async move {
            let Some(connection) = tx.connection(organization, id).await? else {
                return Ok::<_, StoreError>(None);
            };
            let company = tx.company(organization, connection.company).await?;
            let mut details = tx.connection_details(connection.company, &[id]).await?;
            let details = details.remove(&id).unwrap_or_default();
            Ok(company.map(|company| {
                let shown = render_connection(&company, connection.clone(), details);
                (connection, shown)
            }))
        })
    });
    let found = reading.await.map_err(failed)?;
    found.ok_or_else(|| format!("The organization has no connection {id}."))
}

async fn show(context: &CommandContext, out: &Output, which: Choice) -> Outcome {
    let (connection, shown) = read(context, which).await?;
    out.say(&shown, || {
        let mut lines = vec![
            format!("{} at {}", connection.id, connection.provider_name),
            format!("status: {}", connection.shown_status()),
        ];
        let error = connection.status_error_detail.as_deref();
        lines.extend(error.map(|error| format!("the website said: {error}")));
        let owner = connection.owner_email.as_deref();
        lines.extend(owner.map(|owner| format!("owner: {owner}")));
        lines.join("\n")
    })
}

async fn update_link(
    context: &CommandContext,
    out: &Output,
    which: Choice,
    what: &EveryLink,
) -> Outcome {
    let (new, wrong) = what.update_link();
    let (new, wrong, sends) = (&new, &*wrong, what.send);
    let (author, sources) = (
        &context.author(which.of.organization),
        context.link_sources(),
    );
    let making = context.store.tx("cli.make_update_link", |tx| {
        Box::pin(async move {
            let made = links::make_update(tx, author, sources, which.id, (new, wrong));
            let (company, link) = made.await?;
            if sends {
                link::send_new(tx, author, &link).await?;
            }
            Ok::<_, LinkRefused>((company, link))
        })
    });
    let (company, link) = making.await.map_err(link::refused)?;
    let edge = context.edge()?;
    let companies = [company.public_id];
    push_for_links(&edge, &context.store, author.organization, companies).await;
    out.say(&link::rendered(context, &company, &link), || {
        link::told_made(context, &company, &link, sends)
    })
}

async fn collect(context: &CommandContext, out: &Output, which: Choice) -> Outcome {
    let author = &context.author(which.of.organization);
    let asking = context.store.tx("cli.collect", |tx| {
        Box::pin(connections::collect(tx, author, which.id))
    });
    let (state, told) = match asking.await.map_err(refused)? {
        CollectNow::Queued => ("QUEUED", "It begins as soon as a node has room."),
        CollectNow::AlreadyQueued => ("ALREADY_QUEUED", "It was to begin already."),
        CollectNow::AlreadyRunning => ("ALREADY_RUNNING", "It runs already."),
    };
    out.say(&json!({ "id": which.id, "state": state }), || told.into())
}

async fn pause(context: &CommandContext, out: &Output, which: Choice) -> Outcome {
    let author = &context.author(which.of.organization);
    let pausing = context.store.tx("cli.pause", |tx| {
        Box::pin(connections::pause(tx, author, which.id))
    });
    let is_new = pausing.await.map_err(refused)?;
    let (_, shown) = read(context, which).await?;
    out.say(&shown, || {
        let told = match is_new {
            true => "It is not collected until it is resumed.",
            false => "It was paused before.",
        };
        told.into()
    })
}

async fn resume(context: &CommandContext, out: &Output, which: Choice) -> Outcome {
    let author = &context.author(which.of.organization);
    let resuming = context.store.tx("cli.resume", |tx| {
        Box::pin(connections::resume(tx, author, which.id))
    });
    let is_new = resuming.await.map_err(refused)?;
    let (_, shown) = read(context, which).await?;
    out.say(&shown, || {
        let told = match is_new {
            true => "It is collected again.",
            false => "It was not paused.",
        };
        told.into()
    })
}

async fn delete(context: &CommandContext, out: &Output, which: Choice, bills: Bills) -> Outcome {
    let author = &context.author(which.of.organization);
    let after = bills.into();
    let deleting = context.store.tx("cli.delete_connection", |tx| {
        Box::pin(connections::remove(tx, author, which.id, after))
    });
    deleting.await.map_err(refused)?;
    out.say(&json!({ "id": which.id, "deleted": true }), || {
        "The connection is deleted for good.".into()
    })
}

fn refused(refused: ConnectionRefused) -> String {
    match refused {
        ConnectionRefused::Store(error) => failed(error),
        other => sentence(&other),
    }
}
