//! Comma-separated values (RFC 4180) that spreadsheets are to open.

use csv::{Terminator, Writer, WriterBuilder};

/// Spreadsheets read the file as UTF-8 where it begins with this.
pub const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes lines behind what `begin` holds.
#[must_use]
pub fn writer(begin: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(begin)
}

/// What was written.
///
/// # Errors
/// When the last of it cannot be.
pub fn written(writer: Writer<Vec<u8>>) -> Result<Vec<u8>, csv::Error> {
    let written = writer.into_inner();
    written.map_err(|error| error.into_error().into())
}

/// A text that somebody else wrote: a spreadsheet must not take it for a formula.
#[must_use]
pub fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{text}");
    }
    text.to_owned()
}
