//! Where an organization's members sign in instead of a password, and who they are there.

use shared::{
    id::{MemberId, OrganizationId},
    member::MemberRole,
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, member_sessions::TokenHash, members, members::Member, row};

/// The table for whose rows the vault seals the secrets of clients.
pub const TABLE: &str = "single_sign_on";

/// The provider of an organization, and how the console is known there.
#[derive(Clone, PartialEq, Eq)]
pub struct SingleSignOn {
    /// The provider's name for itself, an address.
    pub issuer: String,
    /// The console's name there.
    pub client_id: String,
    /// The console's secret there, sealed by the vault for this organization.
    pub secret_sealed: Vec<u8>,
    /// Since when members who are no owners must use it.
    pub required_at: Option<UnixMillis>,
    /// When it was set up.
    pub created_at: UnixMillis,
}

impl SingleSignOn {
    /// Whether somebody with this role must use it.
    #[must_use]
    pub fn is_must_for(&self, role: MemberRole) -> bool {
        self.required_at.is_some() && role != MemberRole::Owner
    }
}

impl Tx<'_> {
    /// The organization's provider, if it has one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn single_sign_on(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Option<SingleSignOn>, StoreError> {
        sqlx::query("SELECT * FROM single_sign_on WHERE organization_id = $1")
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read(&found))
            .transpose()
    }

    /// The providers of the organizations that have a member with this address, written in small letters, fifty at most: those
    /// that the member must use come first, then where they signed in last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn providers_of(
        &mut self,
        email: &str,
    ) -> Result<Vec<(OrganizationId, SingleSignOn)>, StoreError> {
        sqlx::query(
            "SELECT o.* FROM members m JOIN single_sign_on o ON o.organization_id = m.organization_id \
             WHERE m.email = $1 AND m.removed_at IS NULL \
             ORDER BY CASE WHEN o.required_at IS NOT NULL AND m.role <> 'OWNER' THEN 0 ELSE 1 END, \
               COALESCE(m.last_signed_in_at, 0) DESC, m.id LIMIT 50",
        )
        .bind(email.to_owned())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| Ok((row::parsed(found, "organization_id")?, read(found)?)))
        .collect()
    }

    /// Sets the organization's provider in the place of one that it had. Whether members must use it stays as it was.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn set_single_sign_on(
        &mut self,
        organization: OrganizationId,
        new: &SingleSignOn,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO single_sign_on (organization_id, issuer, client_id, secret_sealed, required_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id) DO UPDATE SET issuer = excluded.issuer, \
               client_id = excluded.client_id, secret_sealed = excluded.secret_sealed",
        )
        .bind(organization.to_string())
        .bind(new.issuer.clone())
        .bind(new.client_id.clone())
        .bind(new.secret_sealed.clone())
        .bind(new.required_at.map(|at| at.0))
        .bind(new.created_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Says since when the organization's members must use its provider; `None` leaves it to them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_single_sign_on_required(
        &mut self,
        organization: OrganizationId,
        since: Option<UnixMillis>,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE single_sign_on SET required_at = $2 WHERE organization_id = $1")
            .bind(organization.to_string())
            .bind(since.map(|at| at.0))
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Removes the organization's provider with what is on its way there, and ends all sessions that it let in but `kept`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_single_sign_on(
        &mut self,
        organization: OrganizationId,
        kept: TokenHash,
    ) -> Result<(), StoreError> {
        let id = organization.to_string();
        sqlx::query("DELETE FROM single_sign_on_attempts WHERE organization_id = $1")
            .bind(id.clone())
            .execute(self.sql())
            .await?;
        sqlx::query("DELETE FROM single_sign_on WHERE organization_id = $1")
            .bind(id)
            .execute(self.sql())
            .await?;
        self.reset_provider_accounts(organization, kept).await
    }

    /// Forgets who all members of the organization are to its provider, and ends all sessions that it let in but `kept`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reset_provider_accounts(
        &mut self,
        organization: OrganizationId,
        kept: TokenHash,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM member_sessions WHERE by_provider = 1 AND hash <> $2 \
               AND member_id IN (SELECT id FROM members WHERE organization_id = $1)",
        )
        .bind(organization.to_string())
        .bind(kept.to_vec())
        .execute(self.sql())
        .await?;
        sqlx::query(
            "UPDATE members SET provider_issuer = NULL, provider_subject = NULL WHERE organization_id = $1",
        )
        .bind(organization.to_string())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Notes that a sign-in was led to the organization's provider, and the page that follows.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn add_single_sign_on_attempt(
        &mut self,
        hash: TokenHash,
        organization: OrganizationId,
        next: &str,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO single_sign_on_attempts (hash, organization_id, next, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(hash.to_vec())
        .bind(organization.to_string())
        .bind(next.to_owned())
        .bind(expires_at.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Uses up a sign-in that comes back at `now`, and tells whose organization it is and which page follows. Of two that try,
    /// one is told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_single_sign_on_attempt(
        &mut self,
        hash: TokenHash,
        now: UnixMillis,
    ) -> Result<Option<(OrganizationId, String)>, StoreError> {
        let found = sqlx::query(
            "DELETE FROM single_sign_on_attempts WHERE hash = $1 AND expires_at > $2 \
             RETURNING organization_id, next",
        )
        .bind(hash.to_vec())
        .bind(now.0)
        .fetch_optional(self.sql())
        .await?;
        found
            .map(|found| {
                Ok((
                    row::parsed(&found, "organization_id")?,
                    row::text(&found, "next")?,
                ))
            })
            .transpose()
    }

    /// The member of the organization who has this account at the provider.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_by_provider(
        &mut self,
        organization: OrganizationId,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Member>, StoreError> {
        sqlx::query(
            "SELECT * FROM members WHERE organization_id = $1 AND provider_issuer = $2 AND provider_subject = $3 \
               AND removed_at IS NULL",
        )
        .bind(organization.to_string())
        .bind(issuer.to_owned())
        .bind(subject.to_owned())
        .fetch_optional(self.sql())
        .await?
        .map(|found| members::read(&found))
        .transpose()
    }

    /// Gives this account at the provider to the organization's member with this address, written in small letters, if they have
    /// none yet; and tells who it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bind_provider_account(
        &mut self,
        organization: OrganizationId,
        email: &str,
        (issuer, subject): (&str, &str),
    ) -> Result<Option<Member>, StoreError> {
        sqlx::query(
            "UPDATE members SET provider_issuer = $3, provider_subject = $4 \
             WHERE organization_id = $1 AND email = $2 AND removed_at IS NULL AND provider_subject IS NULL RETURNING *",
        )
        .bind(organization.to_string())
        .bind(email.to_owned())
        .bind(issuer.to_owned())
        .bind(subject.to_owned())
        .fetch_optional(self.sql())
        .await?
        .map(|found| members::read(&found))
        .transpose()
    }

    /// Forgets who a member is to the provider: the next sign-in there with the member's address says it anew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reset_provider_account(
        &mut self,
        organization: OrganizationId,
        member: MemberId,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE members SET provider_issuer = NULL, provider_subject = NULL \
             WHERE id = $1 AND organization_id = $2",
        )
        .bind(member.to_string())
        .bind(organization.to_string())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// The organization's members who have used single sign-on, in the order of their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members_with_provider(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Member>, StoreError> {
        sqlx::query(
            "SELECT * FROM members WHERE organization_id = $1 AND removed_at IS NULL \
               AND provider_subject IS NOT NULL ORDER BY name, id",
        )
        .bind(organization.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(members::read)
        .collect()
    }
}

fn read(found: &AnyRow) -> Result<SingleSignOn, StoreError> {
    Ok(SingleSignOn {
        issuer: row::text(found, "issuer")?,
        client_id: row::text(found, "client_id")?,
        secret_sealed: row::blob(found, "secret_sealed")?,
        required_at: row::maybe_at(found, "required_at")?,
        created_at: row::at(found, "created_at")?,
    })
}
