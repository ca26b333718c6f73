//! Makes links, and brings their brand to the edge.

use axum::http::StatusCode;
use shared::{
    brand::Brand,
    id::{CompanyId, ConnectionId, PublicCompanyId},
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
    link_fields::{NewLink, NewUpdateLink},
    links::{self, AskedLink},
    store::{Tx, companies::Company, links::Link},
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
            answer(tx, door, author.now, &company, &asked.link).await
        })
    });
    push(door, done.await?).await
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
            answer(tx, door, author.now, &company, &link).await
        })
    });
    push(door, done.await?).await
}

/// A brand for the edge, and whose pages it is for.
type NewBrand = (PublicCompanyId, Brand);

async fn answer(
    tx: &mut Tx<'_>,
    door: &ApiDoor,
    now: UnixMillis,
    company: &Company,
    link: &Link,
) -> Result<(Answer, Option<NewBrand>), ApiProblem> {
    let brand = tx.brand(company.organization).await?;
    let made = render(door, now, company, link, [].iter());
    let brand = brand.map(|brand| (company.public_id, brand));
    Ok((Answer::new(StatusCode::CREATED, &made)?, brand))
}

/// Brings the brand of a new link to the edge.
async fn push(
    door: &ApiDoor,
    (answer, made): (Answer, Option<Option<NewBrand>>),
) -> Result<Answer, ApiProblem> {
    if let Some((company, brand)) = made.flatten() {
        // The edge shows a neutral page without it and asks again, so a failure stops nothing.
        door.edge.push(company, brand).await;
    }
    Ok(answer)
}
