//! The end of a connection: what signs in goes at once, and the bills stay or go as the organization says.

use shared::{
    id::{CompanyId, ConnectionId, LinkId},
    status::LinkEventKind,
    time::UnixMillis,
};
use sqlx::AssertSqlSafe;

use super::{StoreError, Tx, links::LinkEvent, row};

/// What nothing but collection needs. The rows of `connections` and `accounts` stay while bills point at them.
const OF_COLLECTION: [&str; 10] = [
    "credentials",
    "proposed_credentials",
    "browser_sessions",
    "sign_in_lockouts",
    "sign_in_failures",
    "code_channels",
    "code_requests",
    "notices",
    "outgoing_mails",
    "collections",
];

/// What becomes of the bills of a connection that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BillsAfter {
    /// They stay with the company.
    Keep,
    /// Their rows go now. Their files go by the job that deletes blobs which no row names.
    Delete,
}

/// What else changed when a connection was deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removal {
    /// The links that were to repair it, and are revoked.
    pub revoked: Vec<LinkId>,
    /// The connections whose accounts are no longer in another one as well.
    pub no_longer_duplicated: Vec<ConnectionId>,
}

impl Tx<'_> {
    /// Deletes the company's connection, which the caller has locked, with its credentials, recipe, browser session,
    /// code channels and job, whose key is `job`: a run of it writes nothing any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_connection(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        job: &str,
        bills: BillsAfter,
        now: UnixMillis,
    ) -> Result<Removal, StoreError> {
        sqlx::query("DELETE FROM jobs WHERE dedupe_key = $1 AND company_id = $2")
            .bind(job.to_owned())
            .bind(company.to_string())
            .execute(self.sql())
            .await?;
        // What says whose it was goes with it.
        sqlx::query(
            "UPDATE connections SET deleted_at = $3, updated_at = $3, next_collection_at = NULL, username_masked = NULL, \
               owner_email = NULL, status_error_detail = NULL, code_hour = NULL WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        let revoked = self.revoke_update_links(company, connection, now).await?;
        for table in OF_COLLECTION {
            self.remove_rows(table, company, connection).await?;
        }
        let no_longer_duplicated = self.clear_duplicates(company, connection).await?;
        if bills == BillsAfter::Delete {
            self.remove_bills(company, connection).await?;
        }
        self.count_connection(company, -1).await?;
        Ok(Removal {
            revoked,
            no_longer_duplicated,
        })
    }

    /// Clears the mark of accounts that no connection has any more but their own, now that this one was deleted. Answers
    /// the other connections.
    async fn clear_duplicates(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Vec<ConnectionId>, StoreError> {
        let single = sqlx::query(
            "UPDATE accounts SET is_duplicated = 0 \
             WHERE company_id = $2 AND connection_id <> $1 AND is_duplicated = 1 \
               AND account_number IN (SELECT account_number FROM accounts WHERE connection_id = $1 AND company_id = $2) \
               AND NOT EXISTS (SELECT 1 FROM connections n \
                 JOIN connections m ON m.company_id = n.company_id AND m.provider_name = n.provider_name \
                   AND m.id <> n.id AND m.deleted_at IS NULL \
                 JOIN accounts a ON a.connection_id = m.id AND a.account_number = accounts.account_number \
                   AND a.is_tracked = 1 \
                 WHERE n.id = accounts.connection_id) \
             RETURNING connection_id",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_all(self.sql())
        .await?;
        let mut single: Vec<ConnectionId> = single
            .iter()
            .map(|found| row::parsed(found, "connection_id"))
            .collect::<Result<_, _>>()?;
        single.sort_unstable();
        single.dedup();
        Ok(single)
    }

    /// Removes the bills and accounts of the connection.
    async fn remove_bills(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM bill_files WHERE bill_id IN (SELECT id FROM bills WHERE connection_id = $1 AND company_id = $2)",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .execute(self.sql())
        .await?;
        for table in ["bills", "connection_sites", "accounts"] {
            self.remove_rows(table, company, connection).await?;
        }
        Ok(())
    }

    async fn remove_rows(
        &mut self,
        table: &'static str,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<(), StoreError> {
        let statement = format!("DELETE FROM {table} WHERE connection_id = $1 AND company_id = $2");
        sqlx::query(AssertSqlSafe(statement))
            .bind(connection.to_string())
            .bind(company.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    async fn revoke_update_links(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        now: UnixMillis,
    ) -> Result<Vec<LinkId>, StoreError> {
        let found = sqlx::query(
            "UPDATE links SET revoked_at = $3 \
             WHERE connection_id = $1 AND company_id = $2 AND revoked_at IS NULL AND fulfilled_at IS NULL RETURNING id",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(now.0)
        .fetch_all(self.sql())
        .await?;
        let mut revoked = Vec::with_capacity(found.len());
        for link in &found {
            let link = row::parsed(link, "id")?;
            let event = LinkEvent {
                kind: LinkEventKind::Revoked,
                flow_ref: None,
                detail: None,
                at: now,
            };
            self.append_event(link, &event).await?;
            revoked.push(link);
        }
        Ok(revoked)
    }
}
