//! The QR code that a website shows to set an authenticator up, read from a picture of its page.

use browser::Browser;
use image::{ImageFormat, ImageReader, Limits};
use shared::forwarding::UnreadQrCode;

/// A picture of a page of the size that we show is far smaller.
const PICTURE_BYTES: usize = 4 * 1024 * 1024;
/// The longest side that is read, in pixels.
const SIDE_MAX: u32 = 6_000;
/// QR codes of one picture that are tried.
const CODES_MAX: usize = 8;

/// The text of the authenticator's QR code in what the browser's page shows now.
pub(super) async fn read(browser: &Browser) -> Result<String, UnreadQrCode> {
    let picture = browser.page().screenshot(PICTURE_BYTES).await;
    let picture = picture.map_err(|error| {
        tracing::warn!(%error, "no picture of a page that may show a QR code");
        UnreadQrCode::NoQrCode
    })?;
    let read = tokio::task::spawn_blocking(move || in_picture(&picture));
    read.await.unwrap_or(Err(UnreadQrCode::NoQrCode))
}

/// The text of the first QR code with an `otpauth:` address in a JPEG.
fn in_picture(jpeg: &[u8]) -> Result<String, UnreadQrCode> {
    let mut reader = ImageReader::with_format(std::io::Cursor::new(jpeg), ImageFormat::Jpeg);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| UnreadQrCode::NoQrCode)?;
    let grey = picture.into_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let brightness =
        |x: usize, y: usize| grey.as_raw().get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, brightness);
    let grids = prepared.detect_grids();
    let mut texts = grids
        .iter()
        .take(CODES_MAX)
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
        .peekable();
    if texts.peek().is_none() {
        return Err(UnreadQrCode::NoQrCode);
    }
    let is_otpauth = |text: &String| text.to_lowercase().starts_with("otpauth:");
    texts.find(is_otpauth).ok_or(UnreadQrCode::NotSupported)
}
