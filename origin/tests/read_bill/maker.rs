//! Draws bills for the tests: text at places, like a billing system's form.

use krilla::{
    Document,
    geom::Point,
    page::PageSettings,
    text::{Font, TextDirection},
};
use ttf_parser::Face;

static REGULAR: &[u8] = include_bytes!("../../../tests/utility/fonts/OpenSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../tests/utility/fonts/OpenSans-Bold.ttf");

/// One page of text.
#[derive(Default)]
pub struct Sheet {
    items: Vec<(f32, f32, f32, bool, String)>,
}

impl Sheet {
    /// Text that begins at x and stands on y, both in points from the top left.
    pub fn at(mut self, x: f32, y: f32, size: f32, text: &str) -> Self {
        self.items.push((x, y, size, false, text.to_owned()));
        self
    }

    /// Bold text.
    pub fn bold(mut self, x: f32, y: f32, size: f32, text: &str) -> Self {
        self.items.push((x, y, size, true, text.to_owned()));
        self
    }

    /// Text that ends at x.
    pub fn right(self, x: f32, y: f32, size: f32, text: &str) -> Self {
        let face = Face::parse(REGULAR, 0).expect("the font");
        let units: f32 = text
            .chars()
            .filter_map(|c| {
                face.glyph_index(c)
                    .and_then(|glyph| face.glyph_hor_advance(glyph))
            })
            .map(f32::from)
            .sum();
        let width = units * size / f32::from(face.units_per_em());
        self.at(x - width, y, size, text)
    }

    /// Rows of a label at `x` and a value that ends at `end`, `step` apart.
    pub fn rows(mut self, x: f32, end: f32, y: f32, step: f32, rows: &[(&str, &str)]) -> Self {
        for (i, (label, value)) in rows.iter().enumerate() {
            let y = y + step * i as f32;
            self = self.at(x, y, 9.0, label).right(end, y, 9.0, value);
        }
        self
    }

    /// A row of a table whose columns begin at the given places.
    pub fn row(mut self, y: f32, cells: &[(f32, &str)]) -> Self {
        for (x, text) in cells {
            self = self.at(*x, y, 9.0, text);
        }
        self
    }

    /// The PDF.
    pub fn pdf(self) -> Vec<u8> {
        pdf(vec![self])
    }
}

/// A PDF of several pages.
pub fn pdf(sheets: Vec<Sheet>) -> Vec<u8> {
    let (regular, bold) = (
        Font::new(REGULAR.into(), 0).expect("the font"),
        Font::new(BOLD.into(), 0).expect("the font"),
    );
    let mut document = Document::new();
    for sheet in sheets {
        let mut page =
            document.start_page_with(PageSettings::from_wh(595.0, 842.0).expect("a size"));
        let mut surface = page.surface();
        for (x, y, size, is_bold, text) in sheet.items {
            let font = if is_bold {
                bold.clone()
            } else {
                regular.clone()
            };
            surface.draw_text(
                Point::from_xy(x, y),
                font,
                size,
                &text,
                false,
                TextDirection::Auto,
            );
        }
        surface.finish();
        page.finish();
    }
    document.finish().expect("a PDF")
}
