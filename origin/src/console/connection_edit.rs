//! Changing what the organization decides of a connection: the same as by the API, by the same function.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use messages::Locale;
use shared::{
    id::{ConnectionId, SiteId},
    member::AuditAction,
    status::UtilityType,
};

use super::{
    bill_words,
    companies::{NAME_MAX, text_of},
    door::HOME,
    edit::VERSION_FIELD,
    error::ConsoleError,
    form::Form,
    page::{Place, Shell, render},
    session::SignedIn,
};
use crate::{
    collection::lock,
    store::{connection_changes::ConnectionSettings, connections::Connection, sites::Site},
    text_values::{CalendarDate, Email},
    version,
};

/// What can be changed, as it stands or as it was typed and could be read.
#[derive(Clone, PartialEq, Eq)]
struct Values {
    settings: ConnectionSettings,
    sites: Vec<SiteId>,
}

impl Values {
    fn of(connection: &Connection, sites: &[SiteId]) -> Self {
        Self {
            settings: ConnectionSettings::of(connection),
            sites: sites.to_vec(),
        }
    }

    fn version(&self) -> String {
        let settings = &self.settings;
        version::of_values(&(
            &settings.external_id,
            &settings.utility_types,
            &settings.owner_email,
            &settings.data_collection_start_date,
            &self.sites,
        ))
    }
}

/// The fields as they were filled in, and what is wrong with each.
struct Filled {
    owner_email: String,
    start_date: String,
    external_id: String,
    sites: Vec<String>,
    types: Vec<String>,
    wrong: Vec<(&'static str, &'static str)>,
}

impl Filled {
    fn of_values(values: &Values) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let settings = &values.settings;
        Self {
            owner_email: text(&settings.owner_email),
            start_date: text(&settings.data_collection_start_date),
            external_id: text(&settings.external_id),
            sites: values.sites.iter().map(ToString::to_string).collect(),
            types: settings
                .utility_types
                .iter()
                .map(|kind| kind.as_str().to_owned())
                .collect(),
            wrong: Vec::new(),
        }
    }

    /// Reads a form, and notes what is wrong with it.
    fn read(form: &Form) -> (Self, Values) {
        let mut wrong = Vec::new();
        let owner_email = match form.text("ownerEmail") {
            "" => None,
            text => match text.parse::<Email>() {
                Ok(email) => Some(email.0),
                Err(_) => {
                    wrong.push((
                        "ownerEmail",
                        "Enter a mail address, such as owner@client.example.",
                    ));
                    None
                }
            },
        };
        let data_collection_start_date = match form.text("startDate") {
            "" => None,
            text => match text.parse::<CalendarDate>() {
                Ok(date) => Some(date.0),
                Err(_) => {
                    wrong.push(("startDate", "Enter a day, such as 2026-01-31."));
                    None
                }
            },
        };
        let external_id = text_of(form, "externalId", NAME_MAX).unwrap_or_else(|problem| {
            wrong.push((problem.field, problem.told));
            None
        });
        let mut utility_types: Vec<UtilityType> = form
            .texts("type")
            .filter_map(|text| text.parse().ok())
            .collect();
        // As what the client ticked is stored: another order is no change.
        utility_types.sort_unstable();
        utility_types.dedup();
        let mut sites: Vec<SiteId> = form
            .texts("site")
            .filter_map(|id| id.parse().ok())
            .collect();
        sites.sort_unstable();
        sites.dedup();
        let filled = Self {
            owner_email: form.text("ownerEmail").to_owned(),
            start_date: form.text("startDate").to_owned(),
            external_id: form.text("externalId").to_owned(),
            sites: form.texts("site").map(str::to_owned).collect(),
            types: form.texts("type").map(str::to_owned).collect(),
            wrong,
        };
        let settings = ConnectionSettings {
            external_id,
            utility_types,
            owner_email,
            data_collection_start_date,
        };
        (filled, Values { settings, sites })
    }
}

/// What the page is made of.
struct Found {
    connection: Connection,
    stands: Values,
    sites: Vec<Site>,
}

#[derive(Template)]
#[template(path = "console/connection_edit.html")]
struct EditPage<'a> {
    shell: Shell<'a>,
    found: &'a Found,
    filled: &'a Filled,
    /// The version that its person has seen.
    version: &'a str,
    /// Whether somebody else changed it since the form was shown.
    is_old: bool,
}

