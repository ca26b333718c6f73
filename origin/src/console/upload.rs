//! A posted form with a file.

use axum::{
    body::Bytes,
    extract::{FromRequest, Multipart, Request, multipart::Field},
};

use super::{error::ConsoleError, session::CSRF_FIELD};

/// A file that a member sends, or what they pasted instead.
#[derive(Default)]
pub(super) struct Upload {
    /// The secret word of the form.
    pub(super) csrf: String,
    /// The name of the file; empty when none was chosen.
    pub(super) file_name: String,
    /// What stands in the file.
    pub(super) file: Bytes,
    /// The rows that were pasted as text.
    pub(super) text: String,
    /// Whether what is missing is to be added.
    pub(super) creates_missing: bool,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = ConsoleError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ConsoleError> {
        // Something else than a form with a file comes from no page of ours.
        let mut form = Multipart::from_request(request, state)
            .await
            .map_err(|_| ConsoleError::OldForm)?;
        let mut upload = Self::default();
        while let Some(field) = form.next_field().await.map_err(|_| ConsoleError::TooLong)? {
            match field.name().unwrap_or_default() {
                CSRF_FIELD => upload.csrf = text_of(field).await?,
                "text" => upload.text = text_of(field).await?,
                "createMissing" => upload.creates_missing = true,
                "file" => {
                    upload.file_name = field.file_name().unwrap_or_default().to_owned();
                    upload.file = bytes_of(field).await?;
                }
                _ => {}
            }
        }
        Ok(upload)
    }
}

async fn bytes_of(field: Field<'_>) -> Result<Bytes, ConsoleError> {
    field.bytes().await.map_err(|_| ConsoleError::TooLong)
}

async fn text_of(field: Field<'_>) -> Result<String, ConsoleError> {
    let bytes = bytes_of(field).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
