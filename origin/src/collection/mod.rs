//! Collection: when to fetch bills, how to find them on a website never seen before, and what they say.

pub mod discover;
mod letters;
pub mod pdf_process;
pub mod read_bill;
