//! Links: make, list, read, revoke.

use axum::{Json, http::StatusCode};
use serde::Serialize;
use shared::{
    api_key::ApiKeyScope,
    id::{CompanyId, ConnectionId, LinkId, OrganizationId},
    status::{LinkKind, LinkStatus},
    time::UnixMillis,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    call::{Call, Id},
    companies::own,
    fields::{Body, Query},
    idempotency::Answer,
    link_body::{ExtendLink, RevokeLink},
    make_link,
    paging::{self, PageInfo, Paging},
    problem::{ApiProblem, ProblemBody},
    schema,
    state::ApiDoor,
};
use crate::{
    api_types::{LinkJson, LinkWithEvents, render_event, render_link},
    link_fields::{MAX_EXTERNAL_ID, NewLink, NewUpdateLink},
    links::{self, LinkRefused},
    store::{
        Tx,
        companies::Company,
        connections::Connection,
        links::{Link, LinkFilter, LinkForFlow},
    },
    text_values::Email,
};

/// A page of links.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkPage {
    total_links: i64,
    #[serde(flatten)]
    info: PageInfo,
    links: Vec<LinkJson>,
}

/// The parameters that narrow the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the parameters that `list` reads")]
pub(super) struct LinkQuery {
    /// Lists only links with one of these statuses, separated by commas.
    #[param(value_type = Option<Vec<schema::LinkStatus>>, style = Form, explode = false)]
    status: Option<String>,
    /// Lists only links of this kind.
    #[param(value_type = Option<schema::LinkKind>)]
    r#type: Option<String>,
    /// Lists only links whose owner has this mail address, in small letters or capitals.
    #[param(format = Email, max_length = 254)]
    connection_owner_email: Option<String>,
    /// Lists only links to which you gave exactly this id.
    #[param(min_length = 1, max_length = 200)]
    external_id: Option<String>,
}

