//! The screencast: newest only, paced by the viewer, silent when nothing moves.

use std::{sync::Arc, time::Duration};

use chromiumoxide_cdp::cdp::browser_protocol::{
    browser::GetVersionParams, emulation::SetDeviceMetricsOverrideParams,
};
use imagesize::blob_size;
use tokio::sync::watch;

use super::test_site::{SOON, Site, at, eval, until};
use crate::{ScreencastFrame, Viewport};

type Frames = watch::Receiver<Option<Arc<ScreencastFrame>>>;

async fn picture(frames: &mut Frames) -> Arc<ScreencastFrame> {
    let wait = async {
        loop {
            frames.changed().await.unwrap();
            if let Some(frame) = frames.borrow_and_update().clone() {
                return frame;
            }
        }
    };
    tokio::time::timeout(SOON, wait).await.expect("a picture")
}

const MOVING: &str = "<div id=d style='width:50px;height:50px;background:red;position:absolute'></div><script>\
    let n = 0; (function step() { d.style.left = (n++ % 400) + 'px'; requestAnimationFrame(step) })()</script>";

#[tokio::test]
async fn frames_come_and_follow_the_viewport() {
    let site = Site::of(&[("/", "<h1>hello</h1>")]).await;
    let (browser, _page) = at(&site, "/").await;
    let cast = browser.screencast();
    let mut frames = cast.frames();
    cast.start();
    let first = picture(&mut frames).await;
    assert_eq!((first.width, first.height, first.scale), (800, 600, 100));
    assert_eq!(&first.jpeg[..2], [0xff, 0xd8]);
    cast.ack(first.seq);
    browser.resize(Viewport {
        width: 400,
        height: 640,
    });
    loop {
        let next = picture(&mut frames).await;
        cast.ack(next.seq);
        if (next.width, next.height) == (400, 640) {
            break;
        }
    }
    // Whoever comes later sees it at once, and once more when he starts.
    assert!(cast.frames().borrow().is_some());
    cast.start();
    picture(&mut frames).await;
}

#[tokio::test]
async fn a_page_that_lost_its_size_gets_it_again() {
    let site = Site::of(&[("/", MOVING)]).await;
    let (browser, page) = at(&site, "/").await;
    let core = Arc::clone(&browser.core);
    let cast = browser.screencast();
    let mut frames = cast.frames();
    let newest = cast.frames();
    cast.start();
    picture(&mut frames).await;
    let viewer = tokio::spawn(async move {
        while frames.changed().await.is_ok() {
            if let Some(frame) = frames.borrow_and_update().clone() {
                cast.ack(frame.seq);
            }
        }
    });
    // Odd ones too: a picture that is rounded would never count as one of the right size.
    for width in [801, 555, 802] {
        browser.resize(Viewport { width, height: 601 });
        let right = async || {
            let newest = newest.borrow().clone().expect("a picture");
            let pixels = blob_size(&newest.jpeg).unwrap();
            (pixels.width, pixels.height) == (width.into(), 601)
                && eval::<u16>(&page, "innerWidth").await == width
        };
        until("a picture of the right size", right).await;
        let session = core.session_of(page.id());
        let lost = SetDeviceMetricsOverrideParams::new(1280, 800, 1.0, false);
        core.cdp.call(session.as_deref(), lost, SOON).await.unwrap();
        until("a picture of the right size again", right).await;
    }
    viewer.abort();
}

#[tokio::test]
async fn a_viewer_that_does_not_ack_stops_the_frames() {
    let site = Site::of(&[("/", MOVING)]).await;
    let (browser, _page) = at(&site, "/").await;
    let cast = browser.screencast();
    let mut frames = cast.frames();
    cast.start();
    let taken = picture(&mut frames).await;
    cast.sent(taken.seq);
    // One travels and one waits: then Chromium draws no more for us.
    let quiet = async {
        let mut last = taken.seq;
        while let Ok(frame) =
            tokio::time::timeout(Duration::from_millis(700), picture(&mut frames)).await
        {
            last = frame.seq;
        }
        last
    };
    let last = tokio::time::timeout(SOON, quiet)
        .await
        .expect("the pictures stop");
    assert!(last <= taken.seq + 3, "{last} after {}", taken.seq);
    cast.ack(taken.seq);
    let next = picture(&mut frames).await;
    assert!(next.seq > last);
    // A viewer that does answer gets a stream.
    let start = next.seq;
    let mut now = next;
    while now.seq < start + 10 {
        cast.sent(now.seq);
        cast.ack(now.seq);
        now = picture(&mut frames).await;
    }
    cast.stop();
    let parked = async {
        while tokio::time::timeout(Duration::from_millis(400), picture(&mut frames))
            .await
            .is_ok()
        {}
    };
    tokio::time::timeout(SOON, parked).await.expect("parked");
    cast.start();
    picture(&mut frames).await;
}

