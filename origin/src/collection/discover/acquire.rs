//! Gets the file behind a link or button.

use std::time::Duration;

use browser::{Browser, BrowserError, BrowserEvent, Download, FrameId, Page, PageId};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, timeout_at},
};
use url::Url;

use crate::collection::{
    pdf_process::looks_like_pdf,
    read_only::{ReadOnlyGuard, RequestCause},
};

use super::{
    FoundFile,
    classify::{ControlUse, promises_file, same_site, use_of_control},
    page_actions, signature,
    survey::{Control, PageSurvey, survey_page},
};

/// What was behind a control.
pub enum Acquired {
    /// A PDF.
    File(FoundFile),
    /// A page of its own, to be visited.
    Page(Url),
    /// The page shows something else now; these PDFs were there. The caller goes back.
    Opened(Vec<FoundFile>),
    /// Nothing.
    Nothing,
}

/// The browser that is searched, and what keeps it from changing the account.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// The browser that is signed in and searches for bills.
    pub browser: &'a Browser,
    /// The guard that holds back requests which may change something.
    pub guard: &'a ReadOnlyGuard,
}

const FETCH: Duration = Duration::from_secs(60);
/// A click that visibly did nothing may have begun a download that takes its time.
const SILENT: Duration = Duration::from_secs(6);
const ACTIVE: Duration = Duration::from_secs(25);
const SETTLE: Duration = Duration::from_secs(10);
/// After the page is quiet a download still needs a moment to be announced.
const GRACE: Duration = Duration::from_millis(700);
const EMBEDS_MAX: usize = 3;

/// Gets what is behind a control: fetched with the page's cookies if it has an address; clicked if it has none, or if it
/// promises a file that is not at its address.
///
/// # Errors
/// When the browser is gone.
pub async fn acquire(
    session: Session<'_>,
    page: &Page,
    frame: &FrameId,
    control: &Control,
    survey: &PageSurvey,
    max_bytes: usize,
) -> Result<Acquired, BrowserError> {
    let here = Url::parse(survey.url()).ok();
    if page_actions::is_place(control)
        && !control.submits
        && let Some(href) = &control.href
    {
        let same_page = here
            .as_ref()
            .is_some_and(|here| without_fragment(href) == without_fragment(here.as_str()));
        if !same_page {
            match fetch(session.guard, page, frame, href, max_bytes).await? {
                Some(bytes) => {
                    return Ok(Acquired::File(file(
                        bytes,
                        &name_of(href, control),
                        control,
                    )));
                }
                None if !href.starts_with("http") => return Ok(Acquired::Nothing),
                // An application may answer every address with itself, and get the file by a script of its own.
                None if promises_file(control) => {}
                None => {
                    return Ok(
                        detail_page(control, survey).map_or(Acquired::Nothing, Acquired::Page)
                    );
                }
            }
        }
    }
    click(session, page, frame, control, survey, max_bytes).await
}

/// The page of one bill, on the same website, to which a control leads.
pub fn detail_page(control: &Control, survey: &PageSurvey) -> Option<Url> {
    let here = Url::parse(survey.url()).ok()?;
    page_actions::leads_to(control, &here).filter(|url| same_site(url, &here))
}

/// The PDF at an address; `None` when something else is there.
async fn fetch(
    guard: &ReadOnlyGuard,
    page: &Page,
    frame: &FrameId,
    url: &str,
    max_bytes: usize,
) -> Result<Option<Vec<u8>>, BrowserError> {
    // What the page asks for from now on is ours.
    guard.will_press(page.id(), RequestCause::Document);
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
    session: Session<'_>,
    page: &Page,
    frame: &FrameId,
    control: &Control,
    survey: &PageSurvey,
    max_bytes: usize,
) -> Result<Acquired, BrowserError> {
    let mut events = session.browser.events();
    if !page_actions::click(
        session.guard,
        page,
        frame,
        control.n,
        RequestCause::Document,
    )
    .await?
    {
        return Ok(Acquired::Nothing);
    }
    let began = Instant::now();
    let before = survey.fingerprint();
    let mut popup: Option<Page> = None;
    loop {
        let quiet = page.settle(SETTLE).await?;
        match next_download_or_window(&mut events, Instant::now() + GRACE).await {
            Some(ClickOutcome::Download(download)) => {
                if let Some(popup) = popup {
                    close(&popup).await;
                }
                return Ok(downloaded(&download, control, max_bytes).await);
            }
            Some(ClickOutcome::Page(id)) => {
                // It may hold the bill, or stay empty because the bill is a download.
                popup = session.browser.page_by_id(id);
                continue;
            }
            None => {}
        }
        if let Some(popup) = popup.take() {
            return acquire_from_popup(session, &popup, &mut events, control, survey, max_bytes)
                .await;
        }
        let after = survey_page(page).await?;
        let changed = after.fingerprint() != before;
        let patience = if changed { GRACE } else { SILENT };
        if quiet && began.elapsed() >= patience || began.elapsed() >= ACTIVE {
            return if changed {
                Ok(Acquired::Opened(
                    files_shown_after_click(session, page, &after, survey, control, max_bytes)
                        .await?,
                ))
            } else {
                Ok(Acquired::Nothing)
            };
        }
    }
}

enum ClickOutcome {
    Download(Download),
    Page(PageId),
}

/// The next download or window, if one comes in time.
async fn next_download_or_window(
    events: &mut Receiver<BrowserEvent>,
    until: Instant,
) -> Option<ClickOutcome> {
    loop {
        match timeout_at(until, events.recv()).await {
            Ok(Ok(BrowserEvent::Downloaded(download))) => {
                return Some(ClickOutcome::Download(download));
            }
            Ok(Ok(BrowserEvent::PageOpened { page })) => return Some(ClickOutcome::Page(page)),
            Ok(Ok(_) | Err(RecvError::Lagged(_))) => {}
            Ok(Err(RecvError::Closed)) | Err(_) => return None,
        }
    }
}

