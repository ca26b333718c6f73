//! The file of a bill, as a door sends it: piece by piece, and with nothing that it may do on that door's host.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use futures_util::TryStreamExt as _;
use shared::id::BillId;

use crate::{
    blobs::{BlobError, BlobName, Blobs},
    store::{
        StoreError,
        bill_files::{BillFile, FileContent},
    },
};

/// Why a file cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The row that names the file is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file is not there, or cannot be opened.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// What a browser does with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownAs {
    /// The browser saves it as a file.
    Download,
    /// It shows it in its own viewer, also inside of a page of the same host.
    Page,
}

impl ShownAs {
    fn disposition(self) -> &'static str {
        match self {
            Self::Download => "attachment",
            Self::Page => "inline",
        }
    }

    /// A stranger's file may do nothing on this host. Viewers of browsers are no part of it, and do not work in a sandbox.
    fn policy(self) -> &'static str {
        match self {
            Self::Download => "default-src 'none'; sandbox",
            Self::Page => "default-src 'none'; frame-ancestors 'self'",
        }
    }
}

/// The answer that carries the file of this bill.
///
/// # Errors
/// [`DownloadError`] before anything is sent; what breaks off later is in the log alone.
pub async fn response(
    blobs: &Blobs,
    bill: BillId,
    file: BillFile,
    shown: ShownAs,
) -> Result<Response, DownloadError> {
    let (length, body) = match file.content {
        FileContent::Here(content) => (content.len() as u64, Body::from(content)),
        FileContent::Blob(name) => {
            let name: BlobName = name
                .parse()
                .map_err(|_| StoreError::Corrupt { column: "blob" })?;
            let content = blobs.open(&name).await?;
            let length = content.length;
            // The status is sent by then: only the log can tell.
            let content = content.into_stream().inspect_err(
                move |error| tracing::error!(%bill, %error, "the file of a bill broke off"),
            );
            (length, Body::from_stream(content))
        }
    };
    let name = plain_name(&file.name);
    let disposition = format!("{}; filename=\"{name}\"", shown.disposition());
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/pdf"),
        ),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&disposition)
                .unwrap_or_else(|_| HeaderValue::from_static("attachment")),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(shown.policy()),
        ),
    ];
    Ok((headers, body).into_response())
}

/// The name came from a website: what could end the header's text or name a folder is left out.
fn plain_name(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-_()".contains(c);
    let kept: String = name.chars().filter(|c| plain(*c)).take(100).collect();
    let kept = kept.trim_matches([' ', '.']);
    if kept.is_empty() {
        return "bill.pdf".into();
    }
    kept.to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn names_cannot_leave_the_header() {
        assert_eq!(
            plain_name("Bill 2026-01 (final).pdf"),
            "Bill 2026-01 (final).pdf"
        );
        assert_eq!(plain_name("../../a\"\r\nSet-Cookie: x"), "aSet-Cookie x");
        assert_eq!(plain_name("…"), "bill.pdf");
    }
}
