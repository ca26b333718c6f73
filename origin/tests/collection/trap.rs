//! A website full of controls that change an account: nothing is changed, and all bills are found.

use std::{collections::BTreeSet, future::Future, time::Duration};

use browser::{Browser, Launcher, Page, Profile, Viewport};
use origin::collection::{
    discover::{Ended, Limits, Wanted, discover},
    read_only::{ReadOnlyGuard, RequestCause},
};
use serde_json::json;
use tokio::time::Instant;
use utility::{
    Options,
    trap::{
        BILLS, bill_pdf,
        controls::{CONTROLS, Change},
    },
};

use crate::{
    bill_lists::{ReceivedFiles, SEARCH_TIME},
    browser_config::{browser_config, turn},
};

/// What a control does is done within this time.
const SOON: Duration = Duration::from_secs(20);

/// Serves the trap site and opens one of its pages in a browser whose requests are filtered.
async fn open(
    path: &str,
) -> (
    Options,
    Launcher,
    Browser,
    std::sync::Arc<ReadOnlyGuard>,
    url::Url,
) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    let options = Options::default();
    tokio::spawn(utility::serve(listener, options.clone()));
    let launcher = Launcher::new(browser_config(&host));
    let profile = Profile {
        country: "US".parse().expect("a country"),
        accept_language: None,
        viewport: Viewport::default(),
    };
    let browser = launcher.open(profile).await.expect("a browser");
    let guard = ReadOnlyGuard::new();
    browser
        .filter_requests(guard.clone())
        .await
        .expect("a filter");
    let start: url::Url = format!("http://{host}{path}").parse().expect("a URL");
    browser.page().navigate(&start).await.expect("the page");
    (options, launcher, browser, guard, start)
}

#[tokio::test]
async fn nothing_is_changed_while_all_bills_are_found() {
    let _turn = turn().await;
    let (options, launcher, browser, guard, _) = open("/trap/home").await;
    let mut received = ReceivedFiles::default();
    let limits = Limits {
        pages: 40,
        files: 100,
        file_bytes: 1024 * 1024,
        until: Instant::now() + SEARCH_TIME,
    };
    let began = Instant::now();
    let wanted = Wanted {
        country: "US",
        since: None,
    };
    let discovery = discover(&browser, &guard, wanted, limits, &mut received)
        .await
        .expect("a discovery");
    eprintln!(
        "{discovery:?} in {:?}, {} pages served",
        began.elapsed(),
        options.switches.trap.pages()
    );
    browser.close().await;
    launcher.close().await;
    let trap = &options.switches.trap;
    assert_eq!(trap.changes(), Default::default(), "{discovery:?}");
    assert_eq!(trap.unknown_changes(), 0, "{discovery:?}");
    let missing: Vec<usize> = (0..BILLS)
        .filter(|number| {
            !received
                .files
                .contains(&bill_pdf(&options, *number).expect("a bill"))
        })
        .collect();
    assert!(missing.is_empty(), "missing {missing:?}: {discovery:?}");
    assert_eq!(
        (received.files.len(), discovery.ended),
        (BILLS, Ended::Done)
    );
    let kinds: BTreeSet<&str> = CONTROLS.iter().map(|control| control.name).collect();
    assert_eq!(
        kinds.len(),
        CONTROLS.len(),
        "each kind has a name of its own"
    );
    assert_eq!(
        trap.shown(),
        kinds,
        "all kinds were on the pages that were searched"
    );
    assert!(kinds.len() >= 60, "{} kinds", kinds.len());
}

const USE: &str = "function (name) {
  const element = document.querySelector(`[data-trap=${name}] [data-use]`);
  if (!element) return false;
  if (element.localName === 'select') { element.selectedIndex = 1; element.dispatchEvent(new Event('change', { bubbles: true })); }
  else element.click();
  return true;
}";

/// Waits for what a control does; false when it does not come.
async fn happens<There: Future<Output = bool>>(there: impl Fn() -> There) -> bool {
    let deadline = Instant::now() + SOON;
    while !there().await {
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}

/// Uses one control, in a fresh page.
async fn use_control(page: &Page, guard: &ReadOnlyGuard, start: &url::Url, name: &str) {
    page.navigate(start).await.expect("the page");
    page.settle(Duration::from_secs(10)).await.expect("a page");
    guard.will_press(page.id(), RequestCause::Unknown);
    // The element may take its document away before it answers.
    let _ = page
        .call::<bool>(&page.main_frame(), USE, &[json!(name)])
        .await;
}

#[tokio::test]
async fn the_guard_alone_holds_every_change_that_can_be_held() {
    let _turn = turn().await;
    let (options, launcher, browser, guard, start) = open("/trap/all").await;
    guard.begin();
    let page = browser.page();
    let mut silent = Vec::new();
    for control in CONTROLS {
        let before = guard.held();
        use_control(&page, &guard, &start, control.name).await;
        let held = || async {
            let after = guard.held();
            match control.change {
                Change::WebSocket => after.web_socket_messages > before.web_socket_messages,
                _ => after.total() > before.total(),
            }
        };
        if !happens(held).await {
            silent.push(control.name);
        }
    }
    assert!(silent.is_empty(), "nothing was held of {silent:?}");
    browser.close().await;
    launcher.close().await;
    let changes = options.switches.trap.changes();
    assert_eq!(
        changes.keys().copied().collect::<Vec<_>>(),
        ["button_web_socket"]
    );
    assert_eq!(options.switches.trap.unknown_changes(), 0);
}

#[tokio::test]
async fn without_the_guard_every_control_changes_something() {
    let _turn = turn().await;
    let (options, launcher, browser, guard, start) = open("/trap/all").await;
    let page = browser.page();
    let trap = &options.switches.trap;
    let mut silent = Vec::new();
    for control in CONTROLS {
        use_control(&page, &guard, &start, control.name).await;
        if !happens(async || trap.changes().contains_key(control.name)).await {
            silent.push(control.name);
        }
    }
    assert!(silent.is_empty(), "nothing was changed by {silent:?}");
    browser.close().await;
    launcher.close().await;
}
