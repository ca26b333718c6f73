//! Stories told to a observer: no browser, no clock.

use std::sync::Arc;

use browser::{BrowserEvent, FrameId, NavigationCause, PageId, RequestId};
use serde_json::{Value, json};
use shared::status::Phase;
use zeroize::Zeroizing;

use super::{
    judge::SignInStatus,
    observe::Observer,
    verdict::{CodeChannel, Verdict},
};

const PAGE: PageId = PageId(1);
pub(super) const LOGIN: &str = "https://utility.test/login";
const API: &str = "https://utility.test/api";
pub(super) const HOME: &str = "https://utility.test/home";

pub(super) struct Story {
    pub(super) observer: Observer,
    pub(super) now: u64,
}

fn main_frame() -> FrameId {
    FrameId("main".into())
}

impl Story {
    /// At this page, which has not told anything yet.
    pub(super) fn opens(url: &str) -> Self {
        let mut story = Self {
            observer: Observer::default(),
            now: 1000,
        };
        story.goes(url, 200);
        story
    }

    /// At a login page, with both fields typed.
    fn typed() -> Self {
        let mut story = Self::opens(LOGIN);
        story.looks("a", login(""));
        story.types("a");
        story
    }

    /// The person types into both fields of this document.
    pub(super) fn types(&mut self, doc: &str) {
        self.report(doc, json!({"t": "typed", "k": 1, "value": "ada"}));
        self.report(doc, json!({"t": "typed", "k": 2, "value": "s3cret"}));
    }

    /// A script asks its website, which answers at once.
    pub(super) fn posts_and_is_answered(&mut self, id: &str, status: u16) {
        self.posts(API, id);
        self.answered(API, id, status);
    }

    pub(super) fn sent() -> Self {
        let mut story = Self::typed();
        story.sends("a");
        story
    }

    /// The person sends the form of this document.
    pub(super) fn sends(&mut self, doc: &str) {
        self.report(
            doc,
            json!({"t": "submit", "group": 1, "sure": true, "button": null}),
        );
    }

    fn event(&mut self, event: &BrowserEvent) {
        self.now += 20;
        self.observer
            .on_event(self.now, event, |_| Some(main_frame()));
    }

