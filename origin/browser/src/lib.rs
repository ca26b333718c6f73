//! Chromium: started, driven, watched and fenced in. CDP is spoken here alone.
//!
//! [`Launcher::open`] gives a [`Browser`]: a process, a user id, a folder and an egress guard of its
//! own. [`Page`] drives it by code, [`Input`] and [`Screencast`] by a person, and [`BrowserEvent`]s
//! tell what happens.
//!
//! This crate knows Chromium and nothing of ours: no link, flow, utility or bill.

// Nothing from outside may end the program; tests may.
#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)
)]

mod browser;
mod cdp;
mod cdp_events;
mod core;
mod download;
mod egress;
mod element;
mod emulation;
mod fetch;
mod frames;
mod history;
mod input;
mod isolated_world;
mod keys;
mod launcher;
mod locale;
mod network;
mod page;
mod plain_text;
mod process;
mod profile_folder;
mod request_filter;
mod screencast;
mod settings;
mod shadow_roots;
mod startup;
mod targets;
mod types;
mod user_id;

pub use browser::Browser;
pub use input::{Input, KeyPress, Pointer, PointerKind};
pub use launcher::Launcher;
pub use locale::known_countries;
pub use page::Page;
pub use request_filter::{PausedRequest, RequestFilter};
pub use screencast::Screencast;
pub use settings::BrowserConfig;
pub use types::{
    BrowserError, BrowserEvent, DialogKind, Download, FatalReason, Fetched, FrameId, FrameInfo,
    IsolatedWorldScript, Navigation, NetError, PageId, Profile, Remote, RequestId, ScreencastFrame,
    Viewport,
};

/// JavaScript that reads a document safely, whatever its elements are called: a `const dom` for scripts that run in an
/// isolated world.
pub const DOM_HELPERS: &str = include_str!("dom.js");

#[cfg(test)]
mod tests;
