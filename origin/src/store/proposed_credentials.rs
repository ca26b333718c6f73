//! New credentials of a connection that worked before: tried first, and put in the place of its own after.

use shared::{
    id::{CompanyId, ConnectionId, FlowRef, LinkId},
    status::{ConnectionStatus, LinkEventKind},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{
    StoreError, Tx, browser_sessions::SealedSession, credentials::SealedCredentials,
    links::LinkEvent, row,
};

/// What a further sign-in at a connection that exists leaves behind.
#[derive(Debug, Clone)]
pub struct RenewalInput {
    /// The company of the connection.
    pub company: CompanyId,
    /// The connection. The credentials were sealed for this id.
    pub connection: ConnectionId,
    /// The link that the client came by.
    pub link: LinkId,
    /// The flow in which the client signed in.
    pub flow_ref: FlowRef,
    /// Credentials, sealed by the vault for table `credentials`, this connection, this company.
    pub sealed: Vec<u8>,
    /// The recipe as JSON.
    pub recipe: String,
    /// The user name with most of it hidden: enough to recognise it.
    pub username_masked: Option<String>,
    /// What the browser of the sign-in kept, if it kept anything.
    pub session: Option<SealedSession>,
    /// The time of the renewal.
    pub now: UnixMillis,
}

/// What became of new credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// They are in the place of those of the connection, which were never proven to work.
    Replaced,
    /// They are to be tried first.
    Proposed,
    /// The company has no such connection.
    Unknown,
    /// It is switched off: nothing was written.
    SwitchedOff,
    /// The organization revoked the link meanwhile: nothing was written.
    Revoked,
}

/// Credentials that are to be tried.
#[derive(Clone)]
pub struct ProposedCredentials {
    /// The sealed credentials and the recipe.
    pub credentials: SealedCredentials,
    /// What the browser of the sign-in kept, sealed, if it kept anything.
    pub session: Option<SealedSession>,
    /// The flow in which the client signed in.
    pub flow_ref: FlowRef,
    /// When the client signed in with them: tells one proposal from the next.
    pub proposed_at: UnixMillis,
}

