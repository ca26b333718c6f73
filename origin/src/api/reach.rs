//! A key reaches companies of its own environment alone, and what belongs to them.

use axum::{
    extract::{FromRequestParts as _, MatchedPath, RawPathParams},
    http::request::Parts,
};
use shared::id::CompanyId;

use crate::store::environments::OfCompany;

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

/// What a call is about, and its id: the environment of its company must be that of the key. Nothing where no path names
/// one.
pub(super) async fn of_call(parts: &mut Parts) -> Option<(OfCompany, String)> {
    let path = parts.extensions.get::<MatchedPath>()?;
    let what = named(path.as_str())?;
    let ids = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let (_, id) = ids.iter().next()?;
    // All ids are written alike. What is none names nothing, and may be no text for the database.
    let id: CompanyId = id.parse().ok()?;
    Some((what, id.to_string()))
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
