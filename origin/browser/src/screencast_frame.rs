//! One picture of a page.

use super::ids::PageId;

/// One picture of the current page, as the screencast gives it.
#[derive(Debug, PartialEq, Eq)]
pub struct ScreencastFrame {
    /// The number of the frame. It rises by one with each frame of this browser.
    pub seq: u32,
    /// The page that it shows.
    pub page: PageId,
    /// The width of the page in CSS pixels.
    pub width: u16,
    /// The height of the page in CSS pixels.
    pub height: u16,
    /// The number of device pixels in one CSS pixel, in percent.
    pub scale: u16,
    /// The picture as a JPEG file.
    pub jpeg: Vec<u8>,
}
