//! Codes that running sign-ins wait for, and the answers of the owners.

use shared::{
    id::{CodeChannelId, CodeRequestId, CompanyId, ConnectionId, PublicCompanyId},
    provider::ProviderUrl,
    status::{CodeChannel, CodeRequestStatus, ConnectionStatus, ErrorCode},
    time::{UnixMillis, UtcHour},
};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, row};

/// The page for a code lives so long, in milliseconds.
pub const CODE_PAGE_LIFE_MS: i64 = 24 * 3_600_000;

/// A code that a sign-in waits for, or waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRequest {
    /// The id of the request, which its token holds too.
    pub id: CodeRequestId,
    /// The company of the connection.
    pub company: CompanyId,
    /// The connection whose sign-in waits.
    pub connection: ConnectionId,
    /// The id of the token key that sealed its token.
    pub key_id: u8,
    /// The token's nonce: with it the same URL can be made again.
    pub nonce: [u8; 12],
    /// What the page seals the code to.
    pub public_key: String,
    /// Whether its sign-in waits, tries a code, or has ended.
    pub status: CodeRequestStatus,
    /// What the website asks for, as far as it says.
    pub asked: AskedCode,
    /// Counts what is asked: an answer to anything else is not taken.
    pub number: u32,
    /// Counts the changes of what the page shows.
    pub version: i64,
    /// When its sign-in first asked.
    pub created_at: UnixMillis,
    /// Nothing waits from then on.
    pub waits_until: UnixMillis,
    /// The channel of the connection that gave the last answer; `None` when nobody has answered yet, or a person has.
    pub answered_by: Option<CodeChannelId>,
}

/// What is known of the code that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedCode {
    /// How the code travels, when the website says so.
    pub channel: Option<CodeChannel>,
    /// Where it was sent, as the website masks it.
    pub target: Option<String>,
    /// Whether the website asks for digits alone.
    pub numeric: bool,
    /// Why another code is asked for, when one was refused.
    pub refused: Option<ErrorCode>,
}

/// A code request as its page needs it.
#[derive(Debug, Clone)]
pub struct CodeRequestForPage {
    /// The request, as its row has it.
    pub request: CodeRequest,
    /// The website of its connection.
    pub provider_url: ProviderUrl,
    /// The hour at which a sign-in that got no code is tried again.
    pub code_hour: Option<UtcHour>,
    /// Whether another sign-in may come to a code again: the password was not refused, or there is another one.
    pub may_ask_again: bool,
}

/// What the owner's page sent, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedAnswer {
    /// The public key that the page sealed with, base64url.
    pub public_key: String,
    /// The sealed code, base64url.
    pub sealed: String,
}

