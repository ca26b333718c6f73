//! Bills of all companies: listed by what is asked for, and exported.

use std::str::FromStr;

use askama::Template;
use axum::{
    extract::Query,
    response::{Html, Response},
};
use messages::Locale;
use serde::Deserialize;
use shared::{
    id::{CompanyId, SiteId},
    member::{AuditAction, SavedList},
    status::UtilityType,
};
use url::form_urlencoded;

use super::{
    bill_words,
    companies::own_company,
    error::ConsoleError,
    page::{Place, Shell, render},
    saved_views::SavedViews,
    session::SignedIn,
    words::day_words,
};
use crate::{
    bill_csv::Columns,
    bill_export::{self, ExportFormat},
    store::{
        Page,
        bill_lists::{BillFilter, BillPlace, BillsOf, ListedBill},
        companies::Company,
        sites::Site,
    },
    text_values::CalendarDate,
};

/// Where the list is.
const HERE: &str = "/console/bills";
/// Rows on a page.
const ROWS: i64 = 50;

/// What stands behind the list's address.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Asked {
    company: String,
    /// Only the bills of this connection.
    connection: String,
    site: String,
    utility_type: String,
    from: String,
    to: String,
    flagged: String,
    /// The bill after which the page begins: its date and its id.
    after: String,
}

impl Asked {
    /// Which bills are meant. A day that is none narrows nothing: the page says so beside its field.
    fn filter(&self) -> BillFilter {
        let day = |text: &str| text.parse::<CalendarDate>().ok().map(|day| day.0);
        BillFilter {
            from: day(&self.from),
            to: day(&self.to),
            site: self.site.parse::<SiteId>().ok(),
            utility_type: self.utility_type.parse().ok(),
            is_flagged: !self.flagged.is_empty(),
        }
    }

    fn company(&self) -> Result<Option<CompanyId>, ConsoleError> {
        named(&self.company)
    }

    /// The same without a site that is none of these, those of the chosen company: it stands there from another one.
    fn among(mut self, sites: &[Site]) -> Self {
        if sites.iter().all(|site| site.id.to_string() != self.site) {
            self.site.clear();
        }
        self
    }

    /// Whose bills are meant: the nearest of what is named.
    fn of(&self) -> Result<BillsOf, ConsoleError> {
        let connection = named(&self.connection)?.map(BillsOf::Connection);
        let company = self.company()?.map(BillsOf::Company);
        Ok(connection.or(company).unwrap_or(BillsOf::Organization))
    }

    fn after(&self) -> Option<BillPlace> {
        let (date, id) = self.after.split_once('_')?;
        Some(BillPlace {
            date: date.to_owned(),
            id: id.parse().ok()?,
        })
    }

    /// What is asked for, as an address has it behind the question mark.
    fn query(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("company", self.company.as_str()),
            ("connection", &self.connection),
            ("site", &self.site),
            ("utilityType", &self.utility_type),
            ("from", &self.from),
            ("to", &self.to),
            ("flagged", &self.flagged),
            ("after", after),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    fn is_wrong(day: &str) -> bool {
        !day.is_empty() && day.parse::<CalendarDate>().is_err()
    }
}

/// The id of a field; an id that is none names nothing.
fn named<T: FromStr>(text: &str) -> Result<Option<T>, ConsoleError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| ConsoleError::NotFound)
}

/// What the list is made of.
struct Found {
    asked: Asked,
    bills: Vec<ListedBill>,
    companies: Vec<Company>,
    sites: Vec<Site>,
    saved: SavedViews,
}

#[derive(Template)]
#[template(path = "console/bills.html")]
struct BillsPage<'a> {
    shell: Shell<'a>,
    /// What is asked for, and fits together.
    asked: &'a Asked,
    found: &'a Found,
    saved: &'a SavedViews,
    /// The address of the page that follows, if there are more rows.
    more: Option<String>,
}

