//! Makes links: checks each against its company, seals its token, stores it, brands it.

use axum::http::StatusCode;
use shared::{
    brand::Brand,
    id::{CompanyId, ConnectionId, LinkId, PublicCompanyId},
    member::AuditAction,
    time::UnixMillis,
};

use super::{
    call::Call,
    companies::own,
    connections::own_connection,
    idempotency::Answer,
    links,
    problem::{ApiProblem, FieldError},
    redirect_origins,
    state::ApiDoor,
};
use crate::{
    clock::bytes,
    link_fields::{NewLink, NewUpdateLink, of_other_environment, strangers, unmakeable},
    new_link::expiry,
    store::{Tx, companies::Company, links::Link},
};

/// Makes a link of the caller's company and stores it, if nothing was wrong with its body; its brand is at the edge if the
/// edge could be reached.
pub(super) async fn make(
    call: Call,
    company: CompanyId,
    (new, wrong): (NewLink, Vec<FieldError>),
) -> Result<Answer, ApiProblem> {
    let asked = new.initial_sites.clone();
    let sources = (&*call.door.token_keys, &*call.door.random);
    let made = new.link(sources, call.now, company);
    let (asked, wrong, link, door) = (&asked, &wrong, &made, &call.door);
    let audit = &call.audit;
    let done = call.tx.once("api.make_link", |tx| {
        Box::pin(async move {
            let company = own(tx, call.organization, company).await?;
            let sites = match asked.is_empty() {
                true => Vec::new(),
                false => tx.sites_of(company.id).await?,
            };
            let strangers = strangers(asked, &sites);
            let redirect = link.redirect_url.as_deref();
            let redirect = redirect_origins::refused(tx, company.organization, redirect).await?;
            let wrong = wrong.iter().cloned().chain(strangers).chain(redirect);
            check(door, &company, link, wrong.collect())?;
            if !tx.add_link(call.organization, link).await? {
                return Err(ApiProblem::NotFound);
            }
            let (id, name) = (link.id.to_string(), company.name.clone());
            audit
                .did(tx, AuditAction::LinkMade, Some(id), Some(name))
                .await?;
            answer(tx, door, call.now, &company, link).await
        })
    });
    push(&call.door, done.await?).await
}

/// Makes a link that repairs the caller's connection and stores it, as [`make`] does.
pub(super) async fn make_for_connection(
    call: Call,
    connection: ConnectionId,
    (new, wrong): (NewUpdateLink, Vec<FieldError>),
) -> Result<Answer, ApiProblem> {
    let (door, now, organization) = (&call.door, call.now, call.organization);
    let (random, audit) = (&*door.random, &call.audit);
    let (id, nonce) = (LinkId::from_random(bytes(random)), bytes(random));
    let (new, wrong) = (&new, &wrong);
    let done = call.tx.once("api.make_update_link", |tx| {
        Box::pin(async move {
            let connection = own_connection(tx, organization, connection).await?;
            if connection.inactive_at.is_some() {
                return Err(ApiProblem::Conflict(
                    "The connection is switched off: there is nothing to repair.",
                ));
            }
            let company = own(tx, organization, connection.company).await?;
            let key = door.token_keys.sealing_id();
            let mut link = Link::for_update(id, &connection, key, nonce, now);
            link.expires_at = expiry(now, new.expires_in_seconds);
            if let Some(owner) = &new.connection_owner_email {
                link.owner_email = Some(owner.clone());
            }
            link.redirect_url.clone_from(&new.redirect_url);
            link.external_id.clone_from(&new.external_id);
            link.locale.clone_from(&new.locale);
            let redirect = link.redirect_url.as_deref();
            let redirect = redirect_origins::refused(tx, organization, redirect).await?;
            let wrong = wrong.iter().cloned().chain(redirect).collect();
            check(door, &company, &link, wrong)?;
            tx.add_link(organization, &link).await?;
            let name = Some(connection.provider_name.clone());
            audit
                .did(tx, AuditAction::UpdateLinkMade, Some(id.to_string()), name)
                .await?;
            answer(tx, door, now, &company, &link).await
        })
    });
    push(&call.door, done.await?).await
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
    let made = links::render(door, now, company, link, [].iter());
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

/// Names what was wrong with the body, and what only the company's keys tell: whether the URL can be made.
fn check(
    door: &ApiDoor,
    company: &Company,
    link: &Link,
    mut wrong: Vec<FieldError>,
) -> Result<(), ApiProblem> {
    let sources = (&*door.token_keys, &door.links_base);
    wrong.extend(unmakeable(sources, company, link));
    wrong.extend(of_other_environment(&door.sandbox, company, link));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(ApiProblem::Fields(wrong))
}
