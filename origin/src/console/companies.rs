//! The organization's companies, and the sites of each.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{Html, IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use shared::{
    api_key::ApiKeyEnvironment,
    id::{CompanyId, OrganizationId, PublicCompanyId, SiteId},
    member::AuditAction,
    text::{is_blank, is_control},
};

use url::form_urlencoded;

use super::{
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    page::{Place, Shell, render},
    session::SignedIn,
};
use crate::{
    clock::bytes,
    store::{Page, PageOf, Tx, companies::Company, company_removal::CompanyContents, sites::Site},
};

/// Companies on a page.
const ROWS: i64 = 100;
/// The longest name, in characters, as in the API.
pub(super) const NAME_MAX: usize = 200;
/// The longest address, in characters, as in the API.
pub(super) const ADDRESS_MAX: usize = 500;

/// What is said beside a text with something in it that nobody sees.
const HAS_CONTROLS: &str = "This must not contain control characters, nor marks that change the direction of text: type it anew.";
/// What is said beside the id of another company.
pub(super) const EXTERNAL_ID_TAKEN: &str = "This is the id of another company.";

/// The organization's company; another's is as unknown as none.
pub(super) async fn own_company(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: CompanyId,
) -> Result<Company, ConsoleError> {
    let found = tx.company(organization, id).await?;
    found.ok_or(ConsoleError::NotFound)
}

/// A name that somebody typed.
pub(super) fn name_of(form: &Form) -> Result<String, Wrong> {
    let name = form.text("name");
    if is_blank(name) || name.chars().count() > NAME_MAX {
        return Err(Wrong::new(
            "name",
            "Enter a name of 200 characters at most.",
        ));
    }
    if name.contains(is_control) {
        return Err(Wrong::new("name", HAS_CONTROLS));
    }
    Ok(name.to_owned())
}

/// Another text of one line that may be left out.
pub(super) fn text_of(
    form: &Form,
    field: &'static str,
    max: usize,
) -> Result<Option<String>, Wrong> {
    let text = form.text(field);
    if text.chars().count() > max {
        return Err(Wrong::new(field, "This is too long."));
    }
    if text.contains(is_control) {
        return Err(Wrong::new(field, HAS_CONTROLS));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What stands behind the list's address.
#[derive(Deserialize)]
pub(super) struct Asked {
    page: Option<String>,
    #[serde(default)]
    search: String,
    /// What was done to a company that is no more.
    done: Option<String>,
}

/// What stands behind the address of a company.
#[derive(Deserialize)]
pub(super) struct AskedCompany {
    /// What was done to a site that is no more.
    done: Option<String>,
}

/// Whether the address says that this was done just now.
fn was_done(done: Option<&str>, action: AuditAction) -> bool {
    done == Some(action.as_str())
}

/// Fields of a form that is shown again, and what is wrong with the first of them.
#[derive(Default)]
struct Filled {
    name: String,
    other: String,
    is_sandbox: bool,
    wrong: Option<Wrong>,
}

impl Filled {
    fn told(&self, field: &str) -> Option<&'static str> {
        told_at(self.wrong, field)
    }
}

#[derive(Template)]
#[template(path = "console/companies.html")]
struct CompaniesPage<'a> {
    shell: Shell<'a>,
    found: &'a PageOf<Company>,
    page: Page,
    /// What is looked for; empty for all.
    search: &'a str,
    /// Whether a company was deleted just now.
    is_deleted: bool,
    filled: &'a Filled,
}

impl CompaniesPage<'_> {
    fn next_page(&self) -> Option<String> {
        let has_more = self.page.number * self.page.limit < self.found.total;
        has_more.then(|| self.address(self.page.number + 1))
    }

    fn page_before(&self) -> Option<String> {
        (self.page.number > 1).then(|| self.address(self.page.number - 1))
    }

    fn address(&self, number: i64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.search.is_empty() {
            query.append_pair("search", self.search);
        }
        query.append_pair("page", &number.to_string());
        format!("/console/companies?{}", query.finish())
    }
}

async fn list_page(
    me: &SignedIn,
    status: StatusCode,
    (search, number): (&str, i64),
    is_deleted: bool,
    filled: &Filled,
) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let page = Page {
        limit: ROWS,
        number,
    };
    let reading = me.console.door.store.read("console.companies", |tx| {
        Box::pin(tx.companies_by_name(organization, search, page))
    });
    let found = reading.await?;
    let html = render(&CompaniesPage {
        shell: Shell::new(me, Place::Companies),
        found: &found,
        page,
        search,
        is_deleted,
        filled,
    })?;
    Ok((status, html).into_response())
}

