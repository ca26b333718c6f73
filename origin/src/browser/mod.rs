//! Chromium: started, driven, watched and fenced in. CDP is spoken here alone.
//!
//! [`Launcher::open`] gives a [`Browser`]: a process, a user id, a folder and an egress guard of its
//! own. [`Page`] drives it by code, [`Input`] and [`Screencast`] by a person, and [`BrowserEvent`]s
//! tell what happens.

mod cdp;
mod core;
mod download;
mod egress;
mod element;
mod fetch;
mod folder;
mod frames;
mod history;
mod incoming;
mod input;
mod keys;
mod launch;
mod launcher;
mod locale;
mod look;
mod network;
mod page;
mod process;
mod request_filter;
mod running;
mod screencast;
mod settings;
mod shadow;
mod targets;
mod text;
mod types;
mod user;
mod world;

pub use input::{Input, KeyPress, Pointer};
pub use launcher::Launcher;
pub use page::Page;
pub use request_filter::{PausedRequest, RequestFilter};
pub use running::Browser;
pub use screencast::Screencast;
pub use settings::BrowserConfig;
pub use types::{
    BrowserError, BrowserEvent, DialogKind, Download, FatalReason, Fetched, Frame, FrameId,
    FrameInfo, Navigation, NetError, PageId, Profile, Remote, RequestId, Viewport, WorldScript,
};

/// JavaScript that reads a document safely, whatever its elements are called: a `const dom` for scripts that run in an
/// isolated world.
pub const DOM_HELPERS: &str = include_str!("dom.js");

#[cfg(test)]
mod tests;
