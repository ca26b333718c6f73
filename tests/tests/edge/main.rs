//! The edge as it is built, in workerd.

mod house;
mod with_origin;
mod without_origin;
