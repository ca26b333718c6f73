//! The origin.

pub mod browser;
pub mod clock;
pub mod collection;
pub mod config;
pub mod edge_api;
pub mod flow;
pub mod signin;
pub mod store;
pub mod vault;
