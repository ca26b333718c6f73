//! The page that shows the OpenAPI document: Swagger UI in a page of ours, which has a layout for phones and a dark scheme.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{Html, IntoResponse as _, Redirect, Response},
    routing::get,
};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, serve};

use super::ApiProblem;

/// The path of the OpenAPI document.
const DOCUMENT: &str = "/v2.2/openapi.json";
/// Swagger UI sets styles on elements; all it loads is its own.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGE: &str = include_str!("reader.html");
const STYLE: &str = include_str!("reader.css");
const SCRIPT: &str = include_str!("reader.js");

/// The document and its reader; both need no key.
pub(super) fn pages<S: Clone + Send + Sync + 'static>(document: OpenApi) -> Router<S> {
    // Without Swagger UI's own bar, which would load any other document.
    let config = Arc::new(Config::from(DOCUMENT).use_base_layout());
    let document = Arc::new(document);
    Router::new()
        .route(DOCUMENT, get(async move || Json(document)))
        .route("/docs", get(async || Redirect::to("/docs/")))
        .route("/docs/", get(async || Html(PAGE)))
        .route(
            "/docs/{name}",
            get(async move |Path(name): Path<String>| file(&name, config)),
        )
        .layer(middleware::map_response(as_problem))
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ))
}

/// A file of the page: ours, or one of Swagger UI.
fn file(name: &str, config: Arc<Config<'static>>) -> Response {
    match name {
        "reader.css" => {
            ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
        }
        "reader.js" => (
            [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
            SCRIPT,
        )
            .into_response(),
        _ => match serve(name, config) {
            Ok(Some(file)) => {
                let mut answer =
                    ([(header::CONTENT_TYPE, file.content_type)], file.bytes).into_response();
                if file.gzpipped {
                    let gzip = HeaderValue::from_static("gzip");
                    answer.headers_mut().insert(header::CONTENT_ENCODING, gzip);
                }
                answer
            }
            Ok(None) | Err(_) => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

/// What is refused here is refused without a word.
async fn as_problem(response: Response) -> Response {
    let problem = match response.status() {
        StatusCode::NOT_FOUND => ApiProblem::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ApiProblem::MethodNotAllowed,
        _ => return response,
    };
    let mut told = problem.into_response();
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    told
}