async fn downloaded(download: &Download, control: &Control, max_bytes: usize) -> Acquired {
    match download.read(max_bytes).await {
        Ok(bytes) if looks_like_pdf(&bytes) => {
            Acquired::File(file(bytes, &download.suggested_name, control))
        }
        _ => Acquired::Nothing,
    }
}

/// A bill often opens in a window of its own; there it is shown, or becomes a download.
async fn acquire_from_popup(
    session: Session<'_>,
    popup: &Page,
    events: &mut Receiver<BrowserEvent>,
    control: &Control,
    survey: &PageSurvey,
    max_bytes: usize,
) -> Result<Acquired, BrowserError> {
    let _ = popup.settle(SETTLE).await;
    let (frame, url) = (popup.main_frame(), popup.url());
    let blank = url.is_empty() || url.starts_with("about:");
    let wait = if blank { SILENT } else { GRACE };
    let mut got = Acquired::Nothing;
    if let Some(ClickOutcome::Download(download)) =
        next_download_or_window(events, Instant::now() + wait).await
    {
        got = downloaded(&download, control, max_bytes).await;
    } else if let Ok(Some(bytes)) = fetch(session.guard, popup, &frame, &url, max_bytes).await {
        got = Acquired::File(file(bytes, &name_of(&url, control), control));
    } else if let (Ok(url), Ok(here)) = (Url::parse(&url), Url::parse(survey.url()))
        && same_site(&url, &here)
    {
        got = Acquired::Page(url);
    }
    close(popup).await;
    Ok(got)
}

async fn close(popup: &Page) {
    // Gone by itself is fine.
    let _ = popup.close().await;
}

/// PDFs in what a click has opened: shown within the page, or behind its buttons.
async fn files_shown_after_click(
    session: Session<'_>,
    page: &Page,
    after: &PageSurvey,
    before: &PageSurvey,
    control: &Control,
    max_bytes: usize,
) -> Result<Vec<FoundFile>, BrowserError> {
    let mut files = Vec::new();
    for (frame, frame_survey) in &after.frames {
        for embed in frame_survey.embeds.iter().take(EMBEDS_MAX) {
            if let Some(bytes) = fetch(session.guard, page, frame, embed, max_bytes).await? {
                files.push(file(bytes, &name_of(embed, control), control));
            }
        }
    }
    let Ok(here) = Url::parse(after.url()) else {
        return Ok(files);
    };
    let old: Vec<String> = before
        .controls()
        .map(|(_, _, control)| signature(control))
        .collect();
    let fresh = after
        .controls()
        .filter(|(_, _, control)| !old.contains(&signature(control)));
    let best = fresh
        .filter_map(
            |(frame, _, fresh)| match use_of_control(fresh, &here, true) {
                ControlUse::Bill(score) => Some((score, frame, fresh)),
                _ => None,
            },
        )
        .max_by_key(|(score, _, _)| *score);
    if let (true, Some((_, frame, fresh))) = (files.is_empty(), best) {
        let row = Control {
            context: format!("{} {}", control.context, fresh.context),
            ..fresh.clone()
        };
        if let Acquired::File(found) =
            Box::pin(acquire_once(session, page, frame, &row, after, max_bytes)).await?
        {
            files.push(found);
        }
    }
    Ok(files)
}

/// As [`acquire`], but what a second click opens is not followed further.
async fn acquire_once(
    session: Session<'_>,
    page: &Page,
    frame: &FrameId,
    control: &Control,
    survey: &PageSurvey,
    max_bytes: usize,
) -> Result<Acquired, BrowserError> {
    if page_actions::is_place(control) {
        let href = control.href.as_deref().unwrap_or_default();
        return Ok(fetch(session.guard, page, frame, href, max_bytes)
            .await?
            .map_or(Acquired::Nothing, |bytes| {
                Acquired::File(file(bytes, &name_of(href, control), control))
            }));
    }
    let mut events = session.browser.events();
    if !page_actions::click(
        session.guard,
        page,
        frame,
        control.n,
        RequestCause::Document,
    )
    .await?
    {
        return Ok(Acquired::Nothing);
    }
    match next_download_or_window(&mut events, Instant::now() + SILENT).await {
        Some(ClickOutcome::Download(download)) => {
            Ok(downloaded(&download, control, max_bytes).await)
        }
        Some(ClickOutcome::Page(id)) => match session.browser.page_by_id(id) {
            Some(popup) => {
                acquire_from_popup(session, &popup, &mut events, control, survey, max_bytes).await
            }
            None => Ok(Acquired::Nothing),
        },
        None => Ok(Acquired::Nothing),
    }
}

fn file(bytes: Vec<u8>, name: &str, control: &Control) -> FoundFile {
    let context = if control.context.is_empty() {
        format!("{} {}", control.text, control.label)
    } else {
        control.context.clone()
    };
    FoundFile {
        bytes,
        name: name.to_owned(),
        context,
    }
}

/// The last part of the address, or what the link says.
fn name_of(url: &str, control: &Control) -> String {
    let path = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let last = path
        .as_ref()
        .and_then(|url| url.path_segments())
        .and_then(|mut parts| parts.next_back().map(str::to_owned));
    last.filter(|last| last.to_ascii_lowercase().ends_with(".pdf"))
        .unwrap_or_else(|| control.text.chars().take(60).collect())
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}
