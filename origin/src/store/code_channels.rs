//! What answers for a connection when a website asks for a one-time code: authenticator, mail address, SMS number.

use shared::{
    id::{CodeChannelId, CompanyId, ConnectionId},
    provider::ProviderUrl,
    status::{CodeAnswerer, CodeRequestStatus},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{
    StoreError, Tx,
    code_requests::{self, CodeRequest},
    row,
};

/// The vault's name for the secret of a channel's row. All that a channel seals is sealed for the channel's id.
pub const SECRET: &str = "code_channels";
/// The vault's name for the confirmation of a channel's row.
pub const CONFIRMATION: &str = "code_channels.confirmation";
/// The vault's name for the early code of a channel's row.
pub const EARLY_CODE: &str = "code_channels.early_code";

/// A code that came before anything waited for it is kept for so long, in milliseconds.
pub const EARLY_CODE_MS: i64 = 2 * 60_000;

/// A channel as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChannelRow {
    /// Its id. A channel that is set up anew has another one.
    pub id: CodeChannelId,
    /// The company of the connection.
    pub company: CompanyId,
    /// The connection that it answers for.
    pub connection: ConnectionId,
    /// What gives its codes: a secret, mail, or text messages.
    pub kind: CodeAnswerer,
    /// The local part of the mail address, or the number (E.164); an authenticator has none.
    pub address: Option<String>,
    /// The authenticator's secret. The vault opens it for [`SECRET`], this id and this company.
    pub secret: Option<Vec<u8>>,
    /// The time step of the last code of the authenticator that was used.
    pub last_time_step: Option<i64>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When the website first took a code of it.
    pub proven_at: Option<UnixMillis>,
    /// Somebody sets it up, and waits for its first message until then.
    pub waits_until: UnixMillis,
    /// What a mail provider sent to confirm the forwarding. The vault opens it for [`CONFIRMATION`], this id and this
    /// company.
    pub confirmation: Option<Vec<u8>>,
}

impl CodeChannelRow {
    /// Whether messages to its address are read at all: it is proven, or somebody sets it up.
    #[must_use]
    pub fn is_open(&self, now: UnixMillis) -> bool {
        self.proven_at.is_some() || self.waits_until > now
    }
}

/// A channel that messages are read for, and the website of its connection.
#[derive(Debug, Clone)]
pub struct OpenChannel {
    /// The channel as its row has it.
    pub channel: CodeChannelRow,
    /// The website of the connection.
    pub provider_url: ProviderUrl,
}

/// A code request that waits, and the channel whose address would answer it.
#[derive(Debug, Clone)]
pub struct WaitingRequest {
    /// The id of the channel that a message came by.
    pub channel: CodeChannelId,
    /// The request that waits.
    pub request: CodeRequest,
}

