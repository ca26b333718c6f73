//! The API of a running origin, as programs of others use it.

mod cookbook;
mod running;
mod schemathesis;
