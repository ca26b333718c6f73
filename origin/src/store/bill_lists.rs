//! Lists of bills: of a connection, of a company, or of all companies of an organization; newest first, those without a
//! date last. Bills of connections that were deleted since are among them, where they were kept.

use shared::{
    id::{BillId, CompanyId, ConnectionId, OrganizationId, SiteId},
    status::UtilityType,
};
use sqlx::{Any, any::AnyArguments, query::Query};

use super::{
    Page, PageOf, StoreError, Tx,
    bills::{self, Bill},
    row,
};

/// Whose bills are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillsOf {
    /// Those of all companies of the organization.
    Organization,
    /// Those of a company, over all of its connections.
    Company(CompanyId),
    /// Those of a connection.
    Connection(ConnectionId),
}

/// Which of these bills are meant.
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
    /// Only bills that somebody should look at.
    pub is_flagged: bool,
}

/// A bill, and what a list says beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedBill {
    /// The bill, without its file.
    pub bill: Bill,
    /// The account number as the bills print it.
    pub account_number: String,
    /// The utilities that the bills of the account are for.
    pub utility_types: Vec<UtilityType>,
    /// The company whose bill it is.
    pub company: CompanyId,
    /// The name of the company.
    pub company_name: String,
    /// The name of the connection's provider.
    pub provider: String,
    /// The name of the site that it is for: where its account was put, or the only one of its connection.
    pub site_name: Option<String>,
    /// Whether its connection was deleted since.
    pub is_connection_deleted: bool,
}

/// Where a list went on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillPlace {
    /// `YYYY-MM-DD`, or empty for a bill without a date.
    pub date: String,
    /// The id of the bill.
    pub id: BillId,
}

impl ListedBill {
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

/// Before every date that a bill can have.
const BEFORE_ALL: &str = "9999-12-31";

// Whose bills they are is `$1`. A content is flagged where its JSON says so: within a text of it a quote has a backslash.
macro_rules! bills {
    ($select:literal, $scope:literal, $end:literal) => {
        concat!(
            $select,
            " FROM bills b JOIN companies c ON c.id = b.company_id \
              JOIN accounts a ON a.connection_id = b.connection_id AND a.id = b.account_id \
              JOIN connections n ON n.id = b.connection_id \
             WHERE ",
            $scope,
            " AND c.organization_id = $2 \
               AND ($3 = '' OR b.bill_date >= $3) AND ($4 = '' OR b.bill_date <= $4) \
               AND ($5 = '' OR a.site_id = $5 OR (a.site_id IS NULL AND EXISTS (SELECT 1 FROM connection_sites s \
                 WHERE s.connection_id = b.connection_id AND s.site_id = $5))) \
               AND ($6 = '' OR a.utility_types LIKE '%\"' || $6 || '\"%') \
               AND ($7 = 0 OR b.bill LIKE '%\"isFlagged\":true%')",
            $end
        )
    };
}

macro_rules! listed {
    ($scope:literal) => {
        bills!(
            "SELECT b.*, a.account_number, a.utility_types, c.name AS company_name, n.provider_name, n.deleted_at, \
               (SELECT s.name FROM sites s WHERE s.id = COALESCE(a.site_id, (SELECT MIN(o.site_id) FROM connection_sites o \
                 WHERE o.connection_id = b.connection_id HAVING COUNT(*) = 1))) AS site_name",
            $scope,
            " AND COALESCE(b.bill_date, '') <= $8 AND (COALESCE(b.bill_date, '') < $8 OR b.id > $9) \
             ORDER BY COALESCE(b.bill_date, '') DESC, b.id LIMIT $10"
        )
    };
}

impl Tx<'_> {
    /// A page of the bills of the organization's company.
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
        let of = company.to_string();
        let count = sqlx::query(bills!("SELECT COUNT(*) AS total", "b.company_id = $1", ""));
        let count = bind(count, of.clone(), organization, filter)
            .fetch_one(self.sql())
            .await?;
        let rows = sqlx::query(bills!(
            "SELECT b.*",
            "b.company_id = $1",
            " ORDER BY COALESCE(b.bill_date, '') DESC, b.id LIMIT $8 OFFSET $9"
        ));
        let rows = bind(rows, of, organization, filter)
            .bind(page.limit)
            .bind(page.offset())
            .fetch_all(self.sql())
            .await?;
        Ok(PageOf {
            rows: rows.iter().map(bills::read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// The next bills after a place in the list, so many at most. From the beginning without one. Bills that are stored
    /// meanwhile move no others. What is not the organization's has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bills_after(
        &mut self,
        organization: OrganizationId,
        of: BillsOf,
        filter: &BillFilter,
        (after, limit): (Option<&BillPlace>, i64),
    ) -> Result<Vec<ListedBill>, StoreError> {
        let (text, of) = match of {
            BillsOf::Organization => (listed!("b.organization_id = $1"), organization.to_string()),
            BillsOf::Company(id) => (listed!("b.company_id = $1"), id.to_string()),
            BillsOf::Connection(id) => (listed!("b.connection_id = $1"), id.to_string()),
        };
        let rows = bind(sqlx::query(text), of, organization, filter)
            .bind(after.map_or_else(|| BEFORE_ALL.to_owned(), |place| place.date.clone()))
            .bind(after.map(|place| place.id.to_string()).unwrap_or_default())
            .bind(limit)
            .fetch_all(self.sql())
            .await?;
        rows.iter().map(read).collect()
    }

    /// The organization's bill, and what a list says beside it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listed_bill(
        &mut self,
        organization: OrganizationId,
        id: BillId,
    ) -> Result<Option<ListedBill>, StoreError> {
        let all = BillFilter::default();
        bind(
            sqlx::query(listed!("b.id = $1")),
            id.to_string(),
            organization,
            &all,
        )
        .bind(BEFORE_ALL)
        .bind("")
        .bind(1_i64)
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }
}

fn read(found: &sqlx::any::AnyRow) -> Result<ListedBill, StoreError> {
    Ok(ListedBill {
        bill: bills::read(found)?,
        account_number: row::text(found, "account_number")?,
        utility_types: row::json(found, "utility_types")?,
        company: row::parsed(found, "company_id")?,
        company_name: row::text(found, "company_name")?,
        provider: row::text(found, "provider_name")?,
        site_name: row::maybe_text(found, "site_name")?,
        is_connection_deleted: row::maybe_at(found, "deleted_at")?.is_some(),
    })
}

type Statement = Query<'static, Any, AnyArguments>;

fn bind(
    statement: Statement,
    of: String,
    organization: OrganizationId,
    filter: &BillFilter,
) -> Statement {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let utility_type = filter.utility_type.map(UtilityType::as_str);
    statement
        .bind(of)
        .bind(organization.to_string())
        .bind(text(&filter.from))
        .bind(text(&filter.to))
        .bind(filter.site.map(|site| site.to_string()).unwrap_or_default())
        .bind(utility_type.unwrap_or_default().to_owned())
        .bind(i64::from(filter.is_flagged))
}