/// Lists the organization's companies, a hundred to a page.
pub(super) async fn list(
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, ConsoleError> {
    let number = asked.page.and_then(|page| page.parse().ok());
    let number = number.filter(|page| (1..1_000_000).contains(page));
    let search: String = asked.search.trim().chars().take(NAME_MAX).collect();
    let place = (search.as_str(), number.unwrap_or(1));
    let is_deleted = was_done(asked.done.as_deref(), AuditAction::CompanyDeleted);
    list_page(&me, StatusCode::OK, place, is_deleted, &Filled::default()).await
}

/// Adds one, and leads to it.
pub(super) async fn add(me: SignedIn, form: Form) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let read = name_of(&form).and_then(|name| Ok((name, text_of(&form, "externalId", NAME_MAX)?)));
    let refuse = async |wrong| {
        let filled = Filled {
            name: form.text("name").to_owned(),
            other: form.text("externalId").to_owned(),
            is_sandbox: form.text("sandbox") == "yes",
            wrong: Some(wrong),
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        list_page(&me, status, ("", 1), false, &filled).await
    };
    let (name, external_id) = match read {
        Ok(read) => read,
        Err(wrong) => return refuse(wrong).await,
    };
    let random = &*me.console.door.random;
    let company = Company {
        id: CompanyId::from_random(bytes(random)),
        public_id: PublicCompanyId::from_random(bytes(random)),
        organization: me.organization.id,
        name,
        external_id,
        environment: match form.text("sandbox") {
            "yes" => ApiKeyEnvironment::Sandbox,
            _ => ApiKeyEnvironment::Production,
        },
        created_at: me.now,
    };
    let (id, name) = (company.id.to_string(), company.name.clone());
    let event = me.audit(AuditAction::CompanyAdded, Some(id), Some(name));
    let (added, event) = (&company, &event);
    let adding = me.console.door.store.tx("console.add_company", |tx| {
        Box::pin(async move {
            if tx.is_external_id_taken(added).await? {
                return Ok(false);
            }
            tx.add_company(added).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(true)
        })
    });
    if !adding.await? {
        return refuse(Wrong::new("externalId", EXTERNAL_ID_TAKEN)).await;
    }
    Ok(Redirect::to(&format!("/console/companies/{}", company.id)).into_response())
}

#[derive(Template)]
#[template(path = "console/company.html")]
struct CompanyPage<'a> {
    shell: Shell<'a>,
    company: &'a Company,
    sites: &'a [Site],
    /// What keeps it from being deleted.
    contents: CompanyContents,
    /// Whether one of its sites was deleted just now.
    is_site_deleted: bool,
    filled: &'a Filled,
}

async fn company_page(
    me: &SignedIn,
    status: StatusCode,
    id: CompanyId,
    is_site_deleted: bool,
    filled: &Filled,
) -> Result<Response, ConsoleError> {
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.company", |tx| {
        Box::pin(async move {
            let company = own_company(tx, organization, id).await?;
            let sites = tx.sites_of(company.id).await?;
            let contents = tx.company_contents(company.id).await?;
            Ok::<_, ConsoleError>((company, sites, contents))
        })
    });
    let (company, sites, contents) = reading.await?;
    let html: Html<String> = render(&CompanyPage {
        shell: Shell::new(me, Place::Companies),
        company: &company,
        sites: &sites,
        contents,
        is_site_deleted,
        filled,
    })?;
    Ok((status, html).into_response())
}

/// Shows one with its sites.
pub(super) async fn show(
    me: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<AskedCompany>,
) -> Result<Response, ConsoleError> {
    let id = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let is_site_deleted = was_done(asked.done.as_deref(), AuditAction::SiteDeleted);
    company_page(&me, StatusCode::OK, id, is_site_deleted, &Filled::default()).await
}

/// Adds a site to one.
pub(super) async fn add_site(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: CompanyId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let read = name_of(&form).and_then(|name| Ok((name, text_of(&form, "address", ADDRESS_MAX)?)));
    let (name, address) = match read {
        Ok(read) => read,
        Err(wrong) => {
            let filled = Filled {
                name: form.text("name").to_owned(),
                other: form.text("address").to_owned(),
                is_sandbox: false,
                wrong: Some(wrong),
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return company_page(&me, status, id, false, &filled).await;
        }
    };
    let site = Site {
        id: SiteId::from_random(bytes(&*me.console.door.random)),
        company: id,
        name,
        address,
        created_at: me.now,
    };
    let (site_id, name) = (site.id.to_string(), site.name.clone());
    let event = me.audit(AuditAction::SiteAdded, Some(site_id), Some(name));
    let (added, event, organization) = (&site, &event, me.organization.id);
    let adding = me.console.door.store.tx("console.add_site", |tx| {
        Box::pin(async move {
            own_company(tx, organization, added.company).await?;
            tx.add_site(added).await?;
            tx.add_audit_event(event).await?;
            Ok::<_, ConsoleError>(())
        })
    });
    adding.await?;
    Ok(Redirect::to(&format!("/console/companies/{id}")).into_response())
}
