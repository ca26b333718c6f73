//! Companies: the organization's clients.

use axum::{Json, http::StatusCode};
use futures_util::TryFutureExt as _;
use serde::Serialize;
use shared::id::{CompanyId, OrganizationId, PublicCompanyId};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    fields::{Body, Query},
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    text_values,
};
use crate::{
    clock::bytes,
    store::{Tx, companies::Company},
};

/// The longest name, in characters.
pub(super) const MAX_NAME: usize = 200;

/// A client of the organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Company)]
pub(super) struct CompanyJson {
    /// The private id: for the API alone.
    #[schema(value_type = uuid::Uuid)]
    id: String,
    /// The company's id in the URLs of its links.
    #[schema(value_type = uuid::Uuid)]
    public_company_id: String,
    name: String,
    external_id: Option<String>,
    #[schema(format = DateTime)]
    created: String,
}

/// A page of companies.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompanyPage)]
pub(super) struct CompanyPage {
    total_companies: i64,
    #[serde(flatten)]
    info: PageInfo,
    companies: Vec<CompanyJson>,
}

/// A company to add.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct NewCompany {
    #[schema(max_length = 200)]
    name: String,
    /// The id that your own systems use for it.
    #[schema(max_length = 200)]
    external_id: Option<String>,
}

/// Lists the organization's companies, oldest first.
#[utoipa::path(get, path = "/v2.2/company", tag = "Companies", operation_id = "listCompanies",
    params(Paging),
    responses((status = 200, body = CompanyPage), (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Query(mut query): Query,
) -> Result<Json<CompanyPage>, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let found = call
        .tx
        .read("api.list_companies", |tx| {
            Box::pin(tx.companies(call.organization, page).err_into())
        })
        .await?;
    Ok(Json(CompanyPage {
        total_companies: found.total,
        info: paging::info(page, found.total),
        companies: found.rows.iter().map(render).collect(),
    }))
}

/// Adds a company.
#[utoipa::path(post, path = "/v2.2/company", tag = "Companies", operation_id = "addCompany",
    request_body = NewCompany,
    responses((status = 201, body = CompanyJson), (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn add(call: Call, Body(mut body): Body) -> Result<Answer, ApiProblem> {
    let name = body.required_text("name", MAX_NAME);
    let external_id = body.text("externalId", MAX_NAME);
    body.done()?;
    let new = NewCompany {
        name: name.unwrap_or_default(),
        external_id,
    };
    let random = &*call.door.random;
    let company = Company {
        id: CompanyId::from_random(bytes(random)),
        public_id: PublicCompanyId::from_random(bytes(random)),
        organization: call.organization,
        name: new.name,
        external_id: new.external_id,
        created_at: call.now,
    };
    let added = &company;
    let done = call.tx.once("api.add_company", |tx| {
        Box::pin(async move {
            tx.add_company(added).await?;
            Ok((Answer::new(StatusCode::CREATED, &render(added))?, ()))
        })
    });
    Ok(done.await?.0)
}

/// Reads a company.
#[utoipa::path(get, path = "/v2.2/company/{id}", tag = "Companies", operation_id = "getCompany",
    params(("id" = uuid::Uuid, Path, description = "The company's private id")),
    responses((status = 200, body = CompanyJson), (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(
    call: Call,
    Id(id): Id<CompanyId>,
) -> Result<Json<CompanyJson>, ApiProblem> {
    let found = call
        .tx
        .read("api.get_company", |tx| {
            Box::pin(async move { own(tx, call.organization, id).await })
        })
        .await?;
    Ok(Json(render(&found)))
}

/// The organization's company; another's is as unknown as none.
pub(super) async fn own(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: CompanyId,
) -> Result<Company, ApiProblem> {
    let found = tx.company(organization, id).await?;
    found.ok_or(ApiProblem::NotFound)
}

fn render(company: &Company) -> CompanyJson {
    CompanyJson {
        id: company.id.to_string(),
        public_company_id: company.public_id.to_string(),
        name: company.name.clone(),
        external_id: company.external_id.clone(),
        created: text_values::rfc3339(company.created_at),
    }
}
