//! A key reaches companies and webhook endpoints of its own environment alone, and what belongs to them.

use axum::{
    extract::{FromRequestParts as _, MatchedPath, RawPathParams},
    http::request::Parts,
};
use shared::id::CompanyId;

use crate::store::environments::OfEnvironment;

/// What the first id in a path names; `None` where it belongs to no environment alone: a key, a member.
fn named(path: &str) -> Option<OfEnvironment> {
    let before = path.split_once("/{")?.0;
    match before.rsplit('/').next()? {
        "company" => Some(OfEnvironment::Company),
        "site" => Some(OfEnvironment::Site),
        "link" => Some(OfEnvironment::Link),
        "connection" => Some(OfEnvironment::Connection),
        "account" => Some(OfEnvironment::Account),
        "bill" => Some(OfEnvironment::Bill),
        "batch" => Some(OfEnvironment::Batch),
        "webhook" => Some(OfEnvironment::Webhook),
        _ => None,
    }
}

/// What a call is about, and its id: its environment must be that of the key. Nothing where no path names
/// one.
pub(super) async fn of_call(parts: &mut Parts) -> Option<(OfEnvironment, String)> {
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
    fn every_id_of_the_document_is_of_an_environment_or_of_the_whole_organization() {
        let document = document(&"https://api.example.com".parse().expect("an address"));
        for path in document.paths.paths.keys() {
            let is_of_all = path.starts_with("/v2.2/key") || path.starts_with("/v2.2/member");
            let has_id = path.contains('{');
            assert_eq!(named(path).is_some(), has_id && !is_of_all, "{path}");
        }
    }
}
