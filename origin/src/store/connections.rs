//! Connections: a client's access to a utility's website, and its status.

use shared::{
    country::Country,
    id::{CompanyId, ConnectionId, LinkId, OrganizationId, SiteId},
    provider::ProviderUrl,
    status::{ConnectionStatus, StatusDetail, UnattendedReason, UtilityType},
    time::UnixMillis,
};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{Page, PageOf, StoreError, Tx, row};

/// A connection as its row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The id of the connection.
    pub id: ConnectionId,
    /// The company that the connection belongs to.
    pub company: CompanyId,
    /// The link that made it.
    pub link: LinkId,
    /// The id that the organization uses for it in its own systems.
    pub external_id: Option<String>,
    /// The current status.
    pub status: ConnectionStatus,
    /// The detail that makes the status more precise, if there is one.
    pub status_detail: Option<StatusDetail>,
    /// What the website said about the error, as bounded plain text.
    pub status_error_detail: Option<String>,
    /// Since when the status is this one.
    pub status_first_seen_at: UnixMillis,
    /// When the status was last looked at.
    pub status_last_update_at: UnixMillis,
    /// The address of the provider's website.
    pub provider_url: ProviderUrl,
    /// The provider's name; the host of its website while nothing better is known.
    pub provider_name: String,
    /// The country that the client confirmed.
    pub country: Country,
    /// The user name with most of it hidden: enough to recognise it.
    pub username_masked: Option<String>,
    /// What the client said its bills are for.
    pub utility_types: Vec<UtilityType>,
    /// Whom to ask when the client must act.
    pub owner_email: Option<String>,
    /// `YYYY-MM-DD`: bills before it are not wanted.
    pub data_collection_start_date: Option<String>,
    /// When the organization last said for which utility types its bills are; `None` while what the client said counts.
    pub types_changed_at: Option<UnixMillis>,
    /// When the organization last said for which sites its bills are; `None` while what the client said counts.
    pub sites_changed_at: Option<UnixMillis>,
    /// When it was switched off; `None` while it is collected.
    pub inactive_at: Option<UnixMillis>,
    /// When bills are collected next; `None` when somebody must act first.
    pub next_collection_at: Option<UnixMillis>,
    /// Whether its sign-in can be repeated without the client; `None` while that was not tried.
    pub works_unattended: Option<WorksUnattended>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When anything of it last changed.
    pub updated_at: UnixMillis,
}

impl Connection {
    /// The status that is told. One that is switched off keeps its own for when it is on again.
    #[must_use]
    pub fn shown_status(&self) -> ConnectionStatus {
        match self.inactive_at {
            Some(_) => ConnectionStatus::CompanyInactive,
            None => self.status,
        }
    }
}

/// What came of repeating a connection's sign-in without the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorksUnattended {
    /// When it was last tried to an answer.
    pub at: UnixMillis,
    /// Why it is not proven to work; `None` when it is.
    pub reason: Option<UnattendedReason>,
}

/// Which connections of a company a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionFilter {
    /// Connections that are told to have one of these statuses; empty means all.
    pub statuses: Vec<ConnectionStatus>,
    /// Connections with this owner, in small letters or capitals; `None` means all.
    pub owner_email: Option<String>,
    /// Connections at one of these sites; empty means all.
    pub sites: Vec<SiteId>,
}

/// A status as a collection found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundStatus {
    /// The status of the connection.
    pub status: ConnectionStatus,
    /// The detail that makes the status more precise, if there is one.
    pub detail: Option<StatusDetail>,
    /// What the website said about the error, as bounded plain text.
    pub error_detail: Option<String>,
}

macro_rules! filtered {
    ($select:literal, $end:literal) => {
        concat!(
            $select,
            " FROM connections n JOIN companies c ON c.id = n.company_id \
             WHERE n.company_id = $1 AND c.organization_id = $2 AND n.deleted_at IS NULL \
               AND ($3 = '' OR $3 LIKE '%,' \
                 || (CASE WHEN n.inactive_at IS NULL THEN n.status ELSE 'COMPANY_INACTIVE' END) || ',%') \
               AND ($4 = '' OR LOWER(n.owner_email) = LOWER($4)) \
               AND ($5 = '' OR EXISTS (SELECT 1 FROM connection_sites s \
                 WHERE s.connection_id = n.id AND $5 LIKE '%,' || s.site_id || ',%'))",
            $end
        )
    };
}

