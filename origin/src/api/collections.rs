//! Collections: a connection's runs.

use axum::Json;
use serde::Serialize;
use shared::id::ConnectionId;
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    connections::own_connection,
    fields::Query,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
};
use crate::api_types::{CollectionJson, render_collection};

/// A page of collections.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CollectionPage {
    total_collections: i64,
    #[serde(flatten)]
    info: PageInfo,
    collections: Vec<CollectionJson>,
}

/// Lists the connection's collections, newest first. One that runs says how far it is.
#[utoipa::path(get, path = "/v2.2/connection/{id}/collections", tag = "Connections", operation_id = "listCollections",
    params(("id" = uuid::Uuid, Path, description = "The connection's id"), Paging),
    responses((status = 200, body = CollectionPage),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Id(id): Id<ConnectionId>,
    Query(mut query): Query,
) -> Result<Json<CollectionPage>, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let found = call
        .tx
        .read("api.list_collections", |tx| {
            Box::pin(async move {
                let connection = own_connection(tx, call.organization, id).await?;
                Ok(tx.collections(connection.company, id, page).await?)
            })
        })
        .await?;
    Ok(Json(CollectionPage {
        total_collections: found.total,
        info: paging::info(page, found.total),
        collections: found.rows.into_iter().map(render_collection).collect(),
    }))
}
