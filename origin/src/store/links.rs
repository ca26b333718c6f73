//! Links and their logs. Flows are never stored; their traces in the log are.

use shared::{
    country::Country,
    id::{CompanyId, ConnectionId, FlowRef, LinkId, OrganizationId, PublicCompanyId, SiteId},
    provider::ProviderUrl,
    status::{LinkEventKind, LinkKind, LinkStatus, UtilityType},
    time::UnixMillis,
};
use sqlx::any::AnyRow;

use super::{
    Page, PageOf, StoreError, Tx, code_requests::CODE_PAGE_LIFE_MS, companies::Company,
    connections::Connection, row,
};

/// The link's own columns, then its company's under other names.
macro_rules! select_with_company {
    ($where:literal) => { select_with_company!("links l", $where) };
    ($from:literal, $where:literal) => {
        concat!(
            "SELECT l.*, c.public_id AS company_public_id, c.organization_id AS company_organization_id, ",
            "c.name AS company_name, c.external_id AS company_external_id, c.created_at AS company_created_at, c.environment AS company_environment ",
            "FROM ", $from, " JOIN companies c ON c.id = l.company_id WHERE ", $where
        )
    };
}
pub(super) use select_with_company;

/// A link as its row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The id of the link, which its token holds too.
    pub id: LinkId,
    /// The company whose people open the link.
    pub company: CompanyId,
    /// Whether it makes a connection or repairs one.
    pub kind: LinkKind,
    /// The connection that an update link repairs.
    pub connection: Option<ConnectionId>,
    /// The id of the token key that sealed its token.
    pub key_id: u8,
    /// The token's nonce: with it the same URL can be made again.
    pub nonce: [u8; 12],
    /// The website it opens with.
    pub provider_url: Option<ProviderUrl>,
    /// The country it opens with.
    pub country: Option<Country>,
    /// From this time on it cannot be started; `None` means that it never expires.
    pub expires_at: Option<UnixMillis>,
    /// When the organization revoked it; `None` while it is not revoked.
    pub revoked_at: Option<UnixMillis>,
    /// Why the organization revoked it, for itself alone.
    pub revoked_reason: Option<String>,
    /// When it had done its work: a company link with its last use, an update link when its connection worked; `None`
    /// before.
    pub fulfilled_at: Option<UnixMillis>,
    /// The flow that used it last. Once it is fulfilled, only flows that used it may make more connections.
    pub fulfilled_flow: Option<FlowRef>,
    /// How many flows may make connections by a company link.
    pub max_uses: i64,
    /// How many flows made connections by a company link; how many connections an update link repaired or made.
    pub use_count: i64,
    /// The sites that are ticked when the client sees them first.
    pub initial_sites: Vec<SiteId>,
    /// The utility types that are ticked when the client sees them first.
    pub utility_types: Vec<UtilityType>,
    /// The mail address of the owner of the connections that it makes.
    pub owner_email: Option<String>,
    /// `YYYY-MM-DD`: bills before it are not wanted.
    pub data_collection_start_date: Option<String>,
    /// The address to which the client goes after the end.
    pub redirect_url: Option<String>,
    /// The id that the organization uses for it in its own systems.
    pub external_id: Option<String>,
    /// The language of the pages that the client sees.
    pub locale: Option<String>,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// The longest website, without its scheme, that has room in every link.
const SHOWN_WEBSITE_MAX: usize = 60;

/// The website of the connection without path and query, if it has room in every link.
#[must_use]
pub fn shown_website(connection: &Connection) -> Option<ProviderUrl> {
    let website = connection.provider_url.website();
    (website.as_str().len() <= SHOWN_WEBSITE_MAX).then_some(website)
}

impl Link {
    /// A link that repairs the connection, and never expires by itself. It opens with the connection's website, as far
    /// as that has room in it, and its owner is the connection's.
    #[must_use]
    pub fn for_update(
        id: LinkId,
        connection: &Connection,
        key_id: u8,
        nonce: [u8; 12],
        now: UnixMillis,
    ) -> Self {
        Self {
            id,
            company: connection.company,
            kind: LinkKind::ConnectionUpdate,
            connection: Some(connection.id),
            key_id,
            nonce,
            provider_url: shown_website(connection),
            country: Some(connection.country),
            expires_at: None,
            revoked_at: None,
            revoked_reason: None,
            fulfilled_at: None,
            fulfilled_flow: None,
            max_uses: 1,
            use_count: 0,
            initial_sites: Vec::new(),
            utility_types: Vec::new(),
            owner_email: connection.owner_email.clone(),
            data_collection_start_date: None,
            redirect_url: None,
            external_id: None,
            locale: None,
            created_at: now,
        }
    }

