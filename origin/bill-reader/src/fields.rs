//! Finds the values of a field: what is printed after, beside or under one of its labels.

use super::{
    labels::{Field, LABELS, MISLEADING},
    layout::{Cell, Layout},
};

/// A value beside a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate<T> {
    /// The value as it was read from the document.
    pub value: T,
    /// How surely it is the field's; higher is surer.
    pub score: i32,
    /// The line of the label.
    pub line: usize,
}

/// A label in a cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    field: Field,
    weight: i32,
    start: usize,
    end: usize,
}

/// How far under a label its value may stand, in font sizes.
const REACH: f32 = 3.6;

/// All values of a field, surest first. `parse` reads a value from the beginning of a text.
pub fn candidates<T>(
    layout: &Layout,
    field: Field,
    parse: impl Fn(&str) -> Option<T>,
) -> Vec<Candidate<T>> {
    let mut found = Vec::new();
    for (i, line) in layout.lines.iter().enumerate() {
        for (c, cell) in line.cells.iter().enumerate() {
            let Some(label) = label_of(cell, field) else {
                continue;
            };
            let misleading = MISLEADING.iter().any(|phrase| {
                cell.text
                    .find(phrase)
                    .is_some_and(|(start, _)| start + 40 > label.start)
            });
            let mut weight = label.weight - if misleading { 60 } else { 0 };
            // A label in the middle of a sentence is worth less than one that begins its cell.
            if label.start > 3 {
                weight -= 25;
            }
            let after = cell.text.printed_from(label.end);
            if let Some(value) = parse(after_label(after)) {
                found.push(Candidate {
                    value,
                    score: weight + 20,
                    line: i,
                });
                continue;
            }
            let beside = line
                .cells
                .iter()
                .skip(c + 1)
                .take(4)
                .take_while(|cell| !is_label(cell, field))
                .enumerate()
                .find_map(|(n, cell)| parse(cell.text.printed.as_str()).map(|value| (n, value)));
            if let Some((n, value)) = beside {
                found.push(Candidate {
                    value,
                    score: weight + 16 - 4 * i32::try_from(n).unwrap_or(0),
                    line: i,
                });
                continue;
            }
            let under = layout
                .below(i, cell, REACH)
                .take(3)
                .take_while(|(_, cell)| !is_label(cell, field))
                .find_map(|(at, cell)| parse(cell.text.printed.as_str()).map(|value| (at, value)));
            if let Some((at, value)) = under {
                let lines = i32::try_from(at - i).unwrap_or(9);
                found.push(Candidate {
                    value,
                    score: weight + 12 - 4 * lines,
                    line: i,
                });
            }
        }
    }
    found.retain(|candidate| candidate.score > 0);
    found.sort_by(|a, b| b.score.cmp(&a.score).then(a.line.cmp(&b.line)));
    found
}

/// The value with the best score, and whether another value is nearly as good. Candidates of equal value strengthen
/// each other.
pub fn best_value<T: Clone>(
    candidates: &[Candidate<T>],
    same: impl Fn(&T, &T) -> bool,
) -> Option<(T, bool)> {
    let mut totals: Vec<(T, i32)> = Vec::new();
    for candidate in candidates {
        match totals
            .iter_mut()
            .find(|(value, _)| same(value, &candidate.value))
        {
            Some((_, score)) => *score += 5,
            None => totals.push((candidate.value.clone(), candidate.score)),
        }
    }
    totals.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
    let (best, score) = totals.first()?.clone();
    let doubtful = totals.get(1).is_some_and(|(_, second)| second + 6 > score);
    Some((best, doubtful))
}

/// The label of this field that the cell has, unless a longer or weightier phrase there means another field.
fn label_of(cell: &Cell, field: Field) -> Option<Label> {
    labels_of(cell)
        .iter()
        .copied()
        .find(|label| label.field == field)
}

fn labels_of(cell: &Cell) -> &[Label] {
    cell.labels.get_or_init(|| best_labels(cell))
}

