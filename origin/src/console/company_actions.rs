//! What a member takes back: a company or a site that is deleted.

use axum::{
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use shared::{
    id::{CompanyId, SiteId},
    member::AuditAction,
};

use super::{error::ConsoleError, form::Form, session::SignedIn};
use crate::{
    companies::{CompanyRefused, remove, remove_site},
    store::connection_removal::BillsAfter,
};

impl From<CompanyRefused> for ConsoleError {
    fn from(refused: CompanyRefused) -> Self {
        match refused {
            CompanyRefused::Unknown => Self::NotFound,
            CompanyRefused::Store(error) => Self::Store(error),
            CompanyRefused::HasConnections | CompanyRefused::HasBills => Self::Company(refused),
        }
    }
}

/// Deletes a company for good, with the bills that were kept if the form says so.
pub(super) async fn remove_company(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: CompanyId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let bills = match form.text("bills") {
        "delete" => BillsAfter::Delete,
        _ => BillsAfter::Keep,
    };
    let author = &me.author();
    let store = &me.console.door.store;
    let removing = store.tx("console.delete_company", |tx| {
        Box::pin(remove(tx, author, id, bills))
    });
    removing.await?;
    let organization = author.organization;
    tracing::info!(%organization, company = %id, "a company was deleted");
    let done = AuditAction::CompanyDeleted.as_str();
    Ok(Redirect::to(&format!("/console/companies?done={done}")).into_response())
}

/// Deletes a site for good, and leads back to its company.
pub(super) async fn remove_site_of_company(
    me: SignedIn,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, ConsoleError> {
    me.check(&form)?;
    me.must_write()?;
    let id: SiteId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let author = &me.author();
    let store = &me.console.door.store;
    let removing = store.tx("console.delete_site", |tx| {
        Box::pin(remove_site(tx, author, id))
    });
    let site = removing.await?;
    let organization = author.organization;
    tracing::info!(%organization, site = %id, "a site was deleted");
    let done = AuditAction::SiteDeleted.as_str();
    let company = site.company;
    Ok(Redirect::to(&format!("/console/companies/{company}?done={done}")).into_response())
}
