//! Delivery to real servers on this machine.

mod delivery;
mod receiver;
mod scene;
