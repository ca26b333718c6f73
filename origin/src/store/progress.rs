//! How connections stand at this moment, and how far their collections are: for who looks at a list of them.

use shared::{
    id::{ConnectionId, OrganizationId},
    status::ConnectionStatus,
    time::UnixMillis,
};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{StoreError, Tx, row};

/// How far a collection is that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunProgress {
    /// Whether its sign-in is proven.
    pub is_signed_in: bool,
    /// Whether its sign-in waits for the owner to enter a code.
    pub awaits_code: bool,
    /// How many bills it saw so far.
    pub bills_found: i64,
    /// How many bills it knows of, those that it saw included.
    pub bills_expected: i64,
}

/// How a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionProgress {
    /// The id of the connection.
    pub id: ConnectionId,
    /// The status that the last collection left.
    pub status: ConnectionStatus,
    /// When it was switched off; `None` while it is collected.
    pub inactive_at: Option<UnixMillis>,
    /// How far the collection is that runs now; `None` while none does.
    pub run: Option<RunProgress>,
}

impl Tx<'_> {
    /// How these connections stand, as far as they are the organization's. A collection runs as long as a node holds its job,
    /// which is of the kind `job`: one whose node died runs no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connection_progress(
        &mut self,
        organization: OrganizationId,
        connections: &[ConnectionId],
        (job, now): (&'static str, UnixMillis),
    ) -> Result<Vec<ConnectionProgress>, StoreError> {
        if connections.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<String> = (4..connections.len() + 4)
            .map(|number| format!("${number}"))
            .collect();
        // Found by their ids: the index of the organization, which SQLite would take, has all of its connections.
        let statement = format!(
            "SELECT n.id, n.status, n.inactive_at, r.id AS run_id, r.signed_in_at, r.bills_found, r.bills_expected, \
               (SELECT COUNT(*) FROM code_requests q WHERE q.connection_id = n.id AND q.created_at >= r.started_at \
                 AND q.status = 'WAITING' AND q.waits_until > $3) AS awaited_codes \
             FROM connections n \
             LEFT JOIN collections r ON r.connection_id = n.id AND r.finished_at IS NULL \
               AND EXISTS (SELECT 1 FROM jobs j WHERE j.dedupe_key = $2 || ':' || n.id AND j.lease_until > $3) \
             WHERE n.id IN ({}) AND COALESCE(n.organization_id, '') = $1 AND n.deleted_at IS NULL \
             ORDER BY n.id, r.started_at DESC",
            places.join(", ")
        );
        // Only the number of placeholders is not fixed: another text for another number of ids, so none is kept.
        let mut query = sqlx::query(AssertSqlSafe(statement))
            .persistent(false)
            .bind(organization.to_string())
            .bind(job)
            .bind(now.0);
        for id in connections {
            query = query.bind(id.to_string());
        }
        let rows = query.fetch_all(self.sql()).await?;
        let mut found: Vec<ConnectionProgress> = rows.iter().map(read).collect::<Result<_, _>>()?;
        // A run whose node died is followed by the one that runs.
        found.dedup_by_key(|one| one.id);
        Ok(found)
    }
}

fn read(found: &AnyRow) -> Result<ConnectionProgress, StoreError> {
    let run = match row::maybe_text(found, "run_id")? {
        None => None,
        Some(_) => Some(RunProgress {
            is_signed_in: row::maybe_at(found, "signed_in_at")?.is_some(),
            awaits_code: row::number(found, "awaited_codes")? > 0,
            bills_found: row::number(found, "bills_found")?,
            bills_expected: row::number(found, "bills_expected")?,
        }),
    };
    Ok(ConnectionProgress {
        id: row::parsed(found, "id")?,
        status: row::parsed(found, "status")?,
        inactive_at: row::maybe_at(found, "inactive_at")?,
        run,
    })
}
