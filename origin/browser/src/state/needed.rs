//! What a person needs to go on, by page: which frame says that it has it. Only the page that is looked at is told of.

use std::collections::HashMap;

use super::effect::Effect;
use crate::{
    focus::Needed,
    ids::{FrameId, PageId},
};

/// What a frame says of the element in it that is needed to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NeededReport {
    /// It is another one.
    Another,
    /// The same one moved.
    Moved,
    /// There is none any more.
    Gone,
}

/// The frame of each page that said last that it has the element.
#[derive(Default)]
pub(crate) struct NeededElements {
    frames: HashMap<PageId, FrameId>,
    /// The page that is looked at.
    current: Option<PageId>,
    /// Counts the elements that were told.
    number: u32,
}

impl NeededElements {
    /// A frame reports.
    pub fn reported(
        &mut self,
        page: PageId,
        frame: FrameId,
        report: NeededReport,
    ) -> Option<Effect> {
        if report == NeededReport::Gone {
            // It may be in another frame by now, which said so.
            if self.frames.get(&page) != Some(&frame) {
                return None;
            }
            self.frames.remove(&page);
        } else {
            self.frames.insert(page, frame);
        }
        let is_another = report == NeededReport::Another;
        (self.current == Some(page)).then(|| self.tell(is_another))
    }

    /// The main frame of a page shows another document.
    pub fn document_came(&mut self, page: PageId) -> Option<Effect> {
        self.frames.remove(&page);
        (self.current == Some(page)).then(|| self.tell(true))
    }

    /// A page is gone.
    pub fn page_closed(&mut self, page: PageId) {
        self.frames.remove(&page);
    }

    /// This page is looked at: another one than before has another element, where it said last.
    pub fn follow(&mut self, current: Option<PageId>) -> Option<Effect> {
        let before = std::mem::replace(&mut self.current, current);
        (before != current).then(|| self.tell(true))
    }

    fn tell(&mut self, is_another: bool) -> Effect {
        self.number = self.number.wrapping_add(u32::from(is_another));
        let page = self.current;
        let frame = page.and_then(|page| Some((page, self.frames.get(&page)?.clone())));
        Effect::Needs(Needed {
            number: self.number,
            frame,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(name: &str) -> FrameId {
        FrameId(name.to_owned())
    }

    fn told(effect: Option<Effect>) -> Option<(u32, Option<String>)> {
        let Effect::Needs(needed) = effect? else {
            panic!("another effect");
        };
        Some((needed.number, needed.frame.map(|(_, frame)| frame.0)))
    }

    #[test]
    fn only_the_page_that_is_looked_at_is_told_of() {
        let (opener, pop_up) = (PageId(1), PageId(2));
        let mut needed = NeededElements::default();
        let another = NeededReport::Another;
        assert_eq!(told(needed.follow(Some(opener))), Some((1, None)));
        let first = needed.reported(opener, frame("a"), another);
        assert_eq!(told(first), Some((2, Some("a".into()))));
        let moved = needed.reported(opener, frame("a"), NeededReport::Moved);
        assert_eq!(told(moved), Some((2, Some("a".into()))));

        assert_eq!(told(needed.follow(Some(pop_up))), Some((3, None)));
        assert_eq!(told(needed.document_came(opener)), None, "behind it");
        assert_eq!(told(needed.reported(opener, frame("b"), another)), None);
        assert_eq!(told(needed.follow(Some(pop_up))), None, "as before");
        needed.page_closed(pop_up);
        let back = needed.follow(Some(opener));
        assert_eq!(told(back), Some((4, Some("b".into()))));
        assert_eq!(told(needed.document_came(opener)), Some((5, None)));
    }

    #[test]
    fn what_another_frame_has_by_now_is_not_gone() {
        let page = PageId(1);
        let mut needed = NeededElements::default();
        needed.follow(Some(page));
        needed.reported(page, frame("a"), NeededReport::Another);
        needed.reported(page, frame("b"), NeededReport::Another);
        let gone = NeededReport::Gone;
        assert_eq!(told(needed.reported(page, frame("a"), gone)), None);
        let both = needed.reported(page, frame("b"), gone);
        assert_eq!(told(both), Some((3, None)));
    }
}