    /// The status of the link at this time. Revoked counts before fulfilled, and both before expired.
    #[must_use]
    pub fn status(&self, now: UnixMillis) -> LinkStatus {
        if self.revoked_at.is_some() {
            return LinkStatus::Revoked;
        }
        if self.fulfilled_at.is_some() {
            return LinkStatus::Fulfilled;
        }
        match self.expires_at {
            Some(expires) if expires <= now => LinkStatus::Expired,
            _ => LinkStatus::Active,
        }
    }
}

/// One line of a link's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkEvent {
    /// The kind of the event.
    pub kind: LinkEventKind,
    /// The flow in which it happened; `None` outside of flows.
    pub flow_ref: Option<FlowRef>,
    /// More about it, such as an error code or a reason. Never a secret.
    pub detail: Option<String>,
    /// When it happened.
    pub at: UnixMillis,
}

/// A link together with its company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkForFlow {
    /// The row of the link.
    pub link: Link,
    /// The company that the link was made for.
    pub company: Company,
}

/// Which links of a company a list holds.
#[derive(Debug, Clone, Default)]
pub struct LinkFilter {
    /// Links with one of these statuses; empty means all.
    pub statuses: Vec<LinkStatus>,
    /// Links of this kind; `None` means both.
    pub kind: Option<LinkKind>,
    /// Links with this owner, in small letters or capitals; `None` means all.
    pub owner_email: Option<String>,
    /// Links with exactly this id of the organization's own; `None` means all.
    pub external_id: Option<String>,
}

// The status is told as `Link::status` does.
macro_rules! filtered {
    ($select:literal, $end:literal) => {
        concat!(
            $select,
            " FROM links l JOIN companies c ON c.id = l.company_id \
             WHERE l.company_id = $1 AND c.organization_id = $2 \
               AND ($3 = '' OR $3 LIKE '%,' || (CASE WHEN l.revoked_at IS NOT NULL THEN 'REVOKED' \
                 WHEN l.fulfilled_at IS NOT NULL THEN 'FULFILLED' WHEN l.expires_at <= $4 THEN 'EXPIRED' \
                 ELSE 'ACTIVE' END) || ',%') \
               AND ($5 = '' OR l.kind = $5) \
               AND ($6 = '' OR LOWER(l.owner_email) = LOWER($6)) \
               AND ($7 = '' OR l.external_id = $7)",
            $end
        )
    };
}

