//! Why a page cannot be shown: one place gives each its status and its sentence.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use url::form_urlencoded;

use super::door::SIGN_IN;
use crate::{
    collection::{CollectNowError, CollectRefused},
    console::{HashFailed, assets_version, collect_words},
    store::{StoreError, TxError},
    vault::VaultError,
};

/// Why a request is not answered as it was meant.
#[derive(Debug, thiserror::Error)]
pub(super) enum OperatorError {
    /// Nobody is signed in. Who asked for a page comes to this path after signing in; who sent a form has none.
    #[error("not signed in")]
    SignedOut(Option<String>),
    /// There is no such page or connection.
    #[error("not found")]
    NotFound,
    /// The form does not belong to this session, or comes from another website.
    #[error("old form")]
    OldForm,
    /// The connection is not to be collected now.
    #[error("collect: {0}")]
    Collect(CollectRefused),
    /// The database failed, or holds what this program never writes.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// An authenticator does not open.
    #[error("vault: {0}")]
    Vault(#[from] VaultError),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFailed),
    /// The page could not be put together from its template.
    #[error("template: {0}")]
    Template(#[from] askama::Error),
}

impl TxError for OperatorError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<CollectNowError> for OperatorError {
    fn from(error: CollectNowError) -> Self {
        match error {
            CollectNowError::Refused(refused) => Self::Collect(refused),
            CollectNowError::Store(error) => Self::Store(error),
        }
    }
}

#[derive(Template)]
#[template(path = "operator/error.html")]
struct ErrorPage {
    assets: &'static str,
    title: &'static str,
    advice: &'static str,
}

impl OperatorError {
    fn words(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::SignedOut(_) => (
                StatusCode::UNAUTHORIZED,
                "You are signed out",
                "Sign in and try again.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "There is no such page",
                "The connection may have been deleted, or the address is not complete.",
            ),
            Self::OldForm => (
                StatusCode::FORBIDDEN,
                "That page was too old",
                "Nothing was changed. Go back, load the page again and repeat what you did.",
            ),
            Self::Collect(refused) => {
                let (title, advice) = collect_words(*refused);
                (StatusCode::CONFLICT, title, advice)
            }
            Self::Store(_) | Self::Vault(_) | Self::Hash(_) | Self::Template(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong here",
                "Nothing is lost. The log says more; try again in a moment.",
            ),
        }
    }
}

impl IntoResponse for OperatorError {
    fn into_response(self) -> Response {
        if let Self::SignedOut(Some(next)) = &self {
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            return Redirect::to(&format!("{SIGN_IN}?next={next}")).into_response();
        }
        let (status, title, advice) = self.words();
        if status.is_server_error() {
            tracing::error!(error = %self, "a page for operators failed");
        }
        let page = ErrorPage {
            assets: assets_version(),
            title,
            advice,
        };
        let html = page.render().unwrap_or_else(|_| title.to_owned());
        (status, Html(html)).into_response()
    }
}
