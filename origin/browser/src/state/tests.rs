//! The whole state, event by event, without Chromium.

use serde_json::{Value, json, value::to_raw_value};

use super::{effect::lines, emulation::UserAgent, *};
use crate::{error::NetError, request_filter::PausedRequest};

/// A state, and what it makes of events.
struct Fixture {
    state: State,
    now: Instant,
    _downloads: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let handle = std::fs::File::open(folder.path()).unwrap();
        let emulation = Emulation {
            overrides: Overrides::neutral(),
            user_agent: UserAgent::new("", "", true),
        };
        Self {
            state: State::new(emulation, Downloads::new(handle.into())),
            now: Instant::now(),
            _downloads: folder,
        }
    }

    /// With one page of session `s` and main frame `main`.
    fn with_page() -> Self {
        let mut fixture = Self::new();
        fixture.attach("", "s", "page", "main");
        fixture
    }

    fn on(&mut self, session: &str, method: &str, params: Value) -> Vec<Effect> {
        let params = to_raw_value(&params).unwrap();
        let event = Event::parse(method, &params).unwrap().unwrap();
        let guard = |_: &str, _: u16| Some(NetError::BlockedAddress);
        self.state.on_event(session, event, self.now, &guard)
    }

    fn attach(&mut self, parent: &str, session: &str, kind: &str, target: &str) -> Vec<String> {
        lines(&self.on(
            parent,
            "Target.attachedToTarget",
            json!({ "sessionId": session, "targetInfo": { "targetId": target, "type": kind } }),
        ))
    }

    fn navigate(&mut self, url: &str, loader: &str) -> Vec<String> {
        let frame = json!({
            "id": "main", "loaderId": loader, "url": url, "securityOrigin": url.trim_end_matches('/'),
        });
        lines(&self.on("s", "Page.frameNavigated", json!({ "frame": frame })))
    }

    /// The isolated world of the main frame's document, number 7.
    fn make_world(&mut self, name: &str) {
        self.on(
            "s",
            "Runtime.executionContextCreated",
            json!({ "context": {
                "id": 7, "origin": "https://a.test", "name": name, "uniqueId": "u",
                "auxData": { "frameId": "main", "isDefault": false },
            } }),
        );
    }

    fn call_binding(&mut self, name: &str, payload: &str) -> Vec<Effect> {
        self.on(
            "s",
            "Runtime.bindingCalled",
            json!({ "name": name, "payload": payload, "executionContextId": 7 }),
        )
    }
}

#[test]
fn a_page_is_prepared_before_it_runs_and_told_after() {
    let said = Fixture::new().attach("", "s", "page", "main");
    let position = |line: &str| said.iter().position(|other| other == line).expect(line);
    let resumed = position("s Runtime.runIfWaitingForDebugger");
    for prepared in [
        "s Page.enable",
        "s Runtime.enable",
        "s Page.addScriptToEvaluateOnNewDocument",
        "s Network.enable",
        "s Inspector.enable",
        "s Target.setAutoAttach",
        "s Emulation.setUserAgentOverride",
        "s Emulation.setDeviceMetricsOverride",
        "s Page.setInterceptFileChooserDialog",
    ] {
        assert!(position(prepared) < resumed, "{prepared}");
    }
    assert!(position("emit PageOpened") > resumed);
}

#[test]
fn a_frame_in_another_process_is_prepared_without_being_told_as_a_page() {
    let mut fixture = Fixture::with_page();
    let said = fixture.attach("s", "in", "iframe", "frame");
    assert!(said.contains(&"in Page.addScriptToEvaluateOnNewDocument".to_owned()));
    assert_eq!(said.last().unwrap(), "in Runtime.runIfWaitingForDebugger");
    let frame = fixture.state.frames.get(&FrameId("frame".to_owned()));
    assert_eq!(frame.unwrap().session, "in");
}

#[test]
fn a_new_document_of_the_main_frame_moves_the_strip_and_asks_for_the_history() {
    let mut fixture = Fixture::with_page();
    assert_eq!(
        fixture.navigate("https://a.test/", "one"),
        [
            "emit FrameNavigated",
            "needs 2",
            "read history 1",
            "show remote a.test"
        ]
    );
    let page = fixture.state.targets.page(PageId(1)).unwrap();
    assert_eq!(page.loader, "one");
    let effects = fixture.state.history_read(PageId(1), true);
    assert!(matches!(&effects[..], [Effect::ShowRemote(remote)] if remote.can_go_back));
    assert!(
        fixture.state.history_read(PageId(1), true).is_empty(),
        "no news"
    );
}

