//! What the platform's operators looked at and did.

use shared::{
    id::{ConnectionId, OperatorEventId, OperatorId},
    operator::OperatorAction,
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, row};

/// A line of the operators' log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorEvent {
    /// The id of the line.
    pub id: OperatorEventId,
    /// Who did it, or to whom it was done on the command line.
    pub operator: OperatorId,
    /// What was done.
    pub action: OperatorAction,
    /// The connection that it was about.
    pub connection: Option<ConnectionId>,
    /// What the connection was called then.
    pub detail: Option<String>,
    /// When it was done.
    pub at: UnixMillis,
}

/// Where a page of the log ends: the next one begins after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorEventCursor {
    /// When its last line was written.
    pub at: UnixMillis,
    /// The id of its last line.
    pub id: OperatorEventId,
}

impl Tx<'_> {
    /// Adds a line to the operators' log.
    ///
    /// # Errors
    /// When there is no such operator or the database fails.
    pub async fn add_operator_event(&mut self, event: &OperatorEvent) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO operator_events (id, operator_id, action, connection_id, detail, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(event.id.to_string())
        .bind(event.operator.to_string())
        .bind(event.action.as_str())
        .bind(event.connection.map(|id| id.to_string()))
        .bind(event.detail.clone())
        .bind(event.at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The lines before `after`, newest first, `most` at most, each with the name of the operator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operator_events(
        &mut self,
        after: Option<OperatorEventCursor>,
        most: i64,
    ) -> Result<Vec<(OperatorEvent, String)>, StoreError> {
        sqlx::query(
            "SELECT e.*, o.name AS operator_name FROM operator_events e JOIN operators o ON o.id = e.operator_id \
             WHERE (e.at, e.id) < ($1, $2) ORDER BY e.at DESC, e.id DESC LIMIT $3",
        )
        .bind(after.map_or(i64::MAX, |after| after.at.0))
        .bind(after.map(|after| after.id.to_string()).unwrap_or_default())
        .bind(most)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| Ok((read(found)?, row::text(found, "operator_name")?)))
        .collect()
    }
}

fn read(found: &AnyRow) -> Result<OperatorEvent, StoreError> {
    Ok(OperatorEvent {
        id: row::parsed(found, "id")?,
        operator: row::parsed(found, "operator_id")?,
        action: row::parsed(found, "action")?,
        connection: row::maybe_parsed(found, "connection_id")?,
        detail: row::maybe_text(found, "detail")?,
        at: row::at(found, "at")?,
    })
}
