//! Links at the command line: made, listed, sent, extended and taken back.

use clap::{Args, Subcommand};
use serde_json::json;
use shared::{
    id::{CompanyId, LinkId},
    status::{LinkKind, LinkStatus},
};

use super::{
    add::existing_organization,
    context::{CommandContext, Outcome},
    options::{Of, one_of, refused_fields, sentence, table, text_fields},
    output::{Output, failed},
};
use crate::{
    api_types::{LinkJson, LinkWithEvents, render_event, render_link, rfc3339},
    audit::Author,
    brand_push::push_for_links,
    fields::FieldError,
    link_fields::{NewLink, NewUpdateLink},
    links::{self, AskedLink, LinkRefused},
    new_link::{MAX_EXPIRY_SECONDS, MIN_EXPIRY_SECONDS},
    store::{
        StoreError, Tx,
        companies::Company,
        link_lists::LinkListFilter,
        links::{Link, LinkEvent, LinkForFlow},
        overview::Cursor,
    },
};

/// Links that are read at a time.
const AT_ONCE: i64 = 200;

#[derive(Subcommand)]
pub(super) enum LinkCommand {
    /// Make a company link, for one company or several, and print its URL
    Make(Box<Make>),
    /// List links, newest first
    List(List),
    /// Show a link with its URL and its log
    Show(Choice),
    /// Send a link by mail, the first time or again
    Send {
        #[command(flatten)]
        link: Choice,
        /// Mail address that it is sent to [default: the link's owner]
        #[arg(long, value_name = "EMAIL")]
        to: Option<String>,
    },
    /// Give a link a later end, and with it a new URL
    Extend {
        #[command(flatten)]
        link: Choice,
        /// How many seconds it lives from now on
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(MIN_EXPIRY_SECONDS..=MAX_EXPIRY_SECONDS))]
        expires_in_seconds: i64,
    },
    /// Take a link back: nobody can start with it any more
    Revoke {
        #[command(flatten)]
        link: Choice,
        /// Why, for the link's log; the client never sees it
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
}

/// The link that a command is about.
#[derive(Args)]
pub(super) struct Choice {
    /// Id of the link
    #[arg(value_name = "ID")]
    id: LinkId,
    #[command(flatten)]
    of: Of,
}

/// The options of `origin link make`.
#[derive(Args)]
pub(super) struct Make {
    #[command(flatten)]
    of: Of,
    /// Id of the company that the link is for; given several times or separated by commas, one link is made for each
    #[arg(long, value_name = "ID", required = true, value_delimiter = ',')]
    company: Vec<CompanyId>,
    /// The utility's website
    #[arg(long)]
    url: Option<String>,
    /// Country that is chosen at first, as a code such as GB
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// Ids of the sites that are ticked at first, separated by commas
    #[arg(long, value_name = "IDS")]
    initial_sites: Option<String>,
    /// Utility types that are ticked at first, separated by commas, such as ELECTRICITY,GAS
    #[arg(long, value_name = "TYPES")]
    utility_types: Option<String>,
    /// Bills before this day are not wanted
    #[arg(long, value_name = "YYYY-MM-DD")]
    data_collection_start_date: Option<String>,
    /// How many runs of clients may make connections by it [default: 1]
    #[arg(long, value_name = "NUMBER")]
    max_uses: Option<String>,
    #[command(flatten)]
    every: EveryLink,
}

/// What links of either kind may have.
#[derive(Args)]
pub(super) struct EveryLink {
    /// Mail address of whom to ask when the client must act
    #[arg(long, value_name = "EMAIL")]
    connection_owner_email: Option<String>,
    /// The link's life in seconds [default: for ever]
    #[arg(long, value_name = "NUMBER")]
    expires_in_seconds: Option<String>,
    /// Where the client goes afterwards, at one of the organization's redirect origins
    #[arg(long, value_name = "URL")]
    redirect_url: Option<String>,
    /// Id of it in the organization's own systems
    #[arg(long, value_name = "TEXT")]
    external_id: Option<String>,
    /// Language of the client's pages, such as de; kept for when they come in other languages
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
    /// Send it to its owner by mail
    #[arg(long)]
    pub(super) send: bool,
}