#[test]
fn an_event_of_an_unknown_session_changes_nothing() {
    let mut fixture = Fixture::new();
    for (method, params) in [
        ("Page.fileChooserOpened", json!({})),
        ("Page.frameStartedLoading", json!({ "frameId": "main" })),
        ("Page.frameAttached", json!({ "frameId": "main" })),
        ("Inspector.targetCrashed", json!({})),
        ("Target.detachedFromTarget", json!({ "sessionId": "?" })),
    ] {
        assert!(fixture.on("?", method, params).is_empty(), "{method}");
    }
    assert!(
        fixture
            .state
            .frames
            .get(&FrameId("main".to_owned()))
            .is_none()
    );
}

#[test]
fn only_the_isolated_world_speaks() {
    let mut fixture = Fixture::with_page();
    fixture.navigate("https://a.test/", "one");
    fixture.make_world("the page's own");
    assert!(fixture.call_binding("report", "{}").is_empty());
    fixture.make_world(crate::ids::ISOLATED_WORLD);
    let effects = fixture.call_binding("report", "{}");
    let [Effect::Emit(BrowserEvent::Report { frame_origin, .. })] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(frame_origin, "https://a.test");
    let cursor = fixture.call_binding("reportCursor", "pointer");
    assert_eq!(lines(&cursor), ["show cursor pointer"]);
    let needed = fixture.call_binding("reportNeeded", "another");
    let moved = fixture.call_binding("reportNeeded", "moved");
    assert_eq!(lines(&needed), ["needs 3"]);
    assert_eq!(lines(&moved), ["needs 3"]);
    let title = fixture.call_binding("reportTitle", "Sign in");
    assert!(matches!(&title[..], [Effect::ShowRemote(remote)] if remote.title == "Sign in"));
}

#[test]
fn a_world_that_outlives_its_document_gets_the_scripts_again() {
    let mut fixture = Fixture::with_page();
    fixture.make_world(crate::ids::ISOLATED_WORLD);
    let said = fixture.navigate("https://a.test/", "one");
    assert_eq!(said[0], "s Runtime.evaluate");
}

#[test]
fn a_swapped_frame_stays_and_a_removed_one_goes() {
    let mut fixture = Fixture::with_page();
    let child = json!({ "frameId": "in", "parentFrameId": "main" });
    fixture.on("s", "Page.frameAttached", child);
    let id = FrameId("in".to_owned());
    let detached = |reason: &str| json!({ "frameId": "in", "reason": reason });
    fixture.on("s", "Page.frameDetached", detached("swap"));
    assert!(fixture.state.frames.get(&id).is_some());
    fixture.on("s", "Page.frameDetached", detached("remove"));
    assert!(fixture.state.frames.get(&id).is_none());
}

#[test]
fn a_new_document_takes_the_frames_of_the_one_before_with_it() {
    let mut fixture = Fixture::with_page();
    for (frame, parent) in [("in", "main"), ("inner", "in")] {
        let child = json!({ "frameId": frame, "parentFrameId": parent });
        fixture.on("s", "Page.frameAttached", child);
    }
    fixture.navigate("https://b.test/", "2");
    for frame in ["in", "inner"] {
        let frame = fixture.state.frames.get(&FrameId(frame.to_owned()));
        assert!(frame.is_none());
    }
}

/// Remembers what it is asked, and lets everything through.
#[derive(Default)]
struct Seen(std::sync::Mutex<Vec<String>>);

