//! Tests the edge as it is built, in workerd.

mod mail;
mod support;
mod unsubscribe;
mod with_origin;
mod without_origin;
