//! Accounts: what connections found at utilities, and the sites that they are at.

use axum::{
    Json,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    id::{AccountId, CompanyId, OrganizationId, SiteId},
    status::UtilityType,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    ApiProblem,
    call::{Call, Id},
    companies::own,
    etag,
    fields::{Body, Query},
    paging::{self, PageInfo, Paging},
    problem::{FieldError, ProblemBody},
    schema,
};
use crate::{
    accounts::put_at_site,
    api_types::{AccountJson, render_account},
    store::{
        Tx,
        accounts::{AccountFilter, PlacedAccount},
    },
};

/// An account with the connection that found it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PlacedAccount)]
pub(super) struct PlacedAccountJson {
    #[serde(flatten)]
    account: AccountJson,
    /// The connection that found it.
    #[schema(value_type = uuid::Uuid)]
    connection_id: String,
    /// The site that it was put at; null means the sites of its connection.
    #[schema(value_type = Option<uuid::Uuid>)]
    site_id: Option<String>,
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountPage {
    total_accounts: i64,
    #[serde(flatten)]
    info: PageInfo,
    accounts: Vec<PlacedAccountJson>,
}

/// What accounts are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the parameters that `list` reads")]
pub(super) struct AccountQuery {
    /// Only those that this connection found.
    #[param(value_type = Option<uuid::Uuid>)]
    connection: Option<String>,
    /// Only those at this site: those that were put there, and those of its connections that were put nowhere.
    #[param(value_type = Option<uuid::Uuid>)]
    site: Option<String>,
    /// Only those that are billed for this.
    #[param(value_type = Option<schema::UtilityType>)]
    utility_type: Option<String>,
}

/// What is to be changed of an account; what is left out stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the fields that `change` reads")]
pub(super) struct AccountChange {
    /// The site of its company that it is at; null means the sites of its connection.
    #[schema(value_type = Option<uuid::Uuid>)]
    site_id: Option<SiteId>,
}

/// Lists the accounts of a company, oldest first, those of deleted connections whose bills were kept included.
#[utoipa::path(get, path = "/v2.2/account/company/{company_id}", tag = "Connections", operation_id = "listAccounts",
    params(("company_id" = uuid::Uuid, Path, description = "The company's id"), Paging, AccountQuery),
    responses((status = 200, body = AccountPage),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Id(company): Id<CompanyId>,
    Query(mut query): Query,
) -> Result<Json<AccountPage>, ApiProblem> {
    let page = paging::page(&mut query);
    let filter = &AccountFilter {
        connection: query.parsed("connection"),
        site: query.parsed("site"),
        utility_type: query.choice("utilityType", UtilityType::ALL, UtilityType::as_str),
    };
    query.done()?;
    let organization = call.organization;
    let reading = call.tx.read("api.list_accounts", |tx| {
        Box::pin(async move {
            own(tx, organization, company).await?;
            let found = tx.accounts_of_company(organization, company, filter, page);
            Ok(found.await?)
        })
    });
    let found = reading.await?;
    Ok(Json(AccountPage {
        total_accounts: found.total,
        info: paging::info(page, found.total),
        accounts: found.rows.into_iter().map(render).collect(),
    }))
}

/// Reads an account.
#[utoipa::path(get, path = "/v2.2/account/{id}", tag = "Connections", operation_id = "getAccount",
    params(("id" = uuid::Uuid, Path, description = "The account's id")),
    responses((status = 200, body = PlacedAccountJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(call: Call, Id(id): Id<AccountId>) -> Result<Response, ApiProblem> {
    let organization = call.organization;
    let reading = call.tx.read("api.get_account", |tx| {
        Box::pin(async move { own_account(tx, organization, id).await })
    });
    Ok(shown(reading.await?))
}

/// Puts an account at a site. With `If-Match` only if nobody else has done so since.
#[utoipa::path(patch, path = "/v2.2/account/{id}", tag = "Connections", operation_id = "changeAccount",
    params(("id" = uuid::Uuid, Path, description = "The account's id"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be changed")),
    request_body = AccountChange,
    responses((status = 200, body = PlacedAccountJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn change(
    call: Call,
    Id(id): Id<AccountId>,
    headers: HeaderMap,
    Body(mut body): Body,
) -> Result<Response, ApiProblem> {
    let site: Option<Option<SiteId>> = body.parsed_or_cleared("siteId");
    body.done()?;
    let (organization, headers, audit) = (call.organization, &headers, &call.audit);
    let writing = call.tx.write("api.change_account", |tx| {
        Box::pin(async move {
            let account = own_account(tx, organization, id).await?;
            if !etag::matches(headers, &tag(&account)) {
                return Err(ApiProblem::PreconditionFailed);
            }
            let Some(site) = site else {
                return Ok(account);
            };
            let put = put_at_site(tx, &audit.author(), account, site).await?;
            put.ok_or_else(|| {
                ApiProblem::Fields(vec![FieldError {
                    field: "siteId".into(),
                    detail: "is not a site of the company".into(),
                }])
            })
        })
    });
    Ok(shown(writing.await?))
}

/// The organization's account; another's is as unknown as none.
async fn own_account(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: AccountId,
) -> Result<PlacedAccount, ApiProblem> {
    let found = tx.account(organization, id).await?;
    found.ok_or(ApiProblem::NotFound)
}

fn tag(account: &PlacedAccount) -> String {
    etag::of_values(&account.site)
}

fn shown(account: PlacedAccount) -> Response {
    (etag::header(&tag(&account)), Json(render(account))).into_response()
}

fn render(found: PlacedAccount) -> PlacedAccountJson {
    PlacedAccountJson {
        account: render_account(found.account),
        connection_id: found.connection.to_string(),
        site_id: found.site.map(|site| site.to_string()),
    }
}
