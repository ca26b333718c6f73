//! Finds bills on a website never seen before, once somebody is signed in.
//!
//! A crawl of the account's pages, best links first: what it sees is in [`survey`], what controls are good for in
//! [`classify`], how a bill's file is got in [`acquire`], and what is pressed on a page in [`page_actions`]. Nothing here
//! knows any website, and nothing that signs out, pays or changes something is ever touched.

mod acquire;
pub mod classify;
mod limits;
mod outcome;
mod page_actions;
mod queue;
mod receiver;
mod survey;
#[cfg(test)]
mod survey_tests;
mod vocabulary;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use bill_reader::dates::{DateOrder, date_convention, dates};
use browser::{Browser, BrowserError, FrameId, Page};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::collection::read_only::{ReadOnlyGuard, RequestCause};

pub use limits::{Limits, Wanted};
pub use outcome::{Discovery, Ended};
pub use receiver::{FileReceiver, FoundFile, Receipt};

use acquire::{Acquired, Session};
use classify::{CONTINUES, ControlUse, PROMISING, READING, is_detail, use_of_control};
use queue::{PageQueue, QueuedPage};
use survey::{Control, FrameSurvey, PageSurvey, survey_page};

/// Looks for bills from where the browser is.
///
/// # Errors
/// When the browser is gone.
pub async fn discover<R: FileReceiver + Send>(
    browser: &Browser,
    guard: &ReadOnlyGuard,
    wanted: Wanted<'_>,
    limits: Limits,
    receiver: &mut R,
) -> Result<Discovery, BrowserError> {
    guard.begin();
    let mut crawl = Crawl {
        session: Session { browser, guard },
        page: browser.page(),
        wanted,
        limits,
        receiver,
        queue: PageQueue::default(),
        tried: HashSet::new(),
        pressed: HashSet::new(),
        idle_pages: 0,
        expected: 0,
        found: Discovery::default(),
        over: None,
    };
    match timeout_at(limits.until, crawl.run()).await {
        Ok(ran) => ran?,
        // A single file may take longer than all the time that is left: it is given up, and what was found stays.
        Err(_) => crawl.over = crawl.over.or(Some(Ended::Time)),
    }
    crawl.found.ended = crawl.over.unwrap_or_default();
    crawl.found.held = guard.held();
    Ok(crawl.found)
}

const SETTLE: Duration = Duration::from_secs(15);
/// A control that shows nothing new for so long after it was pressed does nothing.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Pages without bills that are opened one after another, before and after bills were found.
const IDLE_PAGES: usize = 25;
const IDLE_PAGES_AFTER_BILLS: usize = 4;
/// Controls pressed on one page.
const ACTIONS_MAX: usize = 150;

struct Crawl<'a, R> {
    session: Session<'a>,
    page: Page,
    wanted: Wanted<'a>,
    limits: Limits,
    receiver: &'a mut R,
    queue: PageQueue,
    /// Bills tried, by [`signature`].
    tried: HashSet<String>,
    /// Controls pressed, by what they are and the state they were in.
    pressed: HashSet<String>,
    idle_pages: usize,
    /// Bills that are known of, those found included. Pages that lead to one bill each make it no smaller again.
    expected: usize,
    found: Discovery,
    over: Option<Ended>,
}

/// What harvesting a survey did to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageState {
    /// It is as it was.
    Unchanged,
    /// It must be looked at again.
    Changed,
}

