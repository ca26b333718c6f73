//! The end of a sign-in: everything at once, or nothing.

use shared::{
    country::Country,
    id::{CompanyId, ConnectionId, FlowRef, LinkId, SiteId},
    provider::ProviderUrl,
    status::{ConnectionStatus, LinkEventKind, LinkKind, UtilityType},
    time::UnixMillis,
};
use sqlx::AssertSqlSafe;

use super::{
    StoreError, Tx, TxError,
    links::{self, Link, LinkEvent},
    row,
};

/// All that a finished sign-in leaves behind.
#[derive(Debug, Clone)]
pub struct FinishInput {
    /// The company that the connection is made for.
    pub company: CompanyId,
    /// The link that the client came by.
    pub link: LinkId,
    /// The flow in which the client signed in.
    pub flow_ref: FlowRef,
    /// The id that the connection gets. The credentials were sealed for this id.
    pub connection: ConnectionId,
    /// Credentials, sealed by the vault for table `credentials`, this connection, this company.
    pub sealed: Vec<u8>,
    /// The recipe as JSON.
    pub recipe: String,
    /// The address of the provider's website.
    pub provider_url: ProviderUrl,
    /// The country that the client confirmed.
    pub country: Country,
    /// The user name with most of it hidden: enough to recognise it.
    pub username_masked: Option<String>,
    /// The sites that the client picked; all belong to this company.
    pub sites: Vec<SiteId>,
    /// The utility types that the client picked.
    pub utility_types: Vec<UtilityType>,
    /// The time of the finish.
    pub now: UnixMillis,
}

/// What came of a finish beside the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// The link, if it has done its work by this connection.
    pub fulfilled: Option<LinkId>,
}

