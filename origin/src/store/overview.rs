//! The connections of all companies of an organization, and the links that nobody has used yet: what the console lists.
//!
//! Both lists are in the order of `(created_at, id)`, newest first, and go on after the last row of the page before, so that
//! the hundredth page is as fast as the first one.

use shared::{
    id::{CompanyId, ConnectionId, LinkId, OrganizationId},
    provider::ProviderUrl,
    status::{ConnectionStatus, StatusDetail},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{
    StoreError, Tx, row,
    search::{Patterns, found_in},
};

/// Which connections are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OverviewFilter {
    /// Only those of this company.
    pub company: Option<CompanyId>,
    /// Only those with one of these statuses; empty means all.
    pub statuses: Vec<ConnectionStatus>,
    /// Only those that are switched off (true), or that are not (false).
    pub is_inactive: Option<bool>,
    /// Only those where this stands in the name of the company, the website or the owner's address, or in the number of an
    /// account, however that is grouped.
    pub search: String,
}

/// The place of a row: a list goes on after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<T> {
    /// When the row was made.
    pub created_at: UnixMillis,
    /// The id of the row.
    pub id: T,
}

/// A connection as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionOverview {
    /// The id of the connection.
    pub id: ConnectionId,
    /// The company that it belongs to.
    pub company: CompanyId,
    /// The name of the company.
    pub company_name: String,
    /// The status that the last collection left.
    pub status: ConnectionStatus,
    /// What makes the status more precise.
    pub detail: Option<StatusDetail>,
    /// What the website said about the error, as bounded plain text.
    pub error_detail: Option<String>,
    /// When it was switched off; `None` while it is collected.
    pub inactive_at: Option<UnixMillis>,
    /// The provider's name, which is the host of its website while nothing better is known.
    pub provider: String,
    /// Whom to ask when the client must act.
    pub owner_email: Option<String>,
    /// How many accounts were found.
    pub accounts: i64,
    /// When bills were last collected.
    pub last_collection_at: Option<UnixMillis>,
    /// When bills are collected next.
    pub next_collection_at: Option<UnixMillis>,
    /// `YYYY-MM-DD`: the date of the newest bill.
    pub newest_bill: Option<String>,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// A company link that nobody has used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedLink {
    /// The id of the link.
    pub id: LinkId,
    /// The company that it is for.
    pub company: CompanyId,
    /// The name of the company.
    pub company_name: String,
    /// The website that it opens with.
    pub provider_url: Option<ProviderUrl>,
    /// Whom the client's connection is to ask.
    pub owner_email: Option<String>,
    /// When a person opened it last.
    pub opened_at: Option<UnixMillis>,
    /// When it ends; `None` means never.
    pub expires_at: Option<UnixMillis>,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// What is counted at most: whoever has more has many.
pub const COUNT_MAX: i64 = 100;

