//! Collection: when to fetch bills, how to find them on a website never seen before, and what they say.

mod again;
mod collect;
pub mod discover;
mod ingest;
pub mod pdf_process;
mod pdf_words;
pub mod read_only;
mod schedule;
mod sent;
mod verdict;

pub use collect::{Collector, TIME_LIMIT, collect};
pub use pdf_process::PdfReader;
pub use schedule::{Settings, run};
pub use sent::Sent;
