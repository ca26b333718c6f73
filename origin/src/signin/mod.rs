//! The client's sign-in on a website never seen before: what was typed, what it came to, and how
//! to do it again.
//!
//! `Watch` listens while the client signs in by hand; `replay`
//! signs in again from the [`Recipe`] that came of it. Both read the same reports of `watcher.js`
//! and judge by the same rules . Nothing here knows any website.

mod capture;
mod code;
pub mod credentials;
mod evidence;
mod fields;
mod frames;
mod judge;
mod listener;
mod locate;
pub mod recipe;
mod replay;
mod report;
mod session;
#[cfg(test)]
mod session_tests;
pub mod verdict;
mod watch;
mod words;

pub use credentials::{Captured, Credentials};
pub use recipe::Recipe;
pub use replay::replay;
pub use verdict::{CodeChannel, Verdict, WatchEvent};
pub use watch::Watch;
