//! Lists come in pages, numbered from 1.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::fields::Fields;
use crate::store::Page;

/// The largest page number; no list is longer.
const MAX_PAGE: i64 = 1_000_000;

/// The page of a list that is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents the parameters that `page` reads")]
pub(super) struct Paging {
    /// How many rows a page has.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<i64>,
    /// The number of the page, counted from 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1)]
    page: Option<i64>,
}

/// Where a page stands in its list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    per_page: i64,
    total_pages: i64,
    current_page: i64,
    has_next: bool,
    has_previous: bool,
}

/// Takes the parameters `limit` and `page` out of the query.
pub(super) fn page(fields: &mut Fields) -> Page {
    let limit = fields.number("limit", 1, Page::MAX_LIMIT);
    let number = fields.number("page", 1, MAX_PAGE);
    Page {
        limit: limit.unwrap_or(Page::FIRST.limit),
        number: number.unwrap_or(Page::FIRST.number),
    }
}

/// Says where `page` stands among `total` rows.
pub(super) fn info(page: Page, total: i64) -> PageInfo {
    let total_pages = (total + page.limit - 1) / page.limit;
    PageInfo {
        per_page: page.limit,
        total_pages,
        current_page: page.number,
        has_next: page.number < total_pages,
        has_previous: page.number > 1,
    }
}
