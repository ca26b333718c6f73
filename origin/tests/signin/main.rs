//! Sign-ins on websites of many makes, by real mouse and key events in real Chromium.

mod beside_the_picture;
mod between;
mod challenges;
mod conversation;
mod failures;
mod further_values;
mod healing;
mod left_unsent;
mod manual_entry;
mod person;
mod readiness;
mod refusals;
mod repeated_tries;
mod replay;
mod resume;
mod sandbox;
mod successes;
