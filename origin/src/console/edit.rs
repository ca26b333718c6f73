//! Changing a company and a site. Who has not seen what stands there now overwrites nothing unasked.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::{
    id::{CompanyId, OrganizationId, SiteId},
    member::AuditAction,
};

use super::{
    companies::{ADDRESS_MAX, EXTERNAL_ID_TAKEN, NAME_MAX, name_of, own_company, text_of},
    error::ConsoleError,
    form::{Form, Wrong, told_at},
    page::{Place, Shell, render},
    session::SignedIn,
};
use crate::{
    store::{Tx, companies::Company, sites::Site},
    version,
};

/// The field of a form that says which version its person has seen.
pub(super) const VERSION_FIELD: &str = "version";

/// What a company or a site has that can be changed: a name, and one text more.
#[derive(Clone, PartialEq, Eq)]
struct Values {
    name: String,
    other: Option<String>,
}

impl Values {
    fn version(&self) -> String {
        version::of_values(&(&self.name, &self.other))
    }
}

/// What is changed, as the page calls it.
struct Thing {
    title: &'static str,
    /// The name of the second field, its label, its hint and its longest value.
    other: (&'static str, &'static str, &'static str, usize),
    action: AuditAction,
}

const COMPANY: Thing = Thing {
    title: "Edit company",
    other: (
        "externalId",
        "Your id",
        "What your own systems call it. It may be left empty.",
        NAME_MAX,
    ),
    action: AuditAction::CompanyChanged,
};

const SITE: Thing = Thing {
    title: "Edit site",
    other: (
        "address",
        "Address",
        "Bills for this address are told to be the site's. It may be left empty.",
        ADDRESS_MAX,
    ),
    action: AuditAction::SiteChanged,
};

#[derive(Template)]
#[template(path = "console/edit.html")]
struct EditPage<'a> {
    shell: Shell<'a>,
    thing: &'a Thing,
    /// The page to which it leads back.
    back: &'a str,
    stands: &'a Values,
    /// The version that its person has seen.
    version: String,
    name: &'a str,
    other: &'a str,
    wrong: Option<Wrong>,
    /// Whether somebody else changed it since the form was shown.
    is_old: bool,
    /// Where it is deleted, if that is offered here.
    delete: Option<&'a str>,
}

impl EditPage<'_> {
    fn told(&self, field: &str) -> Option<&'static str> {
        told_at(self.wrong, field)
    }
}

impl Thing {
    /// The form, filled in with what stands there.
    fn form(
        &self,
        me: &SignedIn,
        (back, delete): (&str, Option<&str>),
        stands: &Values,
    ) -> Result<Response, ConsoleError> {
        let page = EditPage {
            shell: Shell::new(me, Place::Companies),
            thing: self,
            back,
            stands,
            version: stands.version(),
            name: &stands.name,
            other: stands.other.as_deref().unwrap_or_default(),
            wrong: None,
            is_old: false,
            delete,
        };
        Ok(render(&page)?.into_response())
    }

    fn read(&self, form: &Form) -> Result<Values, Wrong> {
        let (field, _, _, max) = self.other;
        let name = name_of(form)?;
        let other = text_of(form, field, max)?;
        Ok(Values { name, other })
    }

    /// The form again, with what was typed.
    fn again(
        &self,
        (me, form, back): (&SignedIn, &Form, &str),
        stands: &Values,
        wrong: Option<Wrong>,
    ) -> Result<Response, ConsoleError> {
        let is_old = wrong.is_none();
        let page = EditPage {
            shell: Shell::new(me, Place::Companies),
            thing: self,
            back,
            stands,
            // Only who is told what stands there now has seen it.
            version: match is_old {
                true => stands.version(),
                false => form.text(VERSION_FIELD).to_owned(),
            },
            name: form.text("name"),
            other: form.text(self.other.0),
            wrong,
            is_old,
            delete: None,
        };
        let status = match is_old {
            true => StatusCode::CONFLICT,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Ok((status, render(&page)?).into_response())
    }
}

fn of_company(company: &Company) -> Values {
    Values {
        name: company.name.clone(),
        other: company.external_id.clone(),
    }
}

fn of_site(site: &Site) -> Values {
    Values {
        name: site.name.clone(),
        other: site.address.clone(),
    }
}

fn page_of(company: CompanyId) -> String {
    format!("/console/companies/{company}")
}

async fn own_site(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: SiteId,
) -> Result<Site, ConsoleError> {
    let found = tx.site(organization, id).await?;
    found.ok_or(ConsoleError::NotFound)
}

/// Shows the form of a company.
pub(super) async fn company(
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, ConsoleError> {
    me.must_write()?;
    let id: CompanyId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.edit_company", |tx| {
        Box::pin(own_company(tx, organization, id))
    });
    COMPANY.form(&me, (&page_of(id), None), &of_company(&reading.await?))
}

