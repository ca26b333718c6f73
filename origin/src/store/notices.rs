//! What owners of connections are told: written in the transaction of the change, delivered by a job.

use shared::{
    brand::Brand,
    id::{CodeRequestId, CompanyId, ConnectionId, LinkId, NoticeId, OrganizationId},
    mail::NoticeKind,
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{
    StoreError, Tx,
    code_requests::CodeRequest,
    companies::Company,
    connections::Connection,
    links::Link,
    mail_subscriptions::{MailSubscription, OwnerMails},
    organizations::Organization,
    outgoing_mails::MailEnd,
    row,
};

/// Something that the owner of a connection is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The id of the notice.
    pub id: NoticeId,
    /// The company of the connection.
    pub company: CompanyId,
    /// The connection that it is about.
    pub connection: ConnectionId,
    /// What is told, and what it carries.
    pub content: NoticeContent,
    /// The mail address of the owner.
    pub recipient: String,
    /// How often the same was told before.
    pub reminders: i64,
    /// When the first notice of its row of reminders was written: days are counted from there.
    pub first_at: UnixMillis,
    /// When the change that it tells of was written.
    pub created_at: UnixMillis,
}

/// What a notice tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeContent {
    /// The connection needs its client, who repairs it by this link.
    SignInAgain(LinkId),
    /// A sign-in waits for this code.
    CodeNeeded(CodeRequestId),
}

impl NoticeContent {
    /// The kind of the notice.
    #[must_use]
    pub fn kind(self) -> NoticeKind {
        match self {
            Self::SignInAgain(_) => NoticeKind::SignInAgain,
            Self::CodeNeeded(_) => NoticeKind::CodeNeeded,
        }
    }
}

/// A notice that is due, with all that its mail is made of.
#[derive(Debug, Clone)]
pub struct DueNotice {
    /// The notice itself.
    pub notice: Notice,
    /// The connection that it is about, as it stands now.
    pub connection: Connection,
    /// The company of the connection.
    pub company: Company,
    /// What it carries, as it stands now.
    pub carried: Carried,
    /// The organization of the company.
    pub organization: Organization,
    /// The brand of the organization, if it has one.
    pub brand: Option<Brand>,
    /// What the organization wants owners to be told.
    pub owner_mails: OwnerMails,
    /// Whether the owner wants reminders; `None` when none was ever due.
    pub subscription: Option<MailSubscription>,
}

/// What a due notice carries.
#[derive(Debug, Clone)]
pub enum Carried {
    /// The link that repairs the connection.
    Link(Box<Link>),
    /// The code that a sign-in waits for.
    Code(CodeRequest),
}

