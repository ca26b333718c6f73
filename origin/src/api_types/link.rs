//! A link, with its log or without.

use serde::Serialize;
use shared::{
    id::SiteId,
    status::{ConnectionStatus, LinkEventKind, LinkKind, LinkStatus, UtilityType},
    time::UnixMillis,
};
use utoipa::ToSchema;

use super::{rfc3339, schema};
use crate::store::{
    companies::Company,
    connections::Connection,
    links::{Link, LinkEvent},
};

/// A link by which a client connects utility accounts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Link)]
pub struct LinkJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    #[schema(value_type = schema::LinkKind)]
    r#type: LinkKind,
    #[schema(value_type = schema::LinkStatus)]
    status: LinkStatus,
    /// What the client opens. Null when its token key was retired, and to an API key without the scope `links`: whoever
    /// opens it connects accounts to your company.
    magic_link_url: Option<String>,
    #[schema(value_type = uuid::Uuid)]
    public_company_id: String,
    /// The last part of the URL of a company link, where that is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_magic_link_secret: Option<String>,
    /// The last part of the URL of a connection update link, where that is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_magic_link_secret: Option<String>,
    #[schema(value_type = uuid::Uuid)]
    company_id: String,
    /// The connection that an update link repairs.
    #[schema(value_type = Option<uuid::Uuid>)]
    connection_id: Option<String>,
    prefill: Prefill,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// How many runs of clients may make connections by it; null for a connection update link, which ends once the
    /// connection works again.
    max_uses: Option<i64>,
    /// How many runs of clients made connections by it, whatever a client added in the same run. Of a connection update
    /// link: how many connections it repaired or made.
    use_count: i64,
    /// Why you took it back, if you said so.
    revoked_reason: Option<String>,
    created_connections: Vec<CreatedConnection>,
}

/// A connection that a link made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedConnection {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    datasource_name: String,
    #[schema(value_type = schema::ConnectionStatus)]
    status: ConnectionStatus,
    #[schema(format = DateTime)]
    created: String,
}

/// What is filled in for the client, as the link's row has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Prefill {
    url: Option<String>,
    country: Option<String>,
    #[schema(value_type = Vec<uuid::Uuid>)]
    initial_sites: Vec<SiteId>,
    #[schema(value_type = Vec<schema::UtilityType>)]
    utility_types: Vec<UtilityType>,
    connection_owner_email: Option<String>,
    #[schema(format = Date)]
    data_collection_start_date: Option<String>,
    redirect_url: Option<String>,
    external_id: Option<String>,
    locale: Option<String>,
}

/// A link with its log.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkWithEvents)]
pub struct LinkWithEvents {
    #[serde(flatten)]
    link: LinkJson,
    /// What happened to the link, oldest first.
    events: Vec<EventJson>,
}

/// One line of a link's log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LinkEvent)]
pub struct EventJson {
    #[schema(value_type = schema::LinkEventKind)]
    r#type: LinkEventKind,
    #[schema(format = DateTime)]
    at: String,
    /// The client's run that it belongs to; name it when reporting a problem.
    #[schema(value_type = Option<uuid::Uuid>)]
    flow_ref: Option<String>,
    /// More about it, such as an error code.
    detail: Option<String>,
}

impl LinkWithEvents {
    /// A link and what happened to it, oldest first.
    #[must_use]
    pub fn new(link: LinkJson, events: Vec<EventJson>) -> Self {
        Self { link, events }
    }
}

/// One line of a link's log.
#[must_use]
pub fn render_event(event: &LinkEvent) -> EventJson {
    EventJson {
        r#type: event.kind,
        at: rfc3339(event.at),
        flow_ref: event.flow_ref.map(|flow| flow.to_string()),
        detail: event.detail.clone(),
    }
}

/// What opens a link.
pub struct LinkAddress {
    /// The whole URL.
    pub url: String,
    /// Its last part.
    pub token: String,
}

/// A link of the company and the connections that it made; without `address` it shows nothing that opens it.
#[must_use]
pub fn render_link<'a>(
    now: UnixMillis,
    company: &Company,
    link: &Link,
    made: impl Iterator<Item = &'a Connection>,
    address: Option<LinkAddress>,
) -> LinkJson {
    let (url, token) = match address {
        Some(address) => (Some(address.url), Some(address.token)),
        None => (None, None),
    };
    let (of_company, of_connection) = match link.kind {
        LinkKind::Company => (token, None),
        LinkKind::ConnectionUpdate => (None, token),
    };
    LinkJson {
        id: link.id.to_string(),
        r#type: link.kind,
        status: link.status(now),
        magic_link_url: url,
        public_company_id: company.public_id.to_string(),
        company_magic_link_secret: of_company,
        connection_magic_link_secret: of_connection,
        company_id: company.id.to_string(),
        connection_id: link.connection.map(|id| id.to_string()),
        prefill: Prefill::of(link),
        expires_at: link.expires_at.map(rfc3339),
        created_at: rfc3339(link.created_at),
        max_uses: (link.kind == LinkKind::Company).then_some(link.max_uses),
        use_count: link.use_count,
        revoked_reason: link.revoked_reason.clone(),
        created_connections: made.map(render_made).collect(),
    }
}

fn render_made(connection: &Connection) -> CreatedConnection {
    CreatedConnection {
        id: connection.id.to_string(),
        datasource_name: connection.provider_name.clone(),
        status: connection.shown_status(),
        created: rfc3339(connection.created_at),
    }
}

impl Prefill {
    fn of(link: &Link) -> Self {
        Self {
            url: link.provider_url.as_ref().map(ToString::to_string),
            country: link.country.map(|country| country.to_string()),
            initial_sites: link.initial_sites.clone(),
            utility_types: link.utility_types.clone(),
            connection_owner_email: link.owner_email.clone(),
            data_collection_start_date: link.data_collection_start_date.clone(),
            redirect_url: link.redirect_url.clone(),
            external_id: link.external_id.clone(),
            locale: link.locale.clone(),
        }
    }
}
