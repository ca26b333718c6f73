//! Collections: runs that fetch bills, and what they came to.

use shared::{
    id::{CollectionId, CompanyId, ConnectionId, LinkId},
    proof::FoundAccounts,
    status::{ConnectionStatus, StatusDetail, UnattendedReason},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{Page, PageOf, StoreError, Tx, connections::FoundStatus, row};

/// One collection: a run that fetches the bills of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// The id of the collection.
    pub id: CollectionId,
    /// The connection whose bills it fetches.
    pub connection: ConnectionId,
    /// When the collection began.
    pub started_at: UnixMillis,
    /// When it ended; `None` while it runs, or when its node died.
    pub finished_at: Option<UnixMillis>,
    /// When its sign-in was proven; `None` while it is not.
    pub signed_in_at: Option<UnixMillis>,
    /// The status that it found the connection in; `None` until it has ended.
    pub status: Option<ConnectionStatus>,
    /// The detail that makes the status more precise, if there is one.
    pub status_detail: Option<StatusDetail>,
    /// How many bills the collection saw so far, known ones too.
    pub bills_found: i64,
    /// How many of these bills were not stored before.
    pub bills_new: i64,
    /// How many bills it knew of when it last told, those that it saw included; it grows from page to page.
    pub bills_expected: i64,
    /// Requests that were held back because they might have changed the account.
    pub held_requests: i64,
    /// The accounts that proposed credentials opened, when none of them is the connection's.
    pub other_accounts: Option<FoundAccounts>,
}

/// How a collection ended, as it is written down.
#[derive(Debug, Clone)]
pub struct CollectionOutcome {
    /// The id of the collection that ends.
    pub id: CollectionId,
    /// The status that it found the connection in.
    pub found: FoundStatus,
    /// How many bills the collection saw, known ones too.
    pub bills_found: i64,
    /// How many of these bills were not stored before.
    pub bills_new: i64,
    /// Requests that were held back because they might have changed the account.
    pub held_requests: i64,
    /// Why the sign-in was not proven; `None` when it was, or was not tried.
    pub unproven: Option<UnattendedReason>,
    /// When the next collection is due; `None` when somebody must act first.
    pub next_at: Option<UnixMillis>,
    /// The time of the end.
    pub now: UnixMillis,
}

