//! The end of a company: nothing of it stays but the lines of the audit log, which name it by a text.

use shared::{
    id::{CompanyId, OrganizationId},
    time::UnixMillis,
};
use sqlx::AssertSqlSafe;

use super::{StoreError, Tx, companies, companies::Company, row};

/// Removes the company's rows of these tables, each before what its rows point at.
pub(super) const OF_COMPANY: [&str; 16] = [
    "jobs",
    "notices",
    "proposed_credentials",
    "credentials",
    "browser_sessions",
    "sign_in_lockouts",
    "sign_in_failures",
    "code_requests",
    "code_channels",
    "collections",
    "bills",
    "connection_sites",
    "accounts",
    "connections",
    "links",
    "sites",
];

/// What stays when the company goes, and points at it no longer.
const WITHOUT_COMPANY: [&str; 2] = [
    "UPDATE webhook_events SET company_id = NULL WHERE company_id = $1",
    "UPDATE batch_rows SET company_id = NULL, link_id = NULL WHERE company_id = $1",
];

/// What points at the company's rows by their ids alone.
const OF_ITS_ROWS: [&str; 2] = [
    "DELETE FROM bill_files WHERE bill_id IN (SELECT id FROM bills WHERE company_id = $1)",
    "DELETE FROM link_events WHERE link_id IN (SELECT id FROM links WHERE company_id = $1)",
];

/// What a company has that its clients gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompanyContents {
    /// Its connections that were not deleted.
    pub connections: i64,
    /// Its bills, those of connections that were deleted too.
    pub bills: i64,
}

impl Tx<'_> {
    /// The organization's company, to which nobody else adds anything before this transaction has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_company(
        &mut self,
        organization: OrganizationId,
        id: CompanyId,
    ) -> Result<Option<Company>, StoreError> {
        let lock = self.removal_lock();
        let statement =
            format!("SELECT * FROM companies WHERE id = $1 AND organization_id = $2{lock}");
        sqlx::query(AssertSqlSafe(statement))
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| companies::read(&found))
            .transpose()
    }

    /// What the company has that its clients gave.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn company_contents(
        &mut self,
        company: CompanyId,
    ) -> Result<CompanyContents, StoreError> {
        let counted = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM connections WHERE company_id = $1 AND deleted_at IS NULL) AS connections, \
               (SELECT COUNT(*) FROM bills WHERE company_id = $1) AS bills",
        )
        .bind(company.to_string())
        .fetch_one(self.sql())
        .await?;
        Ok(CompanyContents {
            connections: row::number(&counted, "connections")?,
            bills: row::number(&counted, "bills")?,
        })
    }

    /// Removes the company, which the caller has locked, with all that it has. The files of its bills go by the job that
    /// deletes blobs which no row names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_company(
        &mut self,
        company: CompanyId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        // Mails that were sent still count against how many their recipients may get.
        sqlx::query(
            "UPDATE outgoing_mails SET company_id = NULL, link_id = NULL, connection_id = NULL, \
               dropped_at = CASE WHEN delivered_at IS NULL THEN COALESCE(dropped_at, $2) ELSE dropped_at END \
             WHERE company_id = $1",
        )
        .bind(company.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        for statement in WITHOUT_COMPANY.into_iter().chain(OF_ITS_ROWS) {
            sqlx::query(statement)
                .bind(company.to_string())
                .execute(self.sql())
                .await?;
        }
        for table in OF_COMPANY {
            let statement = format!("DELETE FROM {table} WHERE company_id = $1");
            sqlx::query(AssertSqlSafe(statement))
                .bind(company.to_string())
                .execute(self.sql())
                .await?;
        }
        sqlx::query("DELETE FROM companies WHERE id = $1")
            .bind(company.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }
}
