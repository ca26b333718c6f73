//! Bills: list, read, download.

use axum::{Json, http::HeaderMap, response::Response};
use futures_util::TryFutureExt as _;
use serde::Serialize;
use shared::{
    id::{BillId, ConnectionId},
    member::AuditAction,
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    company_bills::{in_format, wanted},
    connections::own_connection,
    fields::Query,
    paging::{self, PageInfo, Paging},
    problem::ProblemBody,
    schema,
};
use crate::{
    api_types::{BillJson, render_bill},
    bill_download::{self, ShownAs},
    bill_export,
    store::{
        Page,
        bill_lists::{BillFilter, BillsOf},
    },
};

/// A page of bills.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct BillPage {
    total_bills: i64,
    #[serde(flatten)]
    info: PageInfo,
    bills: Vec<BillJson>,
}

impl BillPage {
    /// These bills as a page of so many.
    pub(super) fn new(page: Page, total: i64, bills: Vec<BillJson>) -> Self {
        Self {
            total_bills: total,
            info: paging::info(page, total),
            bills,
        }
    }
}

/// Lists the connection's bills, newest first. With `Accept: text/csv` or `application/x-ndjson` all of them are given at
/// once, a line each; `limit` and `page` are for the JSON list alone.
#[utoipa::path(get, path = "/v2.2/bill/connection/{connection_id}", tag = "Bills", operation_id = "listBills",
    params(("connection_id" = uuid::Uuid, Path, description = "The connection's id"), Paging),
    responses((status = 200, content((BillPage = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Id(connection): Id<ConnectionId>,
    headers: HeaderMap,
    Query(mut query): Query,
) -> Result<Response, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let (organization, store) = (call.organization, call.door.store.clone());
    let format = wanted(&headers);
    let found = call
        .tx
        .read("api.list_bills", |tx| {
            Box::pin(async move {
                let connection = own_connection(tx, organization, connection).await?;
                if format.is_some() {
                    return Ok(None);
                }
                Ok(Some(tx.bills(organization, connection.id, page).await?))
            })
        })
        .await?;
    if format.is_some() {
        call.audit.exported(connection.to_string()).await?;
    }
    let export = |format| {
        let of = (organization, BillsOf::Connection(connection));
        bill_export::response(store, of, BillFilter::default(), format)
    };
    let page = found.map(|found| {
        let bills = found.rows.into_iter().map(render_bill).collect();
        BillPage::new(page, found.total, bills)
    });
    Ok(in_format(format, export, page))
}

/// Reads a bill.
#[utoipa::path(get, path = "/v2.2/bill/{id}", tag = "Bills", operation_id = "getBill",
    params(("id" = uuid::Uuid, Path, description = "The bill's id")),
    responses((status = 200, body = BillJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(call: Call, Id(id): Id<BillId>) -> Result<Json<BillJson>, ApiProblem> {
    let found = call
        .tx
        .read("api.get_bill", |tx| {
            Box::pin(tx.bill(call.organization, id).err_into())
        })
        .await?;
    found
        .map(|bill| Json(render_bill(bill)))
        .ok_or(ApiProblem::NotFound)
}

/// Downloads the bill as the utility made it.
#[utoipa::path(get, path = "/v2.2/bill/{id}/file", tag = "Bills", operation_id = "getBillFile",
    params(("id" = uuid::Uuid, Path, description = "The bill's id")),
    responses((status = 200, body = schema::Pdf, content_type = "application/pdf"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn file(call: Call, Id(id): Id<BillId>) -> Result<Response, ApiProblem> {
    let (organization, audit) = (call.organization, &call.audit);
    let file = call
        .tx
        .write("api.get_bill_file", |tx| {
            Box::pin(async move {
                let file = tx.bill_file(organization, id).await?;
                let file = file.ok_or(ApiProblem::NotFound)?;
                let name = Some(file.name.clone());
                audit
                    .did(tx, AuditAction::BillDownloaded, Some(id.to_string()), name)
                    .await?;
                Ok(file)
            })
        })
        .await?;
    Ok(bill_download::response(&call.door.blobs, id, file, ShownAs::Download).await?)
}
