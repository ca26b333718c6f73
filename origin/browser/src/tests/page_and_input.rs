//! Pages driven by code and by input.

use super::test_site::{SOON, Site, at, browser, eval, go, next, until};
use crate::{
    BrowserError, BrowserEvent, DialogKind, FrameId, FrameInfo, KeyPress, NetError, Place, Pointer,
    PointerKind, Viewport,
};

const FORM: &str = "<title>Sign in</title><form action='/in' method=post>\
    <input name=user autofocus><input name=pass type=password><button>Go</button></form>";

#[tokio::test]
async fn navigate_gives_the_status_or_the_reason_of_failure() {
    let site = Site::of(&[("/", "<p>home")]).await;
    let browser = browser(&site).await;
    let page = browser.page();
    for (path, status) in [
        ("/", 200),
        ("/gone", 404),
        ("/503", 503),
        ("/redirect", 200),
    ] {
        let went = go(&page, &site.url(path)).await;
        assert_eq!((went.status, went.error), (Some(status), None), "{path}");
    }
    assert_eq!(page.url(), site.url("/").as_str());
    for (url, error) in [
        ("http://169.254.169.254/", NetError::BlockedAddress),
        ("https://10.0.0.1/", NetError::BlockedAddress),
        ("http://no-such-host.invalid/", NetError::Dns),
        ("https://no-such-host.invalid/", NetError::Dns),
    ] {
        let went = go(&page, &url.parse().unwrap()).await;
        assert_eq!(went.error, Some(error), "{url}");
    }
    let mut https = site.url("/");
    https.set_scheme("https").unwrap();
    assert_eq!(go(&page, &https).await.error, Some(NetError::Tls));
    for bad in [
        "file:///etc/passwd",
        "chrome://version",
        "data:text/html,x",
        "about:blank",
    ] {
        let refused = page.navigate(&bad.parse().unwrap()).await;
        assert_eq!(refused.unwrap_err(), BrowserError::Scheme, "{bad}");
    }
}

#[tokio::test]
async fn a_form_is_filled_and_sent_by_real_events() {
    let site = Site::of(&[("/", FORM), ("/in", "<title>In</title><p>welcome")]).await;
    let (browser, page) = at(&site, "/").await;
    let mut events = browser.events();
    let main = page.main_frame();
    let field = "function (name) { return document.querySelector(`[name=${name}]`) }";
    page.click(&main, field, &["user".into()]).await.unwrap();
    page.type_text("Jürgen@x.test").await.unwrap();
    page.press("Tab").await.unwrap();
    page.type_text("pä$$ \"w0rd").await.unwrap();
    let values: (String, String) = eval(
        &page,
        "[...document.querySelectorAll('input')].map(i => i.value)",
    )
    .await;
    assert_eq!(
        values,
        ("Jürgen@x.test".to_owned(), "pä$$ \"w0rd".to_owned())
    );
    page.press("Enter").await.unwrap();
    let (request, has_post) = next(&mut events, "the request", |event| match event {
        BrowserEvent::RequestSent {
            request_id,
            has_post,
            method,
            ..
        } if method == "POST" => Some((request_id, has_post)),
        _ => None,
    })
    .await;
    assert!(has_post);
    let body = page.post_body(Some(&main), &request).await.unwrap();
    assert!(body.starts_with("user=J%C3%BCrgen"), "{}", body.as_str());
    let status = next(&mut events, "the answer", |event| match event {
        BrowserEvent::Response {
            method,
            status,
            is_document: true,
            ..
        } if method == "POST" => Some(status),
        _ => None,
    })
    .await;
    assert_eq!(status, 200);
    assert!(page.settle(SOON).await.unwrap());
    until("the title", || async { page.title() == "In" }).await;
    let remote = browser.remote().borrow().clone();
    assert_eq!(remote.host, format!("localhost:{}", site.address.port()));
    assert!(!remote.secure && !remote.loading);
    until("a way back", || async {
        browser.remote().borrow().can_go_back
    })
    .await;
    // What was posted is not posted again.
    browser.reload().await.unwrap();
    let method = next(&mut events, "the page once more", |event| match event {
        BrowserEvent::RequestSent {
            method,
            is_document: true,
            ..
        } => Some(method),
        _ => None,
    })
    .await;
    assert_eq!(method, "GET");
    assert!(page.settle(SOON).await.unwrap());
    browser.go_back().await.unwrap();
    until("back", || async { page.title() == "Sign in" }).await;
    until("no way back", || async {
        !browser.remote().borrow().can_go_back
    })
    .await;
    let missing = page.click(&main, field, &["none".into()]).await;
    assert_eq!(missing.unwrap_err(), BrowserError::NoSuchElement);
}

