//! The page on which the owner of a connection gives a code.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Serialize;
use shared::code_page::{CodeActionOn, CodePage, CodeStateQuery};

use super::problem::{EdgeApiProblem, parse_body};
use crate::{codes::CodePages, store::StoreError};

/// The routes of the page.
pub(super) fn router<S: Clone + Send + Sync + 'static>(codes: CodePages) -> Router<S> {
    Router::new()
        .route("/edge/code/view", post(view))
        .route("/edge/code/state", post(state))
        .route("/edge/code/act", post(act))
        .with_state(codes)
}

async fn view(State(codes): State<CodePages>, bytes: Bytes) -> Response {
    match parse_body::<CodePage>(&bytes) {
        Ok(page) => answer(codes.view(&page).await),
        Err(problem) => problem.into_response(),
    }
}

async fn state(State(codes): State<CodePages>, bytes: Bytes) -> Response {
    match parse_body::<CodeStateQuery>(&bytes) {
        Ok(query) => answer(codes.state(&query.page, query.seen).await),
        Err(problem) => problem.into_response(),
    }
}

async fn act(State(codes): State<CodePages>, bytes: Bytes) -> Response {
    match parse_body::<CodeActionOn>(&bytes) {
        Ok(done) => answer(codes.act(&done.page, done.action).await),
        Err(problem) => problem.into_response(),
    }
}

fn answer(found: Result<Option<impl Serialize>, StoreError>) -> Response {
    match found {
        Ok(Some(found)) => Json(found).into_response(),
        Ok(None) => EdgeApiProblem::NotFound.into_response(),
        Err(error) => EdgeApiProblem::store(&error).into_response(),
    }
}
