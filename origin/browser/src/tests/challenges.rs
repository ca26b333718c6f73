//! Websites that ask for user name and password by HTTP authentication.

use super::test_site::{SOON, Site, at, browser, eval, next};
use crate::{Browser, BrowserEvent, Challenge, ChallengeAnswerer, Page};

const PAGES: &[(&str, &str)] = &[
    ("/", "<title>Start</title>"),
    ("/private", "<p>account</p>"),
    ("/digest", "<p>digested</p>"),
];

async fn text(page: &Page) -> String {
    eval(page, "document.body.innerText.trim()").await
}

/// Goes to a page that challenges, and waits until it does.
async fn challenged(site: &Site, path: &str) -> (Browser, Page, ChallengeAnswerer, Challenge) {
    let browser = browser(site).await;
    let answerer = browser.answer_challenges();
    let page = browser.page();
    let went = page.navigate(&site.url(path)).await.unwrap();
    assert!(went.is_challenged && went.error.is_none(), "{went:?}");
    let challenge = answerer.waiting().expect("it waits");
    assert_eq!(challenge.page, page.id());
    assert_eq!(
        challenge.origin,
        site.url("/").origin().ascii_serialization()
    );
    assert_eq!(challenge.url, site.url(path).as_str());
    (browser, page, answerer, challenge)
}

/// Waits for the status of the page's document.
async fn status(browser: &Browser, act: impl FnOnce()) -> u16 {
    let mut events = browser.events();
    act();
    let status = next(&mut events, "a document", |event| match event {
        BrowserEvent::Response {
            is_document: true,
            status,
            ..
        } => Some(status),
        _ => None,
    });
    status.await
}

#[tokio::test]
async fn a_challenge_waits_for_its_answer_and_a_wrong_one_brings_another() {
    let site = Site::of(PAGES).await;
    let (browser, page, answerer, first) = challenged(&site, "/private").await;
    let mut events = browser.events();
    assert!(answerer.answer(&first, "me", "wrong"));
    next(&mut events, "another challenge", |event| {
        matches!(
            event,
            BrowserEvent::Challenged {
                is_supported: true,
                ..
            }
        )
        .then_some(())
    })
    .await;
    let second = answerer.waiting().expect("it waits");
    assert!(
        !answerer.answer(&first, "me", "secret"),
        "the first one was answered"
    );
    let came = status(&browser, || {
        assert!(answerer.answer(&second, "me", "secret"))
    })
    .await;
    assert_eq!(came, 200);
    assert!(page.settle(SOON).await.unwrap());
    assert_eq!(text(&page).await, "account");
    // From now on the browser answers by itself.
    drop(answerer);
    let went = page.navigate(&site.url("/private")).await.unwrap();
    assert_eq!(went.status, Some(200));
}

#[tokio::test]
async fn a_digest_is_answered_as_well() {
    let site = Site::of(PAGES).await;
    let (browser, page, answerer, challenge) = challenged(&site, "/digest").await;
    assert_eq!(
        status(&browser, || assert!(
            answerer.answer(&challenge, "me", "secret")
        ))
        .await,
        200
    );
    assert!(page.settle(SOON).await.unwrap());
    assert_eq!(text(&page).await, "digested");
}

#[tokio::test]
async fn without_an_answer_the_page_for_strangers_comes() {
    let site = Site::of(PAGES).await;
    let (browser, page, answerer, challenge) = challenged(&site, "/private").await;
    assert_eq!(
        status(&browser, || assert!(answerer.cancel(&challenge))).await,
        401
    );
    assert!(answerer.waiting().is_none());
    // Whoever would answer goes away, or was never there.
    let went = page.navigate(&site.url("/private")).await.unwrap();
    assert!(went.is_challenged);
    assert_eq!(status(&browser, || drop(answerer)).await, 401);
    assert!(page.settle(SOON).await.unwrap());
    let went = page.navigate(&site.url("/private")).await.unwrap();
    assert_eq!(went.status, Some(401));
}

#[tokio::test]
async fn a_page_that_goes_elsewhere_waits_no_longer() {
    let site = Site::of(PAGES).await;
    let (_browser, page, answerer, challenge) = challenged(&site, "/private").await;
    let went = page.navigate(&site.url("/")).await.unwrap();
    assert_eq!(went.status, Some(200));
    assert!(answerer.waiting().is_none());
    assert!(!answerer.answer(&challenge, "me", "secret"));
}

#[tokio::test]
async fn images_and_frames_are_cancelled_at_once() {
    let site = Site::of(PAGES).await;
    let (browser, page) = at(&site, "/").await;
    let answerer = browser.answer_challenges();
    let mut events = browser.events();
    for host in [site.url("/private"), site.by_number("/private")] {
        let embed = format!(
            "void (document.body.innerHTML = '<img src=\"{host}\"><iframe src=\"{host}\"></iframe>')"
        );
        let _: Option<bool> = eval(&page, &embed).await;
        // A frame that waited would keep the page busy.
        next(&mut events, "the frame's document", |event| match event {
            BrowserEvent::FrameNavigated {
                is_main: false,
                url,
                ..
            } => (url == host.as_str()).then_some(()),
            BrowserEvent::Challenged { .. } => panic!("it was offered"),
            _ => None,
        })
        .await;
        assert!(page.settle(SOON).await.unwrap());
        assert!(answerer.waiting().is_none());
    }
}

#[tokio::test]
async fn a_scheme_without_user_name_and_password_is_cancelled_and_told() {
    let site = Site::of(PAGES).await;
    let browser = browser(&site).await;
    let answerer = browser.answer_challenges();
    let mut events = browser.events();
    let went = browser.page().navigate(&site.url("/ntlm")).await.unwrap();
    assert_eq!((went.status, went.is_challenged), (Some(401), false));
    next(&mut events, "that it cannot be answered", |event| {
        matches!(
            event,
            BrowserEvent::Challenged {
                is_supported: false,
                ..
            }
        )
        .then_some(())
    })
    .await;
    assert!(answerer.waiting().is_none());
}
