//! The start of a flow: is this link good, now, for this company?

use shared::{
    link_refusal::LinkRefusalReason,
    status::{LinkEventKind, LinkKind, LinkStatus},
    token,
    wire::{Refusal, StartFlow},
};

use url::Url;

use super::{Services, redirect, steps::provider::Provider};
use crate::store::{
    StoreError,
    connections::Connection,
    links::{Link, LinkForFlow},
};

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

/// A link that opens, and where its flow begins.
pub(super) struct Opened {
    /// The link and its company.
    pub found: LinkForFlow,
    /// The website and country: what the client confirmed, or those of the connection.
    pub provider: Provider,
    /// The connection that the flow repairs.
    pub repair: Option<Connection>,
    /// Where the client goes when the flow is over.
    pub redirect: Option<Url>,
}

/// Opens the token again and asks the link's row. The edge did the first half already, but it
/// knows neither used nor revoked, and it is not trusted with the decision.
pub(super) async fn check(services: &Services, start: &StartFlow) -> Result<Opened, StartError> {
    let company = start.public_company_id;
    let now = services.clock.now();
    let claims = match token::open(&services.token_keys, start.kind, &company, &start.token) {
        Ok(claims) => claims,
        Err(reason) => {
            tracing::info!(%company, %reason, "token refused");
            return Err(StartError::Refused(Refusal::Invalid));
        }
    };
    let read = services.store.read("flow.link_for_flow", |tx| {
        Box::pin(async move {
            let Some(found) = tx.link_for_flow(claims.link, company).await? else {
                return Ok(None);
            };
            let connection = match found.link.connection {
                Some(id) => tx.connection_of_company(found.company.id, id).await?,
                None => None,
            };
            let origins = tx.redirect_origins(found.company.organization).await?;
            let redirect = redirect::listed(found.link.redirect_url.as_deref(), &origins);
            Ok::<_, StoreError>(Some((found, connection, redirect)))
        })
    });
    let Some((found, connection, redirect)) = read.await? else {
        tracing::warn!(%company, link = %claims.link, "an authentic token names no link");
        return Err(StartError::Refused(Refusal::Invalid));
    };
    let status = match found.link.status(now) {
        LinkStatus::Active if claims.expired(now) => LinkStatus::Expired,
        status => status,
    };
    let refused = match status {
        LinkStatus::Active => {
            let connection = connection.filter(|connection| connection.inactive_at.is_none());
            match begin(&found.link, start, connection) {
                Some((provider, repair)) => {
                    return Ok(Opened {
                        found,
                        provider,
                        repair,
                        redirect,
                    });
                }
                None => (Refusal::Invalid, LinkRefusalReason::NothingToOpen),
            }
        }
        // It repaired the connection once, and cannot do so again.
        LinkStatus::Fulfilled if connection.is_some_and(|it| it.status.needs_client()) => {
            (Refusal::Invalid, LinkRefusalReason::Fulfilled)
        }
        LinkStatus::Fulfilled => (Refusal::Used, LinkRefusalReason::Fulfilled),
        LinkStatus::Expired => (Refusal::Invalid, LinkRefusalReason::Expired),
        LinkStatus::Revoked => (Refusal::Invalid, LinkRefusalReason::Revoked),
    };
    refuse(services, &found, refused.1).await;
    Err(StartError::Refused(refused.0))
}

/// Where the flow of a good link begins; `None` when the client confirmed nothing, or the connection is gone or
/// switched off.
fn begin(
    link: &Link,
    start: &StartFlow,
    connection: Option<Connection>,
) -> Option<(Provider, Option<Connection>)> {
    match link.kind {
        LinkKind::Company => {
            let confirmed = start.provider.clone()?;
            Some((Provider::new(confirmed.url, confirmed.country), None))
        }
        LinkKind::ConnectionUpdate => {
            let connection = connection?;
            let provider = Provider::new(connection.provider_url.clone(), connection.country);
            Some((provider, Some(connection)))
        }
    }
}

/// The visitor sees one page; the link's log says exactly why.
pub(super) async fn refuse(services: &Services, found: &LinkForFlow, reason: LinkRefusalReason) {
    let (company, link) = (found.company.public_id, found.link.id);
    tracing::info!(%link, %reason, "link refused");
    services
        .log(
            company,
            link,
            None,
            LinkEventKind::Refused,
            Some(reason.as_str()),
        )
        .await;
}
