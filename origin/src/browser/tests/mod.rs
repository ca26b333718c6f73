//! Real Chromium on tiny local pages.

mod driving;
mod fence;
mod files;
mod house;
mod life;
mod pictures;
mod reports;
mod wait;
