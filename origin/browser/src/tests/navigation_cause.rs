//! Why another document came.

use super::test_site::{SOON, Site, at, eval, next};
use crate::{BrowserEvent, NavigationCause};

const PAGE: &str = "<title>Start</title><a id=link href=/linked>link</a>\
    <form id=post action=/posted method=post><button>post</button></form>\
    <form id=get action=/got><button>get</button></form>\
    <button id=script onclick=\"location.href='/scripted'\">script</button>\
    <button id=again onclick='location.reload()'>again</button>";

#[tokio::test]
async fn links_forms_scripts_and_the_browser_are_told_apart() {
    let site = Site::of(&[
        ("/", PAGE),
        ("/timed", "<meta http-equiv=refresh content='0;url=/'>"),
    ])
    .await;
    let (browser, page) = at(&site, "/").await;
    let mut events = browser.events();
    let mut cause = async || {
        next(&mut events, "a document", |event| match event {
            BrowserEvent::FrameNavigated {
                is_main: true,
                same_document: false,
                cause,
                ..
            } => Some(cause),
            _ => None,
        })
        .await
    };
    for (press, expected) in [
        (
            "document.querySelector('#link').click()",
            NavigationCause::Link,
        ),
        (
            "document.querySelector('#post button').click()",
            NavigationCause::Form,
        ),
        (
            "document.querySelector('#post').submit()",
            NavigationCause::Form,
        ),
        (
            "document.querySelector('#get button').click()",
            NavigationCause::Form,
        ),
        (
            "document.querySelector('#script').click()",
            NavigationCause::Script,
        ),
        (
            "document.querySelector('#again').click()",
            NavigationCause::Script,
        ),
    ] {
        page.navigate(&site.url("/")).await.unwrap();
        assert_eq!(cause().await, NavigationCause::Browser, "{press}");
        let _: Option<bool> = eval(&page, &format!("void ({press})")).await;
        assert_eq!(cause().await, expected, "{press}");
    }
    page.navigate(&site.url("/timed")).await.unwrap();
    assert_eq!(cause().await, NavigationCause::Browser);
    assert_eq!(cause().await, NavigationCause::Timer);
    assert!(page.settle(SOON).await.unwrap());
    browser.reload().await.unwrap();
    assert_eq!(cause().await, NavigationCause::Browser, "a reload");
    assert!(page.settle(SOON).await.unwrap());
    browser.go_back().await.unwrap();
    assert_eq!(cause().await, NavigationCause::Browser, "back");
}
