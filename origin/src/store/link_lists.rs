//! The links of all companies of an organization, newest first.

use shared::{
    id::{CompanyId, LinkId, OrganizationId},
    status::{LinkKind, LinkStatus},
    time::UnixMillis,
};

use super::{
    StoreError, Tx,
    links::{LinkForFlow, read_with_company, select_with_company},
    overview::Cursor,
    search::{Patterns, found_in},
};

/// Which links are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkListFilter {
    /// Only those of this company.
    pub company: Option<CompanyId>,
    /// Only those with this status.
    pub status: Option<LinkStatus>,
    /// Only those of this kind.
    pub kind: Option<LinkKind>,
    /// Only those where this stands in the company's name, the website, the owner's address or the organization's own id.
    pub search: String,
}

impl Tx<'_> {
    /// The organization's links after `after`, newest first, `most` at most; what has run out is told by `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn links_after(
        &mut self,
        organization: OrganizationId,
        filter: &LinkListFilter,
        now: UnixMillis,
        (after, most): (Option<Cursor<LinkId>>, i64),
    ) -> Result<Vec<LinkForFlow>, StoreError> {
        let [typed, small, capital, title] = Patterns::of(&filter.search).spellings;
        // The status is told as `Link::status` does.
        sqlx::query(concat!(
            select_with_company!(
                "l.organization_id = $1 AND c.organization_id = $1 AND (l.created_at, l.id) < ($2, $3) \
                 AND ($4 = '' OR l.company_id = $4) \
                 AND ($5 = '' OR l.kind = $5) \
                 AND ($6 = '' OR $6 = CASE WHEN l.revoked_at IS NOT NULL THEN 'REVOKED' \
                   WHEN l.fulfilled_at IS NOT NULL THEN 'FULFILLED' WHEN l.expires_at <= $7 THEN 'EXPIRED' \
                   ELSE 'ACTIVE' END) AND "
            ),
            found_in!(
                "c.name || ' ' || COALESCE(l.provider_url, '') || ' ' || COALESCE(l.owner_email, '') || ' ' || COALESCE(l.external_id, '')",
                ["$8", "$9", "$10", "$11"],
                ""
            ),
            " ORDER BY l.created_at DESC, l.id DESC LIMIT $12"
        ))
        .bind(organization.to_string())
        .bind(after.map_or(i64::MAX, |after| after.created_at.0))
        .bind(after.map(|after| after.id.to_string()).unwrap_or_default())
        .bind(filter.company.map(|id| id.to_string()).unwrap_or_default())
        .bind(filter.kind.map_or("", LinkKind::as_str))
        .bind(filter.status.map_or("", LinkStatus::as_str))
        .bind(now.0)
        .bind(typed)
        .bind(small)
        .bind(capital)
        .bind(title)
        .bind(most)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read_with_company)
        .collect()
    }
}