/// Changes a company, and leads back to it.
pub(super) async fn change_company(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: CompanyId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let (read, seen) = (COMPANY.read(&form), form.text(VERSION_FIELD));
    let (who, wanted) = (&me, read.as_ref().ok());
    let changing = me.console.door.store.tx("console.change_company", |tx| {
        Box::pin(async move {
            let before = own_company(tx, who.organization.id, id).await?;
            let stands = of_company(&before);
            let Some(wanted) = wanted.filter(|_| stands.version() == seen) else {
                return Ok::<_, ConsoleError>(Some((stands, None)));
            };
            if *wanted != stands {
                let company = Company {
                    name: wanted.name.clone(),
                    external_id: wanted.other.clone(),
                    ..before.clone()
                };
                let is_other = company.external_id != before.external_id;
                if is_other && tx.is_external_id_taken(&company).await? {
                    let wrong = Wrong::new(COMPANY.other.0, EXTERNAL_ID_TAKEN);
                    return Ok(Some((stands, Some(wrong))));
                }
                tx.change_company(&before, &company).await?;
                let name = Some(company.name);
                let event = who.audit(COMPANY.action, Some(id.to_string()), name);
                tx.add_audit_event(&event).await?;
            }
            Ok(None)
        })
    });
    match changing.await? {
        None => Ok(Redirect::to(&page_of(id)).into_response()),
        Some((stands, taken)) => {
            let wrong = read.err().or(taken);
            COMPANY.again((&me, &form, &page_of(id)), &stands, wrong)
        }
    }
}

/// Shows the form of a site.
pub(super) async fn site(me: SignedIn, Path(id): Path<String>) -> Result<Response, ConsoleError> {
    me.must_write()?;
    let id: SiteId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.edit_site", |tx| {
        Box::pin(own_site(tx, organization, id))
    });
    let site = reading.await?;
    let delete = format!("/console/sites/{id}/delete");
    let back = page_of(site.company);
    SITE.form(&me, (&back, Some(&delete)), &of_site(&site))
}

/// Changes a site, and leads back to its company.
pub(super) async fn change_site(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: SiteId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let (read, seen) = (SITE.read(&form), form.text(VERSION_FIELD));
    let (who, wanted) = (&me, read.as_ref().ok());
    let changing = me.console.door.store.tx("console.change_site", |tx| {
        Box::pin(async move {
            let before = own_site(tx, who.organization.id, id).await?;
            let (company, stands) = (before.company, of_site(&before));
            let Some(wanted) = wanted.filter(|_| stands.version() == seen) else {
                return Ok::<_, ConsoleError>((company, Some(stands)));
            };
            if *wanted != stands {
                let site = Site {
                    name: wanted.name.clone(),
                    address: wanted.other.clone(),
                    ..before.clone()
                };
                tx.change_site(&before, &site).await?;
                let event = who.audit(SITE.action, Some(id.to_string()), Some(site.name));
                tx.add_audit_event(&event).await?;
            }
            Ok((company, None))
        })
    });
    match changing.await? {
        (company, None) => Ok(Redirect::to(&page_of(company)).into_response()),
        (company, Some(stands)) => SITE.again((&me, &form, &page_of(company)), &stands, read.err()),
    }
}
