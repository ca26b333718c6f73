//! Collection: when to fetch bills, how to find them on a website never seen before, and what they say.

mod beginning;
mod by_hand;
mod collect;
mod collector;
pub mod discover;
mod ending;
mod fault;
mod file_name;
mod ingest;
mod job;
mod kept_failure;
mod look_up;
pub mod pdf_process;
mod pdf_words;
mod progress;
pub mod read_only;
mod reschedule;
mod schedule;
mod scope;
mod sealed_rows;
mod standing;
mod verdict;
mod verification;
mod waiting;
mod way_in;

pub use by_hand::{CollectNow, CollectNowError, CollectRefused, Locked, lock};
pub use collect::collect;
pub use collector::{Collector, TIME_LIMIT};
pub use job::{CollectBills, CollectBillsPayload, collect_job, collect_job_key};
pub use kept_failure::{KeptFailure, kept_failure};
pub use look_up::{SeenAccount, is_address, look_up_accounts};
pub use pdf_process::PdfReader;
pub use schedule::QueueDueCollections;
pub use sealed_rows::{open_failure, open_session, seal_failure, seal_session};
pub use verdict::unproven;
