//! Bills: downloaded, fetched, bounded.

use std::time::Duration;

use super::test_site::{SOON, Site, at, go, next};
use crate::{BrowserError, BrowserEvent};

#[tokio::test]
async fn an_attachment_becomes_a_download() {
    let site = Site::of(&[("/cookie", "<p>signed in"), ("/", "<p>")]).await;
    let (browser, page) = at(&site, "/cookie").await;
    let mut events = browser.events();
    let went = go(&page, &site.url("/bill.pdf")).await;
    assert!(went.is_download);
    assert_eq!(went.error, None);
    let download = next(&mut events, "the download", |event| match event {
        BrowserEvent::Downloaded(download) => Some(download),
        _ => None,
    })
    .await;
    assert_eq!(download.url, site.url("/bill.pdf").as_str());
    assert!(
        !download.suggested_name.contains('/'),
        "{}",
        download.suggested_name
    );
    assert_eq!(download.read(1000).await.unwrap(), b"%PDF-1.4 who=me");
    assert_eq!(download.len, 15);
    assert_eq!(
        download.read(5).await.unwrap_err(),
        BrowserError::TooLarge(5)
    );
}

#[tokio::test]
async fn a_file_is_fetched_with_the_pages_cookies() {
    let site = Site::of(&[("/cookie", "<p>"), ("/strict", "<p>"), ("/", "<p>home")]).await;
    let (_browser, page) = at(&site, "/cookie").await;
    let main = page.main_frame();
    let bill = page.fetch(&main, "/bill.pdf", 1000, SOON).await.unwrap();
    assert_eq!(
        (bill.status, bill.content_type.as_str()),
        (200, "application/pdf")
    );
    assert_eq!(bill.bytes, b"%PDF-1.4 who=me");
    assert_eq!(bill.final_url, site.url("/bill.pdf").as_str());
    let home = page.fetch(&main, "/redirect", 1000, SOON).await.unwrap();
    assert_eq!(home.final_url, site.url("/").as_str());
    let long = page.fetch(&main, "/bill.pdf", 3, SOON).await;
    assert_eq!(long.unwrap_err(), BrowserError::TooLarge(3));
    let data = page
        .fetch(&main, "data:text/plain,hi", 10, SOON)
        .await
        .unwrap();
    assert_eq!(data.bytes, b"hi");
    let file = page.fetch(&main, "file:///etc/passwd", 10, SOON).await;
    assert_eq!(file.unwrap_err(), BrowserError::Scheme);
    let slow = page
        .fetch(&main, "/never", 10, Duration::from_millis(300))
        .await;
    assert!(matches!(slow.unwrap_err(), BrowserError::Timeout { .. }));
    // Another site, without CORS.
    let other = site.by_number("/bill.pdf");
    let bill = page.fetch(&main, other.as_str(), 1000, SOON).await.unwrap();
    assert_eq!(
        (bill.status, bill.content_type.as_str()),
        (200, "application/pdf")
    );
    assert!(bill.bytes.starts_with(b"%PDF"));
    // A page whose policy forbids all fetching.
    go(&page, &site.url("/strict")).await;
    let bill = page.fetch(&main, "/bill.pdf", 1000, SOON).await.unwrap();
    assert_eq!(bill.bytes, b"%PDF-1.4 who=me");
    assert_eq!(page.url(), site.url("/strict").as_str());
    let home = page.fetch(&main, "/", 1000, SOON).await;
    assert!(home.is_err(), "a document is no file");
    let blocked = page
        .fetch(&main, "http://169.254.169.254/", 1000, SOON)
        .await;
    assert!(blocked.is_err());
}
