//! Whether mail addresses want the reminders of an organization, and what the organization itself wants to be mailed.

use shared::{
    id::{MailSubscriptionId, OrganizationId, PublicCompanyId},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, row};

/// A mail address as one that an organization sends reminders to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailSubscription {
    /// Its id, which stands in the links of reminders.
    pub id: MailSubscriptionId,
    /// Who sends the reminders.
    pub organization: OrganizationId,
    /// The address, in small letters.
    pub address: String,
    /// Since when it wants none.
    pub unsubscribed_at: Option<UnixMillis>,
}

/// What owners of an organization's connections are told by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnerMails {
    /// That a connection needs them, with reminders.
    pub of_repairs: bool,
    /// That their account is connected.
    pub of_connected: bool,
}

impl Tx<'_> {
    /// The subscription of a mail address to the organization's reminders, which is made with this id where there is none.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn subscription_made(
        &mut self,
        organization: OrganizationId,
        address: &str,
        id: MailSubscriptionId,
    ) -> Result<MailSubscription, StoreError> {
        sqlx::query(
            "INSERT INTO mail_subscriptions (id, organization_id, address) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .bind(address.to_lowercase())
        .execute(self.sql())
        .await?;
        let found = self.mail_subscription(organization, address).await?;
        found.ok_or(StoreError::Corrupt {
            column: "mail_subscriptions.address",
        })
    }

    /// The subscription of a mail address to the organization's reminders, if one was sent to it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_subscription(
        &mut self,
        organization: OrganizationId,
        address: &str,
    ) -> Result<Option<MailSubscription>, StoreError> {
        sqlx::query("SELECT * FROM mail_subscriptions WHERE organization_id = $1 AND address = $2")
            .bind(organization.to_string())
            .bind(address.to_lowercase())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// The subscription with this id, if it is one to reminders of the company's organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_subscription_of(
        &mut self,
        company: PublicCompanyId,
        id: MailSubscriptionId,
    ) -> Result<Option<MailSubscription>, StoreError> {
        let found = sqlx::query(
            "SELECT s.* FROM mail_subscriptions s JOIN companies c ON c.organization_id = s.organization_id \
             WHERE s.id = $1 AND c.public_id = $2",
        );
        found
            .bind(id.to_string())
            .bind(company.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// Ends reminders to an address, or allows them again (`None`). Ending them twice keeps the first time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_unsubscribed(
        &mut self,
        id: MailSubscriptionId,
        at: Option<UnixMillis>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE mail_subscriptions SET unsubscribed_at = $2 \
             WHERE id = $1 AND ($2 IS NULL OR unsubscribed_at IS NULL)",
        )
        .bind(id.to_string())
        .bind(at.map(|at| at.0))
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// What owners of the organization's connections are told by mail.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn owner_mails(
        &mut self,
        organization: OrganizationId,
    ) -> Result<OwnerMails, StoreError> {
        let found = sqlx::query(
            "SELECT repair_mails_off_at, connected_mails_off_at FROM organizations WHERE id = $1",
        )
        .bind(organization.to_string())
        .fetch_one(self.sql())
        .await?;
        Ok(OwnerMails {
            of_repairs: row::maybe_at(&found, "repair_mails_off_at")?.is_none(),
            of_connected: row::maybe_at(&found, "connected_mails_off_at")?.is_none(),
        })
    }

    /// Changes what owners of the organization's connections are told by mail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_owner_mails(
        &mut self,
        organization: OrganizationId,
        mails: OwnerMails,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let off = |wanted: bool| (!wanted).then_some(now.0);
        sqlx::query(
            "UPDATE organizations SET repair_mails_off_at = $2, connected_mails_off_at = $3 WHERE id = $1",
        )
        .bind(organization.to_string())
        .bind(off(mails.of_repairs))
        .bind(off(mails.of_connected))
        .execute(self.sql())
        .await?;
        Ok(())
    }
}

fn read(found: &AnyRow) -> Result<MailSubscription, StoreError> {
    Ok(MailSubscription {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        address: row::text(found, "address")?,
        unsubscribed_at: row::maybe_at(found, "unsubscribed_at")?,
    })
}
