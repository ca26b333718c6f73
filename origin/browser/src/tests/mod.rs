//! Real Chromium on tiny local pages.

mod challenges;
mod confinement;
mod deadline;
mod downloads;
mod isolated_world;
mod lifetime;
mod navigation_cause;
mod page_and_input;
mod screencast;
mod session_state;
mod test_site;