impl EveryLink {
    fn fields(&self) -> [(&'static str, Option<String>); 5] {
        [
            ("connectionOwnerEmail", self.connection_owner_email.clone()),
            ("expiresInSeconds", self.expires_in_seconds.clone()),
            ("redirectUrl", self.redirect_url.clone()),
            ("externalId", self.external_id.clone()),
            ("locale", self.locale.clone()),
        ]
    }

    /// Such a connection update link, and what is wrong with it.
    pub(super) fn update_link(&self) -> (NewUpdateLink, Vec<FieldError>) {
        NewUpdateLink::read(text_fields(self.fields()))
    }
}

/// The options of `origin link list`.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    of: Of,
    /// Only links of this company
    #[arg(long, value_name = "ID")]
    company: Option<CompanyId>,
    /// Only links of this status, such as ACTIVE
    #[arg(long, value_parser = one_of(LinkStatus::ALL, LinkStatus::as_str))]
    status: Option<LinkStatus>,
    /// Only links of this kind: COMPANY or CONNECTION_UPDATE
    #[arg(long = "type", value_name = "KIND", value_parser = one_of(LinkKind::ALL, LinkKind::as_str))]
    kind: Option<LinkKind>,
    /// Only links with this text in company, website, owner or external id
    #[arg(long, value_name = "TEXT", default_value = "")]
    search: String,
}

pub(super) async fn run(context: &CommandContext, out: &Output, what: LinkCommand) -> Outcome {
    match what {
        LinkCommand::Make(what) => make(context, out, &what).await,
        LinkCommand::List(what) => list(context, out, what).await,
        LinkCommand::Show(which) => show(context, out, &which).await,
        LinkCommand::Send { link, to } => send(context, out, &link, to.as_deref()).await,
        LinkCommand::Extend {
            link,
            expires_in_seconds,
        } => extend(context, out, &link, expires_in_seconds).await,
        LinkCommand::Revoke { link, reason } => {
            revoke(context, out, &link, reason.as_deref()).await
        }
    }
}

async fn make(context: &CommandContext, out: &Output, what: &Make) -> Outcome {
    let organization = existing_organization(context, what.of.organization).await?;
    let (author, sources) = (&context.author(organization.id), context.link_sources());
    let fields = || {
        let own = [
            ("url", what.url.clone()),
            ("country", what.country.clone()),
            ("initialSites", what.initial_sites.clone()),
            ("utilityTypes", what.utility_types.clone()),
            (
                "dataCollectionStartDate",
                what.data_collection_start_date.clone(),
            ),
            ("maxUses", what.max_uses.clone()),
        ];
        text_fields(own.into_iter().chain(what.every.fields()))
    };
    let asked: Vec<AskedLink> = what
        .company
        .iter()
        .map(|company| AskedLink::of(NewLink::read(fields()), sources, author, *company))
        .collect();
    let (asked, sends) = (&asked, what.every.send);
    // All of them or none: what was wrong can be put right and the command repeated.
    let making = context.store.tx("cli.make_links", |tx| {
        Box::pin(async move {
            let mut companies = Vec::new();
            for asked in asked {
                let company = links::make(tx, author, sources, asked).await?;
                if sends {
                    send_new(tx, author, &asked.link).await?;
                }
                companies.push(company);
            }
            Ok::<_, LinkRefused>(companies)
        })
    });
    let companies = making.await.map_err(refused)?;
    let edge = context.edge()?;
    let pages_of = companies.iter().map(|company| company.public_id);
    push_for_links(&edge, &context.store, author.organization, pages_of).await;
    let made = companies.iter().zip(asked);
    let shown: Vec<LinkJson> = made
        .clone()
        .map(|(company, asked)| rendered(context, company, &asked.link))
        .collect();
    out.say(&json!({ "links": shown }), || {
        let told = made.map(|(company, asked)| told_made(context, company, &asked.link, sends));
        told.collect::<Vec<_>>().join("\n")
    })
}

