//! Generate magic link: choose a company, fill in for the client what is known, and get a URL to send.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use messages::Locale;
use serde::Deserialize;
use shared::{
    id::{CompanyId, SiteId},
    member::AuditAction,
    provider::ProviderUrl,
    status::UtilityType,
};

use super::{
    companies::own_company,
    error::ConsoleError,
    form::Form,
    page::{Place, Shell, render},
    session::SignedIn,
};
use crate::{
    mail::queue_link_mail,
    new_link::{LinkUrlProblem, Prefill, company_link, link_url},
    store::{Page, companies::Company, sites::Site},
    text_values::{CalendarDate, Email},
};

/// The lives that can be chosen, in days.
pub(super) const LIVES_DAYS: [i64; 5] = [1, 7, 14, 30, 90];
/// The seconds of a day.
pub(super) const DAY_SECONDS: i64 = 86_400;

/// What stands behind the page's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    company: Option<String>,
}

/// The fields as they were filled in, and what is wrong with each.
#[derive(Default)]
struct Filled {
    url: String,
    country: String,
    owner_email: String,
    /// Whether the link is mailed to that address at once.
    sends: bool,
    start_date: String,
    life_days: String,
    sites: Vec<String>,
    types: Vec<String>,
    wrong: Vec<(&'static str, String)>,
}

impl Filled {
    fn of(form: &Form) -> Self {
        Self {
            url: form.text("url").to_owned(),
            country: form.text("country").to_owned(),
            owner_email: form.text("ownerEmail").to_owned(),
            sends: form.text("send") == "yes",
            start_date: form.text("startDate").to_owned(),
            life_days: form.text("lifeDays").to_owned(),
            sites: form.texts("site").map(str::to_owned).collect(),
            types: form.texts("type").map(str::to_owned).collect(),
            wrong: Vec::new(),
        }
    }

    /// What the link opens with, as far as it can be read; what cannot is noted as wrong.
    fn read(&mut self, sites: &[Site]) -> Prefill {
        let mut wrong = Vec::new();
        let mut prefill = Prefill::default();
        if !self.url.is_empty() {
            match self.url.parse::<ProviderUrl>() {
                Ok(url) => prefill.url = Some(url),
                Err(_) => wrong.push((
                    "url",
                    "Enter the address of a website, such as utility.example.".to_owned(),
                )),
            }
        }
        if !self.country.is_empty() {
            match self.country.parse() {
                Ok(country) => prefill.country = Some(country),
                Err(_) => wrong.push(("country", "Choose a country.".to_owned())),
            }
        }
        if !self.owner_email.is_empty() {
            match self.owner_email.parse::<Email>() {
                Ok(email) => prefill.owner_email = Some(email.0),
                Err(_) => wrong.push((
                    "ownerEmail",
                    "Enter a mail address, such as owner@client.example.".to_owned(),
                )),
            }
        }
        if self.sends && self.owner_email.is_empty() {
            wrong.push((
                "ownerEmail",
                "Enter the address that the link is sent to.".to_owned(),
            ));
        }
        if !self.start_date.is_empty() {
            match self.start_date.parse::<CalendarDate>() {
                Ok(date) => prefill.data_collection_start_date = Some(date.0),
                Err(_) => wrong.push(("startDate", "Enter a day, such as 2026-01-31.".to_owned())),
            }
        }
        let days = LIVES_DAYS
            .into_iter()
            .find(|days| days.to_string() == self.life_days);
        if days.is_none() && !self.life_days.is_empty() {
            wrong.push(("lifeDays", "Choose when the link runs out.".to_owned()));
        }
        prefill.expires_in_seconds = days.map(|days| days * DAY_SECONDS);
        let ids = self.sites.iter().filter_map(|id| id.parse::<SiteId>().ok());
        prefill.initial_sites = ids
            .filter(|id| sites.iter().any(|site| site.id == *id))
            .collect();
        prefill.utility_types = self
            .types
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect();
        self.wrong = wrong;
        prefill
    }
}

#[derive(Template)]
#[template(path = "console/new_link.html")]
struct NewLinkPage<'a> {
    shell: Shell<'a>,
    companies: &'a [Company],
    company: Option<&'a Company>,
    sites: &'a [Site],
    /// Websites that are connected already, for suggestions.
    websites: &'a [String],
    filled: &'a Filled,
}

impl NewLinkPage<'_> {
    fn countries(&self) -> &'static [(&'static str, &'static str)] {
        Locale::En.countries()
    }

    fn types(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let text = Locale::En;
        UtilityType::ALL
            .iter()
            .map(move |kind| (kind.as_str(), text.utility_type(*kind)))
    }

    fn lives(&self) -> [i64; 5] {
        LIVES_DAYS
    }

    fn problem(&self, field: &str) -> Option<&str> {
        let mut wrong = self.filled.wrong.iter();
        wrong
            .find(|(name, _)| *name == field)
            .map(|(_, told)| told.as_str())
    }

    fn is_ticked(&self, values: &[String], value: &str) -> bool {
        values.iter().any(|one| one == value)
    }

    fn is_chosen(&self, company: &Company) -> bool {
        self.company.is_some_and(|chosen| chosen.id == company.id)
    }
}

