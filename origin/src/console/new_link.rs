//! Generate magic link: choose a company, fill in for the client what is known, and get a URL to send.

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use messages::Locale;
use shared::{
    api_key::ApiKeyEnvironment,
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
    brand_push::push_for_links,
    mail::{LINK_MAILS_TO_ONE_A_DAY, link_mails_left, queue_link_mail},
    new_link::{LinkUrlProblem, Prefill, company_link, link_url},
    store::{Page, companies::Company, links::Link, sites::Site},
    text_values::{CalendarDate, Email},
    utilities::listed,
};

/// The lives that can be chosen, in days.
pub(super) const LIVES_DAYS: [i64; 5] = [1, 7, 14, 30, 90];
/// The seconds of a day.
pub(super) const DAY_SECONDS: i64 = 86_400;

/// The languages that a link can be made in, as tags and by their own names.
const LANGUAGES: [(&str, &str); 6] = [
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("pt-BR", "Português (Brasil)"),
    ("ar", "العربية"),
];

/// Companies for which links are made at once.
const MOST_COMPANIES: usize = 50;
/// Companies that are offered.
const OFFERED: i64 = 50;
/// The longest text that is looked for, in characters.
const SEARCH_MAX: usize = 200;

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
    locale: String,
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
            locale: form.text("locale").to_owned(),
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
        let mut languages = LANGUAGES.into_iter().map(|(tag, _)| tag);
        let locale = languages.find(|tag| *tag == self.locale);
        if locale.is_none() && !self.locale.is_empty() {
            wrong.push(("locale", "Choose a language.".to_owned()));
        }
        prefill.locale = locale.map(str::to_owned);
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
    choice: &'a Choice,
    filled: &'a Filled,
}

impl NewLinkPage<'_> {
    fn countries(&self) -> &'static [(&'static str, &'static str)] {
        Locale::En.countries()
    }

    /// Websites of listed utilities, with what they are called; sandbox companies connect none of them.
    fn listed(&self) -> impl Iterator<Item = (&'static str, String)> {
        let of_sandbox = |company: &Company| company.environment == ApiKeyEnvironment::Sandbox;
        let listed = match self.choice.chosen.iter().any(of_sandbox) {
            true => &[],
            false => listed(),
        };
        listed.iter().map(|one| {
            let country = one.country.as_str();
            let named = Locale::En.countries().iter();
            let named = named.copied().find(|(code, _)| *code == country);
            let country = named.map_or(country, |(_, name)| name);
            (&*one.host, format!("{}, {country}", one.name))
        })
    }

    fn types(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let text = Locale::En;
        UtilityType::ALL
            .iter()
            .map(move |kind| (kind.as_str(), text.utility_type(*kind)))
    }

    fn languages(&self) -> [(&'static str, &'static str); 6] {
        LANGUAGES
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
        self.choice.chosen.iter().any(|one| one.id == company.id)
    }

    /// For whom the form is filled in.
    fn for_whom(&self) -> String {
        match self.choice.chosen.as_slice() {
            [company] => company.name.clone(),
            several => format!("{} companies", several.len()),
        }
    }
}

/// What the page is made of.
struct Choice {
    /// What companies are looked for by; empty for all.
    search: String,
    /// Companies that fit, the first by name; the chosen ones are before them.
    offered: Vec<Company>,
    /// How many fit.
    total: i64,
    /// Those that links are made for.
    chosen: Vec<Company>,
    /// The sites of the only one that is chosen.
    sites: Vec<Site>,
    /// Websites that are connected already, for suggestions.
    websites: Vec<String>,
}

/// Reads it; the only company of an organization needs no choosing.
async fn choice(me: &SignedIn, search: &str, asked: &[CompanyId]) -> Result<Choice, ConsoleError> {
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.new_link", |tx| {
        Box::pin(async move {
            let page = Page {
                limit: OFFERED,
                number: 1,
            };
            let found = tx.companies_by_name(organization, search, page).await?;
            let mut chosen = Vec::new();
            for id in asked {
                chosen.push(own_company(tx, organization, *id).await?);
            }
            if let (true, "", [only]) = (asked.is_empty(), search, found.rows.as_slice()) {
                chosen.push(only.clone());
            }
            let others = found.rows.into_iter();
            let others = others.filter(|one| chosen.iter().all(|company| company.id != one.id));
            let offered = chosen.iter().cloned().chain(others).collect();
            let sites = match chosen.as_slice() {
                [company] => tx.sites_of(company.id).await?,
                _ => Vec::new(),
            };
            let websites = tx.connected_websites(organization).await?;
            Ok::<_, ConsoleError>(Choice {
                search: search.to_owned(),
                offered,
                total: found.total,
                chosen,
                sites,
                websites,
            })
        })
    });
    reading.await
}

