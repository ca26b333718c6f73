//! The OpenAPI document, from the handlers themselves.

use url::Url;
use utoipa::{
    Modify, OpenApi, ToSchema as _,
    openapi::{
        Content, Object, Ref, Required, ResponseBuilder, Server, Type,
        path::{Parameter, ParameterIn},
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};

use super::{
    accounts, batches, bills, brand, collect_now, collections,
    common_answers::CommonAnswers,
    companies, company_bills, company_removal, connection_change, connection_removal, connections,
    idempotency::MAX_KEY,
    keys, links, members,
    problem::ProblemBody,
    redirect_origins,
    scopes::{SCHEME, Scopes},
    send_link, sites, webhook_deliveries, webhooks,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Magic Links API",
        version = "2.2",
        description = "Make links for your companies, and read the connections and bills that come of them.\n\n\
            Send your API key in the `X-API-Key` header. Lists page by `limit` (at most 500) and `page` (from 1). \
            A POST with an `Idempotency-Key` that is sent again within 24 hours gets the answer of the first one, with \
            `Idempotent-Replayed: true`, and is not done again; with another path or body it is a 422. \
            Errors are `application/problem+json`; a 422 names every wrong field. \
            Each operation names the scope that a key needs for it: `read`, `links`, `connections` or `admin`."
    ),
    paths(
        links::make,
        links::make_for_connection,
        links::list,
        links::get,
        links::extend,
        links::revoke,
        batches::list,
        batches::add,
        batches::get,
        batches::results,
        send_link::send,
        redirect_origins::get,
        redirect_origins::set,
        brand::get,
        brand::set,
        connections::list,
        connections::get,
        connection_change::change,
        connection_removal::remove,
        collect_now::collect,
        collections::list,
        accounts::list,
        accounts::get,
        accounts::change,
        bills::list,
        company_bills::list,
        bills::get,
        bills::file,
        companies::list,
        companies::add,
        companies::get,
        companies::change,
        sites::list,
        sites::add,
        sites::get,
        sites::change,
        company_removal::remove_company,
        company_removal::remove_site_of_company,
        webhooks::list,
        webhooks::add,
        webhooks::get,
        webhooks::change,
        webhooks::remove,
        webhooks::rotate,
        webhook_deliveries::test,
        webhook_deliveries::list,
        webhook_deliveries::replay,
        keys::list,
        keys::add,
        keys::get,
        keys::change,
        keys::revoke,
        members::list,
        members::invite,
        members::get,
        members::change,
        members::remove,
        members::invite_again,
    ),
    modifiers(&Key, &Repeatable, &Scopes, &CommonAnswers),
    security(("key" = [])),
    tags(
        (name = "Links", description = "What a client opens"),
        (name = "Connections", description = "What a client made, and how it fares"),
        (name = "Bills", description = "What was collected"),
        (name = "Brand", description = "What your clients see"),
        (name = "Webhooks", description = "Where you are told of changes"),
        (name = "Companies", description = "Your clients and their sites"),
        (name = "API keys", description = "Who may call this API"),
        (name = "Team", description = "Who signs in to the console"),
    )
)]
struct Document;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let key = ApiKey::Header(ApiKeyValue::new("X-API-Key"));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(SCHEME, SecurityScheme::ApiKey(key));
    }
}

/// Every POST may be sent again.
struct Repeatable;

impl Modify for Repeatable {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let text = Object::builder()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX_KEY));
        let header = Parameter::builder()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "Your name for this call. Sent again within 24 hours, it is answered as at first, and nothing is done twice.",
            ))
            .schema(Some(text))
            .build();
        let problem = Content::new(Some(Ref::from_schema_name(ProblemBody::name())));
        let refused = ResponseBuilder::new()
            .description("The key is no key, or was sent with another path or body")
            .content("application/problem+json", problem)
            .build();
        let items = document.paths.paths.values_mut();
        for operation in items.filter_map(|item| item.post.as_mut()) {
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(header.clone().into());
            let answers = &mut operation.responses.responses;
            answers
                .entry("422".to_owned())
                .or_insert_with(|| refused.clone().into());
        }
    }
}

/// The document of an API that is reached at `public_url`.
pub(super) fn document(public_url: &Url) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    // The crate's licence is the program's, not the API's.
    document.info.license = None;
    document.servers = Some(vec![Server::new(public_url.as_str().trim_end_matches('/'))]);
    document
}
