//! The connections of all organizations that wait for an operator. Nothing here leads to bills, accounts or credentials.
//!
//! A connection waits when its status says so, or when its newest run left a failure and it does not work since. Which of them
//! belong together is told by the website: one that changed fails for many at once.

use shared::{
    api_key::ApiKeyEnvironment,
    id::ConnectionId,
    status::{ConnectionStatus, StatusDetail},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{
    StoreError, Tx,
    connections::{self, Connection},
    organizations::Organization,
    row,
};

/// Which connections that wait are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvestigationFilter {
    /// Only those at this website, by the provider's name; `None` means all.
    pub website: Option<String>,
    /// Only those with this status; `None` means all.
    pub status: Option<ConnectionStatus>,
}

/// The place of a row: a list goes on after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvestigationCursor {
    /// Since when the row's connection has its status.
    pub since: UnixMillis,
    /// The id of the row's connection.
    pub id: ConnectionId,
}

/// A connection that waits for an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Investigation {
    /// The id of the connection.
    pub id: ConnectionId,
    /// The provider's name, which is the host of its website while nothing better is known.
    pub website: String,
    /// The name of the organization.
    pub organization_name: String,
    /// The name of the company.
    pub company_name: String,
    /// Whether the company is for trying things out.
    pub environment: ApiKeyEnvironment,
    /// The status that the last collection left.
    pub status: ConnectionStatus,
    /// What makes the status more precise.
    pub detail: Option<StatusDetail>,
    /// Since when the status is this one.
    pub since: UnixMillis,
    /// When the failure was kept that the newest run left, if it left one.
    pub failed_at: Option<UnixMillis>,
}

/// How many connections at a website wait for an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebsiteInvestigations {
    /// The provider's name.
    pub website: String,
    /// How many connections wait.
    pub connections: i64,
    /// To how many organizations they belong.
    pub organizations: i64,
    /// Since when the newest of them waits.
    pub newest: UnixMillis,
}

/// A connection as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedConnection {
    /// The connection itself.
    pub connection: Connection,
    /// The organization that it belongs to.
    pub organization: Organization,
    /// The name of the company that it belongs to.
    pub company_name: String,
    /// Whether the company is for trying things out.
    pub environment: ApiKeyEnvironment,
}

// The first three conditions are those of the index `connections_not_connected`.
macro_rules! waiting {
    ($select:literal, $end:literal) => {
        concat!(
            $select,
            " FROM connections n JOIN companies c ON c.id = n.company_id JOIN organizations o ON o.id = c.organization_id \
             LEFT JOIN sign_in_failures f ON f.connection_id = n.id AND f.failed_at >= \
               COALESCE((SELECT MAX(r.started_at) FROM collections r WHERE r.connection_id = n.id), 0) \
             WHERE n.deleted_at IS NULL AND n.inactive_at IS NULL AND n.status <> 'CONNECTED' \
               AND (n.status IN ('UNDER_INVESTIGATION', 'OTHER_ERROR') OR f.connection_id IS NOT NULL) ",
            $end
        )
    };
}

impl Tx<'_> {
    /// The connections that wait for an operator after `after`, newest first, `most` at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn investigations(
        &mut self,
        filter: &InvestigationFilter,
        after: Option<InvestigationCursor>,
        most: i64,
    ) -> Result<Vec<Investigation>, StoreError> {
        sqlx::query(waiting!(
            "SELECT n.id, n.provider_name, n.status, n.status_detail, n.status_first_seen_at, f.failed_at, \
               c.name AS company_name, c.environment, o.name AS organization_name",
            "AND ($1 = '' OR n.provider_name = $1) AND ($2 = '' OR n.status = $2) \
               AND (n.status_first_seen_at, n.id) < ($3, $4) \
             ORDER BY n.status_first_seen_at DESC, n.id DESC LIMIT $5"
        ))
        .bind(filter.website.clone().unwrap_or_default())
        .bind(filter.status.map(|status| status.as_str()).unwrap_or_default())
        .bind(after.map_or(i64::MAX, |after| after.since.0))
        .bind(after.map(|after| after.id.to_string()).unwrap_or_default())
        .bind(most)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// The websites at which connections wait for an operator, those with most of them first, `most` at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn websites_under_investigation(
        &mut self,
        most: i64,
    ) -> Result<Vec<WebsiteInvestigations>, StoreError> {
        sqlx::query(waiting!(
            "SELECT n.provider_name, COUNT(*) AS total, COUNT(DISTINCT c.organization_id) AS organizations_total, \
               MAX(n.status_first_seen_at) AS newest",
            "GROUP BY n.provider_name ORDER BY total DESC, n.provider_name LIMIT $1"
        ))
        .bind(most)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| {
            Ok(WebsiteInvestigations {
                website: row::text(found, "provider_name")?,
                connections: row::number(found, "total")?,
                organizations: row::number(found, "organizations_total")?,
                newest: row::at(found, "newest")?,
            })
        })
        .collect()
    }

    /// The connection with this id, whosever it is, unless it was deleted: for an operator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn inspected_connection(
        &mut self,
        id: ConnectionId,
    ) -> Result<Option<InspectedConnection>, StoreError> {
        sqlx::query(
            "SELECT n.*, c.name AS company_name, c.environment, o.id AS owner_id, o.name AS owner_name, \
               o.created_at AS owner_created_at \
             FROM connections n JOIN companies c ON c.id = n.company_id JOIN organizations o ON o.id = c.organization_id \
             WHERE n.id = $1 AND n.deleted_at IS NULL",
        )
        .bind(id.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| {
            Ok(InspectedConnection {
                connection: connections::read(&found)?,
                organization: Organization {
                    id: row::parsed(&found, "owner_id")?,
                    name: row::text(&found, "owner_name")?,
                    created_at: row::at(&found, "owner_created_at")?,
                },
                company_name: row::text(&found, "company_name")?,
                environment: row::parsed(&found, "environment")?,
            })
        })
        .transpose()
    }
}

fn read(found: &AnyRow) -> Result<Investigation, StoreError> {
    Ok(Investigation {
        id: row::parsed(found, "id")?,
        website: row::text(found, "provider_name")?,
        organization_name: row::text(found, "organization_name")?,
        company_name: row::text(found, "company_name")?,
        environment: row::parsed(found, "environment")?,
        status: row::parsed(found, "status")?,
        detail: row::maybe_parsed(found, "status_detail")?,
        since: row::at(found, "status_first_seen_at")?,
        failed_at: row::maybe_at(found, "failed_at")?,
    })
}