/// Sends a link that was made just now to its owner.
pub(super) async fn send_new(
    tx: &mut Tx<'_>,
    author: &Author<'_>,
    link: &Link,
) -> Result<(), LinkRefused> {
    if link.owner_email.is_none() {
        return Err(LinkRefused::Fields(vec![FieldError {
            field: "connectionOwnerEmail".into(),
            detail: "is required with --send".into(),
        }]));
    }
    links::send(tx, author, link.id, None).await?;
    Ok(())
}

/// A link without connections, as the API has it.
pub(super) fn rendered(context: &CommandContext, company: &Company, link: &Link) -> LinkJson {
    let address = links::address(context.link_sources(), company, link);
    render_link(context.clock.now(), company, link, [].iter(), address)
}

/// A line for a link that was made.
pub(super) fn told_made(
    context: &CommandContext,
    company: &Company,
    link: &Link,
    is_sent: bool,
) -> String {
    let url = links::address(context.link_sources(), company, link).map(|address| address.url);
    let sent = if is_sent { ", which is mailed" } else { "" };
    let (id, name) = (link.id, &company.name);
    format!(
        "Made link {id} for {name}{sent}:\n{}",
        url.unwrap_or_default()
    )
}

async fn list(context: &CommandContext, out: &Output, what: List) -> Outcome {
    let organization = existing_organization(context, what.of.organization).await?;
    let now = context.clock.now();
    let filter = &LinkListFilter {
        company: what.company,
        status: what.status,
        kind: what.kind,
        search: what.search,
    };
    let (mut shown, mut lines, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let reading = context.store.read("cli.links", |tx| {
            Box::pin(async move {
                let page = (after, AT_ONCE);
                let found = tx.links_after(organization.id, filter, now, page).await?;
                let mut rows = Vec::with_capacity(found.len());
                for one in found {
                    rows.push(with_made(context, tx, one).await?);
                }
                Ok::<_, StoreError>(rows)
            })
        });
        let rows = reading.await.map_err(failed)?;
        let Some((last, _)) = rows.last() else {
            break;
        };
        after = Some(Cursor {
            created_at: last.link.created_at,
            id: last.link.id,
        });
        for (found, rendered) in rows {
            lines.push(line(&found, now));
            shown.push(rendered);
        }
    }
    out.say(&json!({ "links": shown }), || {
        table(
            lines,
            "There are no such links. Make one with: origin link make",
        )
    })
}

fn line(found: &LinkForFlow, now: shared::time::UnixMillis) -> Vec<String> {
    let link = &found.link;
    vec![
        link.id.to_string(),
        link.status(now).to_string(),
        link.kind.to_string(),
        rfc3339(link.created_at),
        link.owner_email.clone().unwrap_or_else(|| "-".into()),
        found.company.name.clone(),
    ]
}

/// The link as the API has it, beside its row.
async fn with_made(
    context: &CommandContext,
    tx: &mut Tx<'_>,
    found: LinkForFlow,
) -> Result<(LinkForFlow, LinkJson), StoreError> {
    let (company, link) = (&found.company, &found.link);
    let made = match link.use_count {
        0 => Vec::new(),
        _ => tx.connections_of_links(company.id, &[link.id]).await?,
    };
    let address = links::address(context.link_sources(), company, link);
    let shown = render_link(context.clock.now(), company, link, made.iter(), address);
    Ok((found, shown))
}

