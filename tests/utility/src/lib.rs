//! Riverbend Power & Water: a sample utility website with sign-in, billing history and PDF bills.
//!
//! A test or `cargo xtask up` serves it with [`serve`] and compares what was collected with [`bills_of`].
//! Nothing in the product knows it.

pub mod bill_pdf;
pub mod bills;
mod code;
pub mod customers;
pub mod format;
mod options;
pub mod routes;
pub mod session;
pub mod trap;
pub mod views;

use std::io;

pub use bills::{Bill, bills_of};
pub use code::CODE;
pub use options::{Options, Switches};
use tokio::net::TcpListener;

/// Serves the website until the task is dropped.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, options: Options) -> io::Result<()> {
    axum::serve(listener, routes::router(options)).await
}
