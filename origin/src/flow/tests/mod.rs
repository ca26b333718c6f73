//! Tests of the flow, with a real store and, where a website is looked at, a real Chromium.

mod abandon;
mod finish;
mod forwarding;
mod manual_entry;
mod proof;
mod repair;
mod run;
mod start;
pub(crate) mod test_env;
pub(crate) mod website;