/// Ids of companies, each once; the first of them where there are too many.
fn ids<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<CompanyId>, ConsoleError> {
    let mut ids = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        let id = text.parse().map_err(|_| ConsoleError::NotFound)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.truncate(MOST_COMPANIES);
    Ok(ids)
}

fn shown(
    me: &SignedIn,
    status: StatusCode,
    choice: &Choice,
    filled: &Filled,
) -> Result<Response, ConsoleError> {
    let page = NewLinkPage {
        shell: Shell::new(me, Place::Connections),
        choice,
        filled,
    };
    Ok((status, render(&page)?).into_response())
}

/// Shows the choice of companies and, for chosen ones, the empty form.
pub(super) async fn show(
    me: SignedIn,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, ConsoleError> {
    me.must_write()?;
    let values = |wanted: &'static str| {
        let named = asked.iter().filter(move |(name, _)| name == wanted);
        named.map(|(_, value)| value.trim())
    };
    let search: String = values("search")
        .flat_map(str::chars)
        .take(SEARCH_MAX)
        .collect();
    let choice = choice(&me, &search, &ids(values("company"))?).await?;
    shown(&me, StatusCode::OK, &choice, &Filled::default())
}

/// A link that is to be made, and its company.
struct NewLink<'a> {
    company: &'a Company,
    link: Link,
}

/// What came of the links that were to be made.
enum Making {
    /// They are there.
    Made,
    /// They would be more mails to one address than may be within a day. None was made.
    SentOften,
}

/// Makes the links, and leads to the only one or to the list of all.
pub(super) async fn make(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let choice = choice(&me, "", &ids(form.texts("company"))?).await?;
    let mut filled = Filled::of(&form);
    let prefill = filled.read(&choice.sites);
    let new = new_links(&me, &choice.chosen, &prefill, &mut filled)?;
    if !filled.wrong.is_empty() {
        return shown(&me, StatusCode::UNPROCESSABLE_ENTITY, &choice, &filled);
    }
    let Some(first) = new.first() else {
        return Err(ConsoleError::NotFound);
    };
    let recipient = prefill.owner_email.as_deref().filter(|_| filled.sends);
    let (organization, door, author) = (me.organization.id, &me.console.door, &me.author());
    let (links, now) = (&new, me.now);
    let making = door.store.tx("console.make_link", |tx| {
        Box::pin(async move {
            if let Some(to) = recipient
                && link_mails_left(tx, organization, to, now).await? < links.len()
            {
                return Ok(Making::SentOften);
            }
            for new in links {
                let (link, id) = (&new.link, Some(new.link.id.to_string()));
                if !tx.add_link(organization, link).await? {
                    return Err(ConsoleError::NotFound);
                }
                let name = Some(new.company.name.clone());
                author
                    .did(tx, AuditAction::LinkMade, id.clone(), name)
                    .await?;
                if let Some(to) = recipient {
                    queue_link_mail(tx, &*door.random, (organization, link), to, now).await?;
                    let to = Some(to.to_owned());
                    author.did(tx, AuditAction::LinkSent, id, to).await?;
                }
            }
            Ok(Making::Made)
        })
    });
    if let Making::SentOften = making.await? {
        let told = format!(
            "More than {LINK_MAILS_TO_ONE_A_DAY} links would go to this address within a day: make them without sending."
        );
        filled.wrong.push(("ownerEmail", told));
        return shown(&me, StatusCode::UNPROCESSABLE_ENTITY, &choice, &filled);
    }
    let companies = new.iter().map(|new| new.company.public_id);
    push_for_links(&door.edge, &door.store, organization, companies).await;
    let page = match (new.len(), recipient) {
        (1, None) => format!("/console/links/{}", first.link.id),
        (1, Some(_)) => format!("/console/links/{}?sent=yes", first.link.id),
        (several, _) => format!("/console/links?made={several}"),
    };
    Ok(Redirect::to(&page).into_response())
}

/// A link for each company; what keeps one from being made is noted as wrong.
fn new_links<'a>(
    me: &SignedIn,
    companies: &'a [Company],
    prefill: &Prefill,
    filled: &mut Filled,
) -> Result<Vec<NewLink<'a>>, ConsoleError> {
    let door = &me.console.door;
    let mut new = Vec::new();
    for company in companies {
        let allowed = prefill
            .url
            .as_ref()
            .map(|url| door.sandbox.check(company.environment, url));
        if let Some(Err(wrong)) = allowed {
            let told = format!("{}: {wrong}", company.name);
            filled.wrong.push(("url", told));
            break;
        }
        let sources = (&*door.token_keys, &*door.random);
        let link = company_link(sources, me.now, company.id, prefill.clone());
        match link_url(&door.token_keys, &door.links_base, company.public_id, &link) {
            Ok(_) => new.push(NewLink { company, link }),
            Err(LinkUrlProblem::WebsiteTooLong { max }) => {
                let told = format!("This address is too long: {max} characters at most.");
                filled.wrong.push(("url", told));
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(new)
}
