//! Bills of many layouts: words at their positions in, the true facts out.

mod corpus;

use bill_reader::{
    layout::{Layout, Word},
    read,
};
use corpus::sheet::{BOLD, REGULAR, Sheet, width};

/// The words of the pages, as wide as their font prints them.
fn words(sheets: &[Sheet]) -> Vec<Word> {
    let mut words = Vec::new();
    for (page, sheet) in sheets.iter().enumerate() {
        for item in &sheet.items {
            let font = if item.bold { BOLD } else { REGULAR };
            let wide = |text: &str| width(font, item.size, text);
            let mut at = 0;
            for text in item.text.split(' ') {
                let left = item.x + wide(&item.text[..at]);
                if !text.is_empty() {
                    words.push(Word {
                        page,
                        left,
                        right: left + wide(text),
                        y: item.y,
                        size: item.size,
                        text: text.to_owned(),
                    });
                }
                at += text.len() + 1;
            }
        }
    }
    words
}

#[test]
fn every_layout_is_read_right() {
    let mut wrong = Vec::new();
    for (name, sheets, truth) in corpus::all() {
        let reading = read(&Layout::new(words(&sheets)), truth.country);
        wrong.extend(corpus::differences(name, &reading, &truth));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
