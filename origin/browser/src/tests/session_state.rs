//! Cookies and storage of one browser, put into another.

use super::test_site::{Site, at, browser, eval, go};
use crate::{Cookie, Partition, SameSite, WebStorage};

fn cookie(name: &str, domain: &str) -> Cookie {
    Cookie {
        name: name.to_owned(),
        value: "v=1".to_owned().into(),
        domain: domain.to_owned(),
        path: "/".to_owned(),
        expires_at: None,
        secure: false,
        http_only: true,
        same_site: Some(SameSite::Lax),
        partition: None,
        from_https: Some(false),
        port: 80,
    }
}

#[tokio::test]
async fn cookies_come_back_as_they_were() {
    let site = Site::of(&[]).await;
    let (browser, page) = at(&site, "/").await;
    let mut wanted = vec![
        cookie("host", "utility.example"),
        cookie("below", ".utility.example"),
        Cookie {
            name: "__Host-secure".to_owned(),
            secure: true,
            same_site: Some(SameSite::None),
            from_https: Some(true),
            port: 443,
            // As far from now as Chromium keeps one.
            expires_at: Some(1_800_000_000),
            ..cookie("", "login.example")
        },
        Cookie {
            path: "/bills".to_owned(),
            http_only: false,
            same_site: None,
            ..cookie("path", "utility.example")
        },
        Cookie {
            secure: true,
            same_site: Some(SameSite::None),
            from_https: Some(true),
            port: 443,
            partition: Some(Partition {
                top_level_site: "https://utility.example".to_owned(),
                has_cross_site_ancestor: true,
            }),
            ..cookie("apart", "frame.example")
        },
    ];
    for cookie in &wanted {
        assert!(page.set_cookie(cookie).await.unwrap(), "{}", cookie.name);
    }
    let nowhere = cookie("nowhere", "");
    assert!(!page.set_cookie(&nowhere).await.unwrap(), "no host");
    let mut found = page.cookies().await.unwrap();
    let by_name = |a: &Cookie, b: &Cookie| a.name.cmp(&b.name);
    wanted.sort_by(by_name);
    found.sort_by(by_name);
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(&wanted) {
        assert!(found == wanted, "{}", wanted.name);
    }
    assert_eq!(format!("{:?}", found[0]), "Cookie(…)");
    browser.close().await;
}

#[tokio::test]
async fn storage_is_set_for_one_origin_without_asking_the_website() {
    let site = Site::of(&[(
        "/",
        "<script>document.title = `${localStorage.getItem('who')}${sessionStorage.getItem('tab')}`</script>",
    )])
    .await;
    let one = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned().into())];
    let stored = WebStorage {
        local: one("who", "me"),
        session: one("tab", "7"),
    };
    let browser = browser(&site).await;
    let page = browser.page();
    let nobody = "http://127.0.0.1:9/x".parse().unwrap();
    page.set_web_storage(&nobody, &stored).await.unwrap();
    page.set_web_storage(&site.url("/deep/page"), &stored)
        .await
        .unwrap();
    go(&page, &site.url("/")).await;
    assert_eq!(eval::<String>(&page, "document.title").await, "me7");
    let frame = page.main_frame();
    assert!(page.web_storage(&frame, 100).await.unwrap() == stored);
    let none = page.web_storage(&frame, 3).await.unwrap();
    assert!(none == WebStorage::default(), "as a whole or not at all");

    go(&page, &site.by_number("/")).await;
    assert_eq!(eval::<String>(&page, "document.title").await, "nullnull");
    // The address brings the website's own document again.
    let own = site.url("/.well-known/empty-document");
    assert_eq!(go(&page, &own).await.status, Some(404));
    browser.close().await;
}
