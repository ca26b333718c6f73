//! Comma-separated values as spreadsheets write them: separated by commas, semicolons or tabs, with a line `sep=;` before
//! them or without.

use csv::{Position, ReaderBuilder, StringRecord};

use super::file::MAX_ROWS;

/// What separates cells, the usual one first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A table: the names of its columns, and its rows without those that are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// The names of the columns, as they stand there.
    pub(super) header: Vec<String>,
    /// The rows in the order of the file.
    pub(super) rows: Vec<Line>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The line of the file in which it begins.
    pub(super) number: i64,
    /// Its cells, without spaces around them.
    pub(super) cells: Vec<String>,
}

/// Why there is no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoTable {
    /// It has no line with the names of columns.
    #[error("is empty: its first line names the columns")]
    Empty,
    /// It has nothing but the names of columns.
    #[error("has no rows under the names of the columns")]
    NoRows,
    /// It has too many rows.
    #[error("may have {MAX_ROWS} rows at most")]
    TooManyRows,
    /// It cannot be read from this line on.
    #[error("cannot be read from line {0} on")]
    Broken(i64),
}

/// Reads the text of a file.
pub(super) fn read(text: &str) -> Result<Table, NoTable> {
    let (named, text, skipped) = named_delimiter(text);
    let delimiter = named.unwrap_or_else(|| likely_delimiter(text));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut header = None;
    let mut rows = Vec::new();
    let mut lines = Lines::after(skipped, text);
    for record in reader.records() {
        let record = record.map_err(|error| NoTable::Broken(lines.of(error.position())))?;
        let number = lines.of(record.position());
        let cells = cells_of(&record);
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if header.is_none() {
            header = Some(cells);
            continue;
        }
        if rows.len() >= MAX_ROWS {
            return Err(NoTable::TooManyRows);
        }
        rows.push(Line { number, cells });
    }
    let header = header.ok_or(NoTable::Empty)?;
    if rows.is_empty() {
        return Err(NoTable::NoRows);
    }
    Ok(Table { header, rows })
}

/// Counts lines as an editor does. The reader counts a record's from where the one before ended, which is before the line
/// break between them, or before empty lines.
struct Lines<'a> {
    text: &'a [u8],
    counted: usize,
    line: i64,
}

impl<'a> Lines<'a> {
    fn after(skipped: i64, text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            counted: 0,
            line: skipped + 1,
        }
    }

    /// The line in which the record at this place begins. Places come in their order.
    fn of(&mut self, place: Option<&Position>) -> i64 {
        let place = place.map_or(0, Position::byte);
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        while let Some(byte) = self.text.get(self.counted) {
            let is_break = matches!(byte, b'\n' | b'\r');
            if self.counted >= place && !is_break {
                break;
            }
            self.counted += 1;
            let is_first_of_two = *byte == b'\r' && self.text.get(self.counted) == Some(&b'\n');
            self.line += i64::from(is_break && !is_first_of_two);
        }
        self.line
    }
}

fn cells_of(record: &StringRecord) -> Vec<String> {
    record.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The delimiter that the first line names as `sep=;`, the text behind that line, and how many lines were passed over.
fn named_delimiter(text: &str) -> (Option<u8>, &str, i64) {
    let named = text.split_once('\n').and_then(|(first, rest)| {
        let first = first.trim_end_matches('\r').trim_matches('"');
        let name = first
            .get(..4)
            .filter(|it| it.eq_ignore_ascii_case("sep="))?;
        let delimiter = first.get(name.len()..)?.as_bytes();
        match delimiter {
            [delimiter] => Some((*delimiter, rest)),
            _ => None,
        }
    });
    match named {
        Some((delimiter, rest)) => (Some(delimiter), rest, 1),
        None => (None, text, 0),
    }
}

/// What stands most often between the names of the columns, outside of quotes.
fn likely_delimiter(text: &str) -> u8 {
    let mut counts = DELIMITERS.map(|delimiter| (delimiter, 0_usize));
    let mut is_quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                for (delimiter, count) in &mut counts {
                    *count += usize::from(*delimiter == byte);
                }
            }
        }
    }
    let mut best = (b',', 0);
    for (delimiter, count) in counts {
        if count > best.1 {
            best = (delimiter, count);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> (Vec<String>, Vec<(i64, Vec<String>)>) {
        let table = read(text).expect("a table");
        let rows = table.rows.into_iter();
        (
            table.header,
            rows.map(|line| (line.number, line.cells)).collect(),
        )
    }

    fn line(number: i64, cells: &[&str]) -> (i64, Vec<String>) {
        (number, cells.iter().map(|&cell| cell.to_owned()).collect())
    }

    #[test]
    fn what_spreadsheets_write_is_read_with_the_lines_of_the_file() {
        let rows = [line(2, &["A", "x,y", "1"]), line(3, &["B", "", "2"])];
        for text in [
            "company,url,send\nA,\"x,y\",1\nB,,2",
            "company,url,send\r\nA,\"x,y\",1\r\nB,,2\r\n\r\n,,\r\n",
            "company;url;send\r\n\"A\";x,y;\"1\"\r\nB;;2\r\n",
            "company\turl\tsend\r\nA\tx,y\t1\r\nB\t\t2\r\n",
            " company , url , send \n A , \"x,y\" , 1\nB,,2,,\n"
                .replace(" , \"x,y\" ,", " ,\"x,y\",")
                .as_str(),
        ] {
            let (header, found) = table(text);
            assert_eq!(header, ["company", "url", "send"], "{text}");
            let found: Vec<_> = found
                .into_iter()
                .map(|(number, mut cells)| {
                    cells.truncate(3);
                    (number, cells)
                })
                .collect();
            assert_eq!(found, rows, "{text}");
        }
    }

    #[test]
    fn a_named_delimiter_and_broken_lines_in_cells_keep_the_count() {
        let (header, rows) =
            table("sep=;\r\na;\"b, c\"\r\n\r\n\"one\r\ntwo \"\"x\"\"\";1\r\nthree;2\r\n");
        assert_eq!(header, ["a", "b, c"]);
        assert_eq!(
            rows,
            [
                line(4, &["one\r\ntwo \"x\"", "1"]),
                line(6, &["three", "2"])
            ]
        );
    }

    #[test]
    fn what_is_no_table_is_told() {
        for empty in ["", "\r\n", ";;\n", "sep=;\n"] {
            assert_eq!(read(empty), Err(NoTable::Empty), "{empty:?}");
        }
        assert_eq!(read("a,b\n,\n"), Err(NoTable::NoRows));
        let full = "a\n".to_owned() + &"x\n".repeat(MAX_ROWS);
        assert_eq!(read(&full).map(|table| table.rows.len()), Ok(MAX_ROWS));
        assert_eq!(read(&(full + "x")), Err(NoTable::TooManyRows));
    }
}
