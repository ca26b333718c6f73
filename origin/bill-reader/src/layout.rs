//! The layout of a document: its words by position, grouped into lines of cells.

use std::cell::OnceCell;

use super::{fields::Label, normalize::Normalized};

/// A word and its position in points. `y` is the baseline and grows downwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The page, counted from 0.
    pub page: usize,
    /// The left edge, in points. It grows to the right from the page's own zero.
    pub left: f32,
    /// The right edge, in points, from the same zero as the left one.
    pub right: f32,
    /// The baseline, in points. It grows downwards from a zero that each page has for itself.
    pub y: f32,
    /// The font size, in points.
    pub size: f32,
    /// The word as printed, without spaces.
    pub text: String,
}

/// Words that belong together: no gap wider than a letter between them.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The left edge, in points. It grows to the right from the page's own zero.
    pub left: f32,
    /// The right edge, in points, from the same zero as the left one.
    pub right: f32,
    /// The font size of its largest word, in points.
    pub size: f32,
    /// Its text, as printed and normalized.
    pub text: Normalized,
    /// The labels in it, found at the first use because every field asks for them.
    pub(super) labels: OnceCell<Vec<Label>>,
}

/// Cells on one baseline, left to right.
#[derive(Debug, Clone)]
pub struct Line {
    /// The page, counted from 0.
    pub page: usize,
    /// The baseline, in points. It grows downwards from a zero that each page has for itself.
    pub y: f32,
    /// The cells from left to right; there is at least one.
    pub cells: Vec<Cell>,
}

/// All lines, page by page, top to bottom.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// The lines of the document in reading order.
    pub lines: Vec<Line>,
}

/// Words that are read; a bill has a few thousand.
const WORDS_MAX: usize = 40_000;

impl Layout {
    /// Groups words into lines and cells.
    #[must_use]
    pub fn new(mut words: Vec<Word>) -> Self {
        words.truncate(WORDS_MAX);
        words.retain(|word| {
            word.left.is_finite()
                && word.right.is_finite()
                && word.y.is_finite()
                && word.size.is_finite()
                && !word.text.trim().is_empty()
        });
        words.sort_by(|a, b| {
            a.page
                .cmp(&b.page)
                .then(a.y.total_cmp(&b.y))
                .then(a.left.total_cmp(&b.left))
        });
        let mut rows: Vec<Vec<Word>> = Vec::new();
        for word in words {
            match rows.last_mut() {
                Some(row) if row.first().is_some_and(|first| same_line(first, &word)) => {
                    row.push(word)
                }
                _ => rows.push(vec![word]),
            }
        }
        Self {
            lines: rows.into_iter().filter_map(line).collect(),
        }
    }

    /// The cells below a cell, nearest first, that stand under it: overlap it, or share an edge with it.
    pub fn below(
        &self,
        line: usize,
        cell: &Cell,
        reach: f32,
    ) -> impl Iterator<Item = (usize, &Cell)> {
        let (page, y) = self
            .lines
            .get(line)
            .map_or((0, 0.0), |line| (line.page, line.y));
        let (left, right, size) = (cell.left, cell.right, cell.size.max(6.0));
        self.lines
            .iter()
            .enumerate()
            .skip(line + 1)
            .take_while(move |(_, below)| below.page == page && below.y - y <= reach * size)
            .flat_map(move |(i, below)| {
                below
                    .cells
                    .iter()
                    .filter(move |cell| is_under(left, right, cell))
                    .map(move |cell| (i, cell))
            })
    }

    /// The whole text, one line of the document per line.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            for cell in &line.cells {
                text.push_str(&cell.text.printed);
                text.push_str("  ");
            }
            text.push('\n');
        }
        text
    }
}

impl Line {
    /// The line as one text, cells two spaces apart.
    #[must_use]
    pub fn joined(&self) -> String {
        self.cells
            .iter()
            .map(|cell| cell.text.printed.as_str())
            .collect::<Vec<_>>()
            .join("  ")
    }
}

fn same_line(a: &Word, b: &Word) -> bool {
    a.page == b.page && (a.y - b.y).abs() <= 0.35 * a.size.min(b.size).max(4.0)
}

fn is_under(left: f32, right: f32, below: &Cell) -> bool {
    let overlap = right.min(below.right) - left.max(below.left);
    overlap > 2.0 || (left - below.left).abs() < 5.0 || (right - below.right).abs() < 5.0
}

fn line(mut words: Vec<Word>) -> Option<Line> {
    words.sort_by(|a, b| a.left.total_cmp(&b.left));
    let first = words.first()?;
    let (page, y) = (first.page, first.y);
    let mut cells: Vec<(f32, f32, f32, String)> = Vec::new();
    for word in words {
        match cells.last_mut() {
            Some((_, right, size, text)) if word.left - *right <= 0.85 * size.max(word.size) => {
                if word.left - *right > 0.1 * word.size {
                    text.push(' ');
                }
                text.push_str(&word.text);
                *right = right.max(word.right);
                *size = size.max(word.size);
            }
            _ => cells.push((word.left, word.right, word.size, word.text)),
        }
    }
    let cells = cells
        .into_iter()
        .map(|(left, right, size, text)| Cell {
            left,
            right,
            size,
            text: Normalized::new(&text),
            labels: OnceCell::new(),
        })
        .collect();
    Some(Line { page, y, cells })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(left: f32, y: f32, text: &str) -> Word {
        Word {
            page: 0,
            left,
            right: left + 5.0 * text.chars().count() as f32,
            y,
            size: 10.0,
            text: text.into(),
        }
    }

    #[test]
    fn words_are_grouped_into_cells_and_columns() {
        let layout = Layout::new(vec![
            word(300.0, 50.4, "Amount"),
            word(333.0, 50.0, "due"),
            word(10.0, 50.0, "Due"),
            word(28.0, 50.0, "date"),
            word(305.0, 64.0, "$12.00"),
            word(10.0, 64.0, "3/4/26"),
        ]);
        assert_eq!(layout.text(), "Due date  Amount due  \n3/4/26  $12.00  \n");
        let head = &layout.lines[0].cells[1];
        let below: Vec<_> = layout
            .below(0, head, 3.0)
            .map(|(_, cell)| cell.text.printed.as_str())
            .collect();
        assert_eq!(below, ["$12.00"]);
    }

    #[test]
    fn words_with_positions_that_are_no_numbers_are_dropped() {
        let layout = Layout::new(vec![
            Word {
                left: f32::NAN,
                ..word(0.0, 0.0, "x")
            },
            word(f32::MAX, f32::MIN, "y"),
        ]);
        assert_eq!(layout.lines.len(), 1);
    }
}
