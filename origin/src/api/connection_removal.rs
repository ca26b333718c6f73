//! The end of a connection.

use axum::http::StatusCode;
use shared::id::ConnectionId;
use utoipa::{IntoParams, ToSchema};

use super::{
    ApiProblem,
    call::{Call, Id},
    fields::Query,
    problem::ProblemBody,
};
use crate::{connections, fields::Fields, store::connection_removal::BillsAfter};

/// What becomes of its bills.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "documents what `bills_after` reads")]
pub(super) enum BillsChoice {
    Keep,
    Delete,
}

/// The parameters of a removal.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents what `remove` reads")]
pub(super) struct RemovalQuery {
    /// What becomes of its bills. `keep`, which is meant where this is left out: they can still be read by their ids and over
    /// the company. `delete`: they go as well, their files within three days.
    #[param(inline, value_type = Option<BillsChoice>)]
    bills: Option<String>,
}

/// Deletes a connection for good. Its credentials, browser session and code channels are gone at once, a collection that
/// runs ends without a result, and the links that were to repair it are revoked. Webhooks tell it as switched off.
#[utoipa::path(delete, path = "/v2.2/connection/{id}", tag = "Connections", operation_id = "deleteConnection",
    params(("id" = uuid::Uuid, Path, description = "The connection's id"), RemovalQuery),
    responses((status = 204),
        (status = 404, body = ProblemBody, content_type = "application/problem+json", description = "There is none, or it was deleted before"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn remove(
    call: Call,
    Id(id): Id<ConnectionId>,
    Query(query): Query,
) -> Result<StatusCode, ApiProblem> {
    let bills = bills_after(query)?;
    let author = &call.audit.author();
    let organization = author.organization;
    call.tx
        .write("api.delete_connection", |tx| {
            Box::pin(async move { Ok(connections::remove(tx, author, id, bills).await?) })
        })
        .await?;
    tracing::info!(%organization, connection = %id, ?bills, "a connection was deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// What the query says of bills; they are kept where it says nothing.
pub(super) fn bills_after(mut query: Fields) -> Result<BillsAfter, ApiProblem> {
    let bills = query.choice("bills", &[BillsAfter::Keep, BillsAfter::Delete], spelled);
    query.done()?;
    Ok(bills.unwrap_or(BillsAfter::Keep))
}

fn spelled(bills: BillsAfter) -> &'static str {
    match bills {
        BillsAfter::Keep => "keep",
        BillsAfter::Delete => "delete",
    }
}