/// The link, as the API has it, and its log.
async fn read(
    context: &CommandContext,
    which: &Choice,
) -> Outcome<(LinkForFlow, LinkJson, Vec<LinkEvent>)> {
    let (organization, id) = (which.of.organization, which.id);
    let reading = context.store.read("cli.link", |tx| {
        Box::pin(async move {
            let Some(found) = tx.link(organization, id).await? else {
                return Ok::<_, StoreError>(None);
            };
            let (found, shown) = with_made(context, tx, found).await?;
            let events = tx.link_events(organization, id).await?;
            Ok(Some((found, shown, events)))
        })
    });
    let found = reading.await.map_err(failed)?;
    found.ok_or_else(|| format!("The organization has no link {id}."))
}

async fn show(context: &CommandContext, out: &Output, which: &Choice) -> Outcome {
    let (found, shown, events) = read(context, which).await?;
    let (company, link) = (&found.company, &found.link);
    let url = links::address(context.link_sources(), company, link).map(|address| address.url);
    let mut lines = vec![
        format!(
            "{} link for {}: {}",
            link.kind,
            company.name,
            link.status(context.clock.now())
        ),
        url.unwrap_or_else(|| "Its token key was retired: the URL cannot be made again.".into()),
    ];
    lines.extend(events.iter().map(|event| {
        let (at, detail) = (rfc3339(event.at), event.detail.as_deref());
        format!("{at}  {}  {}", event.kind, detail.unwrap_or_default())
    }));
    let events = events.iter().map(render_event).collect();
    out.say(&LinkWithEvents::new(shown, events), || lines.join("\n"))
}

async fn send(context: &CommandContext, out: &Output, which: &Choice, to: Option<&str>) -> Outcome {
    let to = to.map(str::parse::<crate::text_values::Email>).transpose();
    let to = to.map_err(|error| format!("--to {error}."))?;
    let to = to.as_ref().map(|email| &*email.0);
    let (author, id) = (&context.author(which.of.organization), which.id);
    let sending = context.store.tx("cli.send_link", |tx| {
        Box::pin(links::send(tx, author, id, to))
    });
    let (mail, to) = sending.await.map_err(refused)?;
    let told = json!({ "id": mail, "linkId": id, "to": to });
    out.say(&told, || format!("The link is on its way to {to}."))
}

async fn extend(context: &CommandContext, out: &Output, which: &Choice, seconds: i64) -> Outcome {
    let (author, id) = (&context.author(which.of.organization), which.id);
    let keys = &*context.token_keys;
    let extending = context.store.tx("cli.extend_link", |tx| {
        Box::pin(links::extend(tx, author, keys, id, seconds))
    });
    extending.await.map_err(refused)?;
    let (found, shown, _) = read(context, which).await?;
    let url = links::address(context.link_sources(), &found.company, &found.link);
    out.say(&shown, || {
        let end = found.link.expires_at.map(rfc3339).unwrap_or_default();
        let url = url.map(|address| address.url).unwrap_or_default();
        format!("The link ends on {end}. Its URL is another one now:\n{url}")
    })
}

async fn revoke(
    context: &CommandContext,
    out: &Output,
    which: &Choice,
    reason: Option<&str>,
) -> Outcome {
    let reason = reason
        .map(|text| super::add::checked_text("--reason", text, links::MAX_REASON))
        .transpose()?;
    let reason = reason.as_deref();
    let (author, id) = (&context.author(which.of.organization), which.id);
    let revoking = context.store.tx("cli.revoke_link", |tx| {
        Box::pin(links::take_back(tx, author, id, reason))
    });
    let is_new = revoking.await.map_err(refused)?;
    let (_, shown, _) = read(context, which).await?;
    out.say(&shown, || {
        let told = if is_new {
            "The link was taken back."
        } else {
            "The link had been taken back before."
        };
        told.into()
    })
}

/// Why nothing was made or changed, in sentences.
pub(super) fn refused(refused: LinkRefused) -> String {
    match refused {
        LinkRefused::Store(error) => failed(error),
        LinkRefused::Fields(wrong) => refused_fields(&wrong),
        LinkRefused::SentOften { seconds } => {
            format!("The link was sent often enough today: send it again in {seconds} s.")
        }
        other => sentence(&other),
    }
}
