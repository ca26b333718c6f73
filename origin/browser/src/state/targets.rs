//! Targets of the engine: pages, pop-ups and frames in other processes, attached before their
//! first document.

use std::collections::{BTreeMap, HashMap};

use chromiumoxide_cdp::cdp::{
    browser_protocol::{
        inspector,
        page::{self, GetNavigationHistoryReturns},
        target::{CloseTargetParams, DetachFromTargetParams, SetAutoAttachParams},
    },
    js_protocol::runtime::{self, RunIfWaitingForDebuggerParams},
};

use super::effect::Effect;
use crate::{
    cdp_events::TargetInfo,
    error::FatalReason,
    event::BrowserEvent,
    ids::{FrameId, PageId},
    plain_text::bounded,
};

/// More at once and the oldest pop-up rule is "no more pop-ups".
const MAX_PAGES: usize = 6;
/// Frames in other processes, over all pages: each costs memory.
const MAX_SESSIONS: usize = 64;

/// Every page of one browser, and the sessions that speak for it.
#[derive(Default)]
pub(crate) struct Targets {
    sessions: HashMap<String, Session>,
    pages: BTreeMap<PageId, PageTarget>,
    last_page: u32,
}

/// A session: a page, or a frame of it that lives in another process.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub page: PageId,
    pub is_page: bool,
}

/// A page: a tab or a pop-up window.
pub(crate) struct PageTarget {
    pub session: String,
    pub main: FrameId,
    /// What brought the main frame's document.
    pub loader: String,
    pub title: String,
    pub loading: bool,
    pub can_go_back: bool,
}

/// Attach to whatever comes, before it runs.
pub(crate) fn auto_attach() -> SetAutoAttachParams {
    let mut params = SetAutoAttachParams::new(true, true);
    params.flatten = Some(true);
    params
}

/// What a session tells first: its frames, and its contexts and bindings.
pub(crate) fn enable(session: &str) -> Vec<Effect> {
    vec![
        Effect::send(session, &page::EnableParams::default()),
        // Without it no binding is ever reported.
        Effect::send(session, &runtime::EnableParams::default()),
    ]
}

/// A session tells crashes, and what it attaches to.
pub(crate) fn watch(session: &str) -> Vec<Effect> {
    vec![
        Effect::send(session, &inspector::EnableParams::default()),
        Effect::send(session, &auto_attach()),
    ]
}

/// Lets a target run that waits since it was attached.
pub(crate) fn resume(session: &str) -> Effect {
    Effect::send(session, &RunIfWaitingForDebuggerParams::default())
}

/// The entry before the current one, unless that is the empty page that it all began with.
pub(crate) fn entry_before(history: &GetNavigationHistoryReturns) -> Option<i64> {
    let before = usize::try_from(history.current_index.checked_sub(1)?).ok()?;
    let entry = history.entries.get(before)?;
    let is_web = entry.url.starts_with("http://") || entry.url.starts_with("https://");
    is_web.then_some(entry.id)
}

impl Targets {
    /// A page that lives.
    pub fn page(&self, page: PageId) -> Option<&PageTarget> {
        self.pages.get(&page)
    }

    /// All pages that live, the oldest first.
    pub fn pages(&self) -> impl Iterator<Item = &PageTarget> {
        self.pages.values()
    }

    /// The page the person looks at: the newest.
    pub fn current(&self) -> Option<(PageId, &PageTarget)> {
        self.pages.iter().next_back().map(|(id, page)| (*id, page))
    }

    /// All sessions, of pages and of frames.
    pub fn sessions(&self) -> impl Iterator<Item = &str> {
        self.sessions.keys().map(String::as_str)
    }

    /// The page that a session belongs to.
    pub fn page_of(&self, session: &str) -> Option<PageId> {
        self.sessions.get(session).map(|session| session.page)
    }

    /// Whether this is the page's main frame.
    pub fn is_main(&self, page: PageId, frame: &FrameId) -> bool {
        self.pages.get(&page).is_some_and(|of| of.main == *frame)
    }

