//! One client's run through a link: PROVIDER, SIGN_IN, SITES, DONE.
//!
//! Each flow is a task that owns all there is of it; [`Flows`] finds the task by the hash of the
//! flow's secret. Nothing of a flow is stored before its finish but lines in the link's log, so a
//! flow that ends in any other way leaves nothing behind.

mod flows;
pub mod live;
mod redirect;
mod secret;
mod services;
mod start;
mod steps;
mod task;
mod timers;
mod viewers;

pub use flows::Flows;
pub use live::viewer_session::{LiveState, ViewerSession};
pub use services::Services;
pub use start::StartError;
pub use timers::Timers;

#[cfg(test)]
pub(crate) mod tests;