#[tokio::test]
async fn a_focused_field_sends_no_frames_for_its_caret() {
    let site = Site::of(&[("/", "<input autofocus>")]).await;
    let (browser, page) = at(&site, "/").await;
    until("focus", || async {
        eval::<bool>(
            &page,
            "document.hasFocus() && document.activeElement.tagName === 'INPUT'",
        )
        .await
    })
    .await;
    let cast = browser.screencast();
    let mut frames = cast.frames();
    cast.start();
    let mut seen = 0;
    while let Ok(frame) =
        tokio::time::timeout(Duration::from_millis(1800), picture(&mut frames)).await
    {
        cast.ack(frame.seq);
        seen += 1;
        assert!(seen < 8, "the caret blinks");
    }
}

#[tokio::test]
async fn the_screencast_follows_a_pop_up_and_comes_back() {
    let site = Site::of(&[
        (
            "/",
            "<button onclick=\"window.open('/popup')\">open</button>",
        ),
        ("/popup", "<h1>pop-up</h1>"),
    ])
    .await;
    let (browser, page) = at(&site, "/").await;
    let cast = browser.screencast();
    let mut frames = cast.frames();
    cast.start();
    let first = picture(&mut frames).await;
    cast.ack(first.seq);
    page.click(
        &page.main_frame(),
        "function () { return document.querySelector('button') }",
        &[],
    )
    .await
    .unwrap();
    let shown = loop {
        let next = picture(&mut frames).await;
        cast.ack(next.seq);
        if next.page != first.page {
            break next;
        }
    };
    assert!(shown.seq > first.seq);
    assert_eq!((shown.width, shown.height), (800, 600));
    until("the pop-up's strip", || async {
        browser.page().url().ends_with("/popup")
    })
    .await;
    let popup = browser.page();
    popup
        .call::<()>(&popup.main_frame(), "function () { window.close() }", &[])
        .await
        .ok();
    loop {
        let next = picture(&mut frames).await;
        cast.ack(next.seq);
        if next.page == first.page {
            break;
        }
    }
}

#[tokio::test]
async fn a_screencast_begun_during_a_navigation_shows_the_new_page() {
    let still = [
        ("/", "<body style='background:red'>"),
        ("/blue", "<body style='background:blue'>"),
    ];
    let site = Site::of(&still).await;
    let (browser, page) = at(&site, "/").await;
    let core = Arc::clone(&browser.core);
    let cast = browser.screencast();
    let mut frames = cast.frames();
    // Another site each time, so that the page moves to another process.
    let urls = [site.by_number("/blue"), site.url("/")];
    let sizes = [(1157, 605), (968, 605)].map(|(width, height)| Viewport { width, height });
    let mut looks = Vec::new();
    for (url, size) in urls.iter().zip(sizes) {
        browser.resize(size);
        page.navigate(url).await.unwrap();
        page.settle(SOON).await.unwrap();
        cast.start();
        // What is under way from the page before comes first.
        picture(&mut frames).await;
        cast.start();
        looks.push(picture(&mut frames).await.jpeg.clone());
    }
    assert_ne!(looks[0], looks[1]);
    for turn in 0..30 {
        cast.stop();
        // Each question to the browser takes a moment.
        let moments = async |count| {
            for _ in 0..count {
                let _ = core.cdp.call(None, GetVersionParams::default(), SOON).await;
            }
        };
        let begin = async {
            moments(turn * 4).await;
            cast.start();
            moments(turn * 2).await;
            browser.resize(sizes[turn % 2]);
        };
        let (arrived, ()) = tokio::join!(page.navigate(&urls[turn % 2]), begin);
        assert_eq!(arrived.unwrap().error, None);
        // The page of before may still be in the first ones.
        loop {
            let shown = picture(&mut frames).await;
            cast.sent(shown.seq);
            cast.ack(shown.seq);
            if shown.jpeg == looks[turn % 2] {
                break;
            }
        }
    }
}
