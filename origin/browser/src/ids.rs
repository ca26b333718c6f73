//! Names of pages, frames and requests.

use serde::{Deserialize, Serialize};

/// Name of the isolated world that scripts of ours run in. The engine reports it with each context.
pub(crate) const ISOLATED_WORLD: &str = "magic-links";

/// The number of a page (a tab or a pop-up window) of one browser. Numbers begin at 1 and are never used
/// twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageId(pub u32);

/// Chromium's name for a frame of a page. It has no meaning of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameId(pub String);

/// Chromium's name for a request. It stays the same when the request is redirected.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub String);
