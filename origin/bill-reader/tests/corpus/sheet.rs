//! Pages of text at given positions, like a billing system's form.

use ttf_parser::Face;

/// The font of ordinary text.
pub static REGULAR: &[u8] = include_bytes!("../../../../tests/utility/fonts/OpenSans-Regular.ttf");
/// The font of bold text.
pub static BOLD: &[u8] = include_bytes!("../../../../tests/utility/fonts/OpenSans-Bold.ttf");

/// A text: left edge and baseline in points from the top left, font size, whether it is bold.
pub struct Item {
    pub x: f32,
    pub y: f32,
    pub size: f32,
    pub bold: bool,
    pub text: String,
}

/// How wide a text is, in points.
pub fn width(font: &[u8], size: f32, text: &str) -> f32 {
    let face = Face::parse(font, 0).expect("the font");
    let units: f32 = text
        .chars()
        .filter_map(|c| {
            face.glyph_index(c)
                .and_then(|glyph| face.glyph_hor_advance(glyph))
        })
        .map(f32::from)
        .sum();
    units * size / f32::from(face.units_per_em())
}

/// One page of text.
#[derive(Default)]
pub struct Sheet {
    pub items: Vec<Item>,
}

impl Sheet {
    /// Text that begins at x and stands on y, both in points from the top left.
    pub fn at(mut self, x: f32, y: f32, size: f32, text: &str) -> Self {
        self.items.push(Item {
            x,
            y,
            size,
            bold: false,
            text: text.to_owned(),
        });
        self
    }

    /// Bold text.
    pub fn bold(mut self, x: f32, y: f32, size: f32, text: &str) -> Self {
        self.items.push(Item {
            x,
            y,
            size,
            bold: true,
            text: text.to_owned(),
        });
        self
    }

    /// Text that ends at x.
    pub fn right(self, x: f32, y: f32, size: f32, text: &str) -> Self {
        self.at(x - width(REGULAR, size, text), y, size, text)
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
}
