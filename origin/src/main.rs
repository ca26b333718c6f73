//! The origin service.
fn main() {}
