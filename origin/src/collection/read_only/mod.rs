//! Collection only reads an account: requests that would change something are held back.
//!
//! [`decide`](decide::decide) judges one request by what is known about it; [`ReadOnlyGuard`] knows why requests are
//! made and counts what was held. The browser asks it before a request leaves.

mod body;
mod decide;
mod graphql;
mod guard;
mod verbs;

pub use decide::{HeldKind, RequestCause, address_names_change};
pub use guard::{HeldCounts, ReadOnlyGuard};
pub use verbs::{is_changing_verb, says_change};

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
