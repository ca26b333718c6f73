//! Companies: the organization's clients.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use futures_util::TryFutureExt as _;
use serde::Serialize;
use shared::{
    api_key::ApiKeyEnvironment,
    id::{CompanyId, OrganizationId},
    member::AuditAction,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    ApiProblem,
    call::{Call, Id},
    etag,
    fields::{Body, Query},
    idempotency::Answer,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    schema,
};
use crate::api_types::rfc3339;
use crate::{
    company_fields::{MAX_NAME, NewCompany},
    fields::FieldError,
    store::{Tx, companies::Company},
};

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
    /// The environment of the key that added it. Only such keys reach it; a sandbox company connects websites of the
    /// sandbox alone.
    #[schema(value_type = schema::ApiKeyEnvironment)]
    environment: ApiKeyEnvironment,
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

/// Which companies to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the parameters that `list` reads")]
pub(super) struct CompanyQuery {
    /// Lists only the company to which you gave exactly this id.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
}

/// What to change of a company; what is left out stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct CompanyChange {
    #[schema(min_length = 1, max_length = 200, value_type = String, required = false)]
    name: Option<String>,
    /// The id that your own systems use for it, and for no other company of the environment. Null clears it.
    #[schema(min_length = 1, max_length = 200, value_type = Option<String>)]
    external_id: Option<Option<String>>,
}

/// Lists the companies of the key's environment, oldest first.
#[utoipa::path(get, path = "/v2.2/company", tag = "Companies", operation_id = "listCompanies",
    params(CompanyQuery, Paging),
    responses((status = 200, body = CompanyPage), (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Query(mut query): Query,
) -> Result<Json<CompanyPage>, ApiProblem> {
    let page = paging::page(&mut query);
    let external_id = query.text("externalId", MAX_NAME);
    query.done()?;
    let found = call
        .tx
        .read("api.list_companies", |tx| {
            let of = (call.organization, call.key.environment);
            let external_id = external_id.as_deref();
            Box::pin(tx.companies_of(of, external_id, page).err_into())
        })
        .await?;
    Ok(Json(CompanyPage {
        total_companies: found.total,
        info: paging::info(page, found.total),
        companies: found.rows.iter().map(render).collect(),
    }))
}

/// Adds a company. One that a sandbox key adds is for trying things out: it can connect websites of the sandbox alone, and
/// no production key reaches it.
#[utoipa::path(post, path = "/v2.2/company", tag = "Companies", operation_id = "addCompany",
    request_body = NewCompany,
    responses((status = 201, body = CompanyJson), (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn add(call: Call, Body(body): Body) -> Result<Answer, ApiProblem> {
    let new = NewCompany::read(body)?;
    let company = new.row(
        (&*call.door.random, call.now),
        (call.organization, call.key.environment),
    );
    let (added, audit) = (&company, &call.audit);
    let done = call.tx.once("api.add_company", |tx| {
        Box::pin(async move {
            check_external_id(tx, added).await?;
            tx.add_company(added).await?;
            let (id, name) = (added.id.to_string(), added.name.clone());
            audit
                .did(tx, AuditAction::CompanyAdded, Some(id), Some(name))
                .await?;
            Ok((Answer::new(StatusCode::CREATED, &render(added))?, ()))
        })
    });
    Ok(done.await?.0)
}

/// Reads a company.
#[utoipa::path(get, path = "/v2.2/company/{id}", tag = "Companies", operation_id = "getCompany",
    params(("id" = uuid::Uuid, Path, description = "The company's private id")),
    responses((status = 200, body = CompanyJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(call: Call, Id(id): Id<CompanyId>) -> Result<Response, ApiProblem> {
    let found = call
        .tx
        .read("api.get_company", |tx| {
            Box::pin(async move { own(tx, call.organization, id).await })
        })
        .await?;
    Ok((etag::header(&tag(&found)), Json(render(&found))).into_response())
}

/// Changes a company. With `If-Match` only if nobody else has changed it since.
#[utoipa::path(patch, path = "/v2.2/company/{id}", tag = "Companies", operation_id = "changeCompany",
    params(("id" = uuid::Uuid, Path, description = "The company's private id"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be changed")),
    request_body = CompanyChange,
    responses((status = 200, body = CompanyJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn change(
    call: Call,
    Id(id): Id<CompanyId>,
    headers: HeaderMap,
    Body(mut body): Body,
) -> Result<Response, ApiProblem> {
    let change = CompanyChange {
        name: body.text_unless_null("name", MAX_NAME),
        external_id: body.text_or_cleared("externalId", MAX_NAME),
    };
    body.done()?;
    let (change, headers, organization) = (&change, &headers, call.organization);
    let audit = &call.audit;
    let changed = call
        .tx
        .write("api.change_company", |tx| {
            Box::pin(async move {
                let before = own(tx, organization, id).await?;
                if !etag::matches(headers, &tag(&before)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                let mut company = before.clone();
                if let Some(name) = &change.name {
                    company.name.clone_from(name);
                }
                if let Some(external_id) = &change.external_id {
                    company.external_id.clone_from(external_id);
                }
                if company.external_id != before.external_id {
                    check_external_id(tx, &company).await?;
                }
                tx.change_company(&before, &company).await?;
                let name = Some(company.name.clone());
                audit
                    .did(tx, AuditAction::CompanyChanged, Some(id.to_string()), name)
                    .await?;
                Ok(company)
            })
        })
        .await?;
    tracing::info!(%organization, company = %id, "a company was changed");
    Ok((etag::header(&tag(&changed)), Json(render(&changed))).into_response())
}

/// Refuses an id of the organization's own that means another company.
async fn check_external_id(tx: &mut Tx<'_>, company: &Company) -> Result<(), ApiProblem> {
    if tx.is_external_id_taken(company).await? {
        return Err(ApiProblem::Fields(vec![FieldError {
            field: "externalId".into(),
            detail: "is the id of another company".into(),
        }]));
    }
    Ok(())
}

pub(super) fn tag(company: &Company) -> String {
    etag::of_values(&(&company.name, &company.external_id))
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
        environment: company.environment,
        created: rfc3339(company.created_at),
    }
}
