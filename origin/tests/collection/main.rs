//! Collection with real browsers: finding bills on websites of different make, and whole runs on the sample utility.

mod authenticator;
mod bill_lists;
mod browser_config;
mod changed_meanwhile;
mod codes;
mod cut_short;
#[path = "../pdf_process/draw.rs"]
mod draw;
mod failures;
mod healing;
mod odd_pages;
mod renewals;
mod runs;
mod sandbox;
mod saved_session;
#[path = "../../bill-reader/tests/corpus/sheet.rs"]
#[expect(dead_code, reason = "the corpus of the other test uses all of it")]
mod sheet;
mod sites;
mod test_env;
mod trap;
mod webhooks;
