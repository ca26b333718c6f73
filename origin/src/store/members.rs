//! The people of an organization, who sign in to the console.

use shared::{
    id::{MemberId, OrganizationId},
    member::MemberRole,
    time::UnixMillis,
};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{StoreError, Tx, row};

/// A person of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id of the member.
    pub id: MemberId,
    /// The organization that the member belongs to.
    pub organization: OrganizationId,
    /// The mail address that the member signs in with, in small letters.
    pub email: String,
    /// The name of the person.
    pub name: String,
    /// What the member may do.
    pub role: MemberRole,
    /// Whether the member has chosen a password.
    pub has_password: bool,
    /// Whether the member signs in with an authenticator beside the password.
    pub has_second_factor: bool,
    /// When the member was added.
    pub created_at: UnixMillis,
    /// When the member last signed in.
    pub last_signed_in_at: Option<UnixMillis>,
}

impl Tx<'_> {
    /// Adds a member without a password. False, and nothing is written, when another one of the organization has the address.
    ///
    /// # Errors
    /// When the organization does not exist or the database fails.
    pub async fn add_member(&mut self, member: &Member) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO members (id, organization_id, email, name, role, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(member.id.to_string())
        .bind(member.organization.to_string())
        .bind(member.email.clone())
        .bind(member.name.clone())
        .bind(member.role.as_str())
        .bind(member.created_at.0)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The organization's members, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members(
        &mut self,
        organization: OrganizationId,
    ) -> Result<Vec<Member>, StoreError> {
        sqlx::query(
            "SELECT * FROM members WHERE organization_id = $1 AND removed_at IS NULL ORDER BY created_at, id",
        )
        .bind(organization.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// The member with this id, if they are the organization's and were not removed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member(
        &mut self,
        organization: OrganizationId,
        id: MemberId,
    ) -> Result<Option<Member>, StoreError> {
        sqlx::query(
            "SELECT * FROM members WHERE id = $1 AND organization_id = $2 AND removed_at IS NULL",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }

    /// The members with this address, written in small letters, each with the hash of the password if there is one: who signed
    /// in last comes first. There is one for each organization that the person belongs to, five at most are told; where an
    /// organization is named it is the one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members_by_email(
        &mut self,
        email: &str,
        organization: Option<OrganizationId>,
    ) -> Result<Vec<(Member, Option<String>)>, StoreError> {
        sqlx::query(
            "SELECT * FROM members WHERE email = $1 AND removed_at IS NULL AND ($2 = '' OR organization_id = $2) \
             ORDER BY COALESCE(last_signed_in_at, 0) DESC, id LIMIT 5",
        )
        .bind(email.to_owned())
        .bind(organization.map(|id| id.to_string()).unwrap_or_default())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(|found| Ok((read(found)?, row::maybe_text(found, "password_hash")?)))
        .collect()
    }

    /// The hash of a member's password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn member_password(
        &mut self,
        organization: OrganizationId,
        id: MemberId,
    ) -> Result<Option<String>, StoreError> {
        self.password_row(organization, id, "").await
    }

    /// The hash of a member's password, which nobody else changes before this transaction has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_member_password(
        &mut self,
        member: &Member,
    ) -> Result<Option<String>, StoreError> {
        let lock = self.row_lock();
        self.password_row(member.organization, member.id, lock)
            .await
    }

    async fn password_row(
        &mut self,
        organization: OrganizationId,
        id: MemberId,
        lock: &str,
    ) -> Result<Option<String>, StoreError> {
        let statement = format!(
            "SELECT password_hash FROM members WHERE id = $1 AND organization_id = $2 AND removed_at IS NULL{lock}"
        );
        let found = sqlx::query(AssertSqlSafe(statement))
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?;
        match found {
            Some(found) => row::maybe_text(&found, "password_hash"),
            None => Ok(None),
        }
    }

    /// Sets the hash of a member's password, a PHC string.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_member_password(
        &mut self,
        member: &Member,
        hash: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE members SET password_hash = $3 WHERE id = $1 AND organization_id = $2")
            .bind(member.id.to_string())
            .bind(member.organization.to_string())
            .bind(hash.to_owned())
            .execute(self.sql())
            .await?;
        Ok(())
    }

    /// Writes the name and the role of a member.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_member(&mut self, member: &Member) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE members SET name = $3, role = $4 WHERE id = $1 AND organization_id = $2",
        )
        .bind(member.id.to_string())
        .bind(member.organization.to_string())
        .bind(member.name.clone())
        .bind(member.role.as_str())
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Notes that a member signed in at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_member_signed_in(
        &mut self,
        member: &Member,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE members SET last_signed_in_at = $3 WHERE id = $1 AND organization_id = $2",
        )
        .bind(member.id.to_string())
        .bind(member.organization.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }

    /// Removes a member with all sessions and ways in; the address is free again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_member(
        &mut self,
        member: &Member,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        self.end_member_sessions(member.id).await?;
        self.remove_sign_in_tokens(member.id).await?;
        self.remove_second_factor(member).await?;
        self.remove_own_views(member).await?;
        sqlx::query(
            "UPDATE members SET removed_at = $3, password_hash = NULL, provider_issuer = NULL, provider_subject = NULL \
             WHERE id = $1 AND organization_id = $2",
        )
        .bind(member.id.to_string())
        .bind(member.organization.to_string())
        .bind(now.0)
        .execute(self.sql())
        .await?;
        Ok(())
    }
}

pub(super) fn read(found: &AnyRow) -> Result<Member, StoreError> {
    Ok(Member {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        email: row::text(found, "email")?,
        name: row::text(found, "name")?,
        role: row::parsed(found, "role")?,
        has_password: row::maybe_text(found, "password_hash")?.is_some(),
        has_second_factor: row::maybe_at(found, "totp_confirmed_at")?.is_some(),
        created_at: row::at(found, "created_at")?,
        last_signed_in_at: row::maybe_at(found, "last_signed_in_at")?,
    })
}
