//! The start of a flow: is this link good, now, for this company?

use shared::{
    status::{LinkEventKind, LinkKind, LinkStatus},
    token,
    wire::{Refusal, StartFlow},
};

use super::Services;
use crate::store::{StoreError, links::LinkForFlow};

/// The reasons why a flow is not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The link does not open, and the client learns why.
    #[error("the link was refused")]
    Refused(Refusal),
    /// The database failed: nothing is known about the link.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the token again and asks the link's row. The edge did the first half already, but it
/// knows neither used nor revoked, and it is not trusted with the decision.
pub(super) async fn check(
    services: &Services,
    start: &StartFlow,
) -> Result<LinkForFlow, StartError> {
    let company = start.public_company_id;
    let now = services.clock.now();
    let claims = match token::open(&services.token_keys, start.kind, &company, &start.token) {
        Ok(claims) => claims,
        Err(reason) => {
            tracing::info!(%company, %reason, "token refused");
            return Err(StartError::Refused(Refusal::Invalid));
        }
    };
    let Some(found) = services
        .store
        .read("flow.link_for_flow", |tx| {
            Box::pin(tx.link_for_flow(claims.link, company))
        })
        .await?
    else {
        tracing::warn!(%company, link = %claims.link, "an authentic token names no link");
        return Err(StartError::Refused(Refusal::Invalid));
    };
    let status = match found.link.status(now) {
        LinkStatus::Active if claims.expired(now) => LinkStatus::Expired,
        status => status,
    };
    let refusal = match status {
        // Update links open once there is something that they can repair.
        LinkStatus::Active if found.link.kind == LinkKind::Company => return Ok(found),
        LinkStatus::Fulfilled => Refusal::Used,
        LinkStatus::Active | LinkStatus::Expired | LinkStatus::Revoked => Refusal::Invalid,
    };
    refuse(services, &found, status.as_str()).await;
    Err(StartError::Refused(refusal))
}

/// The visitor sees one page; the link's log says exactly why.
pub(super) async fn refuse(services: &Services, found: &LinkForFlow, reason: &str) {
    let (company, link) = (found.company.public_id, found.link.id);
    tracing::info!(%link, reason, "link refused");
    services
        .log(company, link, None, LinkEventKind::Refused, Some(reason))
        .await;
}