/// The reasons why a finish writes nothing.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// Other flows used the link up.
    #[error("the link was used by another flow")]
    Used,
    /// The organization revoked the link.
    #[error("the link was revoked")]
    Revoked,
    /// The company has no such link.
    #[error("the company has no such link")]
    UnknownLink,
    /// A site is not one of the company's.
    #[error("a site is not one of the company's")]
    UnknownSite,
    /// The database failed, or refused a statement.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for FinishError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl TxError for FinishError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl Tx<'_> {
    /// Writes connection (PENDING), credentials, recipe, sites, link use and log line; the
    /// caller queues the first collection in the same transaction. A company link can be used by so many flows as it
    /// says; a flow that used it may come again for "add more data", which is no further use. A connection update link
    /// stays what it is: its own connection is not repaired by a new one. What an earlier try wrote whose answer was lost
    /// is not written twice: the connection's id tells, and the answer is then `None`. A link that ran out while its
    /// client was signing in still counts: expiry is asked when a flow starts.
    ///
    /// # Errors
    /// [`FinishError`]: the transaction must end with it, so that nothing is written.
    pub async fn finish(&mut self, input: &FinishInput) -> Result<Option<Made>, FinishError> {
        // The link's row decides between two flows: the second waits here for the first's commit.
        let lock = self.row_lock();
        let statement = format!("SELECT * FROM links WHERE id = $1 AND company_id = $2{lock}");
        let found = sqlx::query(AssertSqlSafe(statement))
            .bind(input.link.to_string())
            .bind(input.company.to_string())
            .fetch_optional(self.sql())
            .await?;
        let link = links::read(&found.ok_or(FinishError::UnknownLink)?)?;
        if link.revoked_at.is_some() {
            return Err(FinishError::Revoked);
        }
        let is_used = self.is_used_by(&link, input.flow_ref).await?;
        if link.fulfilled_at.is_some() && !is_used {
            return Err(FinishError::Used);
        }
        let there = sqlx::query(
            "SELECT 1 FROM connections WHERE id = $1 AND company_id = $2 AND link_id = $3",
        )
        .bind(input.connection.to_string())
        .bind(input.company.to_string())
        .bind(input.link.to_string())
        .fetch_optional(self.sql())
        .await?;
        if there.is_some() {
            return Ok(None);
        }
        let made = self.count_use(&link, input, is_used).await?;
        sqlx::query(
            "INSERT INTO connections (id, company_id, link_id, external_id, status, status_first_seen_at, \
               status_last_update_at, provider_url, provider_name, country, username_masked, utility_types, \
               owner_email, data_collection_start_date, next_collection_at, created_at, updated_at, organization_id) \
             SELECT $1, c.id, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13, $6, $6, $6, c.organization_id \
             FROM companies c WHERE c.id = $2",
        )
        .bind(input.connection.to_string())
        .bind(input.company.to_string())
        .bind(input.link.to_string())
        .bind(link.external_id.clone())
        .bind(ConnectionStatus::Pending.as_str())
        .bind(input.now.0)
        .bind(input.provider_url.to_string())
        .bind(input.provider_url.host())
        .bind(input.country.to_string())
        .bind(input.username_masked.clone())
        .bind(row::to_json(&input.utility_types, "utility_types")?)
        .bind(link.owner_email.clone())
        .bind(link.data_collection_start_date.clone())
        .execute(self.sql())
        .await?;
        for site in &input.sites {
            let added = sqlx::query(
                "INSERT INTO connection_sites (company_id, connection_id, site_id) \
                 SELECT s.company_id, $2, s.id FROM sites s WHERE s.id = $3 AND s.company_id = $1 \
                 ON CONFLICT (connection_id, site_id) DO NOTHING",
            )
            .bind(input.company.to_string())
            .bind(input.connection.to_string())
            .bind(site.to_string())
            .execute(self.sql())
            .await?;
            if added.rows_affected() == 0 {
                return Err(FinishError::UnknownSite);
            }
        }
        sqlx::query(
            "INSERT INTO credentials (connection_id, company_id, sealed, recipe, updated_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(input.connection.to_string())
        .bind(input.company.to_string())
        .bind(input.sealed.clone())
        .bind(input.recipe.clone())
        .bind(input.now.0)
        .execute(self.sql())
        .await?;
        let connected = LinkEvent {
            kind: match link.kind {
                LinkKind::Company => LinkEventKind::Fulfilled,
                LinkKind::ConnectionUpdate => LinkEventKind::ConnectedAnother,
            },
            flow_ref: Some(input.flow_ref),
            detail: Some(input.connection.to_string()),
            at: input.now,
        };
        self.append_event(input.link, &connected).await?;
        self.count_connection(input.company, 1).await?;
        Ok(Some(made))
    }

    /// Whether the flow made a connection by the link before: the log has it.
    async fn is_used_by(&mut self, link: &Link, flow: FlowRef) -> Result<bool, StoreError> {
        if link.fulfilled_flow == Some(flow) {
            return Ok(true);
        }
        let logged = sqlx::query(
            "SELECT 1 FROM link_events WHERE link_id = $1 AND flow_ref = $2 AND kind = $3 LIMIT 1",
        )
        .bind(link.id.to_string())
        .bind(flow.to_string())
        .bind(LinkEventKind::Fulfilled.as_str())
        .fetch_optional(self.sql())
        .await?;
        Ok(logged.is_some())
    }

    /// Counts what is made by the link, which the caller has locked.
    async fn count_use(
        &mut self,
        link: &Link,
        input: &FinishInput,
        is_used: bool,
    ) -> Result<Made, StoreError> {
        let is_company_link = link.kind == LinkKind::Company;
        let use_count = match is_company_link && is_used {
            true => link.use_count,
            false => link.use_count.saturating_add(1),
        };
        let is_fulfilled =
            is_company_link && link.fulfilled_at.is_none() && use_count >= link.max_uses;
        let flow = match is_company_link {
            true => Some(input.flow_ref),
            false => link.fulfilled_flow,
        };
        sqlx::query(
            "UPDATE links SET use_count = $3, fulfilled_flow = $4, fulfilled_at = $5 WHERE id = $1 AND company_id = $2",
        )
        .bind(input.link.to_string())
        .bind(input.company.to_string())
        .bind(use_count)
        .bind(flow.map(|flow| flow.to_string()))
        .bind(match is_fulfilled {
            true => Some(input.now.0),
            false => link.fulfilled_at.map(|at| at.0),
        })
        .execute(self.sql())
        .await?;
        Ok(Made {
            fulfilled: is_fulfilled.then_some(input.link),
        })
    }
}
