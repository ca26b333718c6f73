//! A connection: how it fares, its accounts, its collections and its bills.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use messages::Locale;
use serde::Deserialize;
use shared::{
    id::{AccountId, ConnectionId},
    member::AuditAction,
    status::{CodeAnswerer, LinkKind, UnattendedReason, UtilityType},
};

use super::{
    bill_words,
    chart::{Chart, charts},
    error::ConsoleError,
    form::Form,
    live,
    page::{Place, Shell, render},
    session::SignedIn,
    timeline::{self, TimelineEntry},
    words::{Moment, StatusWords, day_text_words, day_words, status_words},
};
use crate::{
    brand_push::push_for_links,
    link_fields::NewUpdateLink,
    links::{self, LinkRefused},
    store::{
        Page,
        accounts::{AccountFilter, PlacedAccount},
        bills::{Account, Bill},
        code_channels::CodeChannelRow,
        collections::Collection,
        companies::Company,
        connection_details::ConnectionDetails,
        connections::Connection,
        links::LinkEvent,
        sites::Site,
    },
};

/// Collections that the page tells of.
const RUNS: i64 = 20;
const RUNS_TOLD: usize = 20;
/// Entries of links' logs that the page tells of.
const EVENTS: i64 = 40;
const EVENTS_TOLD: usize = 40;
/// Accounts that the page lists.
const ACCOUNTS: i64 = 500;
/// Bills that the charts are drawn from: the newest.
const BILLS: i64 = 250;
/// Bills that the page lists.
const LISTED_BILLS: usize = 20;

/// What the page is made of.
struct Found {
    connection: Connection,
    company: Company,
    details: ConnectionDetails,
    sites: Vec<Site>,
    accounts: Vec<PlacedAccount>,
    channels: Vec<CodeChannelRow>,
    events: Vec<(LinkKind, LinkEvent)>,
    runs: Vec<Collection>,
    bills: Vec<Bill>,
    bill_count: i64,
    /// Whether the owner wants no reminders.
    is_unsubscribed: bool,
    /// How far the collection is that runs; empty while none does.
    progress: String,
}

impl Found {
    fn account(&self, bill: &Bill) -> Option<&Account> {
        let mut accounts = self.details.accounts.iter();
        accounts.find(|account| account.id == bill.account)
    }

    /// The charts of usage, and those of cost.
    fn charts(&self) -> (Vec<Chart>, Vec<Chart>) {
        charts(self.bills.iter().map(|bill| {
            let account = self.account(bill);
            let types = account.map_or(&[][..], |account| &account.utility_types);
            (&bill.content, types)
        }))
    }
}

#[derive(Template)]
#[template(path = "console/connection.html")]
struct ConnectionPage<'a> {
    shell: Shell<'a>,
    found: &'a Found,
    usage: Vec<Chart>,
    cost: Vec<Chart>,
    timeline: Vec<TimelineEntry>,
    /// Whether more happened than is told.
    is_cut: bool,
    /// What was done just now.
    done: Option<AuditAction>,
    /// The account whose site is being said.
    placing: Option<AccountId>,
}

/// What stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The action that led here.
    done: Option<String>,
    /// The account whose site is to be said.
    account: Option<String>,
}

