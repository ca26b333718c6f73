//! Delivery to real servers on this machine.

mod changes;
mod delivery;
mod receiver;
mod scene;
