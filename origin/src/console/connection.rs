//! A connection: how it fares, its accounts, its collections and its bills.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use messages::Locale;
use serde::Deserialize;
use shared::{
    id::{BillId, ConnectionId, LinkId},
    member::AuditAction,
    status::{UnattendedReason, UtilityType},
};

use super::{
    error::ConsoleError,
    form::Form,
    page::{Place, Shell, render},
    session::SignedIn,
    words::{Moment, StatusWords, status_words},
};
use crate::{
    bill_download,
    clock::bytes,
    new_link::link_url,
    store::{
        Page, StoreError,
        bills::{Account, Bill},
        collections::Collection,
        companies::Company,
        connection_details::ConnectionDetails,
        connections::Connection,
        links::Link,
        sites::Site,
    },
};

/// Collections that the page shows.
const RUNS: i64 = 10;
/// Bills that the page shows.
const BILLS: i64 = 50;

/// What the page is made of.
struct Found {
    connection: Connection,
    company: Company,
    details: ConnectionDetails,
    sites: Vec<Site>,
    runs: Vec<Collection>,
    bills: Vec<Bill>,
    bill_count: i64,
}

#[derive(Template)]
#[template(path = "console/connection.html")]
struct ConnectionPage<'a> {
    shell: Shell<'a>,
    found: &'a Found,
    /// What was done just now.
    done: Option<AuditAction>,
}

/// What stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The action that led here.
    done: Option<String>,
}

impl ConnectionPage<'_> {
    /// What came of an action, in a sentence.
    fn told(&self) -> Option<&'static str> {
        match self.done? {
            AuditAction::CollectionAsked => Some(
                "It is collected as soon as there is room. Load the page again to see how far it is.",
            ),
            AuditAction::ConnectionPaused => {
                Some("It is paused: nothing is collected, and nobody is asked.")
            }
            AuditAction::ConnectionResumed => Some("It goes on."),
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
            Some(UnattendedReason::CodeNeeded) => "No: the website asks for a code each time",
            Some(reason) => Locale::En.unattended_reason(reason).title,
        })
    }

    fn types(&self, types: &[UtilityType]) -> String {
        let names = types.iter().map(|kind| Locale::En.utility_type(*kind));
        names.collect::<Vec<_>>().join(", ")
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

    /// What a run came to, in words.
    fn outcome(&self, run: &Collection) -> StatusWords {
        match run.status {
            Some(status) => status_words(status, false),
            None => StatusWords {
                label: "Not finished",
                tone: "waits",
                who: "",
            },
        }
    }

    fn account_number(&self, bill: &Bill) -> &str {
        let mut accounts = self.found.details.accounts.iter();
        accounts
            .find(|account| account.id == bill.account)
            .map_or("", |account| account.account_number.as_str())
    }

    /// The total with its currency, as the API writes both.
    fn total(&self, bill: &Bill) -> String {
        let content = &bill.content;
        let Some(total) = content.total_charges else {
            return String::new();
        };
        match &content.charges_units {
            Some(currency) => format!("{total} {currency}"),
            None => total.to_string(),
        }
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
    let page = |limit| Page { limit, number: 1 };
    let reading = me.console.door.store.read("console.connection", |tx| {
        Box::pin(async move {
            let connection = tx.connection(organization, id).await?;
            let connection = connection.ok_or(ConsoleError::NotFound)?;
            let company = tx.company(organization, connection.company).await?;
            let company = company.ok_or(ConsoleError::NotFound)?;
            let details = tx.connection_details(company.id, &[id]).await?.remove(&id);
            let bills = tx.bills(organization, id, page(BILLS)).await?;
            Ok::<_, ConsoleError>(Found {
                details: details.unwrap_or_default(),
                sites: tx.sites_of(company.id).await?,
                runs: tx.collections(company.id, id, page(RUNS)).await?.rows,
                bill_count: bills.total,
                bills: bills.rows,
                connection,
                company,
            })
        })
    });
    let found = reading.await?;
    render(&ConnectionPage {
        shell: Shell::new(&me, Place::Connections),
        found: &found,
        done: asked.done.and_then(|done| done.parse().ok()),
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
    let door = &me.console.door;
    let (link_id, nonce) = (
        LinkId::from_random(bytes(&*door.random)),
        bytes(&*door.random),
    );
    let event = me.audit(AuditAction::UpdateLinkMade, Some(link_id.to_string()), None);
    let (organization, now, event) = (me.organization.id, me.now, &event);
    let making = door.store.tx("console.make_update_link", |tx| {
        Box::pin(async move {
            let connection = tx.connection(organization, id).await?;
            let connection = connection.filter(|it| it.inactive_at.is_none());
            let connection = connection.ok_or(ConsoleError::NotFound)?;
            let company = tx.company(organization, connection.company).await?;
            let company = company.ok_or(ConsoleError::NotFound)?;
            let key = door.token_keys.sealing_id();
            let link = Link::for_update(link_id, &connection, key, nonce, now);
            link_url(&door.token_keys, &door.links_base, company.public_id, &link)?;
            tx.add_link(organization, &link).await?;
            tx.add_audit_event(event).await?;
            let brand = tx.brand(organization).await?;
            Ok::<_, ConsoleError>(brand.map(|brand| (company.public_id, brand)))
        })
    });
    if let Some((company, brand)) = making.await? {
        // The edge shows a neutral page without it and asks again, so a failure stops nothing.
        door.edge.push(company, brand).await;
    }
    Ok(Redirect::to(&format!("/console/links/{link_id}")).into_response())
}

/// Downloads the file of a bill; the audit log tells who did.
pub(super) async fn bill_file(
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, ConsoleError> {
    let id: BillId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let organization = me.organization.id;
    let event = me.audit(AuditAction::BillDownloaded, Some(id.to_string()), None);
    let event = &event;
    let reading = me.console.door.store.tx("console.bill_file", |tx| {
        Box::pin(async move {
            let file = tx.bill_file(organization, id).await?;
            if file.is_some() {
                tx.add_audit_event(event).await?;
            }
            Ok::<_, StoreError>(file)
        })
    });
    let file = reading.await?.ok_or(ConsoleError::NotFound)?;
    Ok(bill_download::response(&me.console.door.blobs, id, file).await?)
}
