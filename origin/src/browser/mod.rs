//! Chromium: started, driven, watched and fenced in. CDP is spoken here alone.

mod download;
mod settings;
mod stub;
mod types;

pub use settings::BrowserConfig;
pub use stub::{Browser, Input, Launcher, Page, Remote, Screencast};
pub use types::{
    BrowserError, BrowserEvent, DialogKind, Download, FatalReason, Fetched, Frame, FrameId,
    FrameInfo, Navigation, NetError, PageId, Profile, RequestId, Viewport, WorldScript,
};
