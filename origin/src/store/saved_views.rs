//! Filters and searches of the console's lists, under names that members gave them.

use shared::{
    id::{MemberId, OrganizationId, SavedViewId},
    member::SavedList,
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{StoreError, Tx, members::Member, row};

/// A filter of a list with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// The id of the view.
    pub id: SavedViewId,
    /// The organization whose list it is.
    pub organization: OrganizationId,
    /// Who made it.
    pub member: MemberId,
    /// Of which list it is.
    pub list: SavedList,
    /// What it is called.
    pub name: String,
    /// What stands behind the question mark of the list's address.
    pub query: String,
    /// Since when the whole team sees it.
    pub shared_at: Option<UnixMillis>,
    /// When it was made.
    pub created_at: UnixMillis,
}

impl Tx<'_> {
    /// The views of a list that a member sees, in the order of their names: their own, and those that the team shares.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn saved_views(
        &mut self,
        member: &Member,
        list: SavedList,
    ) -> Result<Vec<SavedView>, StoreError> {
        sqlx::query(
            "SELECT * FROM saved_views WHERE organization_id = $1 AND list = $2 \
               AND (member_id = $3 OR shared_at IS NOT NULL) ORDER BY name_key, created_at, id",
        )
        .bind(member.organization.to_string())
        .bind(list.as_str())
        .bind(member.id.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read)
        .collect()
    }

    /// The view with this id, if the member sees it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn saved_view(
        &mut self,
        member: &Member,
        id: SavedViewId,
    ) -> Result<Option<SavedView>, StoreError> {
        sqlx::query(
            "SELECT * FROM saved_views WHERE id = $1 AND organization_id = $2 \
               AND (member_id = $3 OR shared_at IS NOT NULL)",
        )
        .bind(id.to_string())
        .bind(member.organization.to_string())
        .bind(member.id.to_string())
        .fetch_optional(self.sql())
        .await?
        .map(|found| read(&found))
        .transpose()
    }

    /// How many views a member has made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_saved_views(&mut self, member: &Member) -> Result<i64, StoreError> {
        let found = sqlx::query("SELECT COUNT(*) AS total FROM saved_views WHERE member_id = $1")
            .bind(member.id.to_string())
            .fetch_one(self.sql())
            .await?;
        row::number(&found, "total")
    }

    /// How many views the organization's team shares.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_shared_views(
        &mut self,
        organization: OrganizationId,
    ) -> Result<i64, StoreError> {
        let found = sqlx::query(
            "SELECT COUNT(*) AS total FROM saved_views WHERE organization_id = $1 AND shared_at IS NOT NULL",
        )
        .bind(organization.to_string())
        .fetch_one(self.sql())
        .await?;
        row::number(&found, "total")
    }

    /// Adds a view. False, and nothing is written, when the member has one of this name in the list.
    ///
    /// # Errors
    /// When the member does not exist or the database fails.
    pub async fn add_saved_view(&mut self, view: &SavedView) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO saved_views (id, organization_id, member_id, list, name, name_key, query, shared_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(view.id.to_string())
        .bind(view.organization.to_string())
        .bind(view.member.to_string())
        .bind(view.list.as_str())
        .bind(view.name.clone())
        .bind(view.name.to_lowercase())
        .bind(view.query.clone())
        .bind(view.shared_at.map(|at| at.0))
        .bind(view.created_at.0)
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a view its name, and says who sees it, as `view` has them. False, and nothing is written, when whoever made it has
    /// another one of this name in the list.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_saved_view(&mut self, view: &SavedView) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE saved_views SET name = $3, name_key = $4, shared_at = $5 WHERE id = $1 AND organization_id = $2 \
               AND NOT EXISTS (SELECT 1 FROM saved_views o WHERE o.member_id = saved_views.member_id \
                 AND o.list = saved_views.list AND o.name_key = $4 AND o.id <> $1)",
        )
        .bind(view.id.to_string())
        .bind(view.organization.to_string())
        .bind(view.name.clone())
        .bind(view.name.to_lowercase())
        .bind(view.shared_at.map(|at| at.0))
        .execute(self.sql())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a view, if it is still there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_saved_view(&mut self, view: &SavedView) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM saved_views WHERE id = $1 AND organization_id = $2")
            .bind(view.id.to_string())
            .bind(view.organization.to_string())
            .execute(self.sql())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes the views that nobody but this member sees.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn remove_own_views(&mut self, member: &Member) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM saved_views WHERE member_id = $1 AND organization_id = $2 AND shared_at IS NULL",
        )
        .bind(member.id.to_string())
        .bind(member.organization.to_string())
        .execute(self.sql())
        .await?;
        Ok(())
    }
}

fn read(found: &AnyRow) -> Result<SavedView, StoreError> {
    Ok(SavedView {
        id: row::parsed(found, "id")?,
        organization: row::parsed(found, "organization_id")?,
        member: row::parsed(found, "member_id")?,
        list: row::parsed(found, "list")?,
        name: row::text(found, "name")?,
        query: row::text(found, "query")?,
        shared_at: row::maybe_at(found, "shared_at")?,
        created_at: row::at(found, "created_at")?,
    })
}
