//! Frames, the documents in them and the isolated worlds of those.

use std::collections::HashMap;

use super::navigation_cause::PendingNavigation;
use crate::{
    cdp_events::{Context, FrameBody, NavigationRequested, NavigationStarted},
    event::NavigationCause,
    ids::{FrameId, ISOLATED_WORLD, PageId},
};

/// Frames of one browser; a page with more is served without the rest.
const MAX_FRAMES: usize = 200;

/// A frame of a page at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameInfo {
    /// The name of the frame.
    pub id: FrameId,
    /// The URL of its document.
    pub url: String,
    /// Scheme, host and port of the document, as Chromium says: `https://host`,
    /// `http://host:8080`, or `null` for an opaque one.
    pub origin: String,
    /// The frame that it is in; `None` for the main frame of a page.
    pub parent: Option<FrameId>,
}

/// Every frame of every page. A frame whose document lives in another process has another session.
#[derive(Default)]
pub(crate) struct Frames {
    frames: HashMap<FrameId, FrameState>,
    /// Isolated worlds by session and context number.
    worlds: HashMap<(String, i64), World>,
}

pub(crate) struct FrameState {
    pub page: PageId,
    pub session: String,
    pub parent: Option<FrameId>,
    pub url: String,
    pub origin: String,
    /// Name of the isolated world of the document that is shown, unique over the engine's life.
    pub world: Option<String>,
    pending: PendingNavigation,
}

/// Who speaks when a binding is called: fixed when the engine made the context.
#[derive(Clone)]
pub(crate) struct World {
    pub frame: FrameId,
    pub origin: String,
    unique: String,
}

impl Frames {
    pub fn get(&self, frame: &FrameId) -> Option<&FrameState> {
        self.frames.get(frame)
    }

    /// A frame begins, or its document moves to another session.
    pub fn attach(&mut self, page: PageId, session: &str, frame: FrameId, parent: Option<FrameId>) {
        if parent.is_some() && self.frames.len() >= MAX_FRAMES && !self.frames.contains_key(&frame)
        {
            return;
        }
        let state = self.frames.entry(frame).or_insert_with(|| FrameState {
            page,
            session: session.to_owned(),
            parent: None,
            url: String::new(),
            origin: "null".to_owned(),
            world: None,
            pending: PendingNavigation::default(),
        });
        if state.session != session {
            state.session = session.to_owned();
            state.world = None;
        }
        state.parent = parent.or_else(|| state.parent.take());
    }

    /// A new document. Gives back its isolated world when that one outlived the document before.
    pub fn navigated(&mut self, page: PageId, session: &str, body: &FrameBody) -> Option<String> {
        let frame = FrameId(body.id.clone());
        self.attach(
            page,
            session,
            frame.clone(),
            body.parent_id.clone().map(FrameId),
        );
        let state = self.frames.get_mut(&frame)?;
        state.url = format!("{}{}", body.url, body.url_fragment);
        state.origin = web_origin(&body.security_origin);
        state.world.clone()
    }

    /// A page asks for another document of a frame.
    pub fn navigation_requested(&mut self, request: NavigationRequested) {
        let frame = FrameId(request.frame_id.clone());
        if let Some(state) = self.frames.get_mut(&frame) {
            state.pending.requested(request);
        }
    }

    /// The browser begins to get another document of a frame.
    pub fn navigation_started(&mut self, started: NavigationStarted) {
        let frame = FrameId(started.frame_id.clone());
        if let Some(state) = self.frames.get_mut(&frame) {
            state.pending.started(started);
        }
    }

    /// Why the document came that this loader brought.
    pub fn navigation_cause(
        &mut self,
        frame: &FrameId,
        loader: &str,
        is_main: bool,
    ) -> NavigationCause {
        self.frames
            .get_mut(frame)
            .map_or(NavigationCause::Script, |state| {
                state.pending.committed(loader, is_main)
            })
    }

