//! Sign-ins on websites of many makes, by real mouse and key events in real Chromium.

mod person;
mod refusals;
mod replay;
mod sites;
mod successes;