impl Tx<'_> {
    /// Adds a link and the first line of its log. False when the company is not the organization's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_link(
        &mut self,
        organization: OrganizationId,
        link: &Link,
    ) -> Result<bool, StoreError> {
        let added = sqlx::query(
            "INSERT INTO links (id, company_id, kind, connection_id, key_id, nonce, provider_url, country, \
               expires_at, use_count, initial_sites, utility_types, owner_email, data_collection_start_date, \
               redirect_url, external_id, locale, created_at, event_count, organization_id, max_uses) \
             SELECT $1, c.id, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, $12, $13, $14, $15, $16, $17, 1, $18, $19 \
             FROM companies c WHERE c.id = $2 AND c.organization_id = $18",
        )
        .bind(link.id.to_string())
        .bind(link.company.to_string())
        .bind(link.kind.as_str())
        .bind(link.connection.map(|id| id.to_string()))
        .bind(i64::from(link.key_id))
        .bind(link.nonce.to_vec())
        .bind(link.provider_url.as_ref().map(ToString::to_string))
        .bind(link.country.map(|country| country.to_string()))
        .bind(link.expires_at.map(|at| at.0))
        .bind(row::to_json(&link.initial_sites, "initial_sites")?)
        .bind(row::to_json(&link.utility_types, "utility_types")?)
        .bind(link.owner_email.clone())
        .bind(link.data_collection_start_date.clone())
        .bind(link.redirect_url.clone())
        .bind(link.external_id.clone())
        .bind(link.locale.clone())
        .bind(link.created_at.0)
        .bind(organization.to_string())
        .bind(link.max_uses)
        .execute(self.sql())
        .await?;
        if added.rows_affected() == 0 {
            return Ok(false);
        }
        let created = LinkEvent {
            kind: LinkEventKind::Created,
            flow_ref: None,
            detail: None,
            at: link.created_at,
        };
        self.add_event(link.id, 1, &created).await?;
        Ok(true)
    }

    /// The link with this id, if it belongs to the organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link(
        &mut self,
        organization: OrganizationId,
        id: LinkId,
    ) -> Result<Option<LinkForFlow>, StoreError> {
        sqlx::query(select_with_company!("l.id = $1 AND c.organization_id = $2"))
            .bind(id.to_string())
            .bind(organization.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read_with_company(&found))
            .transpose()
    }

    /// The link that a token names, if it belongs to the company that the URL names. The token must
    /// have been opened before; whether the link is still active is for the caller to ask.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_for_flow(
        &mut self,
        id: LinkId,
        company: PublicCompanyId,
    ) -> Result<Option<LinkForFlow>, StoreError> {
        sqlx::query(select_with_company!("l.id = $1 AND c.public_id = $2"))
            .bind(id.to_string())
            .bind(company.to_string())
            .fetch_optional(self.sql())
            .await?
            .map(|found| read_with_company(&found))
            .transpose()
    }

    /// A page of the links of the organization's company, newest first; what has run out is told by `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn links(
        &mut self,
        organization: OrganizationId,
        company: CompanyId,
        filter: &LinkFilter,
        now: UnixMillis,
        page: Page,
    ) -> Result<PageOf<Link>, StoreError> {
        let statuses = filter
            .statuses
            .iter()
            .map(|status| status.as_str().to_owned());
        let statuses = row::comma_separated(statuses);
        let kind = filter.kind.map_or("", LinkKind::as_str);
        let owner = filter.owner_email.clone().unwrap_or_default();
        let external_id = filter.external_id.clone().unwrap_or_default();
        let count = sqlx::query(filtered!("SELECT COUNT(*) AS total", ""))
            .bind(company.to_string())
            .bind(organization.to_string())
            .bind(statuses.clone())
            .bind(now.0)
            .bind(kind)
            .bind(owner.clone())
            .bind(external_id.clone())
            .fetch_one(self.sql())
            .await?;
        let rows = sqlx::query(filtered!(
            "SELECT l.*",
            " ORDER BY l.created_at DESC, l.id LIMIT $8 OFFSET $9"
        ))
        .bind(company.to_string())
        .bind(organization.to_string())
        .bind(statuses)
        .bind(now.0)
        .bind(kind)
        .bind(owner)
        .bind(external_id)
        .bind(page.limit)
        .bind(page.offset())
        .fetch_all(self.sql())
        .await?;
        Ok(PageOf {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: row::number(&count, "total")?,
        })
    }

    /// Adds a line to the log of the company's link. False when the company has no such link.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_link_event(
        &mut self,
        company: PublicCompanyId,
        id: LinkId,
        event: &LinkEvent,
    ) -> Result<bool, StoreError> {
        let known = sqlx::query(
            "SELECT l.id FROM links l JOIN companies c ON c.id = l.company_id \
             WHERE l.id = $1 AND c.public_id = $2",
        )
        .bind(id.to_string())
        .bind(company.to_string())
        .fetch_optional(self.sql())
        .await?;
        if known.is_none() {
            return Ok(false);
        }
        self.append_event(id, event).await?;
        Ok(true)
    }

    /// The log of the organization's link, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link_events(
        &mut self,
        organization: OrganizationId,
        id: LinkId,
    ) -> Result<Vec<LinkEvent>, StoreError> {
        sqlx::query(
            "SELECT e.* FROM link_events e JOIN links l ON l.id = e.link_id \
             JOIN companies c ON c.id = l.company_id \
             WHERE e.link_id = $1 AND c.organization_id = $2 ORDER BY e.seq",
        )
        .bind(id.to_string())
        .bind(organization.to_string())
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(read_event)
        .collect()
    }

    /// Ids of the token keys that links and pages for codes which can still be opened were sealed with: none of these
    /// may leave the configuration.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token_keys_in_use(&mut self, now: UnixMillis) -> Result<Vec<u8>, StoreError> {
        sqlx::query(
            "SELECT DISTINCT key_id FROM links WHERE revoked_at IS NULL AND fulfilled_at IS NULL \
             AND (expires_at IS NULL OR expires_at > $1) \
             UNION SELECT key_id FROM code_requests WHERE created_at > $2 ORDER BY key_id",
        )
        .bind(now.0)
        .bind(now.plus(-CODE_PAGE_LIFE_MS).0)
        .fetch_all(self.sql())
        .await?
        .iter()
        .map(key_id)
        .collect()
    }

    /// Appends to a link's log. The counter in the link's row numbers the lines and, as the row is
    /// locked by it, keeps two writers apart.
    pub(super) async fn append_event(
        &mut self,
        id: LinkId,
        event: &LinkEvent,
    ) -> Result<(), StoreError> {
        let counted = sqlx::query(
            "UPDATE links SET event_count = event_count + 1 WHERE id = $1 RETURNING event_count",
        )
        .bind(id.to_string())
        .fetch_one(self.sql())
        .await?;
        self.add_event(id, row::number(&counted, "event_count")?, event)
            .await
    }

    async fn add_event(
        &mut self,
        id: LinkId,
        seq: i64,
        event: &LinkEvent,
    ) -> Result<(), StoreError> {
        let insert = "INSERT INTO link_events (link_id, seq, kind, flow_ref, detail, at) VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(insert)
            .bind(id.to_string())
            .bind(seq)
            .bind(event.kind.as_str())
            .bind(event.flow_ref.map(|flow| flow.to_string()))
            .bind(event.detail.clone())
            .bind(event.at.0)
            .execute(self.sql())
            .await?;
        Ok(())
    }
}

