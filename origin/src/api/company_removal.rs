//! The end of a company, and of a site.

use axum::http::{HeaderMap, StatusCode};
use shared::id::{CompanyId, SiteId};
use utoipa::IntoParams;

use super::{
    ApiProblem,
    call::{Call, Id},
    companies,
    connection_removal::{BillsChoice, bills_after},
    etag,
    fields::Query,
    problem::ProblemBody,
    sites,
};
use crate::{
    companies::{CompanyRefused, remove, remove_site},
    store::connection_removal::BillsAfter,
};

impl From<CompanyRefused> for ApiProblem {
    fn from(error: CompanyRefused) -> Self {
        Self::Conflict(match error {
            CompanyRefused::Unknown => return Self::NotFound,
            CompanyRefused::Store(error) => return Self::Store(error),
            CompanyRefused::HasConnections => {
                "The company has connections: delete each of them first."
            }
            CompanyRefused::HasBills => {
                "The company has bills that were kept when their connections were deleted: send `bills=delete` to delete them as well."
            }
        })
    }
}

/// The parameters of the removal of a company.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `remove_company` reads")]
pub(super) struct CompanyRemovalQuery {
    /// What becomes of the bills that were kept when their connections were deleted. `keep`, which is meant where this is left
    /// out: a company that has such bills stays. `delete`: they go as well, their files within three days.
    #[param(inline, value_type = Option<BillsChoice>)]
    bills: Option<String>,
}

/// Deletes a company for good, with its sites and links, which tell whoever opens them that they are no longer valid.
/// Connections are deleted first, each by itself. The audit log keeps the company's name, and its `externalId` is free again.
/// Webhooks tell nothing of it. With `If-Match` only if nobody else has changed it since.
#[utoipa::path(delete, path = "/v2.2/company/{id}", tag = "Companies", operation_id = "deleteCompany",
    params(("id" = uuid::Uuid, Path, description = "The company's private id"), CompanyRemovalQuery,
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be deleted")),
    responses((status = 204),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "It has connections, or bills that were kept"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn remove_company(
    call: Call,
    Id(id): Id<CompanyId>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<StatusCode, ApiProblem> {
    let bills: BillsAfter = bills_after(query)?;
    let (author, headers) = (&call.audit.author(), &headers);
    let organization = author.organization;
    call.tx
        .write("api.delete_company", |tx| {
            Box::pin(async move {
                let before = companies::own(tx, organization, id).await?;
                if !etag::matches(headers, &companies::tag(&before)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                Ok(remove(tx, author, id, bills).await?)
            })
        })
        .await?;
    tracing::info!(%organization, company = %id, ?bills, "a company was deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a site for good. Its accounts are at no site then, and links no longer tick it. A connection that was for this
/// site alone is for all sites of the company; webhooks tell the change. With `If-Match` only if nobody else has changed it
/// since.
#[utoipa::path(delete, path = "/v2.2/site/{id}", tag = "Companies", operation_id = "deleteSite",
    params(("id" = uuid::Uuid, Path, description = "The site's id"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be deleted")),
    responses((status = 204),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now")))]
pub(super) async fn remove_site_of_company(
    call: Call,
    Id(id): Id<SiteId>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiProblem> {
    let (author, headers) = (&call.audit.author(), &headers);
    let organization = author.organization;
    call.tx
        .write("api.delete_site", |tx| {
            Box::pin(async move {
                let before = sites::own_site(tx, organization, id).await?;
                if !etag::matches(headers, &sites::tag(&before)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                Ok(remove_site(tx, author, id).await?)
            })
        })
        .await?;
    tracing::info!(%organization, site = %id, "a site was deleted");
    Ok(StatusCode::NO_CONTENT)
}
