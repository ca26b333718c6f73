//! Which scope of a key each operation needs: the door asks here, and so does the OpenAPI document.

use axum::{
    extract::MatchedPath,
    http::{Method, request::Parts},
};
use shared::api_key::ApiKeyScope::{self, Admin, Connections, Links, Read};
use utoipa::ToSchema as _;
use utoipa::{
    Modify,
    openapi::{
        Content, OpenApi, Ref, ResponseBuilder,
        path::{Operation, PathItem},
        security::SecurityRequirement,
    },
};

use super::problem::ProblemBody;

/// The name of the key in the OpenAPI document.
pub(super) const SCHEME: &str = "key";

/// Each operation with the scope that it needs.
#[rustfmt::skip]
const NEEDED: &[(Method, &str, ApiKeyScope)] = &[
    (Method::GET, "/v2.2/company", Read),
    (Method::POST, "/v2.2/company", Links),
    (Method::GET, "/v2.2/company/{id}", Read),
    (Method::PATCH, "/v2.2/company/{id}", Links),
    (Method::DELETE, "/v2.2/company/{id}", Links),
    (Method::GET, "/v2.2/site/{id}", Read),
    (Method::PATCH, "/v2.2/site/{id}", Links),
    (Method::DELETE, "/v2.2/site/{id}", Links),
    (Method::GET, "/v2.2/site/company/{company_id}", Read),
    (Method::POST, "/v2.2/site/company/{company_id}", Links),
    (Method::POST, "/v2.2/connection/company/{company_id}/link", Links),
    (Method::POST, "/v2.2/connection/{id}/link", Links),
    (Method::GET, "/v2.2/link/company/{company_id}", Read),
    (Method::GET, "/v2.2/link/{id}", Read),
    (Method::GET, "/v2.2/link/batch", Read),
    (Method::POST, "/v2.2/link/batch", Links),
    (Method::GET, "/v2.2/link/batch/{batch_id}", Read),
    (Method::GET, "/v2.2/link/batch/{batch_id}/results", Links),
    (Method::POST, "/v2.2/link/{id}/extend", Links),
    (Method::POST, "/v2.2/link/{id}/revoke", Links),
    (Method::POST, "/v2.2/link/{id}/send", Links),
    (Method::GET, "/v2.2/connection/company/{company_id}", Read),
    (Method::GET, "/v2.2/connection/{id}", Read),
    (Method::PATCH, "/v2.2/connection/{id}", Connections),
    (Method::DELETE, "/v2.2/connection/{id}", Connections),
    (Method::POST, "/v2.2/connection/{id}/collect", Connections),
    (Method::GET, "/v2.2/connection/{id}/collections", Read),
    (Method::GET, "/v2.2/account/company/{company_id}", Read),
    (Method::GET, "/v2.2/account/{id}", Read),
    (Method::PATCH, "/v2.2/account/{id}", Connections),
    (Method::GET, "/v2.2/bill/connection/{connection_id}", Read),
    (Method::GET, "/v2.2/bill/company/{company_id}", Read),
    (Method::GET, "/v2.2/bill/{id}", Read),
    (Method::GET, "/v2.2/bill/{id}/file", Read),
    (Method::GET, "/v2.2/redirect-origins", Admin),
    (Method::PUT, "/v2.2/redirect-origins", Admin),
    (Method::GET, "/v2.2/brand", Read),
    (Method::PUT, "/v2.2/brand", Admin),
    (Method::GET, "/v2.2/webhook", Admin),
    (Method::POST, "/v2.2/webhook", Admin),
    (Method::GET, "/v2.2/webhook/{id}", Admin),
    (Method::PATCH, "/v2.2/webhook/{id}", Admin),
    (Method::DELETE, "/v2.2/webhook/{id}", Admin),
    (Method::POST, "/v2.2/webhook/{id}/secret", Admin),
    (Method::POST, "/v2.2/webhook/{id}/test", Admin),
    (Method::GET, "/v2.2/webhook/{id}/deliveries", Admin),
    (Method::POST, "/v2.2/webhook/{id}/deliveries/{delivery_id}/replay", Admin),
    (Method::GET, "/v2.2/key", Admin),
    (Method::POST, "/v2.2/key", Admin),
    (Method::GET, "/v2.2/key/{id}", Admin),
    (Method::PATCH, "/v2.2/key/{id}", Admin),
    (Method::POST, "/v2.2/key/{id}/revoke", Admin),
    (Method::GET, "/v2.2/member", Admin),
    (Method::POST, "/v2.2/member", Admin),
    (Method::GET, "/v2.2/member/{id}", Admin),
    (Method::PATCH, "/v2.2/member/{id}", Admin),
    (Method::DELETE, "/v2.2/member/{id}", Admin),
    (Method::POST, "/v2.2/member/{id}/invitation", Admin),
];

/// The scope that a call needs; none where nothing is served. A path that was forgotten in the table is for
/// administrators.
pub(super) fn of_call(parts: &Parts) -> Option<ApiKeyScope> {
    let path = parts.extensions.get::<MatchedPath>()?;
    // A HEAD is a GET without its body.
    let method = match &parts.method {
        &Method::HEAD => &Method::GET,
        method => method,
    };
    Some(needed(method, path.as_str()).unwrap_or(Admin))
}

fn needed(method: &Method, path: &str) -> Option<ApiKeyScope> {
    let mut all = NEEDED.iter();
    let found = all.find(|(its_method, its_path, _)| its_method == method && *its_path == path);
    found.map(|(_, _, scope)| *scope)
}

/// Names the scope at each operation, and how a call without it is answered.
pub(super) struct Scopes;

impl Modify for Scopes {
    fn modify(&self, document: &mut OpenApi) {
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations(item) {
                if let Some(scope) = needed(&method, path) {
                    describe(operation, scope);
                }
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    [
        (Method::GET, item.get.as_mut()),
        (Method::POST, item.post.as_mut()),
        (Method::PUT, item.put.as_mut()),
        (Method::PATCH, item.patch.as_mut()),
        (Method::DELETE, item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

fn describe(operation: &mut Operation, scope: ApiKeyScope) {
    let scope = scope.as_str();
    let needs = format!("Needs a key with the scope `{scope}`.");
    operation.description = Some(match operation.description.take() {
        Some(text) => format!("{text}\n\n{needs}"),
        None => needs,
    });
    operation.security = Some(vec![SecurityRequirement::new(SCHEME, [scope])]);
    let refused = ResponseBuilder::new()
        .description(format!("The key lacks the scope `{scope}`"))
        .content(
            "application/problem+json",
            Content::new(Some(Ref::from_schema_name(ProblemBody::name()))),
        )
        .build();
    let answers = &mut operation.responses.responses;
    answers.insert("403".to_owned(), refused.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::openapi::document;

    #[test]
    fn every_operation_of_the_document_has_a_scope_and_every_scope_an_operation() {
        let mut document = document(&"https://api.example.com".parse().expect("an address"));
        let mut documented = Vec::new();
        for (path, item) in &mut document.paths.paths {
            for (method, _) in operations(item) {
                documented.push((method, path.clone()));
            }
        }
        for (method, path) in &documented {
            assert!(
                needed(method, path).is_some(),
                "{method} {path} needs a line"
            );
        }
        for (method, path, _) in NEEDED {
            let known = documented.contains(&(method.clone(), (*path).to_owned()));
            assert!(known, "there is no {method} {path}");
        }
        assert_eq!(documented.len(), NEEDED.len(), "a line is given twice");
    }
}
