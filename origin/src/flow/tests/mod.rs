//! Tests of the flow, with a real store and, where a website is looked at, a real Chromium.

mod finish;
pub(crate) mod house;
mod start;