#[tokio::test]
async fn a_click_lands_in_a_frame_of_another_process() {
    let site = Site::of(&[
        ("/", "<div style='height:900px'></div><iframe src='http://127.0.0.1:{port}/in' style='margin-left:90px'></iframe>"),
        ("/in", "<div style='height:200px'></div><button onclick='document.title=\"clicked\"'>x</button>"),
    ])
    .await;
    let (_browser, page) = at(&site, "/").await;
    until("the frame", || async {
        page.frames().iter().any(|frame| frame.url.ends_with("/in"))
    })
    .await;
    let frame = page
        .frames()
        .into_iter()
        .find(|frame| frame.url.ends_with("/in"))
        .unwrap();
    page.click(
        &frame.id,
        "function () { return document.querySelector('button') }",
        &[],
    )
    .await
    .unwrap();
    until("the click", || async {
        let title: String = page
            .call(&frame.id, "function () { return document.title }", &[])
            .await
            .unwrap();
        title == "clicked"
    })
    .await;
}

#[tokio::test]
async fn a_dialog_is_answered_and_reported() {
    let site = Site::of(&[
        ("/", "<button onclick='alert(\"Your session\\nends\"); document.title = confirm(\"sure?\")'>x</button><input type=file>"),
    ])
    .await;
    let (browser, page) = at(&site, "/").await;
    let mut events = browser.events();
    let main = page.main_frame();
    page.click(
        &main,
        "function () { return document.querySelector('button') }",
        &[],
    )
    .await
    .unwrap();
    let dialog = |event| match event {
        BrowserEvent::Dialog { kind, message, .. } => Some((kind, message)),
        _ => None,
    };
    assert_eq!(
        next(&mut events, "alert", dialog).await,
        (DialogKind::Alert, "Your session ends".to_owned())
    );
    assert_eq!(
        next(&mut events, "confirm", dialog).await.0,
        DialogKind::Confirm
    );
    until("no", || async {
        eval::<String>(&page, "document.title").await == "false"
    })
    .await;
    page.click(
        &main,
        "function () { return document.querySelector('[type=file]') }",
        &[],
    )
    .await
    .unwrap();
    assert_eq!(
        next(&mut events, "file chooser", dialog).await.0,
        DialogKind::FileChooser
    );
}

#[tokio::test]
async fn input_clicks_drags_scrolls_and_types() {
    let site = Site::of(&[(
        "/",
        "<style>body{margin:0;height:3000px}</style><input style='width:300px;height:40px;border:0;padding:0'><script>\
         window.log=[];for(const t of['mousedown','mouseup','mousemove','dblclick','keydown'])\
         addEventListener(t,e=>{document.body.dataset.log=(document.body.dataset.log??'')+` ${t}:${e.key??e.buttons}`})</script>",
    )])
    .await;
    let (browser, page) = at(&site, "/").await;
    let input = browser.input();
    let pointer = |kind, x, buttons, clicks| Pointer {
        kind,
        x,
        y: 20.0,
        button: if kind == PointerKind::Move { -1 } else { 0 },
        buttons,
        clicks,
        mods: 0,
    };
    input.pointer(pointer(PointerKind::Move, 10.0, 0, 0));
    for clicks in [1, 2] {
        input.pointer(pointer(PointerKind::Down, 10.0, 1, clicks));
        input.pointer(pointer(PointerKind::Up, 10.0, 0, clicks));
    }
    input.text("hello wörld");
    let key = |key, code, mods| {
        for down in [true, false] {
            input.key(KeyPress {
                down,
                key,
                code,
                mods,
                repeat: false,
            });
        }
    };
    // A Mac's command-A, then type over it.
    key("a", "KeyA", 4);
    key("X", "KeyX", 8);
    until("typed over", || async {
        eval::<String>(&page, "document.querySelector('input').value").await == "X"
    })
    .await;
    let log: String = eval(&page, "document.body.dataset.log").await;
    assert!(
        log.contains("mousedown:1") && log.contains("mouseup:0") && log.contains("dblclick"),
        "{log}"
    );
    assert!(log.contains("keydown:X"), "{log}");
    input.pointer(pointer(PointerKind::Down, 10.0, 1, 1));
    input.pointer(pointer(PointerKind::Move, 200.0, 1, 0));
    until("drag", || async {
        eval::<String>(&page, "document.body.dataset.log")
            .await
            .contains("mousemove:1")
    })
    .await;
    input.pointer(pointer(PointerKind::Up, 200.0, 0, 1));
    until("the text cursor", || async {
        *browser.cursor().borrow() == "text"
    })
    .await;
    input.wheel(400.0, 300.0, 0.0, 500.0, 0);
    until("scrolled", || async {
        eval::<f64>(&page, "scrollY").await > 100.0
    })
    .await;
    browser.resize(Viewport {
        width: 500,
        height: 700,
    });
    until("resized", || async {
        eval::<(i64, i64)>(&page, "[innerWidth, innerHeight]")
            .await
            .1
            == 700
    })
    .await;
}