/// The labels of a cell that no other label covers.
fn best_labels(cell: &Cell) -> Vec<Label> {
    let mut labels: Vec<Label> = LABELS
        .iter()
        .filter_map(|(field, phrase, weight)| {
            let (start, end) = cell.text.find(phrase)?;
            Some(Label {
                field: *field,
                weight: *weight,
                start,
                end,
            })
        })
        .collect();
    labels.sort_by_key(|label| {
        (
            std::cmp::Reverse(label.end - label.start),
            std::cmp::Reverse(label.weight),
        )
    });
    let mut kept: Vec<Label> = Vec::new();
    for label in labels {
        let covered = kept.iter().any(|other| {
            let overlaps = label.start < other.end && other.start < label.end;
            let same_place = label.start == other.start && label.end == other.end;
            overlaps && !same_place
        });
        if !covered {
            kept.push(label);
        }
    }
    kept.sort_by_key(|label| (label.start, std::cmp::Reverse(label.weight)));
    kept
}

/// Whether the cell is the label of another field: what follows it does not belong to `field`.
fn is_label(cell: &Cell, field: Field) -> bool {
    labels_of(cell)
        .iter()
        .any(|label| label.field != field && label.start <= 3 && label.weight >= 40)
        && !cell.text.printed.contains(|c: char| c.is_ascii_digit())
}

/// Whether the cell begins with a label of any of these fields.
#[must_use]
pub fn begins_with(cell: &Cell, fields: &[Field], at_least: i32) -> bool {
    labels_of(cell)
        .iter()
        .any(|label| fields.contains(&label.field) && label.start <= 6 && label.weight >= at_least)
}

/// The field that a column's heading names.
#[must_use]
pub fn column_field(cell: &Cell, fields: &[Field]) -> Option<Field> {
    labels_of(cell)
        .iter()
        .filter(|label| fields.contains(&label.field))
        .max_by_key(|label| label.weight)
        .map(|label| label.field)
}

fn after_label(text: &str) -> &str {
    text.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '.' | '#' | '-' | '°' | 'º' | '*' | '/' | '|' | '=')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Word;

    fn layout(cells: &[(f32, f32, &str)]) -> Layout {
        Layout::new(
            cells
                .iter()
                .map(|(left, y, text)| Word {
                    page: 0,
                    left: *left,
                    right: left + 5.0 * text.len() as f32,
                    y: *y,
                    size: 10.0,
                    text: (*text).into(),
                })
                .collect(),
        )
    }

    fn first_word(text: &str) -> Option<String> {
        let word: String = text.chars().take_while(|c| !c.is_whitespace()).collect();
        word.contains(|c: char| c.is_ascii_digit()).then_some(word)
    }

    #[test]
    fn a_value_is_found_after_beside_and_under_its_label() {
        for (name, cells) in [
            ("after", vec![(0.0, 10.0, "Account number: 12-34")]),
            (
                "beside",
                vec![(0.0, 10.0, "Account number"), (200.0, 10.0, "12-34")],
            ),
            (
                "under",
                vec![
                    (0.0, 10.0, "Account number"),
                    (200.0, 10.0, "Due date"),
                    (0.0, 24.0, "12-34"),
                    (200.0, 24.0, "9"),
                ],
            ),
        ] {
            let found = candidates(&layout(&cells), Field::Account, first_word);
            assert_eq!(
                found.first().map(|c| c.value.as_str()),
                Some("12-34"),
                "{name}"
            );
        }
    }

    #[test]
    fn of_two_labels_in_one_place_the_longer_counts() {
        let layout = layout(&[
            (0.0, 10.0, "Previous amount due"),
            (200.0, 10.0, "1"),
            (0.0, 24.0, "Amount due"),
            (200.0, 24.0, "2"),
        ]);
        let found = candidates(&layout, Field::Total, first_word);
        assert_eq!(
            found.iter().map(|c| c.value.as_str()).collect::<Vec<_>>(),
            ["2"]
        );
    }

    #[test]
    fn several_equal_values_beat_a_single_better_one() {
        let of = |value: i32, score| Candidate {
            value,
            score,
            line: 0,
        };
        assert_eq!(
            best_value(&[of(1, 100), of(2, 96), of(2, 90), of(2, 90)], |a, b| a
                == b),
            Some((2, false))
        );
        assert_eq!(
            best_value(&[of(1, 100), of(2, 60)], |a, b| a == b),
            Some((1, false))
        );
        assert_eq!(best_value::<i32>(&[], |a, b| a == b), None);
    }
}
