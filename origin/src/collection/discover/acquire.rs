//! Gets the file behind a link or button.

use std::time::Duration;

use serde_json::json;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, timeout_at},
};
use url::Url;

use crate::{
    browser::{Browser, BrowserError, BrowserEvent, Download, FrameId, Page, PageId},
    collection::pdf_process::looks_like_pdf,
};

use super::{
    FoundFile,
    classify::{Use, same_site, use_of},
    signature, steps,
    survey::{Thing, View, look},
};

/// What was behind a thing.
pub enum Got {
    /// A PDF.
    File(FoundFile),
    /// A page of its own, to be visited.
    Page(Url),
    /// The page shows something else now; these PDFs were there. The caller goes back.
    View(Vec<FoundFile>),
    /// Nothing.
    Nothing,
}

const FETCH: Duration = Duration::from_secs(60);
/// A click that visibly did nothing may have begun a download that takes its time.
const SILENT: Duration = Duration::from_secs(6);
const ACTIVE: Duration = Duration::from_secs(25);
const SETTLE: Duration = Duration::from_secs(10);
/// After the page is quiet a download still needs a moment to be announced.
const GRACE: Duration = Duration::from_millis(700);
const EMBEDS_MAX: usize = 3;

/// Gets what is behind a thing: fetched with the page's cookies if it has an address, clicked otherwise.
///
/// # Errors
/// When the browser is gone.
pub async fn get(
    browser: &Browser,
    page: &Page,
    frame: &FrameId,
    thing: &Thing,
    view: &View,
    max_bytes: usize,
) -> Result<Got, BrowserError> {
    let here = Url::parse(view.url()).ok();
    if steps::is_place(thing)
        && !thing.submits
        && let Some(href) = &thing.href
    {
        let same_page = here
            .as_ref()
            .is_some_and(|here| without_fragment(href) == without_fragment(here.as_str()));
        if !same_page {
            match fetch(page, frame, href, max_bytes).await? {
                Some(bytes) => return Ok(Got::File(file(bytes, &name_of(href, thing), thing))),
                None if !href.starts_with("http") => return Ok(Got::Nothing),
                None => {
                    let url = Url::parse(href)
                        .ok()
                        .filter(|url| here.as_ref().is_some_and(|here| same_site(url, here)));
                    return Ok(url.map_or(Got::Nothing, Got::Page));
                }
            }
        }
    }
    click(browser, page, frame, thing, view, max_bytes).await
}

