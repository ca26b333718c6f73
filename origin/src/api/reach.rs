//! A key reaches companies of its own environment alone, and what belongs to them.

use axum::{
    extract::{MatchedPath, RawPathParams},
    http::request::Parts,
};

use super::{problem::ApiProblem, state::ApiState};
use crate::store::{environments::OfCompany, keys::ApiKey};

/// What the first id in a path names; `None` where it belongs to no company: a webhook endpoint or a key.
fn named(path: &str) -> Option<OfCompany> {
    let before = path.split_once("/{")?.0;
    match before.rsplit('/').next()? {
        "company" => Some(OfCompany::Company),
        "site" => Some(OfCompany::Site),
        "link" => Some(OfCompany::Link),
        "connection" => Some(OfCompany::Connection),
        "account" => Some(OfCompany::Account),
        "bill" => Some(OfCompany::Bill),
        "batch" => Some(OfCompany::Batch),
        _ => None,
    }
}

/// Refuses what is of the other environment, as if it were not there. What is unknown is left to the handler, which knows
/// what else may be wrong.
pub(super) async fn require(
    parts: &mut Parts,
    api: &ApiState,
    key: &ApiKey,
) -> Result<(), ApiProblem> {
    use axum::extract::FromRequestParts as _;
    let path = parts.extensions.get::<MatchedPath>().cloned();
    let Some(what) = path.as_ref().and_then(|path| named(path.as_str())) else {
        return Ok(());
    };
    let ids = RawPathParams::from_request_parts(parts, &()).await;
    let ids = ids.map_err(|_| ApiProblem::NotFound)?;
    let Some((_, id)) = ids.iter().next() else {
        return Ok(());
    };
    let organization = key.organization;
    let reading = api.door.store.read("api.environment", |tx| {
        Box::pin(tx.environment_of(organization, what, id))
    });
    match reading.await? {
        Some(environment) if environment != key.environment => Err(ApiProblem::NotFound),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::openapi::document;

    #[test]
    fn every_id_of_the_document_is_of_a_company_or_of_the_organization() {
        let document = document(&"https://api.example.com".parse().expect("an address"));
        for path in document.paths.paths.keys() {
            let of_organization = ["/v2.2/webhook", "/v2.2/key"];
            let is_of_organization = of_organization.iter().any(|one| path.starts_with(one));
            let has_id = path.contains('{');
            assert_eq!(
                named(path).is_some(),
                has_id && !is_of_organization,
                "{path}"
            );
        }
    }
}
