//! What a person needs to go on: what has the focus, or what is filled first while nothing has it. Who looks at a picture of
//! the page must have it in sight.

use super::ids::{FrameId, PageId};

/// The element that is needed to go on, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Focus {
    /// Rises when it is another element; the same one may move.
    pub number: u32,
    /// Where it is; `None` when there is no such element.
    pub place: Option<Place>,
}

/// A box in CSS pixels of the page, from the corner of what is shown of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The distance from the left edge.
    pub x: i32,
    /// The distance from the top edge.
    pub y: i32,
    /// How wide it is, in CSS pixels.
    pub width: i32,
    /// How high it is, in CSS pixels.
    pub height: i32,
}

/// Which frame says that it has the element; where that is must be found out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Needed {
    /// As in [`Focus::number`].
    pub number: u32,
    /// The frame and its page; `None` after another document came.
    pub frame: Option<(PageId, FrameId)>,
}
