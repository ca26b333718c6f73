//! One picture of a page.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chromiumoxide_cdp::cdp::browser_protocol::page::{
    CaptureScreenshotFormat, CaptureScreenshotParams,
};

use super::{cdp::DEADLINE, error::BrowserError, page::Page};

/// Percent; text stays readable.
const QUALITY: i64 = 60;

impl Page {
    /// Returns a JPEG of what the page shows now, in its own size.
    ///
    /// # Errors
    /// [`BrowserError::TooLarge`] when the picture has more than `max_bytes`; also when the page or the browser is gone.
    pub async fn screenshot(&self, max_bytes: usize) -> Result<Vec<u8>, BrowserError> {
        let session = self.session()?;
        let capture = CaptureScreenshotParams {
            format: Some(CaptureScreenshotFormat::Jpeg),
            quality: Some(QUALITY),
            ..CaptureScreenshotParams::default()
        };
        let answer = self
            .core
            .cdp
            .call(Some(&session), capture, DEADLINE)
            .await?;
        let data: &str = answer.data.as_ref();
        let picture = STANDARD.decode(data).map_err(|_| BrowserError::Answer {
            method: "Page.captureScreenshot",
        })?;
        if picture.len() > max_bytes {
            return Err(BrowserError::TooLarge(max_bytes));
        }
        Ok(picture)
    }
}
