//! Names of pages, frames and requests.

use serde::{Deserialize, Serialize};

/// Name of the isolated world that scripts of ours run in. The engine reports it with each context.
pub(crate) const ISOLATED_WORLD: &str = "magic-links";

/// One page (tab or pop-up window) of one browser. Counts from 1, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageId(pub u32);

/// A frame of a page; the engine's name for it, opaque.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameId(pub String);

/// A request; the engine's name for it, the same over its redirects.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub String);
