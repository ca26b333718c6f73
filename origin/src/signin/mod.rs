//! The client's sign-in on a website never seen before: what was typed, what it came to, and how
//! to do it again.
//!
//! Every sign-in is a conversation with one [`Driver`]: in the live view the client answers by acting in the page,
//! and [`Watch`] tells how it stands; [`replay()`] signs in again from the [`Recipe`] that came of it, and the stored
//! credentials answer. Both hear the same reports of `watcher/`, which runs in an isolated world of every frame, and
//! judge by the same rules (`evidence`). Nothing here knows any website.
//!
//! Success needs positive proof (`proof`): a password was sent, no login form is left, nothing has happened for 1.5 s, no
//! text speaks of trouble or asks for something more, and the page shows what only a signed-in client sees and what was
//! not there before. Everything else that is not plainly a refusal or a next step is [`Verdict::Unknown`]: a clean browser
//! looks whether anonymous visitors are asked to sign in there (`anonymous_visit`), and else the client is asked.

mod anonymous_visit;
mod attempt;
mod authorization;
mod capture;
#[cfg(test)]
mod capture_tests;
mod code_channel;
mod credential_fields;
pub mod credentials;
pub mod drive;
mod evidence;
mod failure;
mod field_roles;
mod form_words;
mod frames;
mod gone;
mod judge;
mod let_in;
mod listener;
mod locators;
mod lockout;
mod nothing_sent;
mod observe;
#[cfg(test)]
mod observe_tests;
mod other_values;
mod page_outline;
mod proof;
#[cfg(test)]
mod proof_tests;
pub mod recipe;
#[cfg(test)]
mod refusal_tests;
mod replay;
mod report;
mod resume;
mod saved_session;
mod shown_forms;
mod turned_away;
pub mod verdict;
mod watch;
mod watch_event;
#[cfg(test)]
mod watcher_tests;
mod words;

pub use anonymous_visit::AnonymousVisitor;
pub use credentials::{Captured, Credentials, OtherValue};
pub use drive::{Driver, sign_in};
pub use failure::{FailedStep, FailureReason, SignInFailure, StepKind};
pub use judge::SignInStatus;
pub use lockout::Lockout;
pub use recipe::Recipe;
pub use replay::{CodeAsked, CodeSource, Replayed, replay, replay_with_codes};
pub use resume::{Resumed, resume};
pub use saved_session::SavedSession;
pub use verdict::{CodeChannel, CodeRefusal, Verdict};
pub use watch::Watch;
pub use watch_event::WatchEvent;
