//! The origin.

pub mod browser;
pub mod clock;
pub mod config;
pub mod signin;
pub mod store;
pub mod vault;