impl EditPage<'_> {
    fn types(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let text = Locale::En;
        UtilityType::ALL
            .iter()
            .map(move |kind| (kind.as_str(), text.utility_type(*kind)))
    }

    fn problem(&self, field: &str) -> Option<&'static str> {
        let mut wrong = self.filled.wrong.iter();
        wrong
            .find(|(name, _)| *name == field)
            .map(|(_, told)| *told)
    }

    fn is_ticked(&self, values: &[String], value: &str) -> bool {
        values.iter().any(|one| one == value)
    }

    /// What stands there now that is not what was typed, in sentences.
    fn now(&self) -> Vec<String> {
        let stands = Filled::of_values(&self.found.stands);
        let names = |ids: &[String]| {
            let sites = self.found.sites.iter();
            let sites = sites.filter(|site| ids.contains(&site.id.to_string()));
            sites
                .map(|site| site.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let typed = self.filled;
        let services = bill_words::services(&self.found.stands.settings.utility_types);
        let all = [
            (
                "Owner's mail address",
                &stands.owner_email,
                typed.owner_email != stands.owner_email,
            ),
            (
                "Bills from",
                &stands.start_date,
                typed.start_date != stands.start_date,
            ),
            (
                "Your id",
                &stands.external_id,
                typed.external_id != stands.external_id,
            ),
            ("Sites", &names(&stands.sites), typed.sites != stands.sites),
            ("Utility types", &services, typed.types != stands.types),
        ];
        let others = all.into_iter().filter(|(_, _, differs)| *differs);
        others
            .map(|(label, now, _)| match now.is_empty() {
                true => format!("{label}: empty now"),
                false => format!("{label}: “{now}” now"),
            })
            .collect()
    }
}

/// Shows the form, filled in with what stands there.
pub(super) async fn show(me: SignedIn, Path(id): Path<String>) -> Result<Response, ConsoleError> {
    me.must_write()?;
    let id: ConnectionId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let found = find(&me, id).await?;
    let filled = Filled::of_values(&found.stands);
    page(&me, StatusCode::OK, (&found, &filled), None)
}

async fn find(me: &SignedIn, id: ConnectionId) -> Result<Found, ConsoleError> {
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.edit_connection", |tx| {
        Box::pin(async move {
            let connection = tx.connection(organization, id).await?;
            let connection = connection.ok_or(ConsoleError::NotFound)?;
            let company = connection.company;
            let sites = tx.sites_of_connection(company, id).await?;
            Ok::<_, ConsoleError>(Found {
                stands: Values::of(&connection, &sites),
                sites: tx.sites_of(company).await?,
                connection,
            })
        })
    });
    reading.await
}

fn page(
    me: &SignedIn,
    status: StatusCode,
    (found, filled): (&Found, &Filled),
    seen: Option<&str>,
) -> Result<Response, ConsoleError> {
    // Only who is told what stands there now has seen it.
    let stands = found.stands.version();
    let page = EditPage {
        shell: Shell::new(me, Place::Connections),
        found,
        filled,
        version: seen.unwrap_or(&stands),
        is_old: status == StatusCode::CONFLICT,
    };
    Ok((status, render(&page)?).into_response())
}

/// Changes the connection, and leads back to it.
pub(super) async fn change(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: ConnectionId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let (filled, wanted) = Filled::read(&form);
    let seen = form.text(VERSION_FIELD);
    if !filled.wrong.is_empty() {
        let found = find(&me, id).await?;
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&me, status, (&found, &filled), Some(seen));
    }
    let (who, wanted) = (&me, &wanted);
    let changing = me.console.door.store.tx("console.change_connection", |tx| {
        Box::pin(async move {
            let random = &*who.console.door.random;
            let locked = lock(tx, who.organization.id, id, random, who.now).await?;
            let locked = locked.ok_or(ConsoleError::NotFound)?;
            let company = locked.connection.company;
            let sites = tx.sites_of_connection(company, id).await?;
            let stands = Values::of(&locked.connection, &sites);
            if stands.version() != seen {
                return Ok::<_, ConsoleError>(false);
            }
            // Only a form that no page has made names a site of somebody else.
            let theirs = tx.sites_of(company).await?;
            if wanted
                .sites
                .iter()
                .any(|id| theirs.iter().all(|site| site.id != *id))
            {
                return Err(ConsoleError::NotFound);
            }
            if *wanted != stands {
                let name = Some(locked.connection.provider_name.clone());
                let change = (&wanted.settings, Some(wanted.sites.as_slice()));
                locked.set(tx, change).await?;
                locked.tell(tx).await?;
                let did = AuditAction::ConnectionChanged;
                let event = who.audit(did, Some(id.to_string()), name);
                tx.add_audit_event(&event).await?;
            }
            Ok(true)
        })
    });
    if changing.await? {
        let done = AuditAction::ConnectionChanged.as_str();
        return Ok(Redirect::to(&format!("{HOME}/{id}?done={done}")).into_response());
    }
    let found = find(&me, id).await?;
    page(&me, StatusCode::CONFLICT, (&found, &filled), None)
}
