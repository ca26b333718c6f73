//! What the edge and the origin both know.
//!
//! Pure: no I/O, no clock, no randomness. Times and random bytes are arguments, so the same
//! code runs natively, in wasm and in tests that own the clock.

// Nothing from outside may end the program; tests may.
#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

pub mod brand;
pub mod code_page;
pub mod country;
pub mod entry;
pub mod forwarding;
pub mod hex;
pub mod id;
pub mod inbound_mail;
pub mod live;
pub mod proof;
pub mod provider;
pub mod sealing;
pub mod signing;
#[macro_use]
pub mod status;
pub mod api_key;
pub mod batch;
pub mod link_refusal;
pub mod mail;
pub mod member;
pub mod operator;
pub mod text;
pub mod time;
pub mod token;
pub mod unsubscribe_page;
pub mod webhook;
pub mod wire;
