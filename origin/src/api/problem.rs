//! What goes wrong, as RFC 9457 problem details.

use std::net::IpAddr;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::api_key::ApiKeyScope;
use utoipa::ToSchema;

pub(super) use crate::fields::FieldError;
use crate::{
    batch::ResultsError,
    bill_download::DownloadError,
    blobs::BlobError,
    fields::WrongFields,
    store::{StoreError, TxError},
    vault::VaultError,
};

/// Every way that a call ends badly.
#[derive(Debug)]
pub(super) enum ApiProblem {
    /// The body is not JSON, or not an object.
    NotJson,
    /// The request has no API key, or several.
    NoKey,
    /// The API key is not valid, or not from the address of who calls: nobody learns which.
    InvalidKey(Option<IpAddr>),
    /// The API key lacks the scope that the call needs.
    Forbidden(ApiKeyScope),
    /// A sandbox key wants to change what production shows.
    OfProduction,
    /// Unknown, or somebody else's: nobody learns which.
    NotFound,
    /// The address does not know this method.
    MethodNotAllowed,
    /// What was asked for cannot be done any more; the text says why.
    Conflict(&'static str),
    /// Somebody else changed it since: `If-Match` names another version.
    PreconditionFailed,
    /// The body is larger than so many bytes.
    TooLarge(usize),
    /// The body is something else than what is read here: its media type.
    UnsupportedMediaType(&'static str),
    /// The request was sent to another host name.
    Misdirected,
    /// Some fields are wrong; all of them are listed.
    Fields(Vec<FieldError>),
    /// The API key made too many calls.
    TooMany {
        /// After how many seconds the next call is allowed.
        seconds: i64,
    },
    /// The link or invitation was sent as often as it may be within a day.
    SentOften {
        /// After how many seconds it may be sent once more.
        seconds: i64,
    },
    /// The call took too long.
    TooSlow,
    /// The database failed. The log says how; the caller learns only that it is our fault.
    Store(StoreError),
    /// A line cannot be written as CSV.
    Csv(csv::Error),
    /// The answer cannot be written as JSON.
    Unwritable(serde_json::Error),
    /// A bill's file cannot be read. As with the database, only the log says why.
    Blob(BlobError),
    /// Nothing can be sealed. Only the log says why.
    Vault(VaultError),
}

/// What went wrong, in the form of RFC 9457.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiProblem)]
pub(super) struct ProblemBody {
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The HTTP status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// One sentence that says what went wrong.
    detail: String,
    /// All fields that are wrong; only present with status 422.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

impl From<StoreError> for ApiProblem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl TxError for ApiProblem {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<WrongFields> for ApiProblem {
    fn from(WrongFields(errors): WrongFields) -> Self {
        Self::Fields(errors)
    }
}

impl From<VaultError> for ApiProblem {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<ResultsError> for ApiProblem {
    fn from(error: ResultsError) -> Self {
        match error {
            ResultsError::Store(error) => Self::Store(error),
            ResultsError::Csv(error) => Self::Csv(error),
        }
    }
}

impl From<DownloadError> for ApiProblem {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::Store(error) => Self::Store(error),
            DownloadError::Blob(error) => Self::Blob(error),
        }
    }
}

fn our_fault() -> (StatusCode, String) {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something failed on our side; it has been noted.".into(),
    )
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let (status, detail) = match &self {
            Self::NotJson => (
                StatusCode::BAD_REQUEST,
                "The body must be a JSON object.".into(),
            ),
            Self::NoKey => (
                StatusCode::UNAUTHORIZED,
                "Send one API key in the X-API-Key header.".into(),
            ),
            Self::InvalidKey(address) => {
                let address = address.map(|address| format!(", {address}"));
                (
                    StatusCode::UNAUTHORIZED,
                    format!(
                        "This API key is unknown, was revoked, has expired, or may not be used from your address{}.",
                        address.unwrap_or_default()
                    ),
                )
            }
            Self::Forbidden(scope) => (
                StatusCode::FORBIDDEN,
                format!("This API key lacks the scope `{scope}`, which this call needs."),
            ),
            Self::OfProduction => (
                StatusCode::FORBIDDEN,
                "A sandbox key cannot change this: it holds for production too.".into(),
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "There is no such thing here.".into()),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "This path does not know this method.".into(),
            ),
            Self::Conflict(why) => (StatusCode::CONFLICT, (*why).to_owned()),
            Self::PreconditionFailed => (
                StatusCode::PRECONDITION_FAILED,
                "It was changed since: read it again, and send its ETag as If-Match.".into(),
            ),
            Self::TooLarge(most) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The body may have {most} bytes at most."),
            ),
            Self::UnsupportedMediaType(kind) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("Send the body as {kind}."),
            ),
            Self::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                "The API is not served under this host name.".into(),
            ),
            Self::Fields(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "Some fields are not right; `errors` names each.".into(),
            ),
            Self::TooMany { seconds } => (
                StatusCode::TOO_MANY_REQUESTS,
                format!("Too many calls with this key: come again in {seconds} s."),
            ),
            Self::SentOften { seconds } => (
                StatusCode::TOO_MANY_REQUESTS,
                format!("This was sent often enough today: send it again in {seconds} s."),
            ),
            Self::TooSlow => (
                StatusCode::SERVICE_UNAVAILABLE,
                "This took too long. Try again in a moment.".into(),
            ),
            Self::Store(error) => {
                tracing::error!(%error, "a call failed in the store");
                our_fault()
            }
            Self::Csv(error) => {
                tracing::error!(%error, "a line cannot be written");
                our_fault()
            }
            Self::Unwritable(error) => {
                tracing::error!(%error, "an answer cannot be written");
                our_fault()
            }
            Self::Blob(error) => {
                tracing::error!(%error, "the file of a bill cannot be read");
                our_fault()
            }
            Self::Vault(error) => {
                tracing::error!(%error, "a call failed in the vault");
                our_fault()
            }
        };
        let retry_after = match &self {
            Self::TooMany { seconds } | Self::SentOften { seconds } => Some(*seconds),
            _ => None,
        };
        let body = ProblemBody {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail,
            errors: match self {
                Self::Fields(errors) => errors,
                _ => Vec::new(),
            },
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
