//! Makes links, and brings their brand to the edge.

use axum::http::StatusCode;
use shared::{
    id::{CompanyId, ConnectionId, OrganizationId, PublicCompanyId},
    time::UnixMillis,
};

use super::{
    call::Call,
    idempotency::Answer,
    links::render,
    problem::{ApiProblem, FieldError},
    state::ApiDoor,
};
use crate::{
    brand_push::push_for_links,
    link_fields::{NewLink, NewUpdateLink},
    links::{self, AskedLink},
    store::{companies::Company, links::Link},
};

/// Makes a link of the caller's company and stores it, if nothing was wrong with its body; its brand is at the edge if the
/// edge could be reached.
pub(super) async fn make(
    call: Call,
    company: CompanyId,
    new: (NewLink, Vec<FieldError>),
) -> Result<Answer, ApiProblem> {
    let (door, author) = (&call.door, &call.audit.author());
    let asked = &AskedLink::of(new, door.link_sources(), author, company);
    let done = call.tx.once("api.make_link", |tx| {
        Box::pin(async move {
            let company = links::make(tx, author, door.link_sources(), asked).await?;
            answer(door, author.now, &company, &asked.link)
        })
    });
    push(door, author.organization, done.await?).await
}

/// Makes a link that repairs the caller's connection and stores it, as [`make`] does.
pub(super) async fn make_for_connection(
    call: Call,
    connection: ConnectionId,
    (new, wrong): (NewUpdateLink, Vec<FieldError>),
) -> Result<Answer, ApiProblem> {
    let (door, author) = (&call.door, &call.audit.author());
    let (new, wrong) = (&new, &*wrong);
    let done = call.tx.once("api.make_update_link", |tx| {
        Box::pin(async move {
            let sources = door.link_sources();
            let made = links::make_update(tx, author, sources, connection, (new, wrong));
            let (company, link) = made.await?;
            answer(door, author.now, &company, &link)
        })
    });
    push(door, author.organization, done.await?).await
}

fn answer(
    door: &ApiDoor,
    now: UnixMillis,
    company: &Company,
    link: &Link,
) -> Result<(Answer, PublicCompanyId), ApiProblem> {
    let made = render(door, now, company, link, [].iter());
    Ok((Answer::new(StatusCode::CREATED, &made)?, company.public_id))
}

/// Brings the brand of a link that was made now to the edge.
async fn push(
    door: &ApiDoor,
    organization: OrganizationId,
    (answer, made): (Answer, Option<PublicCompanyId>),
) -> Result<Answer, ApiProblem> {
    push_for_links(&door.edge, &door.store, organization, made).await;
    Ok(answer)
}