    /// The same document under another URL.
    pub fn renamed(&mut self, frame: &FrameId, url: &str) {
        if let Some(state) = self.frames.get_mut(frame) {
            url.clone_into(&mut state.url);
        }
    }

    /// The frame is gone, with those in it.
    pub fn remove(&mut self, frame: &FrameId) {
        self.frames.remove(frame);
        self.remove_inner(frame);
    }

    /// The frames in this one are gone: another document took the place of theirs. The engine does not always say so of
    /// each when a page changes its process.
    pub fn remove_inner(&mut self, frame: &FrameId) {
        let mut outer = vec![frame.clone()];
        while let Some(frame) = outer.pop() {
            let inner = |state: &FrameState| state.parent.as_ref() == Some(&frame);
            let gone = self.frames.extract_if(|_, state| inner(state));
            outer.extend(gone.map(|(id, _)| id));
        }
    }

    /// The session is gone, with the frames that still live in it.
    pub fn session_gone(&mut self, session: &str) {
        self.frames.retain(|_, state| state.session != session);
        self.worlds.retain(|(of, _), _| of != session);
    }

    pub fn context_created(&mut self, session: &str, context: Context) {
        let frame = FrameId(context.aux_data.frame_id);
        let Some(state) = self.frames.get_mut(&frame) else {
            return;
        };
        let origin = web_origin(&context.origin);
        if context.aux_data.is_default {
            state.origin = origin;
        } else if context.name == ISOLATED_WORLD {
            state.world = Some(context.unique_id.clone());
            let world = World {
                frame,
                origin,
                unique: context.unique_id,
            };
            self.worlds.insert((session.to_owned(), context.id), world);
        }
    }

    pub fn context_destroyed(&mut self, session: &str, id: i64) {
        let Some(world) = self.worlds.remove(&(session.to_owned(), id)) else {
            return;
        };
        if let Some(state) = self.frames.get_mut(&world.frame)
            && state.world.as_ref() == Some(&world.unique)
        {
            state.world = None;
        }
    }

    pub fn contexts_cleared(&mut self, session: &str) {
        self.worlds.retain(|(of, _), _| of != session);
        for state in self.frames.values_mut() {
            if state.session == session {
                state.world = None;
            }
        }
    }

    /// The world that calls a binding from this execution context.
    pub fn speaker(&self, session: &str, context: i64) -> Option<World> {
        self.worlds.get(&(session.to_owned(), context)).cloned()
    }

    /// The number of a frame's isolated world within its session.
    pub fn world_number(&self, session: &str, frame: &FrameId) -> Option<i64> {
        let world = self.frames.get(frame)?.world.as_ref()?;
        let mut of_session = self.worlds.iter().filter(|((of, _), _)| of == session);
        let found = of_session.find(|(_, speaker)| speaker.unique == *world);
        found.map(|((_, number), _)| *number)
    }

    /// Frames of a page, the main one first, each after the frame it is in.
    pub fn of_page(&self, page: PageId, main: &FrameId) -> Vec<FrameInfo> {
        let mut out: Vec<FrameInfo> = self
            .frames
            .get(main)
            .map(|s| info(main, s))
            .into_iter()
            .collect();
        let mut next = 0;
        while let Some(parent) = out.get(next).map(|frame| frame.id.clone()) {
            let mut children: Vec<_> = self
                .frames
                .iter()
                .filter(|(_, state)| state.page == page && state.parent.as_ref() == Some(&parent))
                .map(|(id, state)| info(id, state))
                .collect();
            children.sort_by(|a, b| a.id.cmp(&b.id));
            out.extend(children);
            next += 1;
        }
        out
    }
}

fn info(id: &FrameId, state: &FrameState) -> FrameInfo {
    FrameInfo {
        id: id.clone(),
        url: state.url.clone(),
        origin: state.origin.clone(),
        parent: state.parent.clone(),
    }
}

