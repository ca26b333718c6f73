//! The bills of a company, over all of its connections.

use shared::{
    id::{BillId, CompanyId, OrganizationId, SiteId},
    status::UtilityType,
};
use sqlx::{Any, any::AnyArguments, query::Query};

use super::{
    Page, PageOf, StoreError, Tx,
    bills::{self, Bill},
    row,
};

/// Which bills of a company are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BillFilter {
    /// `YYYY-MM-DD`: bills of this day and later; `None` means all. Bills without a date are none of these.
    pub from: Option<String>,
    /// `YYYY-MM-DD`: bills of this day and earlier; `None` means all. Bills without a date are none of these.
    pub to: Option<String>,
    /// Bills of accounts that were put at this site, and of those that were put nowhere and whose connection is at it; `None`
    /// means all.
    pub site: Option<SiteId>,
    /// Bills of accounts of this type; `None` means all.
    pub utility_type: Option<UtilityType>,
}

/// A bill, and the number of its account.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberedBill {
    /// The bill, without its file.
    pub bill: Bill,
    /// The account number as the bills print it.
    pub account_number: String,
}

/// Where a list went on to, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillPlace {
    /// `YYYY-MM-DD`, or empty for a bill without a date.
    date: String,
    id: BillId,
}

impl NumberedBill {
    /// Its place in the list.
    #[must_use]
    pub fn place(&self) -> BillPlace {
        BillPlace {
            date: self
                .bill
                .content
                .bill_date
                .map_or_else(String::new, |day| day.to_string()),
            id: self.bill.id,
        }
    }
}

macro_rules! of_company {
    ($select:literal, $end:literal) => {
        concat!(
            $select,
            " FROM bills b JOIN companies c ON c.id = b.company_id \
              JOIN accounts a ON a.connection_id = b.connection_id AND a.id = b.account_id \
             WHERE b.company_id = $1 AND c.organization_id = $2 \
               AND ($3 = '' OR b.bill_date >= $3) AND ($4 = '' OR b.bill_date <= $4) \
               AND ($5 = '' OR a.site_id = $5 OR (a.site_id IS NULL AND EXISTS (SELECT 1 FROM connection_sites s \
                 WHERE s.connection_id = b.connection_id AND s.site_id = $5))) \
               AND ($6 = '' OR a.utility_types LIKE '%\"' || $6 || '\"%')",
            $end
        )
    };
}

impl Tx<'_> {
    /// A page of the bills of the organization's company, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bills_of_company(
        &mut self,
        organization: OrganizationId,
        company: CompanyId,
        filter: &BillFilter,
        page: Page,
    ) -> Result<PageOf<Bill>, StoreError> {
        let count = sqlx::query(of_company!("SELECT COUNT(*) AS total", ""));
        let count = bind(count, organization, company, filter)
            .fetch_one(self.sql())
            .await?;
        let rows = sqlx::query(of_company!(
            "SELECT b.*",
            " ORDER BY COALESCE(b.bill_date, '') DESC, b.id LIMIT $7 OFFSET $8"
        ));
        let rows = bind(rows, organization, company, filter)
            .bind(page.limit)
            .bind(page.offset())
            .fetch_all(self.sql())
            .await?;
        Ok(PageOf {
            rows: rows.iter().map(bills::read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// The next bills of the organization's company after a place in the list, newest first, so many at most. From the
    /// beginning without one. Bills that are stored meanwhile move no others.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bills_after(
        &mut self,
        organization: OrganizationId,
        company: CompanyId,
        filter: &BillFilter,
        after: Option<&BillPlace>,
        limit: i64,
    ) -> Result<Vec<NumberedBill>, StoreError> {
        let rows = match after {
            None => {
                let first = sqlx::query(of_company!(
                    "SELECT b.*, a.account_number",
                    " ORDER BY COALESCE(b.bill_date, '') DESC, b.id LIMIT $7"
                ));
                bind(first, organization, company, filter).bind(limit)
            }
            Some(place) => {
                let next = sqlx::query(of_company!(
                    "SELECT b.*, a.account_number",
                    " AND COALESCE(b.bill_date, '') <= $7 AND (COALESCE(b.bill_date, '') < $7 OR b.id > $8) \
                     ORDER BY COALESCE(b.bill_date, '') DESC, b.id LIMIT $9"
                ));
                bind(next, organization, company, filter)
                    .bind(place.date.clone())
                    .bind(place.id.to_string())
                    .bind(limit)
            }
        };
        let rows = rows.fetch_all(self.sql()).await?;
        let read = |found| {
            Ok(NumberedBill {
                bill: bills::read(found)?,
                account_number: row::text(found, "account_number")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

type Statement = Query<'static, Any, AnyArguments>;

fn bind(
    statement: Statement,
    organization: OrganizationId,
    company: CompanyId,
    filter: &BillFilter,
) -> Statement {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let utility_type = filter.utility_type.map(UtilityType::as_str);
    statement
        .bind(company.to_string())
        .bind(organization.to_string())
        .bind(text(&filter.from))
        .bind(text(&filter.to))
        .bind(filter.site.map(|site| site.to_string()).unwrap_or_default())
        .bind(utility_type.unwrap_or_default().to_owned())
}
