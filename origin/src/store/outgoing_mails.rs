//! Mails that are no notices: written in the transaction of the change, delivered by a job.

use shared::{
    brand::Brand,
    id::{CompanyId, ConnectionId, LinkId, MailId, MemberId, OrganizationId, WebhookEndpointId},
    mail::MailKind,
    status::LinkEventKind,
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{
    StoreError, Tx,
    companies::Company,
    connections::Connection,
    links::{LinkEvent, LinkForFlow},
    members::Member,
    organizations::Organization,
    row,
    webhook_endpoints::WebhookEndpoint,
};

/// The table whose rows the vault seals addresses for.
pub const TABLE: &str = "outgoing_mails";

/// A mail that is no notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// The id of the mail.
    pub id: MailId,
    /// The organization in whose name it is sent.
    pub organization: OrganizationId,
    /// What the mail says and what it refers to.
    pub content: MailContent,
    /// The mail address that it goes to.
    pub recipient: String,
    /// When it was written.
    pub created_at: UnixMillis,
}

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailContent {
    /// A link of a company, for whoever is to open it.
    Link {
        /// The company of the link.
        company: CompanyId,
        /// The link that it brings.
        link: LinkId,
        /// The connection that an update link repairs.
        connection: Option<ConnectionId>,
    },
    /// The connection of a company works.
    Connected {
        /// The company of the connection.
        company: CompanyId,
        /// The connection that works.
        connection: ConnectionId,
    },
    /// An invitation to the console for a member, whose address is sealed.
    Invitation {
        /// The member who is invited.
        member: MemberId,
        /// The address that lets the member in, sealed by the vault for the mail's row.
        sealed_url: Vec<u8>,
    },
    /// An endpoint was switched off.
    WebhookOff {
        /// The endpoint that was switched off.
        endpoint: WebhookEndpointId,
    },
}

impl MailContent {
    /// The kind of the mail.
    #[must_use]
    pub fn kind(&self) -> MailKind {
        match self {
            Self::Link { .. } => MailKind::Link,
            Self::Connected { .. } => MailKind::Connected,
            Self::Invitation { .. } => MailKind::Invitation,
            Self::WebhookOff { .. } => MailKind::WebhookOff,
        }
    }
}

/// A mail that is due, with all that it is made of.
#[derive(Clone)]
pub struct DueMail {
    /// The mail as it was written.
    pub mail: OutgoingMail,
    /// The organization in whose name it is sent.
    pub organization: Organization,
    /// The brand of the organization, if it has one.
    pub brand: Option<Brand>,
    /// What it is about, as it stands now.
    pub about: MailAbout,
}

/// What a due mail is about.
#[derive(Clone)]
pub enum MailAbout {
    /// The link that it brings, and the connection that an update link repairs.
    Link(Box<LinkForFlow>, Option<Box<Connection>>),
    /// The connection that works, and its company.
    Connected(Box<Connection>, Box<Company>),
    /// The member who is invited.
    Invitation(Box<Member>),
    /// The endpoint that was switched off.
    WebhookOff(Box<WebhookEndpoint>),
}

/// How the delivery of a mail or a notice ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailEnd {
    /// Its message was taken by the mail server, or laid into the mail folder.
    Delivered,
    /// The mail server refused its message for good, with these words, or there is no message to send, and this is why.
    Refused(String),
    /// Its message was not taken however often it was tried.
    GivenUp,
    /// It was no longer true when it was due.
    Dropped,
}

impl MailEnd {
    /// The values of the columns `delivered_at`, `dropped_at` and `refusal`.
    pub(super) fn columns(&self, now: UnixMillis) -> (Option<i64>, Option<i64>, Option<String>) {
        match self {
            Self::Delivered => (Some(now.0), None, None),
            Self::Refused(words) => (None, Some(now.0), Some(words.clone())),
            Self::GivenUp | Self::Dropped => (None, Some(now.0), None),
        }
    }

    /// The line that it makes in the log of the link that the mail brings to `recipient`; dropping it makes none.
    #[must_use]
    pub fn log_line(&self, recipient: &str, at: UnixMillis) -> Option<LinkEvent> {
        let (kind, detail) = match self {
            Self::Delivered => (LinkEventKind::MailSent, recipient),
            Self::Refused(words) => (LinkEventKind::MailRefused, words.as_str()),
            Self::GivenUp => (LinkEventKind::MailGivenUp, recipient),
            Self::Dropped => return None,
        };
        Some(LinkEvent {
            kind,
            flow_ref: None,
            detail: Some(detail.to_owned()),
            at,
        })
    }
}