/// The PDF at an address; `None` when something else is there.
async fn fetch(
    page: &Page,
    frame: &FrameId,
    url: &str,
    max_bytes: usize,
) -> Result<Option<Vec<u8>>, BrowserError> {
    match page.fetch(frame, url, max_bytes, FETCH).await {
        Ok(fetched) => Ok(
            ((200..300).contains(&fetched.status) && looks_like_pdf(&fetched.bytes)
                || is_local_pdf(url, &fetched.bytes))
            .then_some(fetched.bytes),
        ),
        Err(error @ BrowserError::Gone(_)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// blob: and data: have no status worth asking.
fn is_local_pdf(url: &str, bytes: &[u8]) -> bool {
    !url.starts_with("http") && looks_like_pdf(bytes)
}

async fn click(
    browser: &Browser,
    page: &Page,
    frame: &FrameId,
    thing: &Thing,
    view: &View,
    max_bytes: usize,
) -> Result<Got, BrowserError> {
    let mut events = browser.events();
    match page.click(frame, steps::ELEMENT, &[json!(thing.n)]).await {
        Ok(()) => {}
        Err(error @ BrowserError::Gone(_)) => return Err(error),
        Err(_) => return Ok(Got::Nothing),
    }
    let began = Instant::now();
    let before = view.fingerprint();
    let mut popup: Option<Page> = None;
    loop {
        let quiet = page.settle(SETTLE).await?;
        match heard(&mut events, Instant::now() + GRACE).await {
            Some(Heard::Download(download)) => {
                if let Some(popup) = popup {
                    close(&popup).await;
                }
                return Ok(downloaded(&download, thing, max_bytes).await);
            }
            Some(Heard::Page(id)) => {
                // It may hold the bill, or stay empty because the bill is a download.
                popup = browser.page_by_id(id);
                continue;
            }
            None => {}
        }
        if let Some(popup) = popup.take() {
            return in_popup(&popup, &mut events, thing, view, max_bytes).await;
        }
        let after = look(page).await?;
        let changed = after.fingerprint() != before;
        let patience = if changed { GRACE } else { SILENT };
        if quiet && began.elapsed() >= patience || began.elapsed() >= ACTIVE {
            return if changed {
                Ok(Got::View(
                    in_view(browser, page, &after, view, thing, max_bytes).await?,
                ))
            } else {
                Ok(Got::Nothing)
            };
        }
    }
}

enum Heard {
    Download(Download),
    Page(PageId),
}

/// The next download or window, if one comes in time.
async fn heard(events: &mut Receiver<BrowserEvent>, until: Instant) -> Option<Heard> {
    loop {
        match timeout_at(until, events.recv()).await {
            Ok(Ok(BrowserEvent::Downloaded(download))) => return Some(Heard::Download(download)),
            Ok(Ok(BrowserEvent::PageOpened { page })) => return Some(Heard::Page(page)),
            Ok(Ok(_) | Err(RecvError::Lagged(_))) => {}
            Ok(Err(RecvError::Closed)) | Err(_) => return None,
        }
    }
}

async fn downloaded(download: &Download, thing: &Thing, max_bytes: usize) -> Got {
    match download.read(max_bytes).await {
        Ok(bytes) if looks_like_pdf(&bytes) => {
            Got::File(file(bytes, &download.suggested_name, thing))
        }
        _ => Got::Nothing,
    }
}

/// A bill often opens in a window of its own; there it is shown, or becomes a download.
async fn in_popup(
    popup: &Page,
    events: &mut Receiver<BrowserEvent>,
    thing: &Thing,
    view: &View,
    max_bytes: usize,
) -> Result<Got, BrowserError> {
    let _ = popup.settle(SETTLE).await;
    let (frame, url) = (popup.main_frame(), popup.url());
    let blank = url.is_empty() || url.starts_with("about:");
    let wait = if blank { SILENT } else { GRACE };
    let mut got = Got::Nothing;
    if let Some(Heard::Download(download)) = heard(events, Instant::now() + wait).await {
        got = downloaded(&download, thing, max_bytes).await;
    } else if let Ok(Some(bytes)) = fetch(popup, &frame, &url, max_bytes).await {
        got = Got::File(file(bytes, &name_of(&url, thing), thing));
    } else if let (Ok(url), Ok(here)) = (Url::parse(&url), Url::parse(view.url()))
        && same_site(&url, &here)
    {
        got = Got::Page(url);
    }
    close(popup).await;
    Ok(got)
}

async fn close(popup: &Page) {
    // Gone by itself is fine.
    let _ = popup.close().await;
}

/// PDFs in what a click has opened: shown within the page, or behind its buttons.
async fn in_view(
    browser: &Browser,
    page: &Page,
    after: &View,
    before: &View,
    thing: &Thing,
    max_bytes: usize,
) -> Result<Vec<FoundFile>, BrowserError> {
    let mut files = Vec::new();
    for (frame, survey) in &after.frames {
        for embed in survey.embeds.iter().take(EMBEDS_MAX) {
            if let Some(bytes) = fetch(page, frame, embed, max_bytes).await? {
                files.push(file(bytes, &name_of(embed, thing), thing));
            }
        }
    }
    let Ok(here) = Url::parse(after.url()) else {
        return Ok(files);
    };
    let old: Vec<String> = before
        .things()
        .map(|(_, _, thing)| signature(thing))
        .collect();
    let fresh = after
        .things()
        .filter(|(_, _, thing)| !old.contains(&signature(thing)));
    let best = fresh
        .filter_map(|(frame, _, fresh)| match use_of(fresh, &here, true) {
            Use::Bill(score) => Some((score, frame, fresh)),
            _ => None,
        })
        .max_by_key(|(score, _, _)| *score);
    if let (true, Some((_, frame, fresh))) = (files.is_empty(), best) {
        let row = Thing {
            context: format!("{} {}", thing.context, fresh.context),
            ..fresh.clone()
        };
        if let Got::File(found) =
            Box::pin(get_once(browser, page, frame, &row, after, max_bytes)).await?
        {
            files.push(found);
        }
    }
    Ok(files)
}

/// As [`get`], but what a second click opens is not followed further.
async fn get_once(
    browser: &Browser,
    page: &Page,
    frame: &FrameId,
    thing: &Thing,
    view: &View,
    max_bytes: usize,
) -> Result<Got, BrowserError> {
    if steps::is_place(thing) {
        let href = thing.href.as_deref().unwrap_or_default();
        return Ok(fetch(page, frame, href, max_bytes)
            .await?
            .map_or(Got::Nothing, |bytes| {
                Got::File(file(bytes, &name_of(href, thing), thing))
            }));
    }
    let mut events = browser.events();
    if page
        .click(frame, steps::ELEMENT, &[json!(thing.n)])
        .await
        .is_err()
    {
        return Ok(Got::Nothing);
    }
    match heard(&mut events, Instant::now() + SILENT).await {
        Some(Heard::Download(download)) => Ok(downloaded(&download, thing, max_bytes).await),
        Some(Heard::Page(id)) => match browser.page_by_id(id) {
            Some(popup) => in_popup(&popup, &mut events, thing, view, max_bytes).await,
            None => Ok(Got::Nothing),
        },
        None => Ok(Got::Nothing),
    }
}

fn file(bytes: Vec<u8>, name: &str, thing: &Thing) -> FoundFile {
    let context = if thing.context.is_empty() {
        format!("{} {}", thing.text, thing.label)
    } else {
        thing.context.clone()
    };
    FoundFile {
        bytes,
        name: name.to_owned(),
        context,
    }
}

/// The last part of the address, or what the link says.
fn name_of(url: &str, thing: &Thing) -> String {
    let path = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let last = path
        .as_ref()
        .and_then(|url| url.path_segments())
        .and_then(|mut parts| parts.next_back().map(str::to_owned));
    last.filter(|last| last.to_ascii_lowercase().ends_with(".pdf"))
        .unwrap_or_else(|| thing.text.chars().take(60).collect())
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}