impl Tx<'_> {
    /// The connection with this id, if it belongs to the organization and was not deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connection(
        &mut self,
        organization: OrganizationId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        sqlx::query(
            "SELECT n.* FROM connections n JOIN companies c ON c.id = n.company_id \
             WHERE n.id = $1 AND c.organization_id = $2 AND n.deleted_at IS NULL",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }

    /// The company's connection, unless it was deleted: for a collection, whose job names both.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connection_of_company(
        &mut self,
        company: CompanyId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        self.connection_row(company, id, "").await
    }

    /// As [`Self::connection_of_company`]; nobody else changes or deletes it before this transaction has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_connection(
        &mut self,
        company: CompanyId,
        id: ConnectionId,
    ) -> Result<Option<Connection>, StoreError> {
        let lock = self.row_lock();
        self.connection_row(company, id, lock).await
    }

    async fn connection_row(
        &mut self,
        company: CompanyId,
        id: ConnectionId,
        lock: &str,
    ) -> Result<Option<Connection>, StoreError> {
        let statement = format!(
            "SELECT * FROM connections WHERE id = $1 AND company_id = $2 AND deleted_at IS NULL{lock}"
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(id.to_string())
            .bind(company.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// A page of the connections of the organization's company, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connections(
        &mut self,
        organization: OrganizationId,
        company: CompanyId,
        filter: &ConnectionFilter,
        page: Page,
    ) -> Result<PageOf<Connection>, StoreError> {
        let statuses = row::comma_separated(
            filter
                .statuses
                .iter()
                .map(|status| status.as_str().to_owned()),
        );
        let sites = row::comma_separated(filter.sites.iter().map(ToString::to_string));
        let owner = filter.owner_email.clone().unwrap_or_default();
        // All of them are counted already.
        let count = if *filter == ConnectionFilter::default() {
            sqlx::query(
                "SELECT connection_count AS total FROM companies WHERE id = $1 AND organization_id = $2",
            )
            .bind(company.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
        } else {
            sqlx::query(filtered!("SELECT COUNT(*) AS total", ""))
                .bind(company.to_string())
                .bind(organization.to_string())
                .bind(statuses.clone())
                .bind(owner.clone())
                .bind(sites.clone())
                .fetch_optional(self.sql())
                .await?
        };
        let total = count
            .map(|count| row::number(&count, "total"))
            .transpose()?;
        let rows = sqlx::query(filtered!(
            "SELECT n.*",
            " ORDER BY n.created_at DESC, n.id LIMIT $6 OFFSET $7"
        ))
        .bind(company.to_string())
        .bind(organization.to_string())
        .bind(statuses)
        .bind(owner)
        .bind(sites)
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: total.unwrap_or_default(),
        })
    }

    /// Counts one connection more of the company, or one less. It comes as late as may be: others wait for this row.
    pub(super) async fn count_connection(
        &mut self,
        company: CompanyId,
        change: i64,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE companies SET connection_count = connection_count + $2 WHERE id = $1")
            .bind(company.to_string())
            .bind(change)
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Counts the connections of companies anew whose count is not true: a version that does not count made or deleted some.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_connections_anew(&mut self) -> Result<(), StoreError> {
        const TRUE_COUNT: &str = "(SELECT COUNT(*) FROM connections n WHERE n.company_id = companies.id AND n.deleted_at IS NULL)";
        let lock = self.row_lock();
        let wrong =
            format!("SELECT id FROM companies WHERE connection_count <> {TRUE_COUNT}{lock}");
        let wrong = sqlx::query(AssertSqlSafe(wrong))
            .fetch_all(self.sql())
            .await?;
        // Once nobody else counts any more.
        let count = format!("UPDATE companies SET connection_count = {TRUE_COUNT} WHERE id = $1");
        for company in &wrong {
            sqlx::query(AssertSqlSafe(count.clone()))
                .bind(row::text(company, "id")?)
                .execute(self.sql())
                .await?;
        }
        Ok(())
    }

    /// The connections that a link of the company made and that were not deleted, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn connections_of_link(
        &mut self,
        company: CompanyId,
        link: LinkId,
    ) -> Result<Vec<Connection>, StoreError> {
        sqlx::query(
            "SELECT * FROM connections WHERE link_id = $1 AND company_id = $2 AND deleted_at IS NULL \
             ORDER BY created_at, id",
        )
        .bind(link.to_string())
        .bind(company.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// The sites that the client picked for the company's connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sites_of_connection(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Vec<SiteId>, StoreError> {
        sqlx::query(
            "SELECT site_id FROM connection_sites WHERE connection_id = $1 AND company_id = $2 ORDER BY site_id",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| row::parsed(found, "site_id"))
        .collect()
    }
}

pub(super) fn read(found: &AnyRow) -> Result<Connection, StoreError> {
    Ok(Connection {
        id: row::parsed(found, "id")?,
        company: row::parsed(found, "company_id")?,
        link: row::parsed(found, "link_id")?,
        external_id: row::maybe_text(found, "external_id")?,
        status: row::parsed(found, "status")?,
        status_detail: row::maybe_parsed(found, "status_detail")?,
        status_error_detail: row::maybe_text(found, "status_error_detail")?,
        status_first_seen_at: row::at(found, "status_first_seen_at")?,
        status_last_update_at: row::at(found, "status_last_update_at")?,
        provider_url: row::parsed(found, "provider_url")?,
        provider_name: row::text(found, "provider_name")?,
        country: row::parsed(found, "country")?,
        username_masked: row::maybe_text(found, "username_masked")?,
        utility_types: row::json(found, "utility_types")?,
        owner_email: row::maybe_text(found, "owner_email")?,
        data_collection_start_date: row::maybe_text(found, "data_collection_start_date")?,
        types_changed_at: row::maybe_at(found, "types_changed_at")?,
        sites_changed_at: row::maybe_at(found, "sites_changed_at")?,
        inactive_at: row::maybe_at(found, "inactive_at")?,
        next_collection_at: row::maybe_at(found, "next_collection_at")?,
        works_unattended: match row::maybe_at(found, "works_unattended_at")? {
            Some(at) => Some(WorksUnattended {
                at,
                reason: row::maybe_parsed(found, "works_unattended_reason")?,
            }),
            None => None,
        },
        created_at: row::at(found, "created_at")?,
        updated_at: row::at(found, "updated_at")?,
    })
}
