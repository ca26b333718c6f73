//! What is known about one running browser, by domain, and what each event makes of it.
//!
//! Everything here is pure: an event goes in, state changes, and [`Effect`]s come out, which the
//! core applies in order. A domain knows no other; this file hands one what it needs of another.

pub(crate) mod challenges;
pub(crate) mod dialogs;
pub(crate) mod downloads;
pub(crate) mod effect;
pub(crate) mod emulation;
pub(crate) mod frames;
pub(crate) mod isolated_world;
pub(crate) mod navigation_cause;
pub(crate) mod needed;
pub(crate) mod network;
pub(crate) mod request_filter;
pub(crate) mod screencast;
pub(crate) mod targets;

use std::sync::Arc;

use tokio::time::Instant;

use self::{
    challenges::Challenges,
    downloads::Downloads,
    effect::{Effect, FrameDeadline},
    emulation::{Emulation, Overrides},
    frames::Frames,
    isolated_world::{IsolatedWorldScript, IsolatedWorlds, Message},
    needed::NeededElements,
    network::{GuardFailure, Network},
    request_filter::{RequestJudge, RequestOrigin},
    screencast::{Current, ScreencastState},
    targets::Targets,
};
use crate::{
    cdp_events::{Attached, BindingCalled, Event, FrameAttached, FrameBody},
    event::{BrowserEvent, NavigationCause},
    ids::{FrameId, PageId},
    profile::Viewport,
    remote::Remote,
    request_filter::RequestFilter,
};

/// Everything that events change, by domain.
pub(crate) struct State {
    pub targets: Targets,
    pub frames: Frames,
    pub network: Network,
    pub challenges: Challenges,
    request_judge: RequestJudge,
    worlds: IsolatedWorlds,
    emulation: Emulation,
    downloads: Downloads,
    screencast: ScreencastState,
    /// What was shown last.
    remote: Remote,
    needed: NeededElements,
}

impl State {
    /// Of a browser without a page.
    pub fn new(emulation: Emulation, downloads: Downloads) -> Self {
        Self {
            targets: Targets::default(),
            frames: Frames::default(),
            network: Network::default(),
            challenges: Challenges::default(),
            request_judge: RequestJudge::default(),
            worlds: IsolatedWorlds::default(),
            emulation,
            downloads,
            screencast: ScreencastState::default(),
            remote: Remote::default(),
            needed: NeededElements::default(),
        }
    }

    /// An event of Chromium, said by this session (empty: the browser itself).
    pub fn on_event(
        &mut self,
        session: &str,
        event: Event<'_>,
        now: Instant,
        guard: GuardFailure<'_>,
    ) -> Vec<Effect> {
        let page = self.targets.page_of(session);
        match (event, page) {
            (Event::Attached(attached), _) => self.attached(session, &attached, now),
            (Event::Detached(gone), _) => self.detached(&gone.session_id),
            (Event::Crashed, _) => self.targets.crashed(session),
            (Event::ContextCreated(created), _) => {
                self.frames.context_created(session, created.context);
                Vec::new()
            }
            (Event::ContextDestroyed(context), _) => {
                let id = context.execution_context_id;
                self.frames.context_destroyed(session, id);
                Vec::new()
            }
            (Event::ContextsCleared, _) => {
                self.frames.contexts_cleared(session);
                Vec::new()
            }
            (Event::FrameDetached(frame), _) => {
                // Swapped: its document goes on in another process.
                if frame.reason != "swap" {
                    self.frames.remove(&FrameId(frame.frame_id));
                }
                Vec::new()
            }
            (Event::ScreencastFrame(frame), _) => {
                let size = self.emulation.viewport();
                self.screencast.frame(session, &frame, size)
            }
            (Event::DialogOpening(dialog), page) => dialogs::opening(session, page, &dialog),
            (Event::DownloadBegins(begins), _) => self.downloads.begins(begins),
            (Event::RequestPaused(paused), _) => {
                let origin = |frame: &str| self.origin_of(&FrameId(frame.to_owned()));
                let answer = self.request_judge.paused(session, paused, origin);
                answer.into_iter().collect()
            }
            (Event::AuthRequired(asked), _) => {
                let origin = self.origin_of(&FrameId(asked.frame_id.clone()));
                let page = origin.page.filter(|_| origin.is_main);
                self.challenges.asked(session, asked, page, now)
            }
            (Event::DownloadProgress(progress), _) => self.downloads.progress(progress),
            // All else is told by a page or by one of its frames.
            (event, Some(page)) => self.on_page_event(session, page, event, now, guard),
            (_, None) => Vec::new(),
        }
    }