impl ConnectionPage<'_> {
    /// What came of an action, in a sentence.
    fn told(&self) -> Option<&'static str> {
        match self.done? {
            AuditAction::CollectionAsked => Some("It is collected as soon as there is room."),
            AuditAction::ConnectionPaused => {
                Some("It is paused: nothing is collected, and nobody is asked.")
            }
            AuditAction::ConnectionResumed => Some("It goes on."),
            AuditAction::ConnectionChanged | AuditAction::AccountChanged => Some("It is saved."),
            _ => None,
        }
    }

    fn words(&self) -> StatusWords {
        let connection = &self.found.connection;
        status_words(connection.status, connection.inactive_at.is_some())
    }

    /// Whether the collection works without the client, in a sentence.
    fn unattended(&self) -> Option<&'static str> {
        let works = self.found.connection.works_unattended?;
        Some(match works.reason {
            None => "Yes, it was proven",
            Some(UnattendedReason::CodeNeeded) => {
                "No: the website asks for a code, which only the client gets"
            }
            Some(reason) => Locale::En.unattended_reason(reason).title,
        })
    }

    fn types(&self, types: &[UtilityType]) -> String {
        bill_words::services(types)
    }

    /// The names of the connection's sites.
    fn sites(&self) -> String {
        let wanted = &self.found.details.sites;
        let names = self
            .found
            .sites
            .iter()
            .filter(|site| wanted.contains(&site.id));
        let names: Vec<_> = names.map(|site| site.name.as_str()).collect();
        names.join(", ")
    }

    fn moment(&self, at: &shared::time::UnixMillis) -> Moment {
        Moment::at(*at)
    }

    fn day(&self, day: &time::Date) -> String {
        day_words(*day)
    }

    fn start_day(&self) -> Option<String> {
        let start = self.found.connection.data_collection_start_date.as_deref();
        start.map(day_text_words)
    }

    /// What gives the codes that the website asks for, and since when; empty when nothing does.
    fn channels(&self) -> Vec<String> {
        let channels = self.found.channels.iter();
        channels
            .map(|channel| {
                let what = match channel.kind {
                    CodeAnswerer::Authenticator => "Authenticator",
                    CodeAnswerer::Email => "Forwarded mails",
                    CodeAnswerer::Sms => "Forwarded text messages",
                };
                match channel.proven_at {
                    Some(at) => format!("{what}: in use since {}", Moment::at(at).people),
                    None => format!("{what}: set up, and not proven by a code so far"),
                }
            })
            .collect()
    }

    fn is_placing(&self, account: &Account) -> bool {
        self.placing == Some(account.id) && self.shell.me.member.role.may_write()
    }

    fn is_at(&self, placed: &PlacedAccount, site: &Site) -> bool {
        placed.site == Some(site.id)
    }

    /// The name of the site that an account was put at.
    fn site_of(&self, placed: &PlacedAccount) -> &str {
        let mut sites = self.found.sites.iter();
        sites
            .find(|site| self.is_at(placed, site))
            .map_or("", |site| site.name.as_str())
    }

    /// The newest bills of the connection.
    fn bills(&self) -> impl Iterator<Item = &Bill> {
        self.found.bills.iter().take(LISTED_BILLS)
    }

    fn has_more_bills(&self) -> bool {
        self.found.bills.len() > LISTED_BILLS
    }

    fn account_number(&self, bill: &Bill) -> &str {
        self.found
            .account(bill)
            .map_or("", |account| account.account_number.as_str())
    }

    fn total(&self, bill: &Bill) -> String {
        bill_words::total(&bill.content)
    }

    fn remarks(&self, account: &Account) -> String {
        let mut remarks = Vec::new();
        if !account.is_tracked {
            remarks.push("not collected");
        }
        if account.is_duplicated {
            remarks.push("connected twice");
        }
        remarks.join(", ")
    }
}

/// Shows the connection with its accounts, newest bills and last collections.
pub(super) async fn show(
    me: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, ConsoleError> {
    let id: ConnectionId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let organization = me.organization.id;
    let who = &me;
    let page = |limit| Page { limit, number: 1 };
    let reading = me.console.door.store.read("console.connection", |tx| {
        Box::pin(async move {
            let connection = tx.connection(organization, id).await?;
            let connection = connection.ok_or(ConsoleError::NotFound)?;
            let company = tx.company(organization, connection.company).await?;
            let company = company.ok_or(ConsoleError::NotFound)?;
            let details = tx.connection_details(company.id, &[id]).await?.remove(&id);
            let bills = tx.bills(organization, id, page(BILLS)).await?;
            let owner = match &connection.owner_email {
                Some(owner) => tx.mail_subscription(organization, owner).await?,
                None => None,
            };
            let of_connection = AccountFilter {
                connection: Some(id),
                ..AccountFilter::default()
            };
            let progress = live::progress(who, tx, &[id]).await?;
            let run = progress.first().and_then(|one| one.run);
            Ok::<_, ConsoleError>(Found {
                details: details.unwrap_or_default(),
                sites: tx.sites_of(company.id).await?,
                accounts: tx
                    .accounts_of_company(organization, company.id, &of_connection, page(ACCOUNTS))
                    .await?
                    .rows,
                channels: tx.code_channels(company.id, id).await?,
                events: tx.link_events_of_connection(&connection, EVENTS).await?,
                runs: tx.collections(company.id, id, page(RUNS)).await?.rows,
                is_unsubscribed: owner.is_some_and(|owner| owner.unsubscribed_at.is_some()),
                bill_count: bills.total,
                progress: live::run_words(run),
                bills: bills.rows,
                connection,
                company,
            })
        })
    });
    let found = reading.await?;
    let (usage, cost) = found.charts();
    render(&ConnectionPage {
        shell: Shell::new(&me, Place::Connections),
        found: &found,
        timeline: timeline::of_connection(&found.events, &found.runs),
        is_cut: found.runs.len() >= RUNS_TOLD || found.events.len() >= EVENTS_TOLD,
        usage,
        cost,
        done: asked.done.and_then(|done| done.parse().ok()),
        placing: asked.account.and_then(|account| account.parse().ok()),
    })
}

/// Makes a connection update link, and leads to it.
pub(super) async fn make_update_link(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: ConnectionId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let (door, author) = (&me.console.door, &me.author());
    let new = &NewUpdateLink::default();
    let making = door.store.tx("console.make_update_link", |tx| {
        Box::pin(async move {
            let sources = door.link_sources();
            let (company, link) = links::make_update(tx, author, sources, id, (new, &[])).await?;
            Ok::<_, LinkRefused>((link.id, company.public_id))
        })
    });
    let (link_id, company) = making.await?;
    push_for_links(&door.edge, &door.store, author.organization, [company]).await;
    Ok(Redirect::to(&format!("/console/links/{link_id}")).into_response())
}
