//! One picture of a page.

use super::ids::PageId;

/// One picture of the current page, as the screencast gives it.
#[derive(Debug, PartialEq, Eq)]
pub struct ScreencastFrame {
    /// Number of the frame: rises by one each frame of this browser.
    pub seq: u32,
    /// The page that it shows.
    pub page: PageId,
    /// Width of the page in CSS pixels.
    pub width: u16,
    /// Height of the page in CSS pixels.
    pub height: u16,
    /// Device pixels in one CSS pixel, in percent.
    pub scale: u16,
    /// The picture, a JPEG.
    pub jpeg: Vec<u8>,
}
