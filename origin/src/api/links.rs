//! Links: make, list, read, revoke.

use axum::{Json, http::StatusCode};
use serde::Serialize;
use shared::{
    id::{CompanyId, ConnectionId, LinkId, OrganizationId},
    status::LinkEventKind,
    time::UnixMillis,
    webhook::WebhookEventType,
};
use utoipa::ToSchema;

use super::{
    call::{Call, Id},
    companies::own,
    fields::{Body, Query},
    idempotency::Answer,
    link_body::{NewLink, NewUpdateLink},
    make_link,
    paging::{self, PageInfo, Paging},
    problem::{ApiProblem, ProblemBody},
    schema,
    state::ApiDoor,
};
use crate::api_types::rfc3339;
use crate::{
    api_types::{LinkAddress, LinkJson, render_link},
    link_url,
    store::{
        Tx,
        companies::Company,
        connections::Connection,
        links::{Link, LinkEvent, LinkForFlow, Revocation},
    },
    webhooks::Outbox,
};

/// A link with its log.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkWithEvents)]
pub(super) struct LinkWithEvents {
    #[serde(flatten)]
    link: LinkJson,
    /// What happened to the link, oldest first.
    events: Vec<EventJson>,
}

/// One line of a link's log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LinkEvent)]
pub(super) struct EventJson {
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

/// A page of links.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkPage {
    total_links: i64,
    #[serde(flatten)]
    info: PageInfo,
    links: Vec<LinkJson>,
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

/// Lists the company's links, newest first.
#[utoipa::path(get, path = "/v2.2/link/company/{company_id}", tag = "Links", operation_id = "listLinks",
    params(("company_id" = uuid::Uuid, Path, description = "The company's private id"), Paging),
    responses((status = 200, body = LinkPage),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn list(
    call: Call,
    Id(company): Id<CompanyId>,
    Query(mut query): Query,
) -> Result<Json<LinkPage>, ApiProblem> {
    let page = paging::page(&mut query);
    query.done()?;
    let (company, found, made) = call
        .tx
        .read("api.list_links", |tx| {
            Box::pin(async move {
                let company = own(tx, call.organization, company).await?;
                let found = tx.links(call.organization, company.id, page).await?;
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
                render(&call.door, call.now, &company, link, made)
            })
            .collect(),
    }))
}

/// Reads a link and its log.
#[utoipa::path(get, path = "/v2.2/link/{id}", tag = "Links", operation_id = "getLink",
    params(("id" = uuid::Uuid, Path, description = "The link's id")),
    responses((status = 200, body = LinkWithEvents),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn get(
    call: Call,
    Id(id): Id<LinkId>,
) -> Result<Json<LinkWithEvents>, ApiProblem> {
    let ((found, made), events) = call
        .tx
        .read("api.get_link", |tx| {
            Box::pin(async move {
                let found = own_link(tx, call.organization, id).await?;
                Ok((found, tx.link_events(call.organization, id).await?))
            })
        })
        .await?;
    Ok(Json(LinkWithEvents {
        link: render(
            &call.door,
            call.now,
            &found.company,
            &found.link,
            made.iter(),
        ),
        events: events.iter().map(render_event).collect(),
    }))
}

/// Takes a link back. Nobody can start with it any more, and who is signing in cannot finish.
#[utoipa::path(post, path = "/v2.2/link/{id}/revoke", tag = "Links", operation_id = "revokeLink",
    params(("id" = uuid::Uuid, Path, description = "The link's id")),
    responses((status = 200, body = LinkJson),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "It made its connection already")))]
pub(super) async fn revoke(call: Call, Id(id): Id<LinkId>) -> Result<Answer, ApiProblem> {
    let (door, random) = (&call.door, &*call.door.random);
    let done = call.tx.once("api.revoke_link", |tx| {
        Box::pin(async move {
            let before = tx.link(call.organization, id).await?;
            match tx.revoke_link(call.organization, id, call.now).await? {
                Revocation::Revoked => {}
                Revocation::Unknown => return Err(ApiProblem::NotFound),
                Revocation::Fulfilled => {
                    return Err(ApiProblem::Conflict(
                        "The link made its connection already: there is nothing to take back.",
                    ));
                }
            }
            let (found, made) = own_link(tx, call.organization, id).await?;
            let is_new = before.is_some_and(|it| it.link.revoked_at.is_none());
            let company = found.company.id;
            if is_new && let Some(outbox) = Outbox::of(tx, company, random, call.now).await? {
                outbox.link(tx, WebhookEventType::LinkRevoked, id).await?;
            }
            let link = render(door, call.now, &found.company, &found.link, made.iter());
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

pub(super) fn render<'a>(
    door: &ApiDoor,
    now: UnixMillis,
    company: &Company,
    link: &Link,
    made: impl Iterator<Item = &'a Connection>,
) -> LinkJson {
    let token = link_url::token(&door.token_keys, company.public_id, link).ok();
    let address = token.map(|token| LinkAddress {
        url: link_url::url(&door.links_base, company.public_id, link.kind, &token),
        token,
    });
    render_link(now, company, link, made, address)
}

fn render_event(event: &LinkEvent) -> EventJson {
    EventJson {
        r#type: event.kind,
        at: rfc3339(event.at),
        flow_ref: event.flow_ref.map(|flow| flow.to_string()),
        detail: event.detail.clone(),
    }
}
