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
mod challenge;
mod challenge_answerer;
mod core;
mod download;
mod egress;
mod egress_addresses;
mod egress_proxy;
mod element;
mod error;
mod event;
mod fetch;
mod focus;
mod focus_finder;
mod history;
mod ids;
mod input;
mod keys;
mod launcher;
mod locale;
mod page;
mod plain_text;
mod process;
mod profile;
mod profile_folder;
mod remote;
mod request_filter;
mod screencast;
mod screencast_frame;
mod screenshot;
mod session_state;
mod settings;
mod shadow_roots;
mod startup;
mod state;
mod user_id;

pub use browser::Browser;
pub use challenge::{Challenge, Realm};
pub use challenge_answerer::ChallengeAnswerer;
pub use download::Download;
pub use egress_addresses::EgressAddresses;
pub use egress_proxy::EgressProxy;
pub use error::{BrowserError, FatalReason, NetError};
pub use event::{BrowserEvent, DialogKind, NavigationCause};
pub use fetch::Fetched;
pub use focus::{Focus, Place};
pub use ids::{FrameId, PageId, RequestId};
pub use input::{Input, KeyPress, Pointer, PointerKind};
pub use launcher::Launcher;
pub use locale::known_countries;
pub use page::{Navigation, Page};
pub use profile::{Profile, Viewport};
pub use remote::Remote;
pub use request_filter::{PausedRequest, RequestFilter};
pub use screencast::Screencast;
pub use screencast_frame::ScreencastFrame;
pub use session_state::{Cookie, Partition, SameSite, WebStorage};
pub use settings::BrowserConfig;
pub use state::{frames::FrameInfo, isolated_world::IsolatedWorldScript};

/// JavaScript that reads a document safely, whatever its elements are called: a `const dom` for scripts that run in an
/// isolated world.
pub const DOM_HELPERS: &str = include_str!("dom.js");

#[cfg(test)]
mod tests;
