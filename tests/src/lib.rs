//! What the end-to-end tests share: the built edge, the origin, the sample utility, and a client's browser that uses them.

pub mod accessibility;
pub mod api;
pub mod client;
pub mod edge;
mod input;
mod invitations;
pub mod leaks;
pub mod live_view;
pub mod origin_stub;
pub mod process;
pub mod receiver;
pub mod test_env;
pub mod wait;
