//! Sites: the places of a company.

use axum::{Json, http::StatusCode};
use serde::Serialize;
use shared::id::{CompanyId, SiteId};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    companies::{MAX_NAME, own},
    fields::{Body, Query},
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    text_values,
};
use crate::{clock::bytes, store::sites::Site};

/// The longest address.
const MAX_ADDRESS: usize = 500;

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

/// A site to add.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct NewSite {
    #[schema(max_length = 200)]
    name: String,
    #[schema(max_length = 500)]
    address: Option<String>,
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
    Body(mut body): Body,
) -> Result<Answer, ApiProblem> {
    let name = body.required_text("name", MAX_NAME);
    let address = body.text("address", MAX_ADDRESS);
    body.done()?;
    let new = NewSite {
        name: name.unwrap_or_default(),
        address,
    };
    let site = Site {
        id: SiteId::from_random(bytes(&*call.door.random)),
        company: id,
        name: new.name,
        address: new.address,
        created_at: call.now,
    };
    let added = &site;
    let done = call.tx.once("api.add_site", |tx| {
        Box::pin(async move {
            own(tx, call.organization, id).await?;
            tx.add_site(added).await?;
            Ok((Answer::new(StatusCode::CREATED, &render(added))?, ()))
        })
    });
    Ok(done.await?.0)
}

fn render(site: &Site) -> SiteJson {
    SiteJson {
        id: site.id.to_string(),
        company_id: site.company.to_string(),
        name: site.name.clone(),
        address: site.address.clone(),
        created: text_values::rfc3339(site.created_at),
    }
}