    pub(super) fn report(&mut self, doc: &str, mut what: Value) {
        what["doc"] = json!(doc);
        // The script writes the kind first.
        let t = what["t"].as_str().expect("a kind").to_owned();
        let rest = what.to_string();
        let rest = rest
            .trim_start_matches('{')
            .replace(&format!(r#""t":"{t}""#), r#""_":0"#);
        let payload = Arc::new(Zeroizing::new(format!(r#"{{"t":"{t}",{rest}"#)));
        let frame_origin = "https://utility.test".into();
        self.event(&BrowserEvent::Report {
            page: PAGE,
            frame: main_frame(),
            frame_origin,
            payload,
        });
    }

    /// A script of the page goes to another.
    pub(super) fn goes(&mut self, url: &str, status: u16) {
        self.goes_because_of(NavigationCause::Script, url, status);
    }

    fn goes_because_of(&mut self, cause: NavigationCause, url: &str, status: u16) {
        let request_id = RequestId(format!("{}", self.now));
        let (frame, method) = (Some(main_frame()), String::from("GET"));
        self.event(&BrowserEvent::RequestSent {
            page: PAGE,
            frame: frame.clone(),
            url: url.into(),
            method: method.clone(),
            request_id: request_id.clone(),
            is_document: true,
            has_post: false,
            has_authorization: false,
        });
        self.event(&BrowserEvent::Response {
            page: PAGE,
            frame,
            url: url.into(),
            status,
            is_document: true,
            method,
            request_id,
        });
        self.event(&BrowserEvent::FrameNavigated {
            page: PAGE,
            frame: main_frame(),
            url: url.into(),
            is_main: true,
            same_document: false,
            cause,
        });
    }

    /// A script asks its website for something, and shows it who it is; it is answered with this status.
    pub(super) fn shows_who_it_is(&mut self, id: &str, status: u16) {
        self.asks(API, id, "GET", true);
        self.is_answered(API, id, "GET", status);
    }

    /// A script sends something.
    fn posts(&mut self, url: &str, id: &str) {
        self.asks(url, id, "POST", false);
    }

    /// … and is answered.
    fn answered(&mut self, url: &str, id: &str, status: u16) {
        self.is_answered(url, id, "POST", status);
    }

    fn asks(&mut self, url: &str, id: &str, method: &str, has_authorization: bool) {
        self.event(&BrowserEvent::RequestSent {
            page: PAGE,
            frame: Some(main_frame()),
            url: url.into(),
            method: method.into(),
            request_id: RequestId(id.into()),
            is_document: false,
            has_post: method == "POST",
            has_authorization,
        });
    }

    fn is_answered(&mut self, url: &str, id: &str, method: &str, status: u16) {
        self.event(&BrowserEvent::Response {
            page: PAGE,
            frame: Some(main_frame()),
            url: url.into(),
            status,
            is_document: false,
            method: method.into(),
            request_id: RequestId(id.into()),
        });
    }

    pub(super) fn looks(&mut self, doc: &str, state: Value) {
        self.report(doc, state);
    }

    /// Time passes, and the judge looks every quarter of a second.
    pub(super) fn after(&mut self, millis: u64) -> SignInStatus {
        let until = self.now + millis;
        loop {
            let status = self.observer.status(self.now);
            if self.now >= until {
                return status;
            }
            self.now += 250;
        }
    }

    pub(super) fn verdict_after(&mut self, millis: u64) -> Option<Verdict> {
        self.after(millis).verdict
    }
}

pub(super) fn state(fields: Value, messages: Value, marks: Value) -> Value {
    let mut all = json!({"signOut": 0, "signOutHidden": 0, "signIn": 0, "signInHidden": 0, "greeting": false, "account": []});
    for (key, value) in marks.as_object().expect("marks") {
        all[key] = value.clone();
    }
    json!({
        "t": "state", "ready": true, "fields": fields, "messages": messages, "marks": all, "captcha": false, "options": [], "busy": false,
        "groups": [{"group": 1, "words": "", "buttons": ["Log in"]}], "text": {"length": 500, "hash": 1},
    })
}

pub(super) fn field(k: u32, kind: &str, name: &str) -> Value {
    json!({"k": k, "group": 1, "type": kind, "pw": kind == "password", "ac": "", "id": "", "name": name, "label": "", "mode": "", "max": 0,
           "vis": true, "ro": false, "filled": true, "typed": true, "bad": false, "pos": format!("{}/0", if kind == "password" { kind } else { "text" })})
}

pub(super) fn login(message: &str) -> Value {
    let messages = if message.is_empty() {
        json!([])
    } else {
        json!([{"text": message, "from": "near"}])
    };
    state(
        json!([field(1, "text", "user"), field(2, "password", "password")]),
        messages,
        json!({}),
    )
}

pub(super) fn home() -> Value {
    state(
        json!([]),
        json!([{"text": "Welcome", "from": "heading"}]),
        json!({"signOut": 1, "account": ["bills"]}),
    )
}

#[test]
fn proof_needs_a_sign_out_that_was_not_there_and_calm() {
    let mut story = Story::sent();
    story.goes(HOME, 200);
    story.looks("b", home());
    assert_eq!(story.verdict_after(1000), None, "too early");
    assert_eq!(story.verdict_after(1500), Some(Verdict::SignedIn));
    let start = LOGIN.parse().expect("a URL");
    let captured = story.observer.captured(&start).expect("captured");
    assert_eq!(captured.credentials.username.as_str(), "ada");
    assert_eq!(captured.credentials.password.as_str(), "s3cret");
    assert_eq!(captured.recipe.success.url.as_deref(), Some(HOME));
}

#[test]
fn nothing_sent_is_nothing_proven() {
    let mut story = Story::opens(HOME);
    story.looks("b", home());
    assert_eq!(story.verdict_after(60_000), None);
}

#[test]
fn a_server_error_is_no_refusal_unless_it_says_so() {
    for (from, text, refused) in [
        ("page", "Sign in Something went wrong", false),
        ("error", "Wrong password", true),
    ] {
        let mut story = Story::sent();
        story.goes(LOGIN, 500);
        let message = json!([{"text": text, "from": from}]);
        story.looks("b", state(json!([]), message, json!({"signIn": 1})));
        let verdict = story.verdict_after(4000);
        let rejected = matches!(verdict, Some(Verdict::Rejected { .. }));
        assert_eq!(rejected, refused, "{verdict:?}");
        assert_eq!(verdict == Some(Verdict::SiteDown), !refused);
    }
}

#[test]
fn the_same_page_without_a_way_out_is_unknown_and_a_no_is_heard() {
    let mut story = Story::sent();
    story.goes(HOME, 200);
    story.looks(
        "b",
        state(json!([]), json!([]), json!({"account": ["bills"]})),
    );
    assert_eq!(story.verdict_after(3000), None);
    assert_eq!(story.verdict_after(1500), Some(Verdict::Unknown));
    story.observer.said(false);
    assert_eq!(story.verdict_after(60_000), None, "asked once");
    story.observer.said(true);
    assert_eq!(story.verdict_after(0), Some(Verdict::SignedIn));
}

#[test]
fn a_login_link_or_a_bad_status_or_trouble_spoils_the_proof() {
    for (status, sign_in, message) in [
        (200, 1, "Hello"),
        (404, 0, "Hello"),
        (200, 0, "Something went wrong"),
    ] {
        let mut story = Story::sent();
        story.goes(HOME, status);
        let message = json!([{"text": message, "from": "heading"}]);
        story.looks(
            "b",
            state(
                json!([]),
                message,
                json!({"signOut": 1, "signIn": sign_in, "account": ["bills"]}),
            ),
        );
        assert_eq!(
            story.verdict_after(20_000),
            Some(Verdict::Unknown),
            "{status} {sign_in}"
        );
    }
}

#[test]
fn a_slow_answer_is_waited_for() {
    let mut story = Story::sent();
    story.posts(API, "slow");
    assert_eq!(story.verdict_after(9000), None);
    story.answered(API, "slow", 401);
    assert_eq!(
        story.verdict_after(2000),
        Some(Verdict::Rejected { message: None })
    );
}

#[test]
fn trackers_prove_nothing() {
    let mut story = Story::sent();
    story.posts("https://tracker.test/collect", "t");
    story.answered("https://tracker.test/collect", "t", 401);
    assert_eq!(
        story.verdict_after(20_000),
        None,
        "the form stands there as before"
    );
}

#[test]
fn refused_in_the_same_words_twice() {
    let mut story = Story::sent();
    let refused = Some(Verdict::Rejected {
        message: Some("Invalid password".into()),
    });
    for doc in ["b", "c"] {
        story.goes(LOGIN, 200);
        story.looks(doc, login("Invalid password"));
        assert_eq!(story.verdict_after(2000), refused, "{doc}");
        story.report(
            doc,
            json!({"t": "typed", "k": 2, "value": format!("again {doc}")}),
        );
        story.sends(doc);
    }
    assert_eq!(story.after(0).attempt, 3);
}

#[test]
fn a_refusal_is_told_even_when_the_next_try_follows_at_once() {
    let refused = Some(Verdict::Rejected {
        message: Some("Invalid password".into()),
    });
    for told_before in [false, true] {
        let mut story = Story::sent();
        story.goes(LOGIN, 200);
        story.looks("b", login("Invalid password"));
        if told_before {
            assert_eq!(story.verdict_after(2000), refused);
        }
        story.report("b", json!({"t": "typed", "k": 2, "value": "again"}));
        story.sends("b");
        let overtaken = story.observer.overtaken();
        let told = overtaken.map(|before| (before.attempt, before.verdict));
        assert_eq!(told, (!told_before).then(|| (1, refused.clone())));
        assert_eq!(story.observer.overtaken(), None, "told once");
        let next = story.after(0);
        assert_eq!((next.attempt, next.phase), (2, Phase::Submitting));
        assert_eq!((next.message, next.verdict), (None, None));
    }
}

#[test]
fn a_second_press_while_the_answer_is_awaited_is_no_refusal() {
    for answered in [false, true] {
        let mut story = Story::sent();
        story.posts(API, "slow");
        story.looks("a", login("Invalid password"));
        if answered {
            story.answered(API, "slow", 200);
        }
        story.now += 2000;
        story.sends("a");
        assert_eq!(story.observer.overtaken().is_some(), answered);
    }
}

#[test]
fn a_user_name_on_its_way_to_its_password_is_not_refused() {
    let mut story = Story::opens(LOGIN);
    let name = json!([field(1, "text", "user")]);
    story.looks("a", state(name, json!([]), json!({})));
    story.report("a", json!({"t": "typed", "k": 1, "value": "ada"}));
    story.sends("a");
    assert_eq!(story.after(0).attempt, 1);
    story.goes("https://utility.test/password", 200);
    let hint = "After 5 failed attempts your account is locked";
    story.looks("b", login(hint));
    story.report("b", json!({"t": "typed", "k": 2, "value": "s3cret"}));
    story.sends("b");
    assert_eq!(story.observer.overtaken(), None);
}

#[test]
fn a_code_is_asked_for_and_then_accepted() {
    let mut story = Story::sent();
    story.goes("https://utility.test/code", 200);
    let code = field(3, "text", "otp");
    let said =
        json!([{"text": "We sent an email with a code to a***@example.com", "from": "near"}]);
    story.looks(
        "b",
        state(
            json!([code]),
            said,
            json!({"signOut": 1, "account": ["account"]}),
        ),
    );
    let expected = Verdict::CodeNeeded {
        channel: Some(CodeChannel::Email),
        target: Some("a***@example.com".into()),
        refused: None,
    };
    assert_eq!(story.verdict_after(2000), Some(expected));
    story.report("b", json!({"t": "typed", "k": 3, "value": "123456"}));
    story.sends("b");
    story.goes(HOME, 200);
    story.looks(
        "c",
        state(
            json!([]),
            json!([{"text": "Overview", "from": "heading"}]),
            json!({"signOut": 1, "account": ["bills"]}),
        ),
    );
    assert_eq!(story.verdict_after(2500), Some(Verdict::SignedIn));
    let captured = story
        .observer
        .captured(&LOGIN.parse().expect("a URL"))
        .expect("captured");
    assert_eq!(captured.credentials.password.as_str(), "s3cret");
    assert!(
        !captured
            .recipe
            .to_json()
            .expect("serializes")
            .contains("123456")
    );
}

#[test]
fn a_link_clicked_is_no_attempt_but_a_page_that_goes_on_by_itself_is() {
    let mut story = Story::typed();
    story.report("a", json!({"t": "click", "control": {"id": "", "name": "", "label": "Forgot password?", "pos": ""}}));
    story.goes("https://utility.test/forgot", 200);
    assert_eq!(story.after(0).attempt, 0);
    let mut story = Story::typed();
    story.goes(HOME, 200);
    assert_eq!(story.after(0).attempt, 1);
}

#[test]
fn a_page_that_is_left_without_sending_what_was_typed_is_no_attempt() {
    use NavigationCause::{Browser, Form, Link, Script, Timer};
    for (cause, attempt) in [(Browser, 0), (Link, 0), (Timer, 0), (Form, 1), (Script, 1)] {
        let mut story = Story::typed();
        story.goes_because_of(cause, LOGIN, 200);
        story.looks("b", login(""));
        let status = story.after(20_000);
        assert_eq!(status.attempt, attempt, "{cause:?}");
        assert_eq!(status.verdict.is_none(), attempt == 0, "{cause:?}");
    }
}

#[test]
fn a_request_that_was_given_up_is_not_waited_for() {
    let mut story = Story::sent();
    story.posts(API, "given up");
    story.goes(HOME, 200);
    story.looks("b", home());
    assert_eq!(story.verdict_after(4000), None, "an answer may come");
    story.event(&BrowserEvent::RequestFailed {
        page: PAGE,
        request_id: RequestId("given up".into()),
    });
    assert_eq!(story.verdict_after(2500), Some(Verdict::SignedIn));
}
