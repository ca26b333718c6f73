//! The bills of a company: listed, and exported as CSV or JSON Lines.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use shared::{
    id::{CompanyId, SiteId},
    status::UtilityType,
};
use utoipa::IntoParams;

use super::{
    ApiProblem,
    bills::BillPage,
    call::{Call, Id},
    companies::own,
    fields::{Fields, Query},
    paging::{self, Paging},
    problem::{FieldError, ProblemBody},
    schema,
};
use crate::text_values::CalendarDate;
use crate::{
    api_types::render_bill,
    bill_csv::Columns,
    bill_export::{self, ExportFormat},
    store::bill_lists::{BillFilter, BillsOf},
};

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
    let (store, format) = (call.door.store.clone(), wanted(&headers));
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
                if format.is_some() {
                    return Ok(None);
                }
                let found = tx.bills_of_company(organization, company.id, filter_of, page);
                Ok(Some(found.await?))
            })
        })
        .await?;
    if format.is_some() {
        call.audit.exported(company.to_string()).await?;
    }
    let export = |format| {
        let of = BillsOf::Company(company);
        bill_export::response(store, (organization, of), filter, format)
    };
    let page = found.map(|found| {
        let bills = found.rows.into_iter().map(render_bill).collect();
        BillPage::new(page, found.total, bills)
    });
    Ok(in_format(format, export, page))
}

/// The bills as a page, or as the export that was wanted.
pub(super) fn in_format(
    format: Option<ExportFormat>,
    export: impl FnOnce(ExportFormat) -> Response,
    page: Option<BillPage>,
) -> Response {
    let answer = match format {
        Some(format) => export(format),
        None => Json(page).into_response(),
    };
    let by_accept = [(header::VARY, HeaderValue::from_static("Accept"))];
    (by_accept, answer).into_response()
}

fn read(query: &mut Fields) -> BillFilter {
    BillFilter {
        from: query.parsed::<CalendarDate>("from").map(|date| date.0),
        to: query.parsed::<CalendarDate>("to").map(|date| date.0),
        site: query.parsed::<SiteId>("site"),
        utility_type: query.choice("utilityType", UtilityType::ALL, UtilityType::as_str),
        is_flagged: false,
    }
}

/// The export that the caller wants most, of what there is (RFC 9110, section 12.5.1), the first of what is wanted alike;
/// `None` is a page of a JSON list.
pub(super) fn wanted(headers: &HeaderMap) -> Option<ExportFormat> {
    let accepted = headers
        .get(header::ACCEPT)
        .and_then(|text| text.to_str().ok());
    let mut best = (0.0, None);
    for kind in accepted.unwrap_or_default().split(',') {
        let mut parts = kind.split(';').map(str::trim);
        let format = match parts
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "text/csv" => Some(ExportFormat::Csv(Columns::OfCompany)),
            "application/x-ndjson" => Some(ExportFormat::JsonLines),
            "application/json" | "*/*" => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_that_is_wanted_most_is_taken() {
        let csv = Some(ExportFormat::Csv(Columns::OfCompany));
        let lines = Some(ExportFormat::JsonLines);
        for (accepted, wanted) in [
            (None, None),
            (Some("text/html"), None),
            (Some("text/csv"), csv),
            (Some("text/html, Text/CSV;q=0.9, */*;q=0.8"), csv),
            (Some("text/csv;q=0.1, application/json"), None),
            (Some("text/csv;q=0"), None),
            (Some("application/x-ndjson"), lines),
            (Some("application/json, text/csv"), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accepted) = accepted {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accepted));
            }
            assert_eq!(super::wanted(&headers), wanted, "{accepted:?}");
        }
    }
}