impl<R: FileReceiver + Send> Crawl<'_, R> {
    /// Goes from page to page until nothing is left to try. May be dropped half-way: all it found is in its fields.
    async fn run(&mut self) -> Result<(), BrowserError> {
        self.settle().await?;
        let landing = self.page.url();
        self.queue.visited(&landing);
        self.search_page(0, false).await?;
        while self.over.is_none() {
            // Before any bill is seen every page that reads may be the way; later only promising ones are.
            let least = if self.found.bills > 0 {
                PROMISING
            } else {
                READING
            };
            let Some(queued) = self.queue.next(least) else {
                break;
            };
            if self.found.pages >= self.limits.pages {
                self.over = Some(Ended::Limit);
                break;
            }
            // What belongs to the list is read to its end; what only might have bills is given up after a while.
            let patience = if self.found.bills > 0 {
                IDLE_PAGES_AFTER_BILLS
            } else {
                IDLE_PAGES
            };
            if queued.score < CONTINUES && self.idle_pages >= patience {
                if self.found.bills == 0 {
                    self.over = Some(Ended::Limit);
                }
                break;
            }
            if self.open_page(&queued.url).await? {
                let bills = self.found.bills;
                self.search_page(queued.depth, queued.detail).await?;
                self.idle_pages = if self.found.bills > bills {
                    self.queue.gave_bills(&queued.url);
                    0
                } else {
                    self.idle_pages + 1
                };
            }
        }
        Ok(())
    }

    /// Takes what the page has, presses what shows more, until nothing is left.
    async fn search_page(&mut self, depth: usize, detail: bool) -> Result<(), BrowserError> {
        self.found.pages += 1;
        for _ in 0..ACTIONS_MAX {
            if self.is_over() {
                return Ok(());
            }
            let survey = survey_page(&self.page).await?;
            self.found.count_unread(&survey);
            if survey.is_signed_out() {
                // The queue holds links that may end the session; what was found stays found.
                self.over = Some(Ended::SignedOut);
                return Ok(());
            }
            self.queue.visited(survey.url());
            self.pressed.extend(page_actions::chosen_now(&survey));
            self.enqueue(&survey, depth);
            if self.acquire_bills_in_sight(&survey, detail).await? == PageState::Changed {
                continue;
            }
            let Some(action) = page_actions::next(&survey, &self.pressed, self.found.bills > 0)
            else {
                return Ok(());
            };
            self.pressed.insert(action.key.clone());
            page_actions::press(self.session.guard, &self.page, &survey, &action).await?;
            self.settle_changed(survey.fingerprint()).await?;
        }
        Ok(())
    }

    fn is_over(&mut self) -> bool {
        if self.over.is_none() && self.found.bills >= self.limits.files {
            self.over = Some(Ended::Limit);
        }
        self.over.is_some()
    }

    fn enqueue(&mut self, survey: &PageSurvey, depth: usize) {
        let Ok(here) = Url::parse(survey.url()) else {
            return;
        };
        let has_bills = bills_in(survey, &here, false).next().is_some();
        for (_, _, control) in survey.controls() {
            let Some(url) = page_actions::leads_to(control, &here) else {
                continue;
            };
            let score = match use_of_control(control, &here, false) {
                ControlUse::Page(score) => score,
                // Page numbers of a list without bills are another list's.
                ControlUse::More => {
                    if has_bills {
                        95
                    } else {
                        20
                    }
                }
                _ => continue,
            };
            let far = i32::try_from(depth).unwrap_or(9) * 4;
            self.queue.add(QueuedPage {
                url,
                score: (score - far).max(1),
                depth: depth + 1,
                detail: false,
            });
        }
    }

    /// Gets the files of all bills in sight that were not tried yet.
    async fn acquire_bills_in_sight(
        &mut self,
        survey: &PageSurvey,
        detail: bool,
    ) -> Result<PageState, BrowserError> {
        let Ok(here) = Url::parse(survey.url()) else {
            return Ok(PageState::Unchanged);
        };
        let order = date_convention(&survey.text(), self.wanted.country).order;
        // All ways to one bill stand in one row: after one of them worked the others are not needed.
        let mut rows: Vec<Vec<(FrameId, Control, i32)>> = Vec::new();
        let mut by_row: HashMap<String, usize> = HashMap::new();
        for (frame, control, score) in bills_in(survey, &here, detail) {
            let row = if control.context.is_empty() {
                signature(control)
            } else {
                control.context.clone()
            };
            let at = *by_row.entry(row).or_insert(rows.len());
            if at == rows.len() {
                rows.push(Vec::new());
            }
            if let Some(row) = rows.get_mut(at) {
                row.push((frame.clone(), control.clone(), score));
            }
        }
        let untried = |row: &&Vec<(FrameId, Control, i32)>| {
            let mut controls = row.iter().map(|(_, control, _)| control);
            let first = controls.find(|control| !self.tried.contains(&signature(control)));
            first.is_some() && !self.is_too_old(first, order)
        };
        let waiting = rows.iter().filter(untried).count();
        if waiting > 0 {
            self.expected = self.expected.max(self.found.bills + waiting);
            self.receiver.expect(self.expected).await;
        }
        for mut row in rows {
            row.retain(|(_, control, _)| !self.tried.contains(&signature(control)));
            row.sort_by_key(|(_, control, score)| {
                std::cmp::Reverse((page_actions::leads_to(control, &here).is_some(), *score))
            });
            if row.is_empty() || self.is_too_old(row.first().map(|(_, control, _)| control), order)
            {
                continue;
            }
            self.found.rows += 1;
            let mut leads_on = false;
            let signatures: Vec<String> = row
                .iter()
                .map(|(_, control, _)| signature(control))
                .collect();
            for (frame, control, _) in row {
                if self.is_over() {
                    return Ok(PageState::Unchanged);
                }
                if !self.tried.insert(signature(&control)) {
                    continue;
                }
                match acquire::acquire(
                    self.session,
                    &self.page,
                    &frame,
                    &control,
                    survey,
                    self.limits.file_bytes,
                )
                .await?
                {
                    Acquired::File(file) => {
                        if self.take(file).await {
                            self.tried.extend(signatures.iter().cloned());
                            leads_on = true;
                            break;
                        }
                    }
                    Acquired::Page(url) => {
                        leads_on = true;
                        self.queue.add(QueuedPage::of_bill(url));
                    }
                    Acquired::Opened(files) => {
                        let mut taken = false;
                        for file in files {
                            taken |= self.take(file).await;
                        }
                        if taken {
                            self.tried.extend(signatures.iter().cloned());
                        } else if let Some(url) = acquire::detail_page(&control, survey) {
                            self.queue.add(QueuedPage::of_bill(url));
                        } else if !leads_on {
                            self.had_no_bill().await;
                        }
                        self.back_to(&here).await?;
                        return Ok(PageState::Changed);
                    }
                    Acquired::Nothing => {}
                }
            }
            if !leads_on {
                self.had_no_bill().await;
            }
        }
        Ok(PageState::Unchanged)
    }

    /// What was taken for a bill was none.
    async fn had_no_bill(&mut self) {
        self.expected = self.expected.saturating_sub(1).max(self.found.bills);
        self.receiver.expect(self.expected).await;
    }

    /// The file was a bill.
    async fn take(&mut self, file: FoundFile) -> bool {
        match self.receiver.receive(file).await {
            Some(Receipt::NotABill) => false,
            Some(_) => {
                self.found.bills += 1;
                true
            }
            None => {
                self.over = Some(Ended::Stopped);
                true
            }
        }
    }

    /// All dates of the row are before the start.
    fn is_too_old(&self, control: Option<&Control>, order: DateOrder) -> bool {
        let (Some(since), Some(control)) = (self.wanted.since, control) else {
            return false;
        };
        let newest = dates(
            &format!("{} {} {}", control.text, control.label, control.context),
            order,
        )
        .iter()
        .map(|found| found.date)
        .max();
        newest.is_some_and(|newest| newest < since)
    }

    /// Goes to a page: by its link when that is in sight, as a person would, because an application may keep its
    /// session in memory; else by its address.
    async fn open_page(&mut self, url: &Url) -> Result<bool, BrowserError> {
        self.queue.visited(url.as_str());
        if self.click_link_to(url).await? {
            return Ok(true);
        }
        let went = match self.page.navigate(url).await {
            Ok(navigation) => {
                navigation.error.is_none()
                    && !navigation.is_download
                    && navigation.status.is_none_or(|status| status < 400)
            }
            Err(error @ BrowserError::Gone(_)) => return Err(error),
            Err(_) => false,
        };
        self.settle().await?;
        Ok(went)
    }

    async fn click_link_to(&mut self, url: &Url) -> Result<bool, BrowserError> {
        let survey = survey_page(&self.page).await?;
        let Ok(here) = Url::parse(survey.url()) else {
            return Ok(false);
        };
        let link = survey.controls().find(|(_, _, control)| {
            !control.new_tab
                && page_actions::leads_to(control, &here).as_ref() == Some(url)
                && matches!(
                    use_of_control(control, &here, false),
                    ControlUse::Page(_) | ControlUse::More
                )
        });
        let Some((frame, _, control)) = link else {
            return Ok(false);
        };
        if !page_actions::click(
            self.session.guard,
            &self.page,
            frame,
            control.n,
            RequestCause::ReadingControl,
        )
        .await?
        {
            return Ok(false);
        }
        self.settle_changed(survey.fingerprint()).await?;
        Ok(self.page.url() == url.as_str())
    }

    /// Back to where a click led away from: whatever was opened is closed.
    async fn back_to(&mut self, here: &Url) -> Result<(), BrowserError> {
        if self.page.url() == here.as_str() {
            let _ = self.page.press("Escape").await;
            return self.settle().await;
        }
        let _ = self.session.browser.go_back().await;
        self.settle().await?;
        if self.page.url() != here.as_str() {
            self.open_page(here).await?;
        }
        // Lists begin at their first page again: what was pressed may be pressed once more.
        self.pressed.retain(|key| !page_actions::is_repeatable(key));
        Ok(())
    }

    /// What was pressed may take a moment to show.
    async fn settle_changed(&mut self, before: u64) -> Result<(), BrowserError> {
        let pressed = Instant::now();
        loop {
            self.settle().await?;
            if survey_page(&self.page).await?.fingerprint() != before
                || pressed.elapsed() > PATIENCE
            {
                // The first change may be "Loading…".
                return self.settle().await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn settle(&mut self) -> Result<(), BrowserError> {
        match self.page.settle(SETTLE).await {
            Err(error @ BrowserError::Gone(_)) => Err(error),
            _ => Ok(()),
        }
    }
}

/// All controls behind which a bill may be, in the order of the page.
fn bills_in<'v>(
    survey: &'v PageSurvey,
    here: &'v Url,
    detail: bool,
) -> impl Iterator<Item = (&'v FrameId, &'v Control, i32)> {
    survey.controls().filter_map(
        move |(frame, frame_survey, control): (&FrameId, &FrameSurvey, &Control)| {
            match use_of_control(control, here, detail || is_detail(frame_survey)) {
                ControlUse::Bill(score) => Some((frame, control, score)),
                _ => None,
            }
        },
    )
}

/// Knows a control again after the page was drawn anew.
fn signature(control: &Control) -> String {
    match &control.href {
        Some(href) if page_actions::is_place(control) => format!("@{href}"),
        _ => format!("{}|{}|{}", control.text, control.label, control.context),
    }
}