impl Seen {
    fn say(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

impl RequestFilter for Seen {
    fn lets_through(&self, request: &PausedRequest<'_>) -> bool {
        let page = request.page.map(|page| page.0);
        self.say(format!("{page:?} main: {}", request.is_main_document));
        true
    }

    fn document_came(&self, page: PageId) {
        self.say(format!("document of {}", page.0));
    }

    fn web_socket_message_sent(&self, page: PageId) {
        self.say(format!("message of {}", page.0));
    }
}

#[test]
fn a_request_filter_is_told_pages_documents_and_messages() {
    let mut fixture = Fixture::with_page();
    let seen = Arc::new(Seen::default());
    fixture.state.filter_requests(seen.clone());
    let child = json!({ "frameId": "in", "parentFrameId": "main" });
    fixture.on("s", "Page.frameAttached", child);
    for frame in ["main", "in", "unknown"] {
        let paused = json!({
            "requestId": "1", "frameId": frame, "resourceType": "Document",
            "request": { "url": "https://a.test/", "method": "GET" },
        });
        let said = lines(&fixture.on("", "Fetch.requestPaused", paused));
        assert_eq!(said, ["- Fetch.continueRequest"]);
    }
    fixture.navigate("about:blank", "1");
    fixture.navigate("https://a.test/", "2");
    fixture.on("s", "Network.webSocketFrameSent", json!({}));
    fixture.on("other", "Network.webSocketFrameSent", json!({}));
    let seen = seen.0.lock().unwrap();
    let expected = [
        "Some(1) main: true",
        "Some(1) main: false",
        "None main: true",
        "document of 1",
        "message of 1",
    ];
    assert_eq!(*seen, expected);
}

#[test]
fn a_session_that_comes_after_the_request_filter_bypasses_service_workers() {
    let mut fixture = Fixture::new();
    let bypass = "s Network.setBypassServiceWorker".to_owned();
    assert!(
        !Fixture::new()
            .attach("", "s", "page", "main")
            .contains(&bypass)
    );
    fixture.state.filter_requests(Arc::new(Seen::default()));
    assert!(fixture.attach("", "s", "page", "main").contains(&bypass));
}

#[test]
fn what_is_shown_and_needed_follows_a_pop_up_and_its_end() {
    let mut fixture = Fixture::with_page();
    let effects = fixture.state.set_screencast(true);
    assert_eq!(lines(&effects), ["s Page.startScreencast", "await frame 1"]);
    let said = fixture.attach("", "popup", "page", "other");
    let end = &said[said.len() - 4..];
    assert_eq!(
        end,
        [
            "s Page.stopScreencast",
            "popup Page.startScreencast",
            "await frame 2",
            "needs 2"
        ]
    );
    let gone = json!({ "sessionId": "popup" });
    let effects = fixture.on("", "Target.detachedFromTarget", gone);
    assert_eq!(
        lines(&effects),
        [
            "emit PageClosed",
            "popup Page.stopScreencast",
            "s Page.startScreencast",
            "await frame 3",
            "needs 3"
        ]
    );
}

#[test]
fn a_screencast_that_stays_blind_gets_the_size_again_and_begins_anew() {
    let mut fixture = Fixture::with_page();
    let mut effects = fixture.state.set_screencast(true);
    let Some(Effect::AwaitFrame(deadline)) = effects.pop() else {
        panic!("it waits");
    };
    let effects = fixture.state.frame_overdue(deadline);
    assert_eq!(
        lines(&effects),
        [
            "s Emulation.setScrollbarsHidden",
            "s Emulation.setDeviceMetricsOverride",
            "s Emulation.setScrollbarsHidden",
            "s Emulation.setDeviceMetricsOverride",
            "s Page.stopScreencast",
            "s Page.startScreencast",
            "await frame 1",
        ]
    );
}

#[test]
fn a_new_size_goes_to_every_page_once() {
    let mut fixture = Fixture::with_page();
    fixture.attach("", "popup", "page", "other");
    let size = Viewport {
        width: 500,
        height: 700,
    };
    let effects = fixture.state.resize(size);
    assert_eq!(
        lines(&effects),
        [
            "s Emulation.setScrollbarsHidden",
            "s Emulation.setDeviceMetricsOverride",
            "popup Emulation.setScrollbarsHidden",
            "popup Emulation.setDeviceMetricsOverride"
        ]
    );
    assert!(fixture.state.resize(size).is_empty());
}

#[test]
fn a_document_that_fails_behind_the_guard_has_the_guards_reason() {
    let mut fixture = Fixture::with_page();
    let sent = json!({
        "requestId": "1", "type": "Document", "frameId": "main",
        "request": { "url": "http://10.0.0.1/", "method": "GET" },
    });
    fixture.on("s", "Network.requestWillBeSent", sent);
    let failed = json!({
        "requestId": "1", "type": "Document", "errorText": "net::ERR_EMPTY_RESPONSE",
    });
    let effects = fixture.on("s", "Network.loadingFailed", failed);
    assert!(matches!(
        effects[1],
        Effect::Emit(BrowserEvent::LoadFailed {
            error: NetError::BlockedAddress,
            ..
        })
    ));
}

#[test]
fn an_event_that_nothing_is_made_of_and_one_that_is_malformed_are_told_apart() {
    let params = to_raw_value(&json!({ "frame": 1 })).unwrap();
    assert!(Event::parse("Page.lifecycleEvent", &params).is_none());
    assert!(
        Event::parse("Page.frameNavigated", &params)
            .unwrap()
            .is_err()
    );
}