#[tokio::test]
async fn a_site_sees_an_ordinary_user_agent_and_the_clients_languages() {
    let site = Site::of(&[("/", "<p>home")]).await;
    let (browser, page) = at(&site, "/headers").await;
    let headers: String = eval(&page, "document.body.innerText").await;
    assert!(
        headers.contains("Chrome/") && !headers.contains("Headless"),
        "{headers}"
    );
    assert!(headers.contains("de-AT"), "{headers}");
    assert!(headers.contains("\"Chromium\""), "{headers}");
    drop(browser);
    let mut open = super::test_site::config(site.hosts());
    open.open_user_agent = true;
    let browser = crate::Launcher::new(open)
        .open(super::test_site::profile())
        .await
        .unwrap();
    let page = browser.page();
    go(&page, &site.url("/headers")).await;
    let headers: String = eval(&page, "document.body.innerText").await;
    assert!(headers.contains("HeadlessChrome/"), "{headers}");
}

#[tokio::test]
async fn a_page_that_never_ends_does_not_settle() {
    let site = Site::of(&[("/", "<img src='/never'>")]).await;
    let browser = browser(&site).await;
    let page = browser.page();
    go(&page, &site.url("/")).await;
    assert!(
        !page
            .settle(std::time::Duration::from_millis(900))
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn an_empty_page_is_not_shown_under_a_websites_host() {
    let site = Site::of(&[("/", "<h1>hello</h1>")]).await;
    let (browser, page) = at(&site, "/").await;
    let host = || browser.remote().borrow().host.clone();
    until("the website's name", || async {
        host() == format!("localhost:{}", site.address.port())
    })
    .await;
    let gone: Result<bool, _> = page
        .call(
            &page.main_frame(),
            "function () { location = 'about:blank'; return true }",
            &[],
        )
        .await;
    assert_eq!(gone, Ok(true));
    until("no website's name", || async { host() == "not a website" }).await;
}

#[tokio::test]
async fn an_answer_that_nobody_reads_does_not_keep_the_next_page_busy() {
    let asks = "<script>for (let i = 0; i < 4; i++) fetch('/other', { method: 'POST' })</script>";
    let site = Site::of(&[("/asks", asks), ("/other", "<p>other")]).await;
    let browser = browser(&site).await;
    let page = browser.page();
    let mut events = browser.events();
    go(&page, &site.url("/asks")).await;
    next(&mut events, "an answer to a script", |event| match event {
        BrowserEvent::Response { method, .. } if method == "POST" => Some(()),
        _ => None,
    })
    .await;
    go(&page, &site.url("/other")).await;
    // What never ends counts as loading for eight seconds.
    let quiet = page.settle(std::time::Duration::from_secs(5)).await;
    assert!(quiet.unwrap());
}

#[tokio::test]
async fn what_is_needed_to_go_on_is_told_with_its_place() {
    let site = Site::of(&[
        (
            "/",
            "<body style='margin:0'><button style='margin:30px 0 3000px 40px;width:90px;height:20px;border:0'>Go</button>\
             <iframe style='border:0;width:300px;height:200px;display:block' src='http://127.0.0.1:{port}/in'></iframe>",
        ),
        (
            "/in",
            "<body style='margin:0'><form><input style='margin:50px 0 0 10px;width:100px;height:20px;padding:0;border:0'>\
             <input type=password></form>",
        ),
    ])
    .await;
    let (browser, page) = at(&site, "/").await;
    let mut focus = browser.focus();
    let mut place = async |holds: fn(&Place) -> bool| {
        let found = focus.wait_for(|focus| focus.place.as_ref().is_some_and(holds));
        let found = tokio::time::timeout(SOON, found).await.expect("a place");
        *found.expect("a browser")
    };
    let focus_on = async |frame: &FrameId, selector: &str| {
        let script = "function (s) { document.querySelector(s).focus() }";
        page.call::<()>(frame, script, &[selector.into()])
            .await
            .unwrap();
    };
    // Nothing has the focus: the sign-in begins in a frame of another process, out of sight.
    let first = place(|place| place.width == 100).await;
    let far = first.place.unwrap();
    assert_eq!((far.x, far.y), (10, 30 + 20 + 3000 + 50));
    focus_on(&page.main_frame(), "button").await;
    let second = place(|place| place.width == 90).await;
    assert!(second.number > first.number);
    let button = Place {
        x: 40,
        y: 30,
        width: 90,
        height: 20,
    };
    assert_eq!(second.place, Some(button));
    let inner = |frame: &FrameInfo| frame.url.ends_with("/in");
    let frame = page.frames().into_iter().find(inner).unwrap();
    focus_on(&frame.id, "input").await;
    // The engine itself scrolls to it.
    let third = place(|place| place.width == 100 && place.y < 800).await;
    assert!(third.number > second.number);
    go(&page, &site.url("/gone")).await;
    let gone = focus.wait_for(|focus| focus.place.is_none());
    tokio::time::timeout(SOON, gone)
        .await
        .expect("forgotten")
        .expect("a browser");
}

#[tokio::test]
async fn what_lost_the_focus_is_needed_no_more_and_the_next_step_is_looked_for() {
    let site = Site::of(&[(
        "/",
        "<div id=step><input autofocus style='width:100px;padding:0;border:0'></div>",
    )])
    .await;
    let (browser, page) = at(&site, "/").await;
    let mut focus = browser.focus();
    let mut until = async |holds: fn(Option<i32>) -> bool| {
        let found = focus.wait_for(|focus| holds(focus.place.map(|place| place.width)));
        let found = tokio::time::timeout(SOON, found).await.expect("in time");
        found.expect("a browser").number
    };
    let run = async |script: &str| {
        let frame = page.main_frame();
        page.call::<()>(&frame, script, &[]).await.unwrap();
    };
    until(|width| width == Some(100)).await;
    run("function () { document.activeElement.blur() }").await;
    until(|width| width.is_none()).await;
    run("function () { document.querySelector('input').focus() }").await;
    let first = until(|width| width == Some(100)).await;
    // Nothing has the focus in the next step, which comes a moment after this one went.
    run(
        "function () { step.replaceChildren(); setTimeout(() => { step.innerHTML = \
         '<input type=password style=\"width:70px;padding:0;border:0\">' }, 100) }",
    )
    .await;
    let second = until(|width| width == Some(70)).await;
    assert!(second > first);
}

#[tokio::test]
async fn what_has_the_focus_stays_in_sight_when_the_page_becomes_smaller() {
    let site = Site::of(&[(
        "/",
        "<div style='height:400px'></div><input autofocus><div style='height:2000px'></div>",
    )])
    .await;
    let (browser, _page) = at(&site, "/").await;
    let mut focus = browser.focus();
    let mut until_at = async |holds: fn(i32) -> bool| {
        let found = focus.wait_for(|focus| focus.place.is_some_and(|place| holds(place.y)));
        tokio::time::timeout(SOON, found)
            .await
            .expect("a place")
            .expect("a browser");
    };
    until_at(|y| y > 400).await;
    browser.resize(Viewport {
        width: 800,
        height: 320,
    });
    until_at(|y| y < 320).await;
}
