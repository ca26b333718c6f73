//! The page on which the owner of a connection gives a code.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::code_page::{CodeActionOn, CodePage, CodeStateQuery};

use super::{
    EdgeDoor,
    problem::{EdgeApiProblem, parse_body},
};
use crate::store::StoreError;

pub(super) async fn view(State(door): State<Arc<EdgeDoor>>, bytes: Bytes) -> Response {
    match parse_body::<CodePage>(&bytes) {
        Ok(page) => answer(door.codes.view(&page).await),
        Err(problem) => problem.into_response(),
    }
}

pub(super) async fn state(State(door): State<Arc<EdgeDoor>>, bytes: Bytes) -> Response {
    match parse_body::<CodeStateQuery>(&bytes) {
        Ok(query) => answer(door.codes.state(&query.page, query.seen).await),
        Err(problem) => problem.into_response(),
    }
}

pub(super) async fn act(State(door): State<Arc<EdgeDoor>>, bytes: Bytes) -> Response {
    match parse_body::<CodeActionOn>(&bytes) {
        Ok(done) => answer(door.codes.act(&done.page, done.action).await),
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
