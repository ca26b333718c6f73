//! Collection: when to fetch bills, how to find them on a website never seen before, and what they say.

mod again;
mod collect;
pub mod discover;
mod keep;
mod letters;
pub mod pdf_process;
pub mod read_bill;
mod schedule;
mod sent;
mod verdict;

pub use collect::{Collector, TIME_LIMIT, collect};
pub use pdf_process::PdfReader;
pub use schedule::{Settings, run};
pub use sent::Sent;
