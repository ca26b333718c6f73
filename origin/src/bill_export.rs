//! Bills written down for other programs, as many as there are: read and sent so many at a time.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use futures_util::{TryStreamExt as _, stream};
use shared::id::OrganizationId;

use crate::{
    api_types::render_bill,
    bill_csv::{self, Columns},
    store::{
        Store, StoreError,
        bill_lists::{BillFilter, BillPlace, BillsOf, ListedBill},
    },
};

/// Bills that are read at a time.
const AT_ONCE: i64 = 200;

/// How bills are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated values (RFC 4180), one line a bill.
    Csv(Columns),
    /// JSON Lines, one object a bill.
    JsonLines,
}

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("CSV: {0}")]
    Csv(#[from] csv::Error),
}

/// The answer that carries all bills that are meant. What breaks off while it is sent is in the log alone.
pub fn response(
    store: Store,
    (organization, of): (OrganizationId, BillsOf),
    filter: BillFilter,
    format: ExportFormat,
) -> Response {
    let filter = Arc::new(filter);
    let parts = stream::try_unfold((true, Some(None)), move |(is_first, after)| {
        let (store, filter) = (store.clone(), Arc::clone(&filter));
        async move {
            let Some(after) = after else {
                return Ok::<_, ExportError>(None);
            };
            let bills = next(&store, (organization, of), &filter, after.as_ref()).await?;
            let is_full = i64::try_from(bills.len()).is_ok_and(|length| length >= AT_ONCE);
            let next = bills.last().filter(|_| is_full).map(ListedBill::place);
            let text = match format {
                ExportFormat::Csv(columns) => bill_csv::lines(columns, is_first, bills)?,
                ExportFormat::JsonLines => json_lines(bills)?,
            };
            Ok(Some((Bytes::from(text), (false, next.map(Some)))))
        }
    });
    // The status is sent by then: only the log can tell.
    let parts = parts.inspect_err(
        move |error| tracing::error!(%organization, %error, "an export of bills broke off"),
    );
    let parts = parts.map_err(|_| std::io::Error::other("the export broke off"));
    let (kind, name) = match format {
        ExportFormat::Csv(_) => (
            "text/csv; charset=utf-8; header=present",
            "attachment; filename=\"bills.csv\"",
        ),
        ExportFormat::JsonLines => (
            "application/x-ndjson",
            "attachment; filename=\"bills.ndjson\"",
        ),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    (headers, Body::from_stream(parts)).into_response()
}

async fn next(
    store: &Store,
    (organization, of): (OrganizationId, BillsOf),
    filter: &BillFilter,
    after: Option<&BillPlace>,
) -> Result<Vec<ListedBill>, StoreError> {
    let read = store.read("export_bills", |tx| {
        Box::pin(tx.bills_after(organization, of, filter, (after, AT_ONCE)))
    });
    read.await
}

fn json_lines(bills: Vec<ListedBill>) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = Vec::new();
    for listed in bills {
        serde_json::to_writer(&mut text, &render_bill(listed.bill))?;
        text.push(b'\n');
    }
    Ok(text)
}