    fn on_page_event(
        &mut self,
        session: &str,
        page: PageId,
        event: Event<'_>,
        now: Instant,
        guard: GuardFailure<'_>,
    ) -> Vec<Effect> {
        match event {
            Event::BindingCalled(call) => self.binding_called(session, page, call),
            Event::FrameAttached(frame) => {
                self.frame_attached(session, page, frame);
                Vec::new()
            }
            Event::FrameNavigated(nav) => self.navigated(session, page, nav.frame),
            Event::NavigationRequested(request) => {
                self.frames.navigation_requested(request);
                Vec::new()
            }
            Event::NavigationStarted(started) => {
                let is_main = self
                    .targets
                    .is_main(page, &FrameId(started.frame_id.clone()));
                self.frames.navigation_started(started);
                let left = is_main.then(|| self.challenges.page_left(page)).flatten();
                left.into_iter().collect()
            }
            Event::NavigatedWithinDocument(nav) => {
                self.renamed(page, FrameId(nav.frame_id), nav.url)
            }
            Event::LoadingStarted(frame) => self.loading(page, &FrameId(frame.frame_id), true),
            Event::LoadingStopped(frame) => self.loading(page, &FrameId(frame.frame_id), false),
            Event::FileChooserOpened => vec![dialogs::file_chooser(page)],
            Event::RequestWillBeSent(sent) => self.network.request_sent(page, sent, now),
            Event::ResponseReceived(response) => match self.targets.page(page) {
                Some(of) => self.network.response(page, &of.main, response),
                None => Vec::new(),
            },
            Event::WebSocketFrameSent => {
                self.request_judge.web_socket_message_sent(page);
                Vec::new()
            }
            Event::LoadingFinished(over) => {
                self.network.finished(page, &over, now);
                Vec::new()
            }
            Event::LoadingFailed(over) => self.network.failed(page, over, now, guard),
            _ => Vec::new(),
        }
    }

    /// A window that is just opened is no known frame yet.
    fn origin_of(&self, frame: &FrameId) -> RequestOrigin {
        let page = self.frames.get(frame).map(|frame| frame.page);
        RequestOrigin {
            page,
            is_main: page.is_none_or(|page| self.targets.is_main(page, frame)),
        }
    }

    fn attached(&mut self, parent: &str, attached: &Attached, now: Instant) -> Vec<Effect> {
        let (session, target) = (&attached.session_id, &attached.target_info);
        let (of, mut effects) = self.targets.attached(parent, session, target);
        let Some(of) = of else {
            return effects;
        };
        let frame = FrameId(target.target_id.clone());
        let parent = target.parent_frame_id.clone().filter(|_| !of.is_page);
        self.frames
            .attach(of.page, session, frame, parent.map(FrameId));
        effects.extend(self.set_up(session, of.is_page));
        effects.push(targets::resume(session));
        if of.is_page {
            self.network.page_opened(of.page, now);
            effects.push(Effect::Emit(BrowserEvent::PageOpened { page: of.page }));
            effects.extend(self.show_remote());
            effects.extend(self.follow());
        }
        effects
    }

    /// All that a session needs before its first document runs.
    fn set_up(&self, session: &str, is_page: bool) -> Vec<Effect> {
        let mut effects = targets::enable(session);
        effects.extend(self.worlds.install(session));
        effects.push(network::set_up(session));
        effects.extend(self.request_judge.set_up(session));
        effects.extend(targets::watch(session));
        effects.extend(self.emulation.set_up(session, is_page));
        if is_page {
            effects.push(dialogs::set_up(session));
        }
        effects
    }

