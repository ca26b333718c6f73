//! The watcher in odd documents in a real browser: a form planted in them is always seen, and so is what is typed there.

use std::{collections::HashMap, time::Duration};

use browser::{BrowserEvent, IsolatedWorldScript};
use serde_json::json;
use tokio::{sync::broadcast::Receiver, time::timeout};

use super::{
    listener::watcher,
    report::{self, Report, State, What},
};
use crate::odd_documents::{Pages, document, seeds};

const PLANTED: &str = "<form action=/sent method=post class=planted><label>Planted name <input name=planted-user></label>
    <label>Planted password <input type=password name=planted-password></label><button>Sign in</button></form>";
/// An event comes within this time.
const SOON: Duration = Duration::from_secs(30);
/// Who says nothing for this long is asked.
const AGAIN: Duration = Duration::from_secs(1);

/// The next report of the main frame that this finds something in.
async fn until<T>(
    pages: &Pages,
    events: &mut Receiver<BrowserEvent>,
    mut find: impl FnMut(&Report) -> Option<T>,
) -> Option<T> {
    let main = pages.browser.page().main_frame();
    let found = async {
        loop {
            // As the listener does, a frame that is silent, or was not heard, is asked again.
            let Ok(Ok(event)) = timeout(AGAIN, events.recv()).await else {
                let ask = "function () { globalThis.watcher?.later(); }";
                let page = pages.browser.page();
                let _ = page.call::<serde_json::Value>(&main, ask, &[]).await;
                continue;
            };
            let BrowserEvent::Report { frame, payload, .. } = &event else {
                continue;
            };
            if *frame != main {
                continue;
            }
            let report = report::parse(payload).expect("a report is well-formed");
            assert!(payload.len() < 100_000, "a report is bounded");
            if let Some(found) = find(&report) {
                return found;
            }
        }
    };
    timeout(SOON, found).await.ok()
}

/// Both planted fields can be seen in this state.
fn sees_the_form(state: &State) -> bool {
    let shown = |name: &str| state.fields.iter().any(|f| f.name == name && f.vis);
    let button = |group: &report::Group| {
        group.words.contains("planted") && group.buttons.iter().any(|text| text == "Sign in")
    };
    shown("planted-user") && shown("planted-password") && state.groups.iter().any(button)
}

/// The first state of the page's document that shows the form.
async fn state_of(pages: &Pages, path: &str) -> Option<State> {
    let mut events = pages.browser.events();
    pages.go(path).await;
    until(pages, &mut events, |report| match &report.what {
        What::State(state) if sees_the_form(state) => Some(*state.clone()),
        _ => None,
    })
    .await
}

/// Types a letter into the planted password and presses Enter; whether both was told.
async fn is_told_of(pages: &Pages) -> bool {
    const FIELD: &str = "function () { return Document.prototype.querySelector.call(document, 'form.planted input[type=password]'); }";
    let page = pages.browser.page();
    let mut events = pages.browser.events();
    if page.click(&page.main_frame(), FIELD, &[]).await.is_err() {
        return false;
    }
    page.type_text("s").await.expect("a browser");
    let typed = until(pages, &mut events, |report| match &report.what {
        What::Typed { value, .. } if value.ends_with('s') => Some(()),
        _ => None,
    });
    if typed.await.is_none() {
        return false;
    }
    page.press("Enter").await.expect("a browser");
    let sent = until(pages, &mut events, |report| {
        matches!(report.what, What::Submit { sure: true, .. }).then_some(())
    });
    if sent.await.is_none() {
        return false;
    }
    // A form that is on its way would take the place of the page that is opened next.
    let arrived = async {
        while let Ok(event) = events.recv().await {
            if matches!(
                event,
                BrowserEvent::FrameNavigated {
                    is_main: true,
                    same_document: false,
                    ..
                }
            ) {
                break;
            }
        }
    };
    timeout(SOON, arrived).await.is_ok()
}