impl Tx<'_> {
    /// Writes a mail; the caller queues its delivery in the same transaction.
    ///
    /// # Errors
    /// When what it is about is not the organization's, or the database fails.
    pub async fn add_outgoing_mail(&mut self, mail: &OutgoingMail) -> Result<(), StoreError> {
        let (mut company, mut link, mut connection) = (None, None, None);
        let (mut member, mut endpoint, mut sealed) = (None, None, None);
        match &mail.content {
            MailContent::Link {
                company: its_company,
                link: its_link,
                connection: repaired,
            } => {
                company = Some(*its_company);
                link = Some(*its_link);
                connection = *repaired;
            }
            MailContent::Connected {
                company: its_company,
                connection: it,
            } => {
                company = Some(*its_company);
                connection = Some(*it);
            }
            MailContent::Invitation {
                member: invited,
                sealed_url,
            } => {
                member = Some(*invited);
                sealed = Some(sealed_url.clone());
            }
            MailContent::WebhookOff { endpoint: off } => endpoint = Some(*off),
        }
        sqlx::query(
            "INSERT INTO outgoing_mails (id, organization_id, kind, company_id, link_id, connection_id, member_id, \
               webhook_endpoint_id, recipient, sealed_url, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(mail.id.to_string())
        .bind(mail.organization.to_string())
        .bind(mail.content.kind().as_str())
        .bind(company.map(|id| id.to_string()))
        .bind(link.map(|id| id.to_string()))
        .bind(connection.map(|id| id.to_string()))
        .bind(member.map(|id| id.to_string()))
        .bind(endpoint.map(|id| id.to_string()))
        .bind(mail.recipient.clone())
        .bind(sealed)
        .bind(mail.created_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Ends the mails that bring a member an invitation and were not delivered yet: a newer invitation takes their place.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_invitation_mails(
        &mut self,
        member: MemberId,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outgoing_mails SET dropped_at = $2, sealed_url = NULL \
             WHERE member_id = $1 AND kind = 'INVITATION' AND delivered_at IS NULL AND dropped_at IS NULL",
        )
        .bind(member.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// When mails with the link were written since `since`, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_mails_since(
        &mut self,
        company: CompanyId,
        link: LinkId,
        since: UnixMillis,
    ) -> Result<Vec<UnixMillis>, StoreError> {
        let mails = sqlx::query(
            "SELECT created_at FROM outgoing_mails \
             WHERE link_id = $1 AND company_id = $2 AND created_at > $3 ORDER BY created_at, id",
        )
        .bind(link.to_string())
        .bind(company.to_string())
        .bind(since.0)
        .fetch_all(self.sql())
        .await?;
        written_at(&mails)
    }

    /// When the organization's mails with links to the address, in small letters or capitals, were written since `since`,
    /// oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_mails_to_since(
        &mut self,
        organization: OrganizationId,
        recipient: &str,
        since: UnixMillis,
    ) -> Result<Vec<UnixMillis>, StoreError> {
        let mails = sqlx::query(
            "SELECT created_at FROM outgoing_mails \
             WHERE organization_id = $1 AND LOWER(recipient) = LOWER($2) AND created_at > $3 AND kind = 'LINK' \
             ORDER BY created_at, id",
        )
        .bind(organization.to_string())
        .bind(recipient.to_owned())
        .bind(since.0)
        .fetch_all(self.sql())
        .await?;
        written_at(&mails)
    }

    /// When mails that bring a member an invitation were written since `since`, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitation_mails_since(
        &mut self,
        member: MemberId,
        since: UnixMillis,
    ) -> Result<Vec<UnixMillis>, StoreError> {
        let mails = sqlx::query(
            "SELECT created_at FROM outgoing_mails \
             WHERE member_id = $1 AND kind = 'INVITATION' AND created_at > $2 ORDER BY created_at, id",
        )
        .bind(member.to_string())
        .bind(since.0)
        .fetch_all(self.sql())
        .await?;
        written_at(&mails)
    }

    /// The organization's members for whom at least `count` mails with invitations were written since `since`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members_invited_since(
        &mut self,
        organization: OrganizationId,
        count: usize,
        since: UnixMillis,
    ) -> Result<Vec<MemberId>, StoreError> {
        sqlx::query(
            "SELECT member_id FROM outgoing_mails \
             WHERE organization_id = $1 AND kind = 'INVITATION' AND created_at > $2 \
             GROUP BY member_id HAVING COUNT(*) >= $3",
        )
        .bind(organization.to_string())
        .bind(since.0)
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| row::parsed(found, "member_id"))
        .collect()
    }

    /// The mails of the organization that were not delivered yet, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    #[cfg(test)]
    pub(crate) async fn outgoing_mail_ids(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<MailId>, StoreError> {
        sqlx::query(
            "SELECT id FROM outgoing_mails WHERE organization_id = $1 AND delivered_at IS NULL ORDER BY created_at, id",
        )
        .bind(organization.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| row::parsed(found, "id"))
        .collect()
    }

    /// The organization's mail with all that it is made of; `None` when it has ended, or what it is about is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_mail(
        &mut self,
        organization: OrganizationId,
        id: MailId,
    ) -> Result<Option<DueMail>, StoreError> {
        let found = sqlx::query(
            "SELECT * FROM outgoing_mails \
             WHERE id = $1 AND organization_id = $2 AND delivered_at IS NULL AND dropped_at IS NULL",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let mail = read(&found)?;
        let about = self.mail_about(organization, &mail.content).await?;
        let brand = self.brand(organization).await?;
        let organization = self.organization(organization).await?;
        let (Some(about), Some(organization)) = (about, organization) else {
            return Ok(None);
        };
        Ok(Some(DueMail {
            mail,
            organization,
            brand,
            about,
        }))
    }

    async fn mail_about(
        &mut self,
        organization: OrganizationId,
        content: &MailContent,
    ) -> Result<Option<MailAbout>, StoreError> {
        Ok(match content {
            MailContent::Link {
                company,
                link,
                connection,
            } => {
                let connection = match connection {
                    Some(id) => self.connection_of_company(*company, *id).await?,
                    None => None,
                };
                let found = self.link(organization, *link).await?;
                found.map(|found| MailAbout::Link(Box::new(found), connection.map(Box::new)))
            }
            MailContent::Connected {
                company,
                connection,
            } => {
                let connection = self.connection_of_company(*company, *connection).await?;
                let company = self.company(organization, *company).await?;
                connection.zip(company).map(|(connection, company)| {
                    MailAbout::Connected(Box::new(connection), Box::new(company))
                })
            }
            MailContent::Invitation { member, .. } => {
                let member = self.member(organization, *member).await?;
                member.map(|member| MailAbout::Invitation(Box::new(member)))
            }
            MailContent::WebhookOff { endpoint } => {
                let endpoint = self.webhook_endpoint(organization, *endpoint).await?;
                endpoint.map(|endpoint| MailAbout::WebhookOff(Box::new(endpoint)))
            }
        })
    }

    /// Ends the organization's mail. Of a refusal the words are kept, also of one that came back before this was written; what
    /// it kept sealed goes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_mail(
        &mut self,
        organization: OrganizationId,
        id: MailId,
        end: &MailEnd,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let (delivered_at, dropped_at, refusal) = end.columns(now);
        sqlx::query(
            "UPDATE outgoing_mails SET delivered_at = $3, dropped_at = $4, refusal = COALESCE(CAST($5 AS TEXT), refusal), sealed_url = NULL \
             WHERE id = $1 AND organization_id = $2",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .bind(delivered_at)
        .bind(dropped_at)
        .bind(refusal)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Removes mails that ended and were written before `at`, of all organizations; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_mails_before(&mut self, at: UnixMillis) -> Result<u64, StoreError> {
        let removed = sqlx::query(
            "DELETE FROM outgoing_mails WHERE created_at < $1 AND (delivered_at IS NOT NULL OR dropped_at IS NOT NULL)",
        )
        .bind(at.0)
        .execute(self.sql())
        .await?;
        Ok(removed.rows_affected())
    }
}

fn written_at(mails: &[AnyRow]) -> Result<Vec<UnixMillis>, StoreError> {
    let times = mails.iter().map(|found| row::at(found, "created_at"));
    times.collect()
}

fn read(found: &AnyRow) -> Result<OutgoingMail, StoreError> {
    Ok(OutgoingMail {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        content: match row::parsed(found, "kind")? {
            MailKind::Link => MailContent::Link {
                company: row::parsed(found, "company_id")?,
                link: row::parsed(found, "link_id")?,
                connection: row::maybe_parsed(found, "connection_id")?,
            },
            MailKind::Connected => MailContent::Connected {
                company: row::parsed(found, "company_id")?,
                connection: row::parsed(found, "connection_id")?,
            },
            MailKind::Invitation => MailContent::Invitation {
                member: row::parsed(found, "member_id")?,
                sealed_url: row::blob(found, "sealed_url")?,
            },
            MailKind::WebhookOff => MailContent::WebhookOff {
                endpoint: row::parsed(found, "webhook_endpoint_id")?,
            },
        },
        recipient: row::text(found, "recipient")?,
        created_at: row::at(found, "created_at")?,
    })
}