    fn detached(&mut self, session: &str) -> Vec<Effect> {
        self.frames.session_gone(session);
        let (closed, mut effects) = self.targets.detached(session);
        if let Some(page) = closed {
            self.network.page_closed(page);
            self.needed.page_closed(page);
            effects.extend(self.challenges.page_left(page));
            effects.extend(self.show_remote());
            effects.extend(self.follow());
        }
        effects
    }

    fn binding_called(&mut self, session: &str, page: PageId, call: BindingCalled) -> Vec<Effect> {
        // Only our own world has a name in the table: a page cannot speak here.
        let Some(speaker) = self.frames.speaker(session, call.execution_context_id) else {
            return Vec::new();
        };
        match isolated_world::message(call) {
            Some(Message::Cursor(cursor)) => vec![Effect::ShowCursor(cursor)],
            Some(Message::Needed(report)) => {
                let told = self.needed.reported(page, speaker.frame, report);
                told.into_iter().collect()
            }
            Some(Message::Title(title)) => {
                self.targets.titled(page, &speaker.frame, &title);
                self.show_remote().into_iter().collect()
            }
            Some(Message::Report(payload)) => vec![Effect::Emit(BrowserEvent::Report {
                page,
                frame: speaker.frame,
                frame_origin: speaker.origin,
                payload,
            })],
            None => Vec::new(),
        }
    }

    fn frame_attached(&mut self, session: &str, page: PageId, frame: FrameAttached) {
        let parent = frame.parent_frame_id.map(FrameId);
        self.frames
            .attach(page, session, FrameId(frame.frame_id), parent);
    }

