//! A website full of controls that change an account: nothing is changed, and all bills are found.

use std::collections::BTreeSet;

use browser::{Browser, Launcher, Profile, Viewport};
use origin::collection::{
    discover::{Ended, Limits, Wanted, discover},
    read_only::ReadOnlyGuard,
};
use tokio::time::Instant;
use utility::{
    Options,
    trap::{BILLS, bill_pdf, controls::CONTROLS},
};

use crate::{
    browsers::{browsers, turn},
    finding::{Basket, TIME},
};

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
    let launcher = Launcher::new(browsers(&host));
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
    let mut basket = Basket::default();
    let limits = Limits {
        pages: 40,
        files: 100,
        file_bytes: 1024 * 1024,
        until: Instant::now() + TIME,
    };
    let began = Instant::now();
    let wanted = Wanted {
        country: "US",
        since: None,
    };
    let discovery = discover(&browser, &guard, wanted, limits, &mut basket)
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
            !basket
                .files
                .contains(&bill_pdf(&options, *number).expect("a bill"))
        })
        .collect();
    assert!(missing.is_empty(), "missing {missing:?}: {discovery:?}");
    assert_eq!((basket.files.len(), discovery.ended), (BILLS, Ended::Done));
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
