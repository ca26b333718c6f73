//! Delivery to real servers on this machine.

mod changes;
mod delivery;
mod documentation;
mod receiver;
mod scene;