impl Tx<'_> {
    /// The organization's connections after `after`, newest first, `most` at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connection_overviews(
        &mut self,
        organization: OrganizationId,
        filter: &OverviewFilter,
        after: Option<Cursor<ConnectionId>>,
        most: i64,
    ) -> Result<Vec<ConnectionOverview>, StoreError> {
        let statuses: String = filter
            .statuses
            .iter()
            .flat_map(|status| [status.as_str(), ","])
            .collect();
        let statuses = if statuses.is_empty() {
            statuses
        } else {
            format!(",{statuses}")
        };
        let patterns = Patterns::of(&filter.search);
        let [typed, small, capital, title] = patterns.spellings;
        sqlx::query(concat!(
            "SELECT n.*, c.name AS company_name, \
               (SELECT COUNT(*) FROM accounts a WHERE a.connection_id = n.id) AS accounts, \
               (SELECT MAX(r.started_at) FROM collections r WHERE r.connection_id = n.id) AS last_collection_at, \
               (SELECT MAX(b.bill_date) FROM bills b WHERE b.connection_id = n.id) AS newest_bill \
             FROM connections n JOIN companies c ON c.id = n.company_id \
             WHERE n.organization_id = $1 AND c.organization_id = $1 \
               AND n.deleted_at IS NULL AND (n.created_at, n.id) < ($2, $3) \
               AND ($4 = '' OR n.company_id = $4) \
               AND ($5 = '' OR $5 LIKE '%,' || n.status || ',%') \
               AND ($6 = '' OR ($6 = 'yes') = (n.inactive_at IS NOT NULL)) \
               AND ",
            found_in!(
                "c.name || ' ' || n.provider_name || ' ' || COALESCE(n.owner_email, '')",
                ["$7", "$8", "$9", "$10"],
                " OR ($11 <> '' AND EXISTS (SELECT 1 FROM accounts a WHERE a.connection_id = n.id \
                   AND LOWER(REPLACE(REPLACE(REPLACE(REPLACE(a.account_number, ' ', ''), '-', ''), '.', ''), '/', '')) \
                     LIKE LOWER($11) ESCAPE '!'))"
            ),
            " ORDER BY n.created_at DESC, n.id DESC LIMIT $12"
        ))
        .bind(organization.to_string())
        .bind(after.map_or(i64::MAX, |after| after.created_at.0))
        .bind(after.map(|after| after.id.to_string()).unwrap_or_default())
        .bind(filter.company.map(|id| id.to_string()).unwrap_or_default())
        .bind(statuses)
        .bind(match filter.is_inactive {
            None => "",
            Some(true) => "yes",
            Some(false) => "no",
        })
        .bind(typed)
        .bind(small)
        .bind(capital)
        .bind(title)
        .bind(patterns.number)
        .bind(most)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read_connection)
        .collect()
    }

    /// The organization's company links that nobody has used and that can still be opened at `now`, newest first, `most` at
    /// most. Statuses do not apply to them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unused_links(
        &mut self,
        organization: OrganizationId,
        filter: &OverviewFilter,
        now: UnixMillis,
        (after, most): (Option<Cursor<LinkId>>, i64),
    ) -> Result<Vec<UnusedLink>, StoreError> {
        let [typed, small, capital, title] = Patterns::of(&filter.search).spellings;
        sqlx::query(concat!(
            "SELECT l.*, c.name AS company_name, \
               (SELECT MAX(e.at) FROM link_events e WHERE e.link_id = l.id AND e.kind = 'OPENED') AS opened_at \
             FROM links l JOIN companies c ON c.id = l.company_id \
             WHERE l.organization_id = $1 AND c.organization_id = $1 \
               AND l.kind = 'COMPANY' AND l.fulfilled_at IS NULL AND l.revoked_at IS NULL \
               AND (l.expires_at IS NULL OR l.expires_at > $2) \
               AND (l.created_at, l.id) < ($3, $4) \
               AND ($5 = '' OR l.company_id = $5) \
               AND ",
            found_in!(
                "c.name || ' ' || COALESCE(l.provider_url, '') || ' ' || COALESCE(l.owner_email, '')",
                ["$6", "$7", "$8", "$9"],
                ""
            ),
            " ORDER BY l.created_at DESC, l.id DESC LIMIT $10"
        ))
        .bind(organization.to_string())
        .bind(now.0)
        .bind(after.map_or(i64::MAX, |after| after.created_at.0))
        .bind(after.map(|after| after.id.to_string()).unwrap_or_default())
        .bind(filter.company.map(|id| id.to_string()).unwrap_or_default())
        .bind(typed)
        .bind(small)
        .bind(capital)
        .bind(title)
        .bind(most)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read_link)
        .collect()
    }

    /// The websites that the organization's connections are at, each once, the most used first, 50 at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connected_websites(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<String>, StoreError> {
        sqlx::query(
            "SELECT provider_url FROM connections WHERE organization_id = $1 AND deleted_at IS NULL \
             GROUP BY provider_url ORDER BY COUNT(*) DESC, provider_url LIMIT 50",
        )
        .bind(organization.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| row::text(found, "provider_url"))
        .collect()
    }

    /// Notes the organization of connections, links and bills that a version without that column has written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fill_in_organizations(&mut self) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE connections SET organization_id = (SELECT c.organization_id FROM companies c \
               WHERE c.id = connections.company_id) WHERE organization_id IS NULL",
        )
        .execute(self.sql())
        .await?;
        sqlx::query(
            "UPDATE links SET organization_id = (SELECT c.organization_id FROM companies c \
               WHERE c.id = links.company_id) WHERE organization_id IS NULL",
        )
        .execute(self.sql())
        .await?;
        sqlx::query(
            "UPDATE bills SET organization_id = (SELECT c.organization_id FROM companies c \
               WHERE c.id = bills.company_id) WHERE organization_id IS NULL",
        )
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// How many of the organization's connections have this status and are not switched off; [`COUNT_MAX`] means so many or more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_connections(
        &mut self,
        organization: OrganizationId,
        status: ConnectionStatus,
    ) -> Result<i64, StoreError> {
        let found = sqlx::query(
            "SELECT COUNT(*) AS total FROM (SELECT 1 AS one FROM connections WHERE organization_id = $1 \
               AND status = $2 AND inactive_at IS NULL AND deleted_at IS NULL LIMIT $3) AS counted",
        )
        .bind(organization.to_string())
        .bind(status.as_str())
        .bind(COUNT_MAX)
        .fetch_one(self.sql())
        .await?;
        row::number(&found, "total")
    }
}

fn read_connection(found: &AnyRow) -> Result<ConnectionOverview, StoreError> {
    Ok(ConnectionOverview {
        id: row::parsed(found, "id")?,
        company: row::parsed(found, "company_id")?,
        company_name: row::text(found, "company_name")?,
        status: row::parsed(found, "status")?,
        detail: row::maybe_parsed(found, "status_detail")?,
        error_detail: row::maybe_text(found, "status_error_detail")?,
        inactive_at: row::maybe_at(found, "inactive_at")?,
        provider: row::text(found, "provider_name")?,
        owner_email: row::maybe_text(found, "owner_email")?,
        accounts: row::number(found, "accounts")?,
        last_collection_at: row::maybe_at(found, "last_collection_at")?,
        next_collection_at: row::maybe_at(found, "next_collection_at")?,
        newest_bill: row::maybe_text(found, "newest_bill")?,
        created_at: row::at(found, "created_at")?,
    })
}

fn read_link(found: &AnyRow) -> Result<UnusedLink, StoreError> {
    Ok(UnusedLink {
        id: row::parsed(found, "id")?,
        company: row::parsed(found, "company_id")?,
        company_name: row::text(found, "company_name")?,
        provider_url: row::maybe_parsed(found, "provider_url")?,
        owner_email: row::maybe_text(found, "owner_email")?,
        opened_at: row::maybe_at(found, "opened_at")?,
        expires_at: row::maybe_at(found, "expires_at")?,
        created_at: row::at(found, "created_at")?,
    })
}
