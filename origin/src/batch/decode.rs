//! The text of a file that a spreadsheet wrote.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Why a file is no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoText {
    /// It is a workbook, or another archive.
    #[error("is a workbook of a spreadsheet: save it as CSV")]
    Workbook,
    /// It is something else than text.
    #[error("is no text: save it as CSV")]
    Binary,
}

/// The text: in the encoding that a byte order mark names, else in UTF-8 if it is that, else in Windows-1252, which has
/// Latin-1 within it.
pub(super) fn text_of(bytes: &[u8]) -> Result<String, NoText> {
    // What workbooks of today (a ZIP archive) and of former times begin with.
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(NoText::Workbook);
    }
    let (text, has_mistakes) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => {
            encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default())
        }
        None => match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => (text, false),
            None => WINDOWS_1252.decode_without_bom_handling(bytes),
        },
    };
    if has_mistakes || text.contains('\0') {
        return Err(NoText::Binary);
    }
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encodings_of_spreadsheets_are_told_apart() {
        let text = "Bäckerei; Café – Łódź";
        let utf_16: Vec<u8> = std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let reversed: Vec<u8> = std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        let marked = format!("\u{feff}{text}");
        for bytes in [text.as_bytes(), marked.as_bytes(), &utf_16, &reversed] {
            assert_eq!(text_of(bytes).as_deref(), Ok(text));
        }
        assert_eq!(
            text_of(b"B\xe4ckerei; Caf\xe9 \x96 \x80").as_deref(),
            Ok("Bäckerei; Café – €")
        );
    }

    #[test]
    fn what_is_no_text_is_told() {
        assert_eq!(text_of(b"PK\x03\x04\x14\x00"), Err(NoText::Workbook));
        assert_eq!(
            text_of(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1]),
            Err(NoText::Workbook)
        );
        assert_eq!(text_of(b"%PDF-1.7\n\x00\x01"), Err(NoText::Binary));
    }
}
