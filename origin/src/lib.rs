//! The origin.

pub mod browser;
pub mod signin;
