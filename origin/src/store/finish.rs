//! The end of a sign-in: everything at once, or nothing.

use shared::{
    country::Country,
    id::{CompanyId, ConnectionId, FlowRef, LinkId, SiteId},
    provider::ProviderUrl,
    status::{ConnectionStatus, LinkEventKind, LinkKind, UtilityType},
    time::UnixMillis,
};

use super::{StoreError, Tx, TxError, links::LinkEvent, row};

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

/// The reasons why a finish writes nothing.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// Another flow used the link up.
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
    /// caller queues the first collection in the same transaction. The first flow of a link wins; the same flow may come
    /// again for "add more data". A connection update link stays what it is: its own connection is not repaired by a
    /// new one. What an earlier try wrote whose answer was lost is not written
    /// twice: the connection's id tells, and the answer is then false. A link that ran out while its client was
    /// signing in still counts: expiry is asked when a flow starts.
    ///
    /// # Errors
    /// [`FinishError`]: the transaction must end with it, so that nothing is written.
    pub async fn finish(&mut self, input: &FinishInput) -> Result<bool, FinishError> {
        // The link's row decides between two flows: the second waits here for the first's commit.
        let taken = sqlx::query(
            "UPDATE links SET fulfilled_at = CASE WHEN kind = $5 THEN COALESCE(fulfilled_at, $4) ELSE fulfilled_at END, \
               fulfilled_flow = CASE WHEN kind = $5 THEN $3 ELSE fulfilled_flow END \
             WHERE id = $1 AND company_id = $2 AND revoked_at IS NULL \
               AND (fulfilled_at IS NULL OR fulfilled_flow = $3) \
             RETURNING kind, owner_email, data_collection_start_date, external_id",
        )
        .bind(input.link.to_string())
        .bind(input.company.to_string())
        .bind(input.flow_ref.to_string())
        .bind(input.now.0)
        .bind(LinkKind::Company.as_str())
        .fetch_optional(self.sql())
        .await?;
        let Some(link) = taken else {
            let found =
                sqlx::query("SELECT revoked_at FROM links WHERE id = $1 AND company_id = $2")
                    .bind(input.link.to_string())
                    .bind(input.company.to_string())
                    .fetch_optional(self.sql())
                    .await?;
            return Err(match found {
                None => FinishError::UnknownLink,
                Some(found) if row::maybe_at(&found, "revoked_at")?.is_some() => {
                    FinishError::Revoked
                }
                Some(_) => FinishError::Used,
            });
        };
        let there = sqlx::query(
            "SELECT 1 FROM connections WHERE id = $1 AND company_id = $2 AND link_id = $3",
        )
        .bind(input.connection.to_string())
        .bind(input.company.to_string())
        .bind(input.link.to_string())
        .fetch_optional(self.sql())
        .await?;
        if there.is_some() {
            return Ok(false);
        }
        sqlx::query("UPDATE links SET use_count = use_count + 1 WHERE id = $1 AND company_id = $2")
            .bind(input.link.to_string())
            .bind(input.company.to_string())
            .execute(self.sql())
            .await?;
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
        .bind(row::maybe_text(&link, "external_id")?)
        .bind(ConnectionStatus::Pending.as_str())
        .bind(input.now.0)
        .bind(input.provider_url.to_string())
        .bind(input.provider_url.host())
        .bind(input.country.to_string())
        .bind(input.username_masked.clone())
        .bind(row::to_json(&input.utility_types, "utility_types")?)
        .bind(row::maybe_text(&link, "owner_email")?)
        .bind(row::maybe_text(&link, "data_collection_start_date")?)
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
            kind: match row::parsed(&link, "kind")? {
                LinkKind::Company => LinkEventKind::Fulfilled,
                LinkKind::ConnectionUpdate => LinkEventKind::ConnectedAnother,
            },
            flow_ref: Some(input.flow_ref),
            detail: Some(input.connection.to_string()),
            at: input.now,
        };
        self.append_event(input.link, &connected).await?;
        Ok(true)
    }
}
