//! Sign-ins on websites of many makes, by real mouse and key events in real Chromium.

mod failing;
mod person;
mod replaying;
mod stand_in;
mod succeeding;
