//! A sample utility website.
fn main() {}
