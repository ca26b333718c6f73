//! Collection with real browsers: finding bills on websites of different make, and whole runs on the sample utility.

mod browsers;
mod cut_short;
mod finding;
mod house;
#[path = "../read_bill/maker.rs"]
#[expect(dead_code, reason = "the corpus of the other test uses all of it")]
mod maker;
mod runs;
mod sites;