/// The engine writes opaque origins as `://`, `null` or nothing.
fn web_origin(text: &str) -> String {
    match text {
        "" | "://" | "null" => "null".to_owned(),
        origin => origin.trim_end_matches('/').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cdp_events::AuxData;

    const PAGE: PageId = PageId(1);

    fn frame(id: &str) -> FrameId {
        FrameId(id.to_owned())
    }

    fn body(id: &str, parent: Option<&str>, origin: &str) -> FrameBody {
        FrameBody {
            id: id.to_owned(),
            parent_id: parent.map(str::to_owned),
            loader_id: String::new(),
            url: format!("{origin}/"),
            url_fragment: String::new(),
            security_origin: origin.to_owned(),
        }
    }

    fn world_context(id: i64, of: &str, origin: &str) -> Context {
        Context {
            id,
            origin: origin.to_owned(),
            name: ISOLATED_WORLD.to_owned(),
            unique_id: format!("{of}.{id}"),
            aux_data: AuxData {
                frame_id: of.to_owned(),
                is_default: false,
            },
        }
    }

    #[test]
    fn a_report_keeps_the_origin_its_context_was_made_with() {
        let mut frames = Frames::default();
        frames.attach(PAGE, "s", frame("main"), None);
        frames.navigated(PAGE, "s", &body("main", None, "https://good.test"));
        frames.context_created("s", world_context(1, "main", "https://good.test"));
        frames.navigated(PAGE, "s", &body("main", None, "https://other.test"));
        let speaker = frames.speaker("s", 1).map(|world| world.origin);
        assert_eq!(speaker.as_deref(), Some("https://good.test"));
        frames.contexts_cleared("s");
        assert!(frames.speaker("s", 1).is_none());
    }

    #[test]
    fn a_frame_that_moves_to_another_process_keeps_its_parent() {
        let mut frames = Frames::default();
        frames.attach(PAGE, "s", frame("main"), None);
        frames.attach(PAGE, "s", frame("in"), Some(frame("main")));
        frames.attach(PAGE, "other", frame("in"), None);
        frames.navigated(PAGE, "other", &body("in", None, "https://b.test"));
        let all = frames.of_page(PAGE, &frame("main"));
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].parent, Some(frame("main")));
        assert_eq!(all[1].origin, "https://b.test");
        // Its old session ends without taking it along.
        frames.session_gone("s");
        assert!(frames.get(&frame("in")).is_some());
        frames.session_gone("other");
        assert!(frames.get(&frame("in")).is_none());
    }

    #[test]
    fn frames_beyond_the_limit_are_left_out() {
        let mut frames = Frames::default();
        frames.attach(PAGE, "s", frame("main"), None);
        for number in 0..2 * MAX_FRAMES {
            frames.attach(PAGE, "s", frame(&number.to_string()), Some(frame("main")));
        }
        assert_eq!(frames.of_page(PAGE, &frame("main")).len(), MAX_FRAMES);
        frames.remove(&frame("0"));
        frames.attach(PAGE, "s", frame("another"), Some(frame("main")));
        assert!(frames.get(&frame("another")).is_some());
    }

    #[test]
    fn removing_a_frame_removes_its_child_frames() {
        let mut frames = Frames::default();
        frames.attach(PAGE, "s", frame("a"), None);
        frames.attach(PAGE, "s", frame("b"), Some(frame("a")));
        frames.attach(PAGE, "s", frame("c"), Some(frame("b")));
        frames.remove(&frame("b"));
        assert_eq!(frames.of_page(PAGE, &frame("a")).len(), 1);
        assert!(frames.get(&frame("c")).is_none());
    }

    #[test]
    fn opaque_origins_are_null() {
        for text in ["", "://", "null"] {
            assert_eq!(web_origin(text), "null");
        }
        assert_eq!(web_origin("http://a:8080"), "http://a:8080");
    }
}
