//! Scripts in isolated worlds: every frame, every page, true origins.

use super::test_site::{Site, at, browser, go, next, report, until};
use crate::{BrowserEvent, IsolatedWorldScript};

const HERE: IsolatedWorldScript = IsolatedWorldScript {
    source: "report(location.pathname); addEventListener('message', () => {}); globalThis.answer = () => 42;",
};

#[tokio::test]
async fn every_frame_reports_with_its_own_origin() {
    let site = Site::of(&[
        (
            "/",
            "<iframe src='http://127.0.0.1:{port}/other'></iframe><iframe src='/same'></iframe>\
             <iframe sandbox='allow-scripts' srcdoc='x'></iframe>",
        ),
        (
            "/other",
            "<iframe src='http://localhost:{port}/deep'></iframe>",
        ),
        ("/same", "same"),
        ("/deep", "deep"),
    ])
    .await;
    let browser = browser(&site).await;
    browser.install(HERE).await.unwrap();
    let mut events = browser.events();
    let page = browser.page();
    go(&page, &site.url("/")).await;
    let mut heard = Vec::new();
    while heard.len() < 5 {
        let (origin, path) = next(&mut events, "five reports", report).await;
        if path != "blank" {
            heard.push((origin, path));
        }
    }
    heard.sort();
    let port = site.address.port();
    let own = |host: &str| format!("http://{host}:{port}");
    let expected = [
        (own("127.0.0.1"), "/other".to_owned()),
        (own("localhost"), "/".to_owned()),
        (own("localhost"), "/deep".to_owned()),
        (own("localhost"), "/same".to_owned()),
        ("null".to_owned(), "srcdoc".to_owned()),
    ];
    assert_eq!(heard, expected);

    // Each can be called, and knows what the script left.
    until("five frames", || async { page.frames().len() == 5 }).await;
    for frame in page.frames() {
        let answer: i64 = page
            .call(&frame.id, "function () { return answer() }", &[])
            .await
            .unwrap();
        assert_eq!(answer, 42, "{}", frame.url);
    }
    let frames = page.frames();
    assert_eq!(frames[0].id, page.main_frame());
    let deep = frames
        .iter()
        .find(|frame| frame.url.ends_with("/deep"))
        .unwrap();
    let other = frames
        .iter()
        .find(|frame| frame.url.ends_with("/other"))
        .unwrap();
    assert_eq!(deep.parent.as_ref(), Some(&other.id));
}

#[tokio::test]
async fn a_page_neither_sees_nor_fakes_a_report() {
    let site = Site::of(&[(
        "/",
        "<script>document.title = typeof report + typeof reportCursor + typeof answer;\
         try { report('fake') } catch {}</script>",
    )])
    .await;
    let browser = browser(&site).await;
    browser.install(HERE).await.unwrap();
    let mut events = browser.events();
    let page = browser.page();
    go(&page, &site.url("/")).await;
    let said = next(&mut events, "a report", |event| {
        report(event).filter(|(_, said)| said != "blank")
    })
    .await;
    assert_eq!(said.1, "/");
    until("the title", || async {
        page.title() == "undefinedundefinedundefined"
    })
    .await;
}

#[tokio::test]
async fn a_script_installed_late_runs_in_open_and_later_documents_and_pop_ups() {
    let site = Site::of(&[
        (
            "/",
            "<a id=a onclick=\"window.open('/popup')\" href='#'>open</a>",
        ),
        ("/popup", "<p>popup"),
        ("/next", "<p>next"),
    ])
    .await;
    let (browser, page) = at(&site, "/").await;
    let mut events = browser.events();
    browser.install(HERE).await.unwrap();
    assert_eq!(next(&mut events, "the late one", report).await.1, "/");
    // A same-origin pop-up shows its document in the window of the empty one before.
    let main = page.main_frame();
    page.click(
        &main,
        "function () { return document.querySelector('#a') }",
        &[],
    )
    .await
    .unwrap();
    let popup = next(&mut events, "a pop-up", |event| match event {
        BrowserEvent::PageOpened { page } => Some(page),
        _ => None,
    })
    .await;
    let heard = next(&mut events, "the pop-up", |event| {
        report(event).filter(|(_, said)| said == "/popup")
    })
    .await;
    assert_eq!(heard.0, format!("http://localhost:{}", site.address.port()));
    assert_eq!(browser.page().id(), popup);
    // Closed again: the person looks at the first page.
    let popup = browser.page();
    popup
        .call::<()>(&popup.main_frame(), "function () { window.close() }", &[])
        .await
        .ok();
    until("the first page again", || async {
        browser.page().id() == page.id()
    })
    .await;
    go(&page, &site.url("/next")).await;
    let said = next(&mut events, "the next page", |event| {
        report(event).filter(|(_, said)| said != "/")
    })
    .await;
    assert_eq!(said.1, "/next");
}
