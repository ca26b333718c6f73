//! Sites: the places of a company.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    id::{CompanyId, OrganizationId, SiteId},
    member::AuditAction,
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    companies::own,
    etag,
    fields::{Body, Query},
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
};
use crate::api_types::rfc3339;
use crate::{
    company_fields::{MAX_ADDRESS, MAX_NAME, NewSite},
    store::{Tx, sites::Site},
};

/// A place that uses energy or water.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Site)]
pub(super) struct SiteJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    #[schema(value_type = uuid::Uuid)]
    company_id: String,
    name: String,
    address: Option<String>,
    #[schema(format = DateTime)]
    created: String,
}

/// A page of sites.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SitePage {
    total_sites: i64,
    #[serde(flatten)]
    info: PageInfo,
    sites: Vec<SiteJson>,
}

/// What to change of a site; what is left out stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct SiteChange {
    #[schema(min_length = 1, max_length = 200, value_type = String, required = false)]
    name: Option<String>,
    /// Null clears it.
    #[schema(min_length = 1, max_length = 500, value_type = Option<String>)]
    address: Option<Option<String>>,
}

/// Lists the company's sites, oldest first.
#[utoipa::path(get, path = "/v2.2/site/company/{company_id}", tag = "Companies", operation_id = "listSites",
    params(("company_id" = uuid::Uuid, Path, description = "The company's private id"), Paging),
    responses((status = 200, body = SitePage),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Id(id): Id<CompanyId>,
    Query(mut query): Query,
) -> Result<Json<SitePage>, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let found = call
        .tx
        .read("api.list_sites", |tx| {
            Box::pin(async move {
                let company = own(tx, call.organization, id).await?;
                Ok(tx.sites(call.organization, company.id, page).await?)
            })
        })
        .await?;
    Ok(Json(SitePage {
        total_sites: found.total,
        info: paging::info(page, found.total),
        sites: found.rows.iter().map(render).collect(),
    }))
}

/// Adds a site to the company.
#[utoipa::path(post, path = "/v2.2/site/company/{company_id}", tag = "Companies", operation_id = "addSite",
    params(("company_id" = uuid::Uuid, Path, description = "The company's private id")),
    request_body = NewSite,
    responses((status = 201, body = SiteJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn add(
    call: Call,
    Id(id): Id<CompanyId>,
    Body(body): Body,
) -> Result<Answer, ApiProblem> {
    let site = NewSite::read(body)?.row(&*call.door.random, call.now, id);
    let (added, audit) = (&site, &call.audit);
    let done = call.tx.once("api.add_site", |tx| {
        Box::pin(async move {
            own(tx, call.organization, id).await?;
            tx.add_site(added).await?;
            let (id, name) = (added.id.to_string(), added.name.clone());
            audit
                .did(tx, AuditAction::SiteAdded, Some(id), Some(name))
                .await?;
            Ok((Answer::new(StatusCode::CREATED, &render(added))?, ()))
        })
    });
    Ok(done.await?.0)
}

/// Reads a site.
#[utoipa::path(get, path = "/v2.2/site/{id}", tag = "Companies", operation_id = "getSite",
    params(("id" = uuid::Uuid, Path, description = "The site's id")),
    responses((status = 200, body = SiteJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(call: Call, Id(id): Id<SiteId>) -> Result<Response, ApiProblem> {
    let organization = call.organization;
    let found = call
        .tx
        .read("api.get_site", |tx| {
            Box::pin(async move { own_site(tx, organization, id).await })
        })
        .await?;
    Ok((etag::header(&tag(&found)), Json(render(&found))).into_response())
}

/// Changes a site. With `If-Match` only if nobody else has changed it since.
#[utoipa::path(patch, path = "/v2.2/site/{id}", tag = "Companies", operation_id = "changeSite",
    params(("id" = uuid::Uuid, Path, description = "The site's id"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be changed")),
    request_body = SiteChange,
    responses((status = 200, body = SiteJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn change(
    call: Call,
    Id(id): Id<SiteId>,
    headers: HeaderMap,
    Body(mut body): Body,
) -> Result<Response, ApiProblem> {
    let change = SiteChange {
        name: body.text_unless_null("name", MAX_NAME),
        address: body.text_or_cleared("address", MAX_ADDRESS),
    };
    body.done()?;
    let (change, headers, organization) = (&change, &headers, call.organization);
    let audit = &call.audit;
    let changed = call
        .tx
        .write("api.change_site", |tx| {
            Box::pin(async move {
                let before = own_site(tx, organization, id).await?;
                if !etag::matches(headers, &tag(&before)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                let mut site = before.clone();
                if let Some(name) = &change.name {
                    site.name.clone_from(name);
                }
                if let Some(address) = &change.address {
                    site.address.clone_from(address);
                }
                tx.change_site(&before, &site).await?;
                let name = Some(site.name.clone());
                audit
                    .did(tx, AuditAction::SiteChanged, Some(id.to_string()), name)
                    .await?;
                Ok(site)
            })
        })
        .await?;
    tracing::info!(%organization, site = %id, "a site was changed");
    Ok((etag::header(&tag(&changed)), Json(render(&changed))).into_response())
}

/// The organization's site; another's is as unknown as none.
pub(super) async fn own_site(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: SiteId,
) -> Result<Site, ApiProblem> {
    let found = tx.site(organization, id).await?;
    found.ok_or(ApiProblem::NotFound)
}

pub(super) fn tag(site: &Site) -> String {
    etag::of_values(&(&site.name, &site.address))
}

fn render(site: &Site) -> SiteJson {
    SiteJson {
        id: site.id.to_string(),
        company_id: site.company.to_string(),
        name: site.name.clone(),
        address: site.address.clone(),
        created: rfc3339(site.created_at),
    }
}