impl Tx<'_> {
    /// The organization that the company is a client of.
    ///
    /// # Errors
    /// When there is no such company or the database fails.
    pub async fn organization_of(
        &mut self,
        company: CompanyId,
    ) -> Result<OrganizationId, StoreError> {
        let found = sqlx::query("SELECT organization_id FROM companies WHERE id = $1")
            .bind(company.to_string())
            .fetch_one(self.sql())
            .await?;
        row::parsed(&found, "organization_id")
    }

    /// The id of a link that can repair the connection of `link`: one that is there and does not expire, else `link`,
    /// which is added; and whether it was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lasting_update_link(&mut self, link: &Link) -> Result<(LinkId, bool), StoreError> {
        let there = sqlx::query(
            "SELECT id FROM links WHERE connection_id = $1 AND company_id = $2 AND revoked_at IS NULL \
               AND fulfilled_at IS NULL AND expires_at IS NULL ORDER BY created_at DESC, id LIMIT 1",
        )
        .bind(link.connection.map(|id| id.to_string()))
        .bind(link.company.to_string())
        .fetch_optional(self.sql())
        .await?;
        if let Some(there) = there {
            return Ok((row::parsed(&there, "id")?, false));
        }
        let organization = self.organization_of(link.company).await?;
        self.add_link(organization, link).await?;
        Ok((link.id, true))
    }

    /// Writes a notice; the caller queues its delivery in the same transaction. It takes the place of those of its kind
    /// about the same connection that were not delivered yet.
    ///
    /// # Errors
    /// When connection or link are not the company's, or the database fails.
    pub async fn add_notice(&mut self, notice: &Notice) -> Result<(), StoreError> {
        let (link, code) = match notice.content {
            NoticeContent::SignInAgain(link) => (Some(link), None),
            NoticeContent::CodeNeeded(code) => (None, Some(code)),
        };
        sqlx::query(
            "UPDATE notices SET dropped_at = $4 WHERE connection_id = $1 AND company_id = $2 AND kind = $3 \
               AND delivered_at IS NULL AND dropped_at IS NULL",
        )
        .bind(notice.connection.to_string())
        .bind(notice.company.to_string())
        .bind(notice.content.kind().as_str())
        .bind(notice.created_at.0)
        .execute(self.sql())
        .await?;
        sqlx::query(
            "INSERT INTO notices (id, company_id, connection_id, link_id, code_request_id, kind, recipient, reminders, \
               created_at, first_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(notice.id.to_string())
        .bind(notice.company.to_string())
        .bind(notice.connection.to_string())
        .bind(link.map(|id| id.to_string()))
        .bind(code.map(|id| id.to_string()))
        .bind(notice.content.kind().as_str())
        .bind(notice.recipient.clone())
        .bind(notice.reminders)
        .bind(notice.created_at.0)
        .bind(notice.first_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The company's notice with all that its mail is made of; `None` when it has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_notice(
        &mut self,
        company: CompanyId,
        id: NoticeId,
    ) -> Result<Option<DueNotice>, StoreError> {
        let found = sqlx::query(
            "SELECT * FROM notices \
             WHERE id = $1 AND company_id = $2 AND delivered_at IS NULL AND dropped_at IS NULL",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let notice = read(&found)?;
        let organization = self.organization_of(company).await?;
        let connection = self
            .connection_of_company(company, notice.connection)
            .await?;
        let carried = match notice.content {
            NoticeContent::SignInAgain(link) => {
                let found = self.link(organization, link).await?;
                found.map(|found| Carried::Link(Box::new(found.link)))
            }
            NoticeContent::CodeNeeded(code) => {
                self.code_request(company, code).await?.map(Carried::Code)
            }
        };
        let company = self.company(organization, company).await?;
        let brand = self.brand(organization).await?;
        let owner_mails = self.owner_mails(organization).await?;
        let subscription = self
            .mail_subscription(organization, &notice.recipient)
            .await?;
        let organization = self.organization(organization).await?;
        let (Some(connection), Some(company), Some(carried), Some(organization)) =
            (connection, company, carried, organization)
        else {
            return Ok(None);
        };
        Ok(Some(DueNotice {
            notice,
            connection,
            company,
            carried,
            organization,
            brand,
            owner_mails,
            subscription,
        }))
    }

    /// Removes notices and code requests that were made before `at`, of all companies; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_notices_before(&mut self, at: UnixMillis) -> Result<u64, StoreError> {
        let notices = sqlx::query(
            "DELETE FROM notices WHERE created_at < $1 AND (delivered_at IS NOT NULL OR dropped_at IS NOT NULL)",
        )
        .bind(at.0)
        .execute(self.sql())
        .await?;
        let requests = sqlx::query("DELETE FROM code_requests WHERE created_at < $1")
            .bind(at.0)
            .execute(self.sql())
            .await?;
        Ok(notices.rows_affected() + requests.rows_affected())
    }

    /// Ends the company's notice. Of a refusal the words are kept. Answers whether it was refused, or came back before this
    /// was written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_notice(
        &mut self,
        company: CompanyId,
        id: NoticeId,
        end: &MailEnd,
        now: UnixMillis,
    ) -> Result<bool, StoreError> {
        let (delivered_at, dropped_at, refusal) = end.columns(now);
        let ended = sqlx::query(
            "UPDATE notices SET delivered_at = $3, dropped_at = $4, refusal = COALESCE(CAST($5 AS TEXT), refusal) \
             WHERE id = $1 AND company_id = $2 RETURNING refusal",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .bind(delivered_at)
        .bind(dropped_at)
        .bind(refusal)
        .fetch_optional(self.sql())
        .await?;
        match ended {
            Some(ended) => Ok(row::maybe_text(&ended, "refusal")?.is_some()),
            None => Ok(false),
        }
    }
}

fn read(found: &AnyRow) -> Result<Notice, StoreError> {
    let created_at = row::at(found, "created_at")?;
    Ok(Notice {
        id: row::parsed(found, "id")?,
        company: row::parsed(found, "company_id")?,
        connection: row::parsed(found, "connection_id")?,
        content: match row::parsed(found, "kind")? {
            NoticeKind::SignInAgain => NoticeContent::SignInAgain(row::parsed(found, "link_id")?),
            NoticeKind::CodeNeeded => {
                NoticeContent::CodeNeeded(row::parsed(found, "code_request_id")?)
            }
        },
        recipient: row::text(found, "recipient")?,
        reminders: row::number(found, "reminders")?,
        first_at: row::maybe_at(found, "first_at")?.unwrap_or(created_at),
        created_at,
    })
}