impl Tx<'_> {
    /// Takes new credentials of the company's connection. Those of a connection that never worked are replaced at once:
    /// it stands as it did when it was made. One that worked keeps its own until the new ones are proven to open its own
    /// account ([`Self::accept_proposed_credentials`]); the last proposal counts. Either way the new password may be sent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_credentials(&mut self, input: &RenewalInput) -> Result<Renewal, StoreError> {
        let (company, connection) = (input.company, input.connection);
        let Some(found) = self.lock_connection(company, connection).await? else {
            return Ok(Renewal::Unknown);
        };
        if found.inactive_at.is_some() {
            return Ok(Renewal::SwitchedOff);
        }
        if self.credentials(company, connection).await?.is_none() {
            return Ok(Renewal::Unknown);
        }
        let link = sqlx::query(
            "SELECT 1 FROM links WHERE id = $1 AND company_id = $2 AND revoked_at IS NULL",
        )
        .bind(input.link.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?;
        if link.is_none() {
            return Ok(Renewal::Revoked);
        }
        self.clear_lockout(company, connection).await?;
        if self.ever_worked(company, connection).await? {
            self.propose_credentials(input).await?;
            return Ok(Renewal::Proposed);
        }
        let credentials = SealedCredentials {
            sealed: input.sealed.clone(),
            recipe: input.recipe.clone(),
        };
        self.set_credentials(company, connection, &credentials, input.flow_ref, input.now)
            .await?;
        self.remove_browser_session(company, connection).await?;
        if let Some(session) = &input.session {
            self.save_browser_session(company, connection, &input.sealed, session)
                .await?;
        }
        sqlx::query(
            "UPDATE connections SET status = $3, status_detail = NULL, status_error_detail = NULL, \
               status_first_seen_at = $5, status_last_update_at = $5, username_masked = $4, \
               works_unattended_at = NULL, works_unattended_reason = NULL, updated_at = $5, \
               next_collection_at = $5 \
             WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(ConnectionStatus::Pending.as_str())
        .bind(input.username_masked.clone())
        .bind(input.now.0)
        .execute(self.sql())
        .await?;
        Ok(Renewal::Replaced)
    }

    /// Whether any sign-in of the company's connection was ever repeated without its client.
    async fn ever_worked(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<bool, StoreError> {
        Ok(sqlx::query(
            "SELECT 1 FROM collections WHERE connection_id = $1 AND company_id = $2 AND signed_in_at IS NOT NULL \
             UNION ALL SELECT 1 FROM accounts WHERE connection_id = $1 AND company_id = $2 LIMIT 1",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?
        .is_some())
    }

    async fn propose_credentials(&mut self, input: &RenewalInput) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO proposed_credentials (connection_id, company_id, link_id, flow_ref, sealed, recipe, \
               username_masked, session, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (connection_id) DO UPDATE SET link_id = excluded.link_id, flow_ref = excluded.flow_ref, \
               sealed = excluded.sealed, recipe = excluded.recipe, username_masked = excluded.username_masked, \
               session = excluded.session, proposed_at = excluded.proposed_at WHERE proposed_credentials.company_id = excluded.company_id",
        )
        .bind(input.connection.to_string())
        .bind(input.company.to_string())
        .bind(input.link.to_string())
        .bind(input.flow_ref.to_string())
        .bind(input.sealed.clone())
        .bind(input.recipe.clone())
        .bind(input.username_masked.clone())
        .bind(input.session.as_ref().map(|session| session.sealed.clone()))
        .bind(input.now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The credentials that are to be tried for the company's connection, if there are any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn proposed_credentials(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<ProposedCredentials>, StoreError> {
        sqlx::query(
            "SELECT * FROM proposed_credentials WHERE connection_id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }

    /// Puts the credentials that were proposed at `proposed_at` in the place of those of the company's connection: they
    /// were proven to open its own account. The connection works without its client again, and the link has been used.
    /// False when another proposal took their place meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn accept_proposed_credentials(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        proposed_at: UnixMillis,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let taken = sqlx::query(
            "DELETE FROM proposed_credentials WHERE connection_id = $1 AND company_id = $2 AND proposed_at = $3 \
             RETURNING *",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(proposed_at.0)
        .fetch_optional(self.sql())
        .await?;
        let Some(taken) = taken else {
            return Ok(false);
        };
        let proposal = read(&taken)?;
        self.set_credentials(
            company,
            connection,
            &proposal.credentials,
            proposal.flow_ref,
            now,
        )
        .await?;
        self.remove_browser_session(company, connection).await?;
        if let Some(session) = &proposal.session {
            let own = &proposal.credentials.sealed;
            self.save_browser_session(company, connection, own, session)
                .await?;
        }
        sqlx::query(
            "UPDATE connections SET username_masked = $3, works_unattended_at = $4, works_unattended_reason = NULL, \
               updated_at = $4 WHERE id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(row::maybe_text(&taken, "username_masked")?)
        .bind(now.0)
        .execute(self.sql())
        .await?;
        sqlx::query("UPDATE links SET use_count = use_count + 1, fulfilled_flow = $3 WHERE id = $1 AND company_id = $2 AND connection_id = $4")
            .bind(row::text(&taken, "link_id")?)
            .bind(company.to_string())
            .bind(proposal.flow_ref.to_string())
            .bind(connection.to_string())
            .execute(self.sql())
            .await?;
        Ok(true)
    }

    /// Forgets the credentials that were proposed at `proposed_at`: the connection keeps its own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_proposed_credentials(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        proposed_at: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM proposed_credentials WHERE connection_id = $1 AND company_id = $2 AND proposed_at = $3",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(proposed_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The links that were to repair the company's connection have nothing left to do: it works. Answers those that ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fulfil_update_links(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        flow_ref: Option<FlowRef>,
        now: UnixMillis,
    ) -> Result<Vec<LinkId>, StoreError> {
        let ended = sqlx::query(
            "UPDATE links SET fulfilled_at = $3 \
             WHERE connection_id = $1 AND company_id = $2 AND revoked_at IS NULL AND fulfilled_at IS NULL RETURNING id",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(now.0)
        .fetch_all(self.sql())
        .await?;
        let mut links = Vec::with_capacity(ended.len());
        for link in &ended {
            let event = LinkEvent {
                kind: LinkEventKind::Fulfilled,
                flow_ref,
                detail: Some(connection.to_string()),
                at: now,
            };
            let link = row::parsed(link, "id")?;
            self.append_event(link, &event).await?;
            links.push(link);
        }
        Ok(links)
    }
}

fn read(found: &AnyRow) -> Result<ProposedCredentials, StoreError> {
    let proposed_at = row::at(found, "proposed_at")?;
    let session = row::maybe_blob(found, "session")?;
    Ok(ProposedCredentials {
        credentials: SealedCredentials {
            sealed: row::blob(found, "sealed")?,
            recipe: row::text(found, "recipe")?,
        },
        session: session.map(|sealed| SealedSession {
            sealed,
            saved_at: proposed_at,
        }),
        flow_ref: row::parsed(found, "flow_ref")?,
        proposed_at,
    })
}