/// Pages that once hid a form from the watcher, or could.
const NAMED: &[(&str, &str)] = &[
    (
        "form_with_a_field_called_parentElement",
        "<form class=error><input name=parentElement><input name=getAttribute><input name=id><p class=error>x</p></form>",
    ),
    (
        "form_with_a_field_called_textContent",
        "<form role=alert class=error tabindex=0><input name=textContent><input name=innerText><input name=matches></form>",
    ),
    (
        "image_called_body",
        "<img name=body alt=x><img name=createTreeWalker alt=x><img name=title alt=x><img name=readyState alt=x>",
    ),
    (
        "window_with_other_names",
        "<a id=addEventListener>x</a><a id=report>x</a><a id=watcher>x</a><a id=dom>x</a><form id=setTimeout></form>",
    ),
    (
        "svg_button",
        "<svg role=button class=login width=9 height=9><title>x</title></svg><svg class=error><text>x</text></svg>",
    ),
    (
        "labels_in_a_circle",
        "<input id=a aria-labelledby=b aria-invalid=true aria-describedby=a><label id=b for=a aria-labelledby=a>x</label>",
    ),
    (
        "list_item_with_a_value",
        "<ol><li value=3 tabindex=0 role=button>x</li></ol><meter value=1 role=alert></meter><progress class=spinner></progress>",
    ),
    (
        "deep",
        "<script>{ let at = document.body; for (let i = 0; i < 500; i++) at = at.appendChild(document.createElement('div')); at.innerHTML = '<input>' }</script>",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn odd_elements_hide_no_form() {
    // The planted form itself has fields with such names, too.
    let clobbered = PLANTED.replace(
        "<label>Planted name",
        "<input type=hidden name=action><input type=hidden name=id><input type=hidden name=parentElement>
         <input type=hidden name=getAttribute><input type=hidden name=contains><input type=hidden name=closest><label>Planted name",
    );
    let pages = NAMED.iter().map(|(name, html)| {
        let html = format!("<!doctype html><title>x</title><body>{html}{clobbered}");
        (format!("/{name}"), html)
    });
    let pages = Pages::of(pages.collect()).await;
    pages.browser.install(watcher()).await.expect("a browser");
    for (name, _) in NAMED {
        let state = state_of(&pages, &format!("/{name}")).await;
        let state = state.unwrap_or_else(|| panic!("{name}: the form was not seen"));
        assert_eq!((state.blind, state.skipped), (false, 0), "{name}");
        assert!(is_told_of(&pages).await, "{name}: what was typed and sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_seen_in_generated_documents() {
    let seeds = seeds(150);
    let documents = seeds
        .clone()
        .map(|seed| (format!("/{seed}"), document(seed, PLANTED)));
    let pages = Pages::of(documents.collect::<HashMap<_, _>>()).await;
    pages.browser.install(watcher()).await.expect("a browser");
    let mut failed = Vec::new();
    for seed in seeds {
        let Some(state) = state_of(&pages, &format!("/{seed}")).await else {
            failed.push(format!("seed {seed}: the form was not seen"));
            continue;
        };
        if state.blind || state.skipped > 0 {
            failed.push(format!(
                "seed {seed}: {} elements were not read",
                state.skipped
            ));
        }
        if seed % 5 == 0 && !is_told_of(&pages).await {
            failed.push(format!("seed {seed}: what was typed and sent was not told"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What a broken isolated world would look like: nothing that a page does can break it like this.
async fn last_state_with(breaks: &'static str) -> State {
    let html = format!("<!doctype html><body><button id=odd>Odd</button>{PLANTED}");
    let pages = Pages::of(HashMap::from([("/odd".to_owned(), html)])).await;
    let breaks = IsolatedWorldScript { source: breaks };
    pages.browser.install(breaks).await.expect("a browser");
    pages.browser.install(watcher()).await.expect("a browser");
    let mut events = pages.browser.events();
    pages.go("/odd").await;
    let state = until(&pages, &mut events, |report| match &report.what {
        What::State(state) if state.skipped > 0 => Some(*state.clone()),
        _ => None,
    });
    state.await.expect("a state that says what it lacks")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_that_cannot_be_read_is_counted() {
    let state = last_state_with(
        "{ const { get } = Object.getOwnPropertyDescriptor(Node.prototype, 'textContent');
           Object.defineProperty(Node.prototype, 'textContent', { get() { if (this.id === 'odd') throw new Error('odd'); return get.call(this); } }); }",
    )
    .await;
    assert!(sees_the_form(&state) && !state.blind, "the rest is seen");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_or_frame_that_cannot_be_read_makes_the_watcher_blind() {
    for breaks in [
        "Object.defineProperty(HTMLInputElement.prototype, 'placeholder', { get() { if (this.type === 'password') throw new Error('odd'); return ''; } });
         Object.defineProperty(HTMLInputElement.prototype, 'labels', { get() { return null; } });",
        "Document.prototype.querySelectorAll = () => { throw new Error('odd'); };",
        "Document.prototype.createTreeWalker = () => { throw new Error('odd'); };",
    ] {
        let state = last_state_with(breaks).await;
        assert!(state.blind, "{breaks}");
        assert!(!sees_the_form(&state));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_fails_is_told_of() {
    let html = format!("<!doctype html><body>{PLANTED}");
    let pages = Pages::of(HashMap::from([("/".to_owned(), html)])).await;
    pages.browser.install(watcher()).await.expect("a browser");
    assert!(state_of(&pages, "/").await.is_some());
    let mut events = pages.browser.events();
    let page = pages.browser.page();
    let breaks = "function () { Map.prototype.has = () => { throw new Error('odd'); }; }";
    page.call::<serde_json::Value>(&page.main_frame(), breaks, &[])
        .await
        .expect("a browser");
    let field = "function (name) { return document.querySelector(`input[name=${name}]`); }";
    page.click(&page.main_frame(), field, &[json!("planted-password")])
        .await
        .expect("a field");
    page.type_text("s").await.expect("a browser");
    let failed = until(&pages, &mut events, |report| match &report.what {
        What::Failed { name } => Some(name.clone()),
        _ => None,
    });
    assert_eq!(failed.await.as_deref(), Some("input"));
}
