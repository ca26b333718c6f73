//! Start and end: sandbox, users, folders, crashes.

use std::fs;

use rustix::process::{Pid, Signal};

use super::test_site::{SOON, Site, at, browser, config, eval, profile, until};
use crate::{BrowserError, FatalReason, Launcher};

fn members(group: i32) -> Vec<i32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // State, parent, group. Who has ended may still wait for its parent to ask.
            stat.rsplit_once(')').is_some_and(|(_, rest)| {
                let words: Vec<_> = rest.split_ascii_whitespace().collect();
                words[0] != "Z" && words[2] == group.to_string()
            })
        })
        .collect()
}

fn user_of(pid: i32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

#[tokio::test]
async fn a_browser_is_sandboxed_and_leaves_no_process_and_no_folder() {
    let site = Site::of(&[("/", "<p>hello")]).await;
    let (one, _) = at(&site, "/").await;
    let (two, _) = at(&site, "/").await;
    let mut users = Vec::new();
    for browser in [&one, &two] {
        assert_eq!(browser.process.is_sandboxed(), Some(true));
        let leader = browser.process.group();
        users.push(user_of(leader).unwrap());
        let status = fs::read_to_string(format!("/proc/{leader}/status")).unwrap();
        let environment = fs::read_to_string(format!("/proc/{leader}/environ")).unwrap_or_default();
        assert!(
            !environment.contains("CARGO"),
            "the environment is not ours"
        );
        if rustix::process::geteuid().is_root() {
            assert!(status.contains("NoNewPrivs:\t1"));
        }
    }
    if rustix::process::geteuid().is_root() {
        assert!(users.iter().all(|user| *user >= 210_000), "{users:?}");
        assert_ne!(users[0], users[1]);
    }
    let group = one.process.group();
    let folder = one.process.folder().unwrap().profile();
    assert!(folder.exists());
    let gone = one.process.gone();
    drop(one);
    tokio::time::timeout(SOON, gone).await.unwrap();
    assert_eq!(members(group), Vec::<i32>::new());
    assert!(!folder.parent().unwrap().exists());
    // The other one never noticed.
    assert_eq!(eval::<i64>(&two.page(), "1 + 1").await, 2);
    two.close().await;
}

#[tokio::test]
async fn a_killed_chromium_fails_every_call_at_once() {
    let site = Site::of(&[("/", "<p>hello")]).await;
    let (browser, page) = at(&site, "/").await;
    let fatal = browser.fatal();
    let main = page.main_frame();
    let stuck = tokio::spawn(async move {
        let forever = "function () { return new Promise(() => {}) }";
        page.call::<()>(&main, forever, &[]).await
    });
    tokio::task::yield_now().await;
    let leader = Pid::from_raw(browser.process.group()).unwrap();
    rustix::process::kill_process(leader, Signal::KILL).unwrap();
    let second = std::time::Duration::from_secs(2);
    let reason = tokio::time::timeout(second, fatal).await.unwrap();
    assert_eq!(reason, FatalReason::Exited);
    let answer = tokio::time::timeout(second, stuck).await.unwrap().unwrap();
    assert_eq!(answer.unwrap_err(), BrowserError::Gone(FatalReason::Exited));
    let again = browser.page().navigate(&site.url("/")).await;
    assert_eq!(again.unwrap_err(), BrowserError::Gone(FatalReason::Exited));
}

#[tokio::test]
async fn a_crashed_page_ends_the_browser() {
    let site = Site::of(&[("/", "<p>hello")]).await;
    let (browser, page) = at(&site, "/").await;
    assert_eq!(page.id(), browser.page().id());
    browser.crash();
    let reason = tokio::time::timeout(SOON, browser.fatal()).await.unwrap();
    assert_eq!(reason, FatalReason::Crashed);
}

#[tokio::test]
async fn an_executable_that_does_not_start_says_why() {
    let mut config = config(Vec::new());
    config.executable = "/usr/bin/false".into();
    let error = Launcher::new(config.clone())
        .open(profile())
        .await
        .err()
        .unwrap();
    assert!(matches!(error, BrowserError::Launch(_)), "{error}");
    config.executable = "/nowhere/chromium".into();
    let error = Launcher::new(config).open(profile()).await.err().unwrap();
    assert!(error.to_string().contains("/nowhere/chromium"), "{error}");
}

#[tokio::test]
async fn a_spare_gets_the_clients_language_time_zone_and_size() {
    let site = Site::of(&[("/", "<p>hello")]).await;
    let mut config = config(site.hosts());
    config.warm = 1;
    let launcher = Launcher::new(config);
    launcher.warm();
    until("a spare", || async { launcher.spares().await == 1 }).await;
    let spare = launcher.open(profile()).await.unwrap();
    let page = spare.page();
    page.navigate(&site.url("/")).await.unwrap();
    let seen: (String, String, i64) = eval(
        &page,
        "[navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone, innerWidth]",
    )
    .await;
    assert_eq!(seen, ("de-AT".to_owned(), "Europe/Berlin".to_owned(), 800));
    launcher.close().await;
    drop(spare);
    let fresh = browser(&site).await;
    fresh.close().await;
}

#[tokio::test]
async fn a_spare_that_is_taken_is_replaced() {
    let mut config = config(Vec::new());
    config.warm = 2;
    let launcher = Launcher::new(config);
    let two = || async { launcher.spares().await == 2 };
    launcher.warm();
    until("two spares", two).await;
    let taken = launcher.open(profile()).await.unwrap();
    until("another one in its place", two).await;
    launcher.close().await;
    taken.close().await;
}

#[tokio::test]
async fn a_browser_above_the_limit_waits_for_anothers_end() {
    let mut config = config(Vec::new());
    config.most = 1;
    config.warm = 0;
    let launcher = Launcher::new(config);
    let first = launcher.open(profile()).await.unwrap();
    let mut second = std::pin::pin!(launcher.open(profile()));
    assert!(futures_util::poll!(&mut second).is_pending());
    assert_eq!(
        launcher.open(profile()).await.err(),
        Some(BrowserError::Busy)
    );
    first.close().await;
    second.await.unwrap().close().await;
}
