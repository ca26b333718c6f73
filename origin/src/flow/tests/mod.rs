//! Tests of the flow, with a real store and, where a website is looked at, a real Chromium.

mod abandon;
mod finish;
pub(crate) mod house;
mod run;
pub(crate) mod site;
mod start;