impl Tx<'_> {
    /// Adds the row of a new code request.
    ///
    /// # Errors
    /// When the connection is not the company's or the database fails.
    pub async fn add_code_request(&mut self, request: &CodeRequest) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO code_requests (id, company_id, connection_id, key_id, nonce, public_key, status, channel, \
               target, numeric_only, number, refused, version, created_at, waits_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(request.id.to_string())
        .bind(request.company.to_string())
        .bind(request.connection.to_string())
        .bind(i64::from(request.key_id))
        .bind(request.nonce.to_vec())
        .bind(request.public_key.clone())
        .bind(request.status.as_str())
        .bind(request.asked.channel.map(CodeChannel::as_str))
        .bind(request.asked.target.clone())
        .bind(i64::from(request.asked.numeric))
        .bind(i64::from(request.number))
        .bind(request.asked.refused.map(ErrorCode::as_str))
        .bind(request.version)
        .bind(request.created_at.0)
        .bind(request.waits_until.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The company's code request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn code_request(
        &mut self,
        company: CompanyId,
        id: CodeRequestId,
    ) -> Result<Option<CodeRequest>, StoreError> {
        sqlx::query("SELECT * FROM code_requests WHERE id = $1 AND company_id = $2")
            .bind(id.to_string())
            .bind(company.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// The code request that a token names, if it belongs to the company that the URL names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn code_request_for_page(
        &mut self,
        company: PublicCompanyId,
        id: CodeRequestId,
    ) -> Result<Option<CodeRequestForPage>, StoreError> {
        sqlx::query(
            "SELECT r.*, n.provider_url, n.code_hour, CASE WHEN n.status NOT IN ($3, $4) OR EXISTS (SELECT 1 FROM proposed_credentials p \
               WHERE p.connection_id = n.id) THEN 1 ELSE 0 END AS may_ask_again FROM code_requests r \
             JOIN connections n ON n.id = r.connection_id AND n.company_id = r.company_id \
             JOIN companies c ON c.id = r.company_id WHERE r.id = $1 AND c.public_id = $2",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(ConnectionStatus::PasswordIncorrect.as_str())
        .bind(ConnectionStatus::NewPasswordNeeded.as_str())
        .fetch_optional(self.sql())
        .await?
        .map(|found| {
            Ok(CodeRequestForPage {
                request: read(&found)?,
                provider_url: row::parsed(&found, "provider_url")?,
                code_hour: hour(&found)?,
                may_ask_again: row::flag(&found, "may_ask_again")?,
            })
        })
        .transpose()
    }

    /// The newest code request of the company's connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_code_request(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<CodeRequest>, StoreError> {
        sqlx::query(
            "SELECT * FROM code_requests WHERE connection_id = $1 AND company_id = $2 \
             ORDER BY created_at DESC, id LIMIT 1",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }

    /// The hour at which a sign-in of the company's connection is tried again that got no code, if its owner chose one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn code_hour(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
    ) -> Result<Option<UtcHour>, StoreError> {
        let found =
            sqlx::query("SELECT code_hour FROM connections WHERE id = $1 AND company_id = $2")
                .bind(connection.to_string())
                .bind(company.to_string())
                .fetch_optional(self.sql())
                .await?;
        found.map_or(Ok(None), |found| hour(&found))
    }

    /// Chooses that hour, or none. The pages of the connection's code requests show it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_code_hour(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        hour: Option<UtcHour>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE connections SET code_hour = $3 WHERE id = $1 AND company_id = $2 AND deleted_at IS NULL",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(hour.map(|hour| i64::from(u8::from(hour))))
        .execute(self.sql())
        .await?;
        sqlx::query(
            "UPDATE code_requests SET version = version + 1 WHERE connection_id = $1 AND company_id = $2",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// How many code requests of the company's connection got no code since that moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unanswered_code_requests(
        &mut self,
        company: CompanyId,
        connection: ConnectionId,
        since: UnixMillis,
    ) -> Result<i64, StoreError> {
        let found = sqlx::query(
            "SELECT COUNT(*) AS count FROM code_requests \
             WHERE connection_id = $1 AND company_id = $2 AND status <> $3 AND created_at >= $4",
        )
        .bind(connection.to_string())
        .bind(company.to_string())
        .bind(CodeRequestStatus::Accepted.as_str())
        .bind(since.0)
        .fetch_one(self.sql())
        .await?;
        row::number(&found, "count")
    }

    /// Asks for a code in a request that exists, under its next number, and forgets the answer before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ask_code(&mut self, request: &CodeRequest) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE code_requests SET status = $3, public_key = $4, channel = $5, target = $6, numeric_only = $7, \
               number = $8, refused = $9, answer_key = NULL, answer = NULL, answered_by = NULL, waits_until = $10, version = version + 1 \
             WHERE id = $1 AND company_id = $2",
        )
        .bind(request.id.to_string())
        .bind(request.company.to_string())
        .bind(CodeRequestStatus::Waiting.as_str())
        .bind(request.public_key.clone())
        .bind(request.asked.channel.map(CodeChannel::as_str))
        .bind(request.asked.target.clone())
        .bind(i64::from(request.asked.numeric))
        .bind(i64::from(request.number))
        .bind(request.asked.refused.map(ErrorCode::as_str))
        .bind(request.waits_until.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Gives an answer to the company's request: of the channel that is named, or else of a person. False when nothing
    /// waits for one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answer_code_request(
        &mut self,
        company: CompanyId,
        id: CodeRequestId,
        answer: &SealedAnswer,
        answered_by: Option<CodeChannelId>,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE code_requests SET status = $3, answer_key = $4, answer = $5, answered_by = $8, version = version + 1 \
             WHERE id = $1 AND company_id = $2 AND status = $6 AND waits_until > $7",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(CodeRequestStatus::Trying.as_str())
        .bind(answer.public_key.clone())
        .bind(answer.sealed.clone())
        .bind(CodeRequestStatus::Waiting.as_str())
        .bind(now.0)
        .bind(answered_by.map(|channel| channel.to_string()))
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes the answer of the company's request, if there is one: it is gone from the database then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_code_answer(
        &mut self,
        company: CompanyId,
        id: CodeRequestId,
    ) -> Result<Option<SealedAnswer>, StoreError> {
        let found = sqlx::query(
            "SELECT answer_key, answer FROM code_requests WHERE id = $1 AND company_id = $2 AND answer IS NOT NULL",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        sqlx::query(
            "UPDATE code_requests SET answer_key = NULL, answer = NULL WHERE id = $1 AND company_id = $2",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .execute(self.sql())
        .await?;
        Ok(Some(SealedAnswer {
            public_key: row::text(&found, "answer_key")?,
            sealed: row::text(&found, "answer")?,
        }))
    }

    /// Says how the company's request stands now that its sign-in does not wait; an answer that nobody took is
    /// forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_code_request_status(
        &mut self,
        company: CompanyId,
        id: CodeRequestId,
        status: CodeRequestStatus,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE code_requests SET status = $3, answer_key = NULL, answer = NULL, version = version + 1 \
             WHERE id = $1 AND company_id = $2",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(status.as_str())
        .execute(self.sql())
        .await?;
        Ok(())
    }
}

pub(super) fn read(found: &AnyRow) -> Result<CodeRequest, StoreError> {
    Ok(CodeRequest {
        id: row::parsed(found, "id")?,
        company: row::parsed(found, "company_id")?,
        connection: row::parsed(found, "connection_id")?,
        key_id: u8::try_from(row::number(found, "key_id")?)
            .map_err(|_| StoreError::Corrupt { column: "key_id" })?,
        nonce: row::blob(found, "nonce")?
            .try_into()
            .map_err(|_| StoreError::Corrupt { column: "nonce" })?,
        public_key: row::text(found, "public_key")?,
        status: row::parsed(found, "status")?,
        asked: AskedCode {
            channel: row::maybe_parsed(found, "channel")?,
            target: row::maybe_text(found, "target")?,
            numeric: row::flag(found, "numeric_only")?,
            refused: row::maybe_parsed(found, "refused")?,
        },
        number: u32::try_from(row::number(found, "number")?)
            .map_err(|_| StoreError::Corrupt { column: "number" })?,
        version: row::number(found, "version")?,
        created_at: row::at(found, "created_at")?,
        waits_until: row::at(found, "waits_until")?,
        answered_by: row::maybe_parsed(found, "answered_by")?,
    })
}

fn hour(found: &AnyRow) -> Result<Option<UtcHour>, StoreError> {
    let corrupt = StoreError::Corrupt {
        column: "code_hour",
    };
    let Some(hour) = row::maybe_number(found, "code_hour")? else {
        return Ok(None);
    };
    let hour = u8::try_from(hour)
        .ok()
        .and_then(|hour| hour.try_into().ok());
    hour.map(Some).ok_or(corrupt)
}