    /// A target is attached to a session of its own, by the session `parent` (empty: by the
    /// browser). It waits until it is resumed. When it is one that is driven, the caller gets its
    /// session, has to prepare it and to resume it.
    pub fn attached(
        &mut self,
        parent: &str,
        session: &str,
        target: &TargetInfo,
    ) -> (Option<Session>, Vec<Effect>) {
        match target.kind.as_str() {
            // A page is nobody's child; what a page attaches as one is not shown (yet).
            "page" if parent.is_empty() => self.page_attached(session, &target.target_id),
            "iframe" => self.frame_attached(parent, session),
            _ => {
                // Workers: they run, unwatched; their requests go through the guard all the same.
                let detach = DetachFromTargetParams::builder()
                    .session_id(session.to_owned())
                    .build();
                let detach = Effect::send_to_browser(&detach);
                (None, vec![resume(session), detach])
            }
        }
    }

    fn page_attached(&mut self, session: &str, target: &str) -> (Option<Session>, Vec<Effect>) {
        if self.pages.len() >= MAX_PAGES {
            // Its opener's script waits until it runs.
            let close = Effect::send_to_browser(&CloseTargetParams::new(target.to_owned()));
            return (None, vec![resume(session), close]);
        }
        self.last_page += 1;
        let page = PageId(self.last_page);
        let target = PageTarget {
            session: session.to_owned(),
            main: FrameId(target.to_owned()),
            loader: String::new(),
            title: String::new(),
            loading: false,
            can_go_back: false,
        };
        self.pages.insert(page, target);
        let is_page = true;
        let of = Session { page, is_page };
        self.sessions.insert(session.to_owned(), of);
        (Some(of), Vec::new())
    }

    fn frame_attached(&mut self, parent: &str, session: &str) -> (Option<Session>, Vec<Effect>) {
        let Some(page) = self.page_of(parent) else {
            return (None, vec![resume(session)]);
        };
        if self.sessions.len() >= MAX_SESSIONS {
            // It stays paused: an empty frame instead of a machine without memory.
            return (None, Vec::new());
        }
        let is_page = false;
        let of = Session { page, is_page };
        self.sessions.insert(session.to_owned(), of);
        (Some(of), Vec::new())
    }

    /// A session is gone. Gives back the page, if its end is that of a page.
    pub fn detached(&mut self, session: &str) -> (Option<PageId>, Vec<Effect>) {
        let gone = self.sessions.remove(session);
        let Some(Session { page, .. }) = gone.filter(|gone| gone.is_page) else {
            return (None, Vec::new());
        };
        self.pages.remove(&page);
        self.sessions.retain(|_, of| of.page != page);
        let mut effects = vec![Effect::Emit(BrowserEvent::PageClosed { page })];
        if self.pages.is_empty() {
            effects.push(Effect::End(FatalReason::NoPage));
        }
        (Some(page), effects)
    }

    /// A renderer crashed. A crashed frame inside is a hole in the page; a crashed page is the end.
    pub fn crashed(&self, session: &str) -> Vec<Effect> {
        match self.sessions.get(session) {
            Some(&Session {
                page,
                is_page: true,
            }) => vec![
                Effect::Emit(BrowserEvent::Crashed { page }),
                Effect::End(FatalReason::Crashed),
            ],
            _ => Vec::new(),
        }
    }

    /// The main frame shows another document, which this loader brought.
    pub fn navigated(&mut self, page: PageId, loader: String) {
        if let Some(of) = self.pages.get_mut(&page) {
            of.loader = loader;
            of.title.clear();
        }
    }

    /// The main frame began or ended loading.
    pub fn loading(&mut self, page: PageId, loading: bool) -> Vec<Effect> {
        if let Some(of) = self.pages.get_mut(&page) {
            of.loading = loading;
        }
        vec![Effect::Emit(BrowserEvent::Loading { page, loading })]
    }

    /// A document says its title; only the main frame's is the page's.
    pub fn titled(&mut self, page: PageId, frame: &FrameId, title: &str) {
        if let Some(of) = self.pages.get_mut(&page).filter(|of| of.main == *frame) {
            of.title = bounded(title, 200);
        }
    }

    /// Asks for a page's history.
    pub fn read_history(&self, page: PageId) -> Option<Effect> {
        let session = self.pages.get(&page)?.session.clone();
        Some(Effect::ReadHistory { page, session })
    }

