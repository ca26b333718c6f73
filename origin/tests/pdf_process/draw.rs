//! Draws the sheets of the tests as PDF files.

use krilla::{
    Document,
    geom::Point,
    page::PageSettings,
    text::{Font, TextDirection},
};

use super::sheet::{BOLD, REGULAR, Sheet};

/// Draws a PDF with one page per sheet.
pub fn pdf(sheets: &[Sheet]) -> Vec<u8> {
    let (regular, bold) = (
        Font::new(REGULAR.into(), 0).expect("the font"),
        Font::new(BOLD.into(), 0).expect("the font"),
    );
    let mut document = Document::new();
    for sheet in sheets {
        let mut page =
            document.start_page_with(PageSettings::from_wh(595.0, 842.0).expect("a size"));
        let mut surface = page.surface();
        for item in &sheet.items {
            let font = if item.bold {
                bold.clone()
            } else {
                regular.clone()
            };
            surface.draw_text(
                Point::from_xy(item.x, item.y),
                font,
                item.size,
                &item.text,
                false,
                TextDirection::Auto,
            );
        }
        surface.finish();
        page.finish();
    }
    document.finish().expect("a PDF")
}
