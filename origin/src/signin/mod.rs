//! The client's sign-in on a website never seen before: what was typed, what it came to, and how
//! to do it again.
//!
//! `Watch` listens while the client signs in by hand; `replay`
//! signs in again from the [`Recipe`] that came of it. Both read the same reports of `watcher.js`
//! and judge by the same rules . Nothing here knows any website.

pub mod credentials;
pub mod recipe;
pub mod verdict;

pub use credentials::{Captured, Credentials};
pub use recipe::Recipe;
pub use verdict::{CodeChannel, Verdict, WatchEvent};