    /// The history of a page was read.
    pub fn history_read(&mut self, page: PageId, can_go_back: bool) {
        if let Some(of) = self.pages.get_mut(&page) {
            of.can_go_back = can_go_back;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::effect::lines, *};

    fn target(kind: &str, id: &str) -> TargetInfo {
        TargetInfo {
            target_id: id.to_owned(),
            kind: kind.to_owned(),
            parent_frame_id: None,
        }
    }

    fn open(targets: &mut Targets, session: &str) -> Option<PageId> {
        let (of, _) = targets.attached("", session, &target("page", session));
        of.map(|of| of.page)
    }

    #[test]
    fn the_newest_page_is_current_and_a_number_is_never_used_twice() {
        let mut targets = Targets::default();
        assert_eq!(open(&mut targets, "a"), Some(PageId(1)));
        assert_eq!(open(&mut targets, "b"), Some(PageId(2)));
        assert_eq!(targets.current().unwrap().0, PageId(2));
        let (closed, effects) = targets.detached("b");
        assert_eq!(closed, Some(PageId(2)));
        assert_eq!(lines(&effects), ["emit PageClosed"]);
        assert_eq!(targets.current().unwrap().0, PageId(1));
        assert_eq!(open(&mut targets, "c"), Some(PageId(3)));
    }

    #[test]
    fn the_end_of_the_last_page_ends_the_browser() {
        let mut targets = Targets::default();
        open(&mut targets, "a");
        targets.attached("a", "in", &target("iframe", "f"));
        let (_, effects) = targets.detached("a");
        assert_eq!(lines(&effects), ["emit PageClosed", "end NoPage"]);
        assert_eq!(targets.page_of("in"), None, "frames go with their page");
    }

    #[test]
    fn the_end_of_a_frame_or_of_an_unknown_session_closes_no_page() {
        let mut targets = Targets::default();
        open(&mut targets, "a");
        targets.attached("a", "in", &target("iframe", "f"));
        for session in ["in", "other"] {
            let (closed, effects) = targets.detached(session);
            assert!(closed.is_none() && effects.is_empty());
        }
        assert!(targets.page(PageId(1)).is_some());
    }

    #[test]
    fn a_page_above_the_limit_runs_and_is_closed() {
        let mut targets = Targets::default();
        for number in 0..MAX_PAGES {
            assert!(open(&mut targets, &number.to_string()).is_some());
        }
        let (of, effects) = targets.attached("", "more", &target("page", "t"));
        assert!(of.is_none());
        assert_eq!(
            lines(&effects),
            [
                "more Runtime.runIfWaitingForDebugger",
                "- Target.closeTarget"
            ]
        );
    }

    #[test]
    fn a_frame_above_the_limit_stays_paused() {
        let mut targets = Targets::default();
        open(&mut targets, "a");
        for number in 1..MAX_SESSIONS {
            let (of, _) = targets.attached("a", &number.to_string(), &target("iframe", "f"));
            assert!(of.is_some_and(|of| !of.is_page && of.page == PageId(1)));
        }
        let (of, effects) = targets.attached("a", "more", &target("iframe", "f"));
        assert!(of.is_none() && effects.is_empty());
    }

    #[test]
    fn a_worker_runs_unwatched_and_so_does_a_frame_of_nobody() {
        let mut targets = Targets::default();
        open(&mut targets, "a");
        let (of, effects) = targets.attached("a", "w", &target("service_worker", "t"));
        assert!(of.is_none());
        assert_eq!(
            lines(&effects),
            [
                "w Runtime.runIfWaitingForDebugger",
                "- Target.detachFromTarget"
            ]
        );
        let (of, effects) = targets.attached("?", "f", &target("iframe", "t"));
        assert!(of.is_none());
        assert_eq!(lines(&effects), ["f Runtime.runIfWaitingForDebugger"]);
    }

    #[test]
    fn a_crashed_page_ends_the_browser_and_a_crashed_frame_does_not() {
        let mut targets = Targets::default();
        open(&mut targets, "a");
        targets.attached("a", "in", &target("iframe", "f"));
        assert_eq!(
            lines(&targets.crashed("a")),
            ["emit Crashed", "end Crashed"]
        );
        assert!(targets.crashed("in").is_empty());
    }

    #[test]
    fn only_the_main_frames_title_is_the_pages_and_a_new_document_has_none() {
        let mut targets = Targets::default();
        let page = open(&mut targets, "a").unwrap();
        targets.titled(page, &FrameId("in".to_owned()), "Inside");
        assert_eq!(targets.page(page).unwrap().title, "");
        targets.titled(page, &FrameId("a".to_owned()), "Sign\nin");
        assert_eq!(targets.page(page).unwrap().title, "Sign in");
        targets.navigated(page, "loader".to_owned());
        assert_eq!(targets.page(page).unwrap().title, "");
    }
}