/// Makes a company link: whoever opens it connects a utility account to the company.
#[utoipa::path(post, path = "/v2.2/connection/company/{company_id}/link", tag = "Links", operation_id = "makeCompanyLink",
    params(("company_id" = uuid::Uuid, Path, description = "The company's private id")),
    request_body = Option<NewLink>,
    responses((status = 201, body = LinkJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn make(
    call: Call,
    Id(company): Id<CompanyId>,
    Body(body): Body,
) -> Result<Answer, ApiProblem> {
    make_link::make(call, company, NewLink::read(body)).await
}

/// Makes a link that repairs a connection: whoever opens it signs in once more at the connection's website. What the
/// connection has stays until the new sign-in is known to open the same account; then all its links of this kind are
/// fulfilled. When a connection begins to need its client, such a link is made by itself.
#[utoipa::path(post, path = "/v2.2/connection/{id}/link", tag = "Links", operation_id = "makeConnectionUpdateLink",
    params(("id" = uuid::Uuid, Path, description = "The connection's id")),
    request_body = Option<NewUpdateLink>,
    responses((status = 201, body = LinkJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "The connection is switched off"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn make_for_connection(
    call: Call,
    Id(connection): Id<ConnectionId>,
    Body(body): Body,
) -> Result<Answer, ApiProblem> {
    make_link::make_for_connection(call, connection, NewUpdateLink::read(body)).await
}

/// Lists the company's links, newest first. Only a key with the scope `links` is shown what opens them.
#[utoipa::path(get, path = "/v2.2/link/company/{company_id}", tag = "Links", operation_id = "listLinks",
    params(("company_id" = uuid::Uuid, Path, description = "The company's private id"), LinkQuery, Paging),
    responses((status = 200, body = LinkPage),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Id(company): Id<CompanyId>,
    Query(mut query): Query,
) -> Result<Json<LinkPage>, ApiProblem> {
    let page = paging::page(&mut query);
    let filter = &LinkFilter {
        statuses: query.choices("status", LinkStatus::ALL, LinkStatus::as_str),
        kind: query.choice("type", LinkKind::ALL, LinkKind::as_str),
        owner_email: query
            .parsed::<Email>("connectionOwnerEmail")
            .map(|email| email.0),
        external_id: query.text("externalId", MAX_EXTERNAL_ID),
    };
    query.done()?;
    let shows_address = call.key.has(ApiKeyScope::Links);
    let (company, found, made) = call
        .tx
        .read("api.list_links", |tx| {
            Box::pin(async move {
                let company = own(tx, call.organization, company).await?;
                let found = tx
                    .links(call.organization, company.id, filter, call.now, page)
                    .await?;
                let made = made_by(tx, &company, &found.rows).await?;
                Ok((company, found, made))
            })
        })
        .await?;
    Ok(Json(LinkPage {
        total_links: found.total,
        info: paging::info(page, found.total),
        links: found
            .rows
            .iter()
            .map(|link| {
                let made = made.iter().filter(|made| made.link == link.id);
                let sources = call.door.link_sources();
                let shown = shows_address.then(|| links::address(sources, &company, link));
                render_link(call.now, &company, link, made, shown.flatten())
            })
            .collect(),
    }))
}

/// Reads a link and its log. Only a key with the scope `links` is shown what opens it.
#[utoipa::path(get, path = "/v2.2/link/{id}", tag = "Links", operation_id = "getLink",
    params(("id" = uuid::Uuid, Path, description = "The link's id")),
    responses((status = 200, body = LinkWithEvents),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(
    call: Call,
    Id(id): Id<LinkId>,
) -> Result<Json<LinkWithEvents>, ApiProblem> {
    let shows_address = call.key.has(ApiKeyScope::Links);
    let ((found, made), events) = call
        .tx
        .read("api.get_link", |tx| {
            Box::pin(async move {
                let found = own_link(tx, call.organization, id).await?;
                Ok((found, tx.link_events(call.organization, id).await?))
            })
        })
        .await?;
    let (company, link) = (&found.company, &found.link);
    let sources = call.door.link_sources();
    let shown = shows_address.then(|| links::address(sources, company, link));
    let shown = render_link(call.now, company, link, made.iter(), shown.flatten());
    let events = events.iter().map(render_event).collect();
    Ok(Json(LinkWithEvents::new(shown, events)))
}

/// Gives a link that ends a later end, and with it a new URL. The old URL ends when it would have: it can be opened until
/// then, and no longer.
#[utoipa::path(post, path = "/v2.2/link/{id}/extend", tag = "Links", operation_id = "extendLink",
    params(("id" = uuid::Uuid, Path, description = "The link's id")),
    request_body = ExtendLink,
    responses((status = 200, body = LinkJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json",
            description = "It was revoked, has done its work, or never ends"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn extend(
    call: Call,
    Id(id): Id<LinkId>,
    Body(body): Body,
) -> Result<Answer, ApiProblem> {
    let end = ExtendLink::read(body)?;
    let (door, author) = (&call.door, &call.audit.author());
    let seconds = end.expires_in_seconds;
    let done = call.tx.once("api.extend_link", |tx| {
        Box::pin(async move {
            links::extend(tx, author, &door.token_keys, id, seconds).await?;
            let (found, made) = own_link(tx, author.organization, id).await?;
            let link = render(door, author.now, &found.company, &found.link, made.iter());
            Ok((Answer::new(StatusCode::OK, &link)?, ()))
        })
    });
    let (answer, is_new) = done.await?;
    if is_new.is_some() {
        let organization = author.organization;
        tracing::info!(%organization, link = %id, "a link was given a later end");
    }
    Ok(answer)
}

impl From<LinkRefused> for ApiProblem {
    fn from(refused: LinkRefused) -> Self {
        Self::Conflict(match refused {
            LinkRefused::Unknown => return Self::NotFound,
            LinkRefused::Fields(wrong) => return Self::Fields(wrong),
            LinkRefused::Store(error) => return Self::Store(error),
            LinkRefused::SentOften { seconds } => return Self::SentOften { seconds },
            LinkRefused::SwitchedOff => {
                "The connection is switched off: there is nothing to repair."
            }
            LinkRefused::Expired => "The link has run out: extend it, or make a new one.",
            LinkRefused::Revoked => "The link was taken back: make a new one.",
            LinkRefused::Fulfilled => {
                "The link has done its work already: there is nothing to send, extend or take back."
            }
            LinkRefused::Endless => "The link never ends: there is nothing to extend.",
        })
    }
}

/// Takes a link back. Nobody can start with it any more, and who is signing in is stopped. One that was taken back
/// before stays as it is, with its reason.
#[utoipa::path(post, path = "/v2.2/link/{id}/revoke", tag = "Links", operation_id = "revokeLink",
    params(("id" = uuid::Uuid, Path, description = "The link's id")),
    request_body = Option<RevokeLink>,
    responses((status = 200, body = LinkJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "It has done its work already"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn revoke(
    call: Call,
    Id(id): Id<LinkId>,
    Body(body): Body,
) -> Result<Answer, ApiProblem> {
    let reason = RevokeLink::read(body)?.reason;
    let (door, author, reason) = (&call.door, &call.audit.author(), reason.as_deref());
    let done = call.tx.once("api.revoke_link", |tx| {
        Box::pin(async move {
            links::take_back(tx, author, id, reason).await?;
            let (found, made) = own_link(tx, author.organization, id).await?;
            let link = render(door, author.now, &found.company, &found.link, made.iter());
            Ok((Answer::new(StatusCode::OK, &link)?, ()))
        })
    });
    Ok(done.await?.0)
}

/// The organization's link and the connections that it made; another's link is as unknown as none.
async fn own_link(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: LinkId,
) -> Result<(LinkForFlow, Vec<Connection>), ApiProblem> {
    let found = tx.link(organization, id).await?;
    let found = found.ok_or(ApiProblem::NotFound)?;
    let made = made_by(tx, &found.company, std::slice::from_ref(&found.link)).await?;
    Ok((found, made))
}

/// The connections that these links of one company made, oldest first.
async fn made_by(
    tx: &mut Tx<'_>,
    company: &Company,
    links: &[Link],
) -> Result<Vec<Connection>, ApiProblem> {
    let used: Vec<_> = links
        .iter()
        .filter(|link| link.use_count > 0)
        .map(|link| link.id)
        .collect();
    Ok(tx.connections_of_links(company.id, &used).await?)
}

/// A link with what opens it, for keys that may make links.
pub(super) fn render<'a>(
    door: &ApiDoor,
    now: UnixMillis,
    company: &Company,
    link: &Link,
    made: impl Iterator<Item = &'a Connection>,
) -> LinkJson {
    let address = links::address(door.link_sources(), company, link);
    render_link(now, company, link, made, address)
}
