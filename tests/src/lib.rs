//! End-to-end tests: the whole house as its people use it.

pub mod api;
pub mod client;
pub mod edge;
mod hands;
pub mod live_view;
pub mod process;
pub mod stand_in;
pub mod wait;
pub mod world;