/// What the page is made of.
struct Choice {
    companies: Vec<Company>,
    company: Option<Company>,
    sites: Vec<Site>,
    websites: Vec<String>,
}

/// Reads it; the only company of an organization needs no choosing.
async fn choice(me: &SignedIn, asked: Option<CompanyId>) -> Result<Choice, ConsoleError> {
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.new_link", |tx| {
        Box::pin(async move {
            let all = Page {
                limit: Page::MAX_LIMIT,
                number: 1,
            };
            let mut companies = tx.companies(organization, all).await?.rows;
            let company = match (asked, companies.as_slice()) {
                (Some(id), _) => Some(own_company(tx, organization, id).await?),
                (None, [only]) => Some(only.clone()),
                (None, _) => None,
            };
            // More than the list holds: the chosen one is among them all the same.
            if let Some(company) = &company
                && companies.iter().all(|one| one.id != company.id)
            {
                companies.push(company.clone());
            }
            let sites = match &company {
                Some(company) => tx.sites_of(company.id).await?,
                None => Vec::new(),
            };
            let websites = tx.connected_websites(organization).await?;
            Ok::<_, ConsoleError>(Choice {
                companies,
                company,
                sites,
                websites,
            })
        })
    });
    reading.await
}

fn shown(
    me: &SignedIn,
    status: StatusCode,
    choice: &Choice,
    filled: &Filled,
) -> Result<Response, ConsoleError> {
    let page = NewLinkPage {
        shell: Shell::new(me, Place::Connections),
        companies: &choice.companies,
        company: choice.company.as_ref(),
        sites: &choice.sites,
        websites: &choice.websites,
        filled,
    };
    Ok((status, render(&page)?).into_response())
}

/// Shows the choice of a company and, for the chosen one, the empty form.
pub(super) async fn show(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, ConsoleError> {
    me.must_write()?;
    let asked = asked.company.filter(|id| !id.is_empty());
    let asked = asked.map(|id| id.parse()).transpose();
    let choice = choice(&me, asked.map_err(|_| ConsoleError::NotFound)?).await?;
    shown(&me, StatusCode::OK, &choice, &Filled::default())
}

/// Makes the link, and leads to it.
pub(super) async fn make(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let company = form.text("company").parse();
    let choice = choice(&me, Some(company.map_err(|_| ConsoleError::NotFound)?)).await?;
    let Some(company) = &choice.company else {
        return Err(ConsoleError::NotFound);
    };
    let mut filled = Filled::of(&form);
    let prefill = filled.read(&choice.sites);
    let door = &me.console.door;
    let allowed = prefill
        .url
        .as_ref()
        .map(|url| door.sandbox.check(company.environment, url));
    if let Some(Err(wrong)) = allowed {
        filled.wrong.push(("url", wrong.to_string()));
    }
    let sources = (&*door.token_keys, &*door.random);
    let link = company_link(sources, me.now, company.id, prefill);
    let made = link_url(&door.token_keys, &door.links_base, company.public_id, &link);
    if let Err(LinkUrlProblem::WebsiteTooLong { max }) = made {
        let told = format!("This address is too long: {max} characters at most.");
        filled.wrong.push(("url", told));
    }
    if !filled.wrong.is_empty() {
        return shown(&me, StatusCode::UNPROCESSABLE_ENTITY, &choice, &filled);
    }
    made?;
    let event = me.audit(
        AuditAction::LinkMade,
        Some(link.id.to_string()),
        Some(company.name.clone()),
    );
    let recipient = link.owner_email.as_deref().filter(|_| filled.sends);
    let sent = recipient.map(|to| {
        let (link, to) = (link.id.to_string(), to.to_owned());
        (
            me.audit(AuditAction::LinkSent, Some(link), Some(to.clone())),
            to,
        )
    });
    let (organization, link, event, sent) = (me.organization.id, &link, &event, sent.as_ref());
    let me = &me;
    let making = door.store.tx("console.make_link", |tx| {
        Box::pin(async move {
            if !tx.add_link(organization, link).await? {
                return Err(ConsoleError::NotFound);
            }
            tx.add_audit_event(event).await?;
            if let Some((event, to)) = sent {
                queue_link_mail(tx, &*door.random, (organization, link), to, me.now).await?;
                tx.add_audit_event(event).await?;
            }
            Ok(tx.brand(organization).await?)
        })
    });
    if let Some(brand) = making.await? {
        // The edge shows a neutral page without it and asks again, so a failure stops nothing.
        door.edge.push(company.public_id, brand).await;
    }
    let told = if sent.is_some() { "?sent=yes" } else { "" };
    Ok(Redirect::to(&format!("/console/links/{}{told}", link.id)).into_response())
}
