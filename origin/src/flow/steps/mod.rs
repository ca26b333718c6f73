//! The steps of a flow, a module each: what the client has entered, how it is checked, and what the page shows.

pub(super) mod done;
pub(super) mod earlier;
mod entry;
pub(super) mod finish;
pub(super) mod forwarding;
pub(super) mod look_up;
pub(super) mod open_website;
mod password_page;
pub(super) mod provider;
pub(super) mod sign_in;
pub(super) mod sites;
