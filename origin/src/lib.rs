//! The origin.

pub mod signin;