impl Tx<'_> {
    /// Adds a channel in the place of the connection's one of the same kind. False when the mail address is another
    /// channel's: then the connection has none of this kind any more.
    ///
    /// # Errors
    /// When the connection is not the company's or the database fails.
    pub async fn put_code_channel(&mut self, channel: &CodeChannelRow) -> Result<bool, StoreError> {
        let (company, connection) = (channel.company, channel.connection);
        if self.lock_connection(company, connection).await?.is_none() {
            return Ok(false);
        }
        self.remove_code_channel_of_kind(company, connection, channel.kind)
            .await?;
        let done = sqlx::query(
            "INSERT INTO code_channels (id, company_id, connection_id, kind, address, secret, last_time_step, \
               created_at, proven_at, waits_until, confirmation) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT DO NOTHING",
        )
        .bind(channel.id.to_string())
        .bind(channel.company.to_string())
        .bind(channel.connection.to_string())
        .bind(channel.kind.as_str())
        .bind(channel.address.clone())
        .bind(channel.secret.clone())
        .bind(channel.last_time_step)
        .bind(channel.created_at.0)
        .bind(channel.proven_at.map(|at| at.0))
        .bind(channel.waits_until.0)
        .bind(channel.confirmation.clone())
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The channels of the company's connection, in the order in which they were made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn code_channels(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Vec<CodeChannelRow>, StoreError> {
        sqlx::query(
            "SELECT * FROM code_channels WHERE connection_id = $1 AND company_id = $2 ORDER BY created_at, kind",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// The channels that messages to this address are read for: those that are proven, or are being set up. The
    /// address is all that a message names, so no company is asked for here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn code_channels_at(
        &mut self,
        kind: CodeAnswerer,
        address: &str,
        now: UnixMillis,
    ) -> Result<Vec<OpenChannel>, StoreError> {
        sqlx::query(
            "SELECT c.*, n.provider_url FROM code_channels c \
             JOIN connections n ON n.id = c.connection_id AND n.company_id = c.company_id \
             WHERE c.kind = $1 AND c.address = $2 AND (c.proven_at IS NOT NULL OR c.waits_until > $3) \
             ORDER BY c.created_at, c.id",
        )
        .bind(kind.as_str())
        .bind(address.to_owned())
        .bind(now.0)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| {
            Ok(OpenChannel {
                channel: read(found)?,
                provider_url: row::parsed(found, "provider_url")?,
            })
        })
        .collect()
    }

    /// The code requests that wait for an answer which a message to this address may bring, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn code_requests_waiting_at(
        &mut self,
        kind: CodeAnswerer,
        address: &str,
        now: UnixMillis,
    ) -> Result<Vec<WaitingRequest>, StoreError> {
        sqlx::query(
            "SELECT r.*, c.id AS channel_id FROM code_channels c \
             JOIN code_requests r ON r.connection_id = c.connection_id AND r.company_id = c.company_id \
             WHERE c.kind = $1 AND c.address = $2 AND (c.proven_at IS NOT NULL OR c.waits_until > $3) \
               AND r.status = $4 AND r.waits_until > $3 ORDER BY r.created_at, r.id",
        )
        .bind(kind.as_str())
        .bind(address.to_owned())
        .bind(now.0)
        .bind(CodeRequestStatus::Waiting.as_str())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| {
            Ok(WaitingRequest {
                channel: row::parsed(found, "channel_id")?,
                request: code_requests::read(found)?,
            })
        })
        .collect()
    }

    /// Takes a time step of the company's authenticator for one code. False when a code of this step, or a later one,
    /// was used already: no step is used twice, by any node.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_time_step(
        &mut self,
        company: CompanyId,
        id: CodeChannelId,
        step: i64,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE code_channels SET last_time_step = $3 \
             WHERE id = $1 AND company_id = $2 AND kind = $4 AND (last_time_step IS NULL OR last_time_step < $3)",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(step)
        .bind(CodeAnswerer::Authenticator.as_str())
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down that the website took a code of the company's channel, for the first time or once more, and forgets
    /// what its set-up needed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_code_channel_proven(
        &mut self,
        company: CompanyId,
        id: CodeChannelId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE code_channels SET proven_at = COALESCE(proven_at, $3), confirmation = NULL, early_code = NULL, \
               early_at = NULL WHERE id = $1 AND company_id = $2",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Has the company's channel wait for its set-up until another time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn wait_for_code_channel(
        &mut self,
        company: CompanyId,
        id: CodeChannelId,
        until: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE code_channels SET waits_until = $3 WHERE id = $1 AND company_id = $2")
            .bind(id.to_string())
            .bind(company.to_string())
            .bind(until.0)
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Removes the company's channel, if it is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_code_channel(
        &mut self,
        company: CompanyId,
        id: CodeChannelId,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM code_channels WHERE id = $1 AND company_id = $2")
            .bind(id.to_string())
            .bind(company.to_string())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    async fn remove_code_channel_of_kind(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        kind: CodeAnswerer,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM code_channels WHERE connection_id = $1 AND company_id = $2 AND kind = $3",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(kind.as_str())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Keeps a mail provider's confirmation for the set-up of the company's channel. False when nobody waits for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_confirmation(
        &mut self,
        company: CompanyId,
        id: CodeChannelId,
        sealed: &[u8],
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE code_channels SET confirmation = $3 WHERE id = $1 AND company_id = $2 AND waits_until > $4",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(sealed.to_vec())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes the confirmation of the company's channel, if there is one: it is gone from the database then. Who only
    /// shows it reads it by [`Self::code_channels`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_confirmation(
        &mut self,
        company: CompanyId,
        id: CodeChannelId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let found =
            sqlx::query("SELECT confirmation FROM code_channels WHERE id = $1 AND company_id = $2")
                .bind(id.to_string())
                .bind(company.to_string())
                .fetch_optional(self.sql())
                .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        sqlx::query(
            "UPDATE code_channels SET confirmation = NULL WHERE id = $1 AND company_id = $2",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .execute(self.sql())
        .await?;
        row::maybe_blob(&found, "confirmation")
    }

    /// Keeps a code that came before anything waited for it, in the place of an earlier one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_early_code(
        &mut self,
        company: CompanyId,
        id: CodeChannelId,
        sealed: &[u8],
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE code_channels SET early_code = $3, early_at = $4 WHERE id = $1 AND company_id = $2",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(sealed.to_vec())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Takes the code that came early for the company's connection, `since` that moment, by the channel that is named
    /// with it. It is gone then, from every channel that has the same address: a code is given once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_early_code(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        since: UnixMillis,
    ) -> Result<Option<(CodeChannelId, Vec<u8>)>, StoreError> {
        let found = sqlx::query(
            "SELECT id, kind, address, early_code FROM code_channels WHERE connection_id = $1 AND company_id = $2 \
             AND early_code IS NOT NULL AND early_at >= $3 ORDER BY early_at DESC, id LIMIT 1",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(since.0)
        .fetch_optional(self.sql())
        .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        // Of two that share the address, the one that comes second finds nothing left to empty.
        let done = sqlx::query(
            "UPDATE code_channels SET early_code = NULL, early_at = NULL \
             WHERE kind = $1 AND address = $2 AND early_code IS NOT NULL",
        )
        .bind(row::text(&found, "kind")?)
        .bind(row::maybe_text(&found, "address")?)
        .execute(self.sql())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        Ok(Some((
            row::parsed(&found, "id")?,
            row::blob(&found, "early_code")?,
        )))
    }

    /// Forgets confirmations that nobody waits for any more, and codes that came early and found nothing that waits.
    /// How many rows had one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_unused_messages(&mut self, now: UnixMillis) -> Result<u64, StoreError> {
        let confirmations = sqlx::query(
            "UPDATE code_channels SET confirmation = NULL WHERE confirmation IS NOT NULL AND waits_until <= $1",
        )
        .bind(now.0)
        .execute(self.sql())
        .await?;
        let codes = sqlx::query(
            "UPDATE code_channels SET early_code = NULL, early_at = NULL WHERE early_at <= $1",
        )
        .bind(now.plus(-EARLY_CODE_MS).0)
        .execute(self.sql())
        .await?;
        Ok(confirmations.rows_affected() + codes.rows_affected())
    }
}

fn read(found: &AnyRow) -> Result<CodeChannelRow, StoreError> {
    Ok(CodeChannelRow {
        id: row::parsed(found, "id")?,
        company: row::parsed(found, "company_id")?,
        connection: row::parsed(found, "connection_id")?,
        kind: row::parsed(found, "kind")?,
        address: row::maybe_text(found, "address")?,
        secret: row::maybe_blob(found, "secret")?,
        last_time_step: row::maybe_number(found, "last_time_step")?,
        created_at: row::at(found, "created_at")?,
        proven_at: row::maybe_at(found, "proven_at")?,
        waits_until: row::at(found, "waits_until")?,
        confirmation: row::maybe_blob(found, "confirmation")?,
    })
}
