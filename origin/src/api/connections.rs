//! Connections: list and read.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    id::{CompanyId, ConnectionId, OrganizationId, SiteId},
    status::ConnectionStatus,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    ApiProblem,
    call::{Call, Id},
    companies::own,
    etag,
    fields::Query,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    schema,
};
use crate::text_values::Email;
use crate::{
    api_types::{ConnectionJson, render_connection},
    store::{
        Tx,
        connections::{Connection, ConnectionFilter},
    },
};

/// Sites that a list may be narrowed to.
const MAX_SITES: usize = 100;

/// A page of connections.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectionPage {
    total_connections: i64,
    #[serde(flatten)]
    info: PageInfo,
    connections: Vec<ConnectionJson>,
}

/// The parameters that narrow the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the parameters that `list` reads")]
pub(super) struct ConnectionQuery {
    /// Lists only connections with one of these statuses, separated by commas.
    #[param(value_type = Option<Vec<schema::ConnectionStatus>>, style = Form, explode = false)]
    status: Option<String>,
    /// Lists only connections whose owner has this mail address, in small letters or capitals.
    #[param(format = Email, max_length = 254)]
    connection_owner_email: Option<String>,
    /// Lists only connections at one of these sites, separated by commas.
    #[param(value_type = Option<Vec<uuid::Uuid>>, style = Form, explode = false)]
    sites: Option<String>,
}

/// Lists the company's connections, newest first.
#[utoipa::path(get, path = "/v2.2/connection/company/{company_id}", tag = "Connections", operation_id = "listConnections",
    params(("company_id" = uuid::Uuid, Path, description = "The company's private id"), ConnectionQuery, Paging),
    responses((status = 200, body = ConnectionPage),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Id(company): Id<CompanyId>,
    Query(mut query): Query,
) -> Result<Json<ConnectionPage>, ApiProblem> {
    let page = paging::page(&mut query);
    let filter = ConnectionFilter {
        statuses: query.choices("status", ConnectionStatus::ALL, ConnectionStatus::as_str),
        owner_email: query
            .parsed::<Email>("connectionOwnerEmail")
            .map(|email| email.0),
        sites: query
            .list("sites", MAX_SITES)
            .into_iter()
            .map(|(_, id)| id)
            .collect(),
    };
    query.done()?;
    let filter = &filter;
    let (company, found, mut details) = call
        .tx
        .read("api.list_connections", |tx| {
            Box::pin(async move {
                let company = own(tx, call.organization, company).await?;
                let found = tx
                    .connections(call.organization, company.id, filter, page)
                    .await?;
                let ids: Vec<_> = found.rows.iter().map(|row| row.id).collect();
                let details = tx.connection_details(company.id, &ids).await?;
                Ok((company, found, details))
            })
        })
        .await?;
    let connections = found
        .rows
        .into_iter()
        .map(|connection| {
            let details = details.remove(&connection.id).unwrap_or_default();
            render_connection(&company, connection, details)
        })
        .collect();
    Ok(Json(ConnectionPage {
        total_connections: found.total,
        info: paging::info(page, found.total),
        connections,
    }))
}

/// Reads a connection.
#[utoipa::path(get, path = "/v2.2/connection/{id}", tag = "Connections", operation_id = "getConnection",
    params(("id" = uuid::Uuid, Path, description = "The connection's id")),
    responses((status = 200, body = ConnectionJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(call: Call, Id(id): Id<ConnectionId>) -> Result<Response, ApiProblem> {
    let (tag, connection) = call
        .tx
        .read("api.get_connection", |tx| {
            Box::pin(async move { shown(tx, call.organization, id).await })
        })
        .await?;
    Ok((etag::header(&tag), Json(connection)).into_response())
}

/// The organization's connection as it is answered, and the tag of what can be changed of it.
pub(super) async fn shown(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<(String, ConnectionJson), ApiProblem> {
    let connection = own_connection(tx, organization, id).await?;
    let company = own(tx, organization, connection.company).await?;
    let mut details = tx.connection_details(company.id, &[id]).await?;
    let details = details.remove(&id).unwrap_or_default();
    let tag = tag(&connection, &details.sites);
    Ok((tag, render_connection(&company, connection, details)))
}

/// The tag of what an organization may change. What collections change is another matter.
pub(super) fn tag(connection: &Connection, sites: &[SiteId]) -> String {
    etag::of_values(&(
        &connection.external_id,
        &connection.utility_types,
        &connection.owner_email,
        &connection.data_collection_start_date,
        connection.inactive_at.is_some(),
        sites,
    ))
}

/// The organization's connection; another's is as unknown as none.
pub(super) async fn own_connection(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ConnectionId,
) -> Result<Connection, ApiProblem> {
    let found = tx.connection(organization, id).await?;
    found.ok_or(ApiProblem::NotFound)
}