fn key_id(found: &AnyRow) -> Result<u8, StoreError> {
    u8::try_from(row::number(found, "key_id")?)
        .map_err(|_| StoreError::Corrupt { column: "key_id" })
}

pub(super) fn read(found: &AnyRow) -> Result<Link, StoreError> {
    Ok(Link {
        id: row::parsed(found, "id")?,
        company: row::parsed(found, "company_id")?,
        kind: row::parsed(found, "kind")?,
        connection: row::maybe_parsed(found, "connection_id")?,
        key_id: key_id(found)?,
        nonce: row::blob(found, "nonce")?
            .try_into()
            .map_err(|_| StoreError::Corrupt { column: "nonce" })?,
        provider_url: row::maybe_parsed(found, "provider_url")?,
        country: row::maybe_parsed(found, "country")?,
        expires_at: row::maybe_at(found, "expires_at")?,
        revoked_at: row::maybe_at(found, "revoked_at")?,
        revoked_reason: row::maybe_text(found, "revoked_reason")?,
        fulfilled_at: row::maybe_at(found, "fulfilled_at")?,
        fulfilled_flow: row::maybe_parsed(found, "fulfilled_flow")?,
        max_uses: row::number(found, "max_uses")?,
        use_count: row::number(found, "use_count")?,
        initial_sites: row::json(found, "initial_sites")?,
        utility_types: row::json(found, "utility_types")?,
        owner_email: row::maybe_text(found, "owner_email")?,
        data_collection_start_date: row::maybe_text(found, "data_collection_start_date")?,
        redirect_url: row::maybe_text(found, "redirect_url")?,
        external_id: row::maybe_text(found, "external_id")?,
        locale: row::maybe_text(found, "locale")?,
        created_at: row::at(found, "created_at")?,
    })
}

pub(super) fn read_with_company(found: &AnyRow) -> Result<LinkForFlow, StoreError> {
    let link = read(found)?;
    let company = Company {
        id: link.company,
        public_id: row::parsed(found, "company_public_id")?,
        organization: row::parsed(found, "company_organization_id")?,
        name: row::text(found, "company_name")?,
        external_id: row::maybe_text(found, "company_external_id")?,
        environment: row::parsed(found, "company_environment")?,
        created_at: row::at(found, "company_created_at")?,
    };
    Ok(LinkForFlow { link, company })
}

pub(super) fn read_event(found: &AnyRow) -> Result<LinkEvent, StoreError> {
    Ok(LinkEvent {
        kind: row::parsed(found, "kind")?,
        flow_ref: row::maybe_parsed(found, "flow_ref")?,
        detail: row::maybe_text(found, "detail")?,
        at: row::at(found, "at")?,
    })
}