impl Tx<'_> {
    /// Notes that a run of the company's connection began.
    ///
    /// # Errors
    /// When the connection is not the company's or the database fails.
    pub async fn start_collection(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        id: CollectionId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO collections (id, company_id, connection_id, started_at, bills_found, bills_new) \
             VALUES ($1, $2, $3, $4, 0, 0)",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(connection.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Whether another run of the company's connection than this one has found that it works.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn was_connected(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        run: CollectionId,
    ) -> Result<bool, StoreError> {
        let found = sqlx::query(
            "SELECT id FROM collections \
             WHERE connection_id = $1 AND company_id = $2 AND id <> $3 AND status = $4 LIMIT 1",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(run.to_string())
        .bind(ConnectionStatus::Connected.as_str())
        .fetch_optional(self.sql())
        .await?;
        Ok(found.is_some())
    }

    /// Ends a run of the company's connection: what it found, in its own row and as the connection's status. Links that
    /// were to repair a connection which works again have done their work, and are answered. `None` when the run has
    /// ended before, or is not the connection's; nothing is written then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_collection(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        outcome: &CollectionOutcome,
    ) -> Result<Option<Vec<LinkId>>, StoreError> {
        if !self.end_run(company, connection, outcome, None).await? {
            return Ok(None);
        }
        let before = self.connection_of_company(company, connection).await?;
        sqlx::query(
            "UPDATE connections SET \
               status_first_seen_at = CASE WHEN status = $3 THEN status_first_seen_at ELSE $6 END, \
               status = $3, status_detail = $4, status_error_detail = $5, status_last_update_at = $6, \
               next_collection_at = $7, updated_at = $6 \
             WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(outcome.found.status.as_str())
        .bind(outcome.found.detail.map(|detail| detail.as_str()))
        .bind(outcome.found.error_detail.clone())
        .bind(outcome.now.0)
        .bind(outcome.next_at.map(|at| at.0))
        .execute(self.sql())
        .await?;
        if let Some(reason) = outcome.unproven {
            self.set_unproven(company, connection, reason, outcome.now)
                .await?;
        }
        let works = ConnectionStatus::Connected;
        if outcome.found.status == works && before.is_some_and(|before| before.status != works) {
            let fulfilled = self.fulfil_update_links(company, connection, None, outcome.now);
            return Ok(Some(fulfilled.await?));
        }
        Ok(Some(Vec::new()))
    }

    /// Ends a run that tried proposed credentials of the company's connection and did not accept them: only its own row
    /// tells what it found, because the connection stands where it stood. `other_accounts` are those that the
    /// credentials opened, if it came so far. False where [`Self::end_collection`]
    /// answers `None`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_verification(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        outcome: &CollectionOutcome,
        other_accounts: Option<&FoundAccounts>,
    ) -> Result<bool, StoreError> {
        let ended = self
            .end_run(company, connection, outcome, other_accounts)
            .await?;
        if ended {
            sqlx::query(
                "UPDATE connections SET next_collection_at = $3 WHERE id = $1 AND company_id = $2",
            )
            .bind(connection.to_string())
            .bind(company.to_string())
            .bind(outcome.next_at.map(|at| at.0))
            .execute(self.sql())
            .await?;
        }
        Ok(ended)
    }

    async fn end_run(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        outcome: &CollectionOutcome,
        other_accounts: Option<&FoundAccounts>,
    ) -> Result<bool, StoreError> {
        let other_accounts = other_accounts.map(|found| row::to_json(found, "other_accounts"));
        // A run that read all to its end knows: what it took for a bill and did not find was none.
        let found = &outcome.found;
        let is_whole = found.status == ConnectionStatus::Connected
            && found.detail != Some(StatusDetail::CutShort);
        let most_expected = if is_whole {
            outcome.bills_found
        } else {
            i64::MAX
        };
        let ended = sqlx::query(
            "UPDATE collections SET finished_at = $4, status = $5, status_detail = $6, bills_found = $7, bills_new = $8, \
               held_requests = $9, other_accounts = $10, \
               bills_expected = CASE WHEN bills_expected < $7 THEN $7 WHEN bills_expected > $11 THEN $11 ELSE bills_expected END \
             WHERE id = $1 AND connection_id = $2 AND company_id = $3 AND finished_at IS NULL",
        )
        .bind(outcome.id.to_string())
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(outcome.now.0)
        .bind(outcome.found.status.as_str())
        .bind(outcome.found.detail.map(|detail| detail.as_str()))
        .bind(outcome.bills_found)
        .bind(outcome.bills_new)
        .bind(outcome.held_requests)
        .bind(other_accounts.transpose()?)
        .bind(most_expected)
        .execute(self.sql())
        .await?;
        Ok(ended.rows_affected() == 1)
    }

    /// Whether any run of the company's connection ever saw a bill.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ever_saw_bills(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<bool, StoreError> {
        Ok(sqlx::query(
            "SELECT id FROM collections WHERE connection_id = $1 AND company_id = $2 AND bills_found > 0 LIMIT 1",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?
        .is_some())
    }

    /// Removes runs that began before `at`, of all companies; how many. Each connection keeps its last run, and its
    /// last run that saw bills.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_collections_before(&mut self, at: UnixMillis) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM collections WHERE started_at < $1 \
             AND EXISTS (SELECT 1 FROM collections n WHERE n.connection_id = collections.connection_id \
               AND n.started_at > collections.started_at) \
             AND (bills_found = 0 OR EXISTS (SELECT 1 FROM collections n \
               WHERE n.connection_id = collections.connection_id AND n.started_at > collections.started_at \
                 AND n.bills_found > 0))",
        )
        .bind(at.0)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected())
    }

    /// A page of the runs of the company's connection, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn collections(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        page: Page,
    ) -> Result<PageOf<Collection>, StoreError> {
        let count = sqlx::query(
            "SELECT COUNT(*) AS total FROM collections WHERE connection_id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_one(self.sql())
        .await?;
        let rows = sqlx::query(
            "SELECT * FROM collections WHERE connection_id = $1 AND company_id = $2 \
             ORDER BY started_at DESC, id LIMIT $3 OFFSET $4",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// The last run of the company's connection, if there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_collection(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<Collection>, StoreError> {
        sqlx::query(
            "SELECT * FROM collections WHERE connection_id = $1 AND company_id = $2 \
             ORDER BY started_at DESC, id LIMIT 1",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }
}

pub(super) fn read(found: &AnyRow) -> Result<Collection, StoreError> {
    Ok(Collection {
        id: row::parsed(found, "id")?,
        connection: row::parsed(found, "connection_id")?,
        started_at: row::at(found, "started_at")?,
        finished_at: row::maybe_at(found, "finished_at")?,
        signed_in_at: row::maybe_at(found, "signed_in_at")?,
        status: row::maybe_parsed(found, "status")?,
        status_detail: row::maybe_parsed(found, "status_detail")?,
        bills_found: row::number(found, "bills_found")?,
        bills_new: row::number(found, "bills_new")?,
        bills_expected: row::number(found, "bills_expected")?,
        held_requests: row::number(found, "held_requests")?,
        other_accounts: row::maybe_json(found, "other_accounts")?,
    })
}
