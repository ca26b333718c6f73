//! The words of a PDF page and their positions, put together from its characters.

use bill_reader::layout::Word;
use pdf_oxide::layout::TextChar;

const WORDS_MAX: usize = 40_000;

/// Adds the words of a page to `words`. Rotated text (margins, barcodes) is left out.
pub fn words_of(page: usize, chars: &[TextChar], words: &mut Vec<Word>) {
    let mut open: Option<Word> = None;
    for c in chars {
        let rotation = c.rotation_degrees.rem_euclid(360.0);
        if rotation > 5.0 && rotation < 355.0 {
            continue;
        }
        let (left, y, size) = (c.origin_x, -c.origin_y, c.font_size.abs().clamp(1.0, 200.0));
        let right = left + c.advance_width.max(0.0);
        let blank = c.char.is_whitespace() || c.char.is_control();
        if let Some(word) = &mut open {
            let goes_on = !blank
                && (word.y - y).abs() < 0.5
                && left >= word.right - 0.6 * size
                && left - word.right < 0.22 * size;
            if goes_on {
                word.text.push(c.char);
                word.right = right.max(word.right);
                continue;
            }
            words.extend(open.take());
        }
        if words.len() >= WORDS_MAX {
            return;
        }
        if !blank {
            open = Some(Word {
                page,
                left,
                right,
                y,
                size,
                text: c.char.to_string(),
            });
        }
    }
    words.extend(open);
}
