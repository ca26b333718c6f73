//! End-to-end tests: the whole house as its people use it.

pub mod client;
pub mod wait;
