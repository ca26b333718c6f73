//! The accounts of a company, over all of its connections, and the sites that they are at.

use bill_reader::bill::{BillContent, Flag};
use shared::{
    id::{AccountId, BillId, CompanyId, ConnectionId, OrganizationId, SiteId},
    status::UtilityType,
};
use sqlx::{Any, AssertSqlSafe, any::AnyArguments, any::AnyRow, query::Query};

use super::{
    Page, PageOf, StoreError, Tx,
    bills::{self, Account},
    row,
};

/// Which accounts of a company are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Those that this connection found; `None` means all.
    pub connection: Option<ConnectionId>,
    /// Those that are at this site; `None` means all.
    pub site: Option<SiteId>,
    /// Those that are billed for this; `None` means all.
    pub utility_type: Option<UtilityType>,
}

/// An account, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedAccount {
    /// The account as its bills tell it.
    pub account: Account,
    /// The company that owns it.
    pub company: CompanyId,
    /// The connection that found it.
    pub connection: ConnectionId,
    /// The site that it was put at; `None` means the sites of its connection.
    pub site: Option<SiteId>,
}

macro_rules! of_company {
    ($select:literal, $end:literal) => {
        concat!(
            $select,
            " FROM accounts a JOIN companies c ON c.id = a.company_id \
             WHERE a.company_id = $1 AND c.organization_id = $2 \
               AND ($3 = '' OR a.connection_id = $3) \
               AND ($4 = '' OR a.site_id = $4 OR (a.site_id IS NULL AND EXISTS (SELECT 1 FROM connection_sites s \
                 WHERE s.connection_id = a.connection_id AND s.site_id = $4))) \
               AND ($5 = '' OR a.utility_types LIKE '%\"' || $5 || '\"%')",
            $end
        )
    };
}

impl Tx<'_> {
    /// A page of the accounts of the organization's company, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accounts_of_company(
        &mut self,
        organization: OrganizationId,
        company: CompanyId,
        filter: &AccountFilter,
        page: Page,
    ) -> Result<PageOf<PlacedAccount>, StoreError> {
        let count = sqlx::query(of_company!("SELECT COUNT(*) AS total", ""));
        let count = bind(count, organization, company, filter)
            .fetch_one(self.sql())
            .await?;
        let rows = sqlx::query(of_company!(
            "SELECT a.*",
            " ORDER BY a.created_at, a.id LIMIT $6 OFFSET $7"
        ));
        let rows = bind(rows, organization, company, filter)
            .bind(page.limit)
            .bind(page.offset())
            .fetch_all(self.sql())
            .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// The account with this id, if it is one of a company of the organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn account(
        &mut self,
        organization: OrganizationId,
        id: AccountId,
    ) -> Result<Option<PlacedAccount>, StoreError> {
        sqlx::query(
            "SELECT a.* FROM accounts a JOIN companies c ON c.id = a.company_id \
             WHERE a.id = $1 AND c.organization_id = $2",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }

    /// Puts the account, which was read in the same transaction, at another site of its company, or at none. False when the
    /// site is not the company's.
    ///
    /// # Errors
    /// [`StoreError::Contended`] when somebody else has put it elsewhere since, or when the database fails.
    pub async fn set_account_site(
        &mut self,
        account: &PlacedAccount,
        site: Option<SiteId>,
    ) -> Result<bool, StoreError> {
        if let Some(site) = site {
            let own = sqlx::query("SELECT 1 FROM sites WHERE id = $1 AND company_id = $2")
                .bind(site.to_string())
                .bind(account.company.to_string())
                .fetch_optional(self.sql())
                .await?;
            if own.is_none() {
                return Ok(false);
            }
        }
        let changed = sqlx::query(
            "UPDATE accounts SET site_id = $2 WHERE id = $1 AND COALESCE(site_id, '') = $3",
        )
        .bind(account.account.id.to_string())
        .bind(site.map(|site| site.to_string()))
        .bind(
            account
                .site
                .map(|site| site.to_string())
                .unwrap_or_default(),
        )
        .execute(self.sql())
        .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::Contended);
        }
        Ok(true)
    }

    /// Takes the flag from the account's bills that nobody knows for which site they are. It does not come back when the
    /// account is put at no site again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_site_of_bills(
        &mut self,
        company: CompanyId,
        account: AccountId,
    ) -> Result<(), StoreError> {
        let lock = self.row_lock();
        let flagged = sqlx::query(AssertSqlSafe(format!(
            "SELECT id, bill FROM bills WHERE account_id = $1 AND company_id = $2 AND bill LIKE '%\"isFlagged\":true%'{lock}",
        )))
        .bind(account.to_string())
        .bind(company.to_string())
        .fetch_all(self.sql())
        .await?;
        for found in flagged {
            let mut content: BillContent = row::json(&found, "bill")?;
            if !content.unflag(Flag::NoSite) {
                continue;
            }
            let id: BillId = row::parsed(&found, "id")?;
            sqlx::query("UPDATE bills SET bill = $3 WHERE id = $1 AND company_id = $2")
                .bind(id.to_string())
                .bind(company.to_string())
                .bind(row::to_json(&content, "bill")?)
                .execute(self.sql())
                .await?;
        }
        Ok(())
    }

    /// Whether the organization has put the connection's account of this number at a site.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_account_at_site(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        account_number: &str,
    ) -> Result<bool, StoreError> {
        let found = sqlx::query(
            "SELECT 1 FROM accounts \
             WHERE connection_id = $1 AND company_id = $2 AND account_number = $3 AND site_id IS NOT NULL",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(account_number.to_owned())
        .fetch_optional(self.sql())
        .await?;
        Ok(found.is_some())
    }
}

type Statement = Query<'static, Any, AnyArguments>;

fn bind(
    statement: Statement,
    organization: OrganizationId,
    company: CompanyId,
    filter: &AccountFilter,
) -> Statement {
    let connection = filter.connection.map(|id| id.to_string());
    let site = filter.site.map(|id| id.to_string());
    let utility_type = filter.utility_type.map(UtilityType::as_str);
    statement
        .bind(company.to_string())
        .bind(organization.to_string())
        .bind(connection.unwrap_or_default())
        .bind(site.unwrap_or_default())
        .bind(utility_type.unwrap_or_default().to_owned())
}

fn read(found: &AnyRow) -> Result<PlacedAccount, StoreError> {
    Ok(PlacedAccount {
        account: bills::read_account(found)?,
        company: row::parsed(found, "company_id")?,
        connection: row::parsed(found, "connection_id")?,
        site: row::maybe_parsed(found, "site_id")?,
    })
}
