//! Whether a connection's sign-in works without the client, and how far its running collection has come.

use shared::{
    id::{CollectionId, CompanyId, ConnectionId, FlowRef},
    status::{CodeRequestStatus, UnattendedReason},
    time::UnixMillis,
};

use super::{
    StoreError, Tx, bills::Account, code_requests::CodeRequest, collections::Collection,
    connections::Connection,
};

/// The bills of a collection so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BillCounts {
    /// Bills seen, known ones too.
    pub found: i64,
    /// Those of them that were not stored before.
    pub new: i64,
    /// Bills known of, seen or not.
    pub expected: i64,
}

/// Where a connection's newest collection stands, and what it has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionProgress {
    /// The connection, with whether its sign-in works without the client.
    pub connection: Connection,
    /// The newest run; `None` before the first.
    pub collection: Option<Collection>,
    /// Whether some node works at it right now.
    pub is_running: bool,
    /// The flow whose credentials are to be tried, if any are.
    pub proposed_by: Option<FlowRef>,
    /// The flow whose credentials took the place of others last, if any did.
    pub renewed_by: Option<FlowRef>,
    /// The accounts that were found, oldest first.
    pub accounts: Vec<Account>,
    /// The code that its sign-in waits for, if it does.
    pub awaited_code: Option<CodeRequest>,
}

impl Tx<'_> {
    /// Notes that a run's sign-in was proven, so that the company's connection works without its client.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_proven(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        collection: CollectionId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        self.set_signed_in(company, connection, collection, now)
            .await?;
        sqlx::query(
            "UPDATE connections SET works_unattended_at = $3, works_unattended_reason = NULL, updated_at = $3 \
             WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Notes that a run of the company's connection came in, by whatever.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_signed_in(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        collection: CollectionId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE collections SET signed_in_at = $4 \
             WHERE id = $1 AND connection_id = $2 AND company_id = $3 AND finished_at IS NULL",
        )
        .bind(collection.to_string())
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Notes why the sign-in of the company's connection was not proven. A reason that passes by itself takes back no
    /// proof.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_unproven(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        reason: UnattendedReason,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let statement = if reason.is_passing() {
            "UPDATE connections SET works_unattended_at = $3, works_unattended_reason = $4 \
             WHERE id = $1 AND company_id = $2 \
               AND (works_unattended_at IS NULL OR works_unattended_reason IS NOT NULL)"
        } else {
            "UPDATE connections SET works_unattended_at = $3, works_unattended_reason = $4 \
             WHERE id = $1 AND company_id = $2"
        };
        sqlx::query(statement)
            .bind(connection.to_string())
            .bind(company.to_string())
            .bind(now.0)
            .bind(reason.as_str())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Forgets whether the company's connection works without its client: something changed since, and the next run is a
    /// proof again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_works_unattended(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE connections SET works_unattended_at = NULL, works_unattended_reason = NULL \
             WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Notes how many bills a running collection of the company's connection has seen. Nothing changes once it has
    /// ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_bill_counts(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        collection: CollectionId,
        counts: BillCounts,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE collections SET bills_found = $4, bills_new = $5, bills_expected = $6 \
             WHERE id = $1 AND connection_id = $2 AND company_id = $3 AND finished_at IS NULL",
        )
        .bind(collection.to_string())
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(counts.found)
        .bind(counts.new)
        .bind(counts.expected)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Where the newest collection of the company's connection stands; `None` when there is no such connection.
    /// `job` is the deduplication key of the job that collects for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn collection_progress(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        job: &str,
        now: UnixMillis,
    ) -> Result<Option<CollectionProgress>, StoreError> {
        let Some(found) = self.connection_of_company(company, connection).await? else {
            return Ok(None);
        };
        let collection = self.last_collection(company, connection).await?;
        let leased = sqlx::query(
            "SELECT 1 FROM jobs WHERE dedupe_key = $1 AND company_id = $2 AND lease_until > $3",
        )
        .bind(job.to_owned())
        .bind(company.to_string())
        .bind(now.0)
        .fetch_optional(self.sql())
        .await?;
        let accounts = self.accounts(company, connection).await?;
        let awaited_code = self.last_code_request(company, connection).await?;
        let awaited_code = awaited_code.filter(|request| {
            request.status == CodeRequestStatus::Waiting && request.waits_until > now
        });
        Ok(Some(CollectionProgress {
            collection,
            is_running: leased.is_some(),
            proposed_by: self
                .proposed_credentials(company, connection)
                .await?
                .map(|proposed| proposed.flow_ref),
            renewed_by: self.renewed_by(company, connection).await?,
            accounts,
            awaited_code,
            connection: found,
        }))
    }
}