impl BillsPage<'_> {
    fn day(&self, day: &time::Date) -> String {
        day_words(*day)
    }

    fn types(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let text = Locale::En;
        UtilityType::ALL
            .iter()
            .map(move |kind| (kind.as_str(), text.utility_type(*kind)))
    }

    /// Whether something narrows the list down.
    fn is_narrowed(&self) -> bool {
        !self.asked.query(&self.asked.after).is_empty()
    }

    fn export(&self) -> String {
        match self.asked.query("") {
            all if all.is_empty() => format!("{HERE}/export"),
            query => format!("{HERE}/export?{query}"),
        }
    }

    fn problem(&self, day: &str) -> Option<&'static str> {
        Asked::is_wrong(day).then_some("Enter a day, such as 2026-01-31.")
    }

    fn total(&self, listed: &ListedBill) -> String {
        bill_words::total(&listed.bill.content)
    }

    fn usage(&self, listed: &ListedBill) -> String {
        bill_words::usage(&listed.bill.content)
    }

    fn service(&self, listed: &ListedBill) -> String {
        bill_words::services(&listed.utility_types)
    }

    fn flags(&self, listed: &ListedBill) -> Vec<&'static str> {
        bill_words::flags(&listed.bill.content)
    }
}

/// Shows a page of bills, newest first.
pub(super) async fn list(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, ConsoleError> {
    let organization = me.organization.id;
    let (company, of) = (asked.company()?, asked.of()?);
    let (who, asked, after) = (&me, &asked, &asked.after());
    let reading = me.console.door.store.read("console.bills", |tx| {
        Box::pin(async move {
            let all = Page {
                limit: Page::MAX_LIMIT,
                number: 1,
            };
            let mut companies = tx.companies_by_name(organization, "", all).await?.rows;
            let mut sites = Vec::new();
            if let Some(id) = company {
                let chosen = own_company(tx, organization, id).await?;
                // More than the list holds: the chosen one is among them all the same.
                if companies.iter().all(|one| one.id != id) {
                    companies.push(chosen);
                }
                sites = tx.sites_of(id).await?;
            }
            let asked = asked.clone().among(&sites);
            let filter = &asked.filter();
            let bills = tx.bills_after(organization, of, filter, (after.as_ref(), ROWS + 1));
            let bills = bills.await?;
            let query = asked.query("");
            let saved = SavedViews::of(tx, who, SavedList::Bills, &query).await?;
            Ok::<_, ConsoleError>(Found {
                saved,
                asked,
                bills,
                companies,
                sites,
            })
        })
    });
    let mut found = reading.await?;
    let rows = usize::try_from(ROWS).unwrap_or_default();
    let is_more = found.bills.len() > rows;
    found.bills.truncate(rows);
    let last = found.bills.last().filter(|_| is_more);
    let more = last.map(|last| {
        let place = last.place();
        let query = found.asked.query(&format!("{}_{}", place.date, place.id));
        format!("{HERE}?{query}")
    });
    render(&BillsPage {
        shell: Shell::new(&me, Place::Bills),
        asked: &found.asked,
        found: &found,
        saved: &found.saved,
        more,
    })
}

/// Exports all bills that are asked for as CSV; the audit log tells who did.
pub(super) async fn export(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let (company, of) = (asked.company()?, asked.of()?);
    let (who, asked) = (&me, &asked);
    let writing = me.console.door.store.tx("console.export_bills", |tx| {
        Box::pin(async move {
            let mut sites = Vec::new();
            if let Some(id) = company {
                own_company(tx, organization, id).await?;
                sites = tx.sites_of(id).await?;
            }
            let asked = asked.clone().among(&sites);
            let event = who.audit(
                AuditAction::BillsExported,
                company.map(|id| id.to_string()),
                Some(asked.query("")).filter(|query| !query.is_empty()),
            );
            tx.add_audit_event(&event).await?;
            Ok::<_, ConsoleError>(asked)
        })
    });
    let asked = writing.await?;
    Ok(bill_export::response(
        me.console.door.store.clone(),
        (organization, of),
        asked.filter(),
        ExportFormat::Csv(Columns::OfCompanies),
    ))
}
