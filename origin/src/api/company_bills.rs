//! The bills of a company: listed, and exported as CSV or JSON Lines.

use std::sync::Arc;

use axum::{
    Json,
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{TryStreamExt as _, stream};
use shared::{
    id::{CompanyId, OrganizationId, SiteId},
    status::UtilityType,
};
use utoipa::IntoParams;

use super::{
    ApiProblem, bill_csv,
    bills::BillPage,
    call::{Call, Id},
    companies::own,
    fields::{Fields, Query},
    paging::{self, Paging},
    problem::{FieldError, ProblemBody},
    schema,
    state::ApiDoor,
};
use crate::text_values::CalendarDate;
use crate::{
    api_types::render_bill,
    store::{
        StoreError,
        company_bills::{BillFilter, BillPlace, NumberedBill},
    },
};

/// Bills that an export reads at a time.
const AT_ONCE: i64 = 200;

/// The parameters that narrow the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the parameters that `list` reads")]
pub(super) struct BillQuery {
    /// Lists only bills of this day and later.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// Lists only bills of this day and earlier.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<String>,
    /// Lists only bills of connections at this site.
    #[param(value_type = Option<uuid::Uuid>)]
    site: Option<String>,
    /// Lists only bills of accounts of this type.
    #[param(value_type = Option<schema::UtilityType>)]
    utility_type: Option<String>,
}

/// How bills are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// A page of a JSON list.
    Page,
    /// Comma-separated values (RFC 4180), one line a bill.
    Csv,
    /// JSON Lines, one object a bill.
    JsonLines,
}

/// Lists the company's bills over all of its connections, newest first. With `Accept: text/csv` or `application/x-ndjson`
/// all of them are given at once, a line each; `limit` and `page` are for the JSON list alone.
#[utoipa::path(get, path = "/v2.2/bill/company/{company_id}", tag = "Bills", operation_id = "listCompanyBills",
    params(("company_id" = uuid::Uuid, Path, description = "The company's private id"), BillQuery, Paging),
    responses((status = 200, content((BillPage = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Id(company): Id<CompanyId>,
    headers: HeaderMap,
    Query(mut query): Query,
) -> Result<Response, ApiProblem> {
    let page = paging::page(&mut query);
    let filter = read(&mut query);
    query.done()?;
    let organization = call.organization;
    let filter_of = &filter;
    let (door, format) = (Arc::clone(&call.door), format(&headers));
    let found = call
        .tx
        .read("api.list_company_bills", |tx| {
            Box::pin(async move {
                let company = own(tx, organization, company).await?;
                if let Some(site) = filter_of.site
                    && tx
                        .sites_of(company.id)
                        .await?
                        .iter()
                        .all(|one| one.id != site)
                {
                    return Err(ApiProblem::Fields(vec![FieldError {
                        field: "site".into(),
                        detail: "is not a site of this company".into(),
                    }]));
                }
                if format != Format::Page {
                    return Ok(None);
                }
                let found = tx.bills_of_company(organization, company.id, filter_of, page);
                Ok(Some(found.await?))
            })
        })
        .await?;
    let answer = match found {
        Some(found) => Json(BillPage::new(
            page,
            found.total,
            found.rows.into_iter().map(render_bill).collect(),
        ))
        .into_response(),
        None => export(door, (organization, company), filter, format),
    };
    let by_accept = [(header::VARY, HeaderValue::from_static("Accept"))];
    Ok((by_accept, answer).into_response())
}

fn read(query: &mut Fields) -> BillFilter {
    BillFilter {
        from: query.parsed::<CalendarDate>("from").map(|date| date.0),
        to: query.parsed::<CalendarDate>("to").map(|date| date.0),
        site: query.parsed::<SiteId>("site"),
        utility_type: query.choice("utilityType", UtilityType::ALL, UtilityType::as_str),
    }
}

/// What the caller wants most, of what there is (RFC 9110, section 12.5.1); the first of what is wanted alike.
fn format(headers: &HeaderMap) -> Format {
    let accepted = headers
        .get(header::ACCEPT)
        .and_then(|text| text.to_str().ok());
    let mut best = (0.0, Format::Page);
    for kind in accepted.unwrap_or_default().split(',') {
        let mut parts = kind.split(';').map(str::trim);
        let format = match parts
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "text/csv" => Format::Csv,
            "application/x-ndjson" => Format::JsonLines,
            "application/json" | "*/*" => Format::Page,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q="));
        let quality = quality.and_then(|text| text.parse::<f32>().ok());
        let quality = quality.unwrap_or(1.0);
        if quality > best.0 {
            best = (quality, format);
        }
    }
    best.1
}

/// All bills that are meant, read and sent so many at a time.
fn export(
    door: Arc<ApiDoor>,
    of: (OrganizationId, CompanyId),
    filter: BillFilter,
    format: Format,
) -> Response {
    let filter = Arc::new(filter);
    let first = (true, Some(None));
    let parts = stream::try_unfold(first, move |(is_first, after)| {
        let (door, filter) = (Arc::clone(&door), Arc::clone(&filter));
        async move {
            let Some(after) = after else {
                return Ok::<_, ApiProblem>(None);
            };
            let bills = next(&door, of, &filter, after.as_ref()).await?;
            let full = i64::try_from(bills.len()).is_ok_and(|length| length >= AT_ONCE);
            let next = if full {
                bills.last().map(|bill| Some(bill.place()))
            } else {
                None
            };
            let text = match format {
                Format::Csv => bill_csv::lines(is_first, bills)?,
                Format::Page | Format::JsonLines => json_lines(bills)?,
            };
            Ok(Some((Bytes::from(text), (false, next))))
        }
    });
    let (_, company) = of;
    // The status is sent by then: only the log can tell.
    let parts = parts.inspect_err(
        move |error| tracing::error!(%company, ?error, "an export of bills broke off"),
    );
    let parts = parts.map_err(|_| std::io::Error::other("the export broke off"));
    let (kind, name) = match format {
        Format::Csv => (
            "text/csv; charset=utf-8; header=present",
            "attachment; filename=\"bills.csv\"",
        ),
        Format::Page | Format::JsonLines => (
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
    door: &ApiDoor,
    (organization, company): (OrganizationId, CompanyId),
    filter: &BillFilter,
    after: Option<&BillPlace>,
) -> Result<Vec<NumberedBill>, StoreError> {
    let read = door.store.read("api.export_bills", |tx| {
        Box::pin(tx.bills_after(organization, company, filter, after, AT_ONCE))
    });
    read.await
}

fn json_lines(bills: Vec<NumberedBill>) -> Result<Vec<u8>, ApiProblem> {
    let mut text = Vec::new();
    for numbered in bills {
        let bill = render_bill(numbered.bill);
        serde_json::to_writer(&mut text, &bill).map_err(ApiProblem::Unwritable)?;
        text.push(b'\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_that_is_wanted_most_is_taken() {
        for (accepted, wanted) in [
            (None, Format::Page),
            (Some("text/html"), Format::Page),
            (Some("text/csv"), Format::Csv),
            (Some("text/html, Text/CSV;q=0.9, */*;q=0.8"), Format::Csv),
            (Some("text/csv;q=0.1, application/json"), Format::Page),
            (Some("text/csv;q=0"), Format::Page),
            (Some("application/x-ndjson"), Format::JsonLines),
            (Some("application/json, text/csv"), Format::Page),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accepted) = accepted {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accepted));
            }
            assert_eq!(format(&headers), wanted, "{accepted:?}");
        }
    }
}
