//! Riverbend Power & Water: a sample utility website with sign-in, billing history and PDF bills, in many makes: any of
//! its [customers](customers::CUSTOMERS) can sign in on any of its [makes](makes::MAKES). `docs/sandbox.md` lists both.
//!
//! A test or `cargo xtask up` serves it with [`serve`] and compares what was collected with [`bills_of`].
//! Nothing in the product knows it.

pub mod authenticator;
pub mod bill_pdf;
pub mod bills;
pub mod customers;
pub mod documentation;
pub mod doors;
pub mod faults;
pub mod format;
pub mod makes;
mod options;
pub mod outbox;
pub mod routes;
mod sandbox;
pub mod session;
mod sign_in;
mod site;
mod step;
mod steps;
pub mod trap;
pub mod views;

use std::io;

pub use bills::{Bill, bills_of};
pub use faults::Fault;
pub use options::{Options, Switches};
use tokio::net::TcpListener;

/// Serves the website until the task is dropped.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, options: Options) -> io::Result<()> {
    axum::serve(listener, routes::router(options)).await
}
