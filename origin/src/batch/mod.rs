//! Files of rows: a company link for each, or a company or site to add or change.
//!
//! A file is read once ([`read`]), and its rows are kept with what each says ([`add`]). A job works them in their order,
//! fifty in a transaction, and writes what became of each beside it: wherever it is stopped it goes on there, and no
//! row is done twice. A dry run goes the same way, and keeps what rows would add in memory instead of writing it. The
//! fields of a row are read by the very code that reads those of a single link, company or site.

mod columns;
mod company_rows;
mod decode;
mod directory;
mod file;
mod job;
mod link_rows;
mod results;
mod row;
mod table;
#[cfg(test)]
mod tests;

pub use columns::{names, titles};
pub use file::{MAX_BYTES, MAX_ROWS, NewBatch, RowsOfFile, add, follow, followed, read};
pub use job::{WorkBatch, WorkBatchPayload};
pub use results::{ResultsError, csv, urls};