    fn navigated(&mut self, session: &str, page: PageId, body: FrameBody) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.frames.remove_inner(&FrameId(body.id.clone()));
        if let Some(world) = self.frames.navigated(page, session, &body) {
            effects.extend(self.worlds.reinstall(session, &world));
        }
        let frame = FrameId(body.id);
        let is_main = self.targets.is_main(page, &frame);
        let cause = self
            .frames
            .navigation_cause(&frame, &body.loader_id, is_main);
        self.network
            .document_came(page, &frame, is_main, &body.loader_id);
        if is_main {
            self.targets.navigated(page, body.loader_id);
            effects.extend(self.challenges.page_left(page));
            self.request_judge.document_came(page, &body.url);
        }
        let url = self.frames.get(&frame).map(|frame| frame.url.clone());
        effects.push(Effect::Emit(BrowserEvent::FrameNavigated {
            page,
            frame,
            url: url.unwrap_or_default(),
            is_main,
            same_document: false,
            cause,
        }));
        if is_main {
            effects.extend(self.document_changed(page));
            effects.extend(self.needed.document_came(page));
            effects.extend(self.targets.read_history(page));
            effects.extend(self.show_remote());
        }
        effects
    }

    fn renamed(&mut self, page: PageId, frame: FrameId, url: String) -> Vec<Effect> {
        self.frames.renamed(&frame, &url);
        let is_main = self.targets.is_main(page, &frame);
        let mut effects = vec![Effect::Emit(BrowserEvent::FrameNavigated {
            page,
            frame,
            url,
            is_main,
            same_document: true,
            cause: NavigationCause::Script,
        })];
        if is_main {
            effects.extend(self.targets.read_history(page));
            effects.extend(self.show_remote());
        }
        effects
    }

    fn loading(&mut self, page: PageId, frame: &FrameId, loading: bool) -> Vec<Effect> {
        if !self.targets.is_main(page, frame) {
            return Vec::new();
        }
        let mut effects = self.targets.loading(page, loading);
        if !loading {
            effects.extend(self.document_changed(page));
            // The history moves a moment after the document.
            effects.extend(self.targets.read_history(page));
        }
        effects.extend(self.show_remote());
        effects
    }

    /// The answer to [`Effect::ReadHistory`].
    pub fn history_read(&mut self, page: PageId, can_go_back: bool) -> Vec<Effect> {
        self.targets.history_read(page, can_go_back);
        self.show_remote().into_iter().collect()
    }

    /// The time of [`Effect::AwaitFrame`] is over. A screencast begins with a frame of the right
    /// size, and a new size brings one. A screencast without is blind: it is begun again, and the
    /// page is told its size once more.
    pub fn frame_overdue(&mut self, deadline: FrameDeadline) -> Vec<Effect> {
        if !self.screencast.is_overdue(deadline) {
            return Vec::new();
        }
        tracing::debug!("no frame of the right size: the screencast is begun again");
        let session = self.screencast.session();
        let mut effects = session.map_or_else(Vec::new, |session| {
            self.emulation.device_metrics_again(session)
        });
        let current = current(&self.targets);
        effects.extend(self.screencast.begin_overdue(deadline, current));
        effects
    }

    /// Frames of the screencast are wanted, or no longer.
    pub fn set_screencast(&mut self, wanted: bool) -> Vec<Effect> {
        let current = current(&self.targets);
        self.screencast.set_wanted(wanted, current)
    }

    /// The frame with this number is on its way to the viewer.
    pub fn frame_sent(&mut self, seq: u32) -> Vec<Effect> {
        self.screencast.sent(seq);
        Vec::new()
    }

    /// The frame with this number, and all before it, are shown.
    pub fn frame_shown(&mut self, seq: u32) -> Vec<Effect> {
        self.screencast.shown(seq)
    }

    /// One more script for the isolated world of every frame.
    pub fn add_script(&mut self, script: IsolatedWorldScript) -> Vec<Effect> {
        self.worlds.add(script, self.targets.sessions())
    }

    /// Has the requests of all sessions judged, now and later, unless they are already.
    pub fn filter_requests(&mut self, filter: Arc<dyn RequestFilter>) -> Vec<Effect> {
        self.request_judge.set(filter, self.targets.sessions())
    }

    /// This address brings an empty document, for which no website is asked; `None` ends that.
    pub fn expect_empty_document(&mut self, url: Option<String>) {
        self.request_judge.expect_empty_document(url);
    }

    /// All pages get another size.
    pub fn resize(&mut self, viewport: Viewport) -> Vec<Effect> {
        if self.emulation.overrides.viewport == viewport {
            return Vec::new();
        }
        self.emulation.overrides.viewport = viewport;
        let pages = self.targets.pages();
        let mut effects: Vec<Effect> = pages
            .flat_map(|page| self.emulation.device_metrics(&page.session))
            .collect();
        effects.extend(self.screencast.resized());
        effects
    }

    /// A browser that was started for nobody is given to a client.
    pub fn override_emulation(&mut self, overrides: Overrides) -> Vec<Effect> {
        self.emulation.overrides = overrides;
        let pages = self.targets.pages();
        pages
            .flat_map(|page| self.emulation.renew(&page.session))
            .collect()
    }

    fn document_changed(&mut self, page: PageId) -> Vec<Effect> {
        let current = current(&self.targets);
        self.screencast.document_changed(page, current)
    }

    /// Another page may be looked at.
    fn follow(&mut self) -> Vec<Effect> {
        let current = current(&self.targets);
        let mut effects = self.screencast.follow(current);
        effects.extend(self.needed.follow(current.map(|(page, _)| page)));
        effects
    }

    /// What the strip above the picture says, when that has changed.
    fn show_remote(&mut self) -> Option<Effect> {
        let (_, page) = self.targets.current()?;
        let url = self.frames.get(&page.main).map(|frame| frame.url.as_str());
        let remote = Remote {
            title: page.title.clone(),
            loading: page.loading,
            can_go_back: page.can_go_back,
            ..Remote::at(url.unwrap_or_default(), &self.remote)
        };
        if remote == self.remote {
            return None;
        }
        self.remote = remote.clone();
        Some(Effect::ShowRemote(remote))
    }
}

fn current(targets: &Targets) -> Current<'_> {
    let (id, page) = targets.current()?;
    Some((id, &page.session))
}

#[cfg(test)]
mod tests;
