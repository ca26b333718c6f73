//! The page on which the owner of a connection ends reminders.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use shared::unsubscribe_page::{SubscriptionChange, SubscriptionView, UnsubscribePage};

use super::problem::{EdgeApiProblem, parse_body};
use crate::{mail::Subscriptions, store::StoreError};

/// The routes of the page.
pub(super) fn router<S: Clone + Send + Sync + 'static>(subscriptions: Subscriptions) -> Router<S> {
    Router::new()
        .route("/edge/unsubscribe/view", post(view))
        .route("/edge/unsubscribe/change", post(change))
        .with_state(subscriptions)
}

async fn view(State(subscriptions): State<Subscriptions>, bytes: Bytes) -> Response {
    match parse_body::<UnsubscribePage>(&bytes) {
        Ok(page) => answer(subscriptions.view(&page).await),
        Err(problem) => problem.into_response(),
    }
}

async fn change(State(subscriptions): State<Subscriptions>, bytes: Bytes) -> Response {
    match parse_body::<SubscriptionChange>(&bytes) {
        Ok(change) => {
            let changed = subscriptions.change(&change.page, change.wants_reminders);
            answer(changed.await)
        }
        Err(problem) => problem.into_response(),
    }
}

fn answer(found: Result<Option<SubscriptionView>, StoreError>) -> Response {
    match found {
        Ok(Some(found)) => Json(found).into_response(),
        Ok(None) => EdgeApiProblem::NotFound.into_response(),
        Err(error) => EdgeApiProblem::store(&error).into_response(),
    }
}
