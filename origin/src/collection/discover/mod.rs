//! Finds bills on a website never seen before, once somebody is signed in.
//!
//! A crawl of the account's pages, best links first: what it sees is in [`survey`], what things are good for in
//! [`classify`], how a bill's file is got in [`acquire`], and what is pressed on a page in [`steps`]. Nothing here
//! knows any website, and nothing that signs out, pays or changes something is ever touched.

mod acquire;
pub mod classify;
mod queue;
mod steps;
mod survey;
mod words;

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    time::Duration,
};

use time::Date;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::{
    browser::{Browser, BrowserError, FrameId, Page},
    collection::read_bill::dates::{Order, dates, habit},
};

use acquire::Got;
use classify::{PROMISING, Use, is_detail, use_of};
use queue::{Item, Queue};
use survey::{Survey, Thing, View, look};

/// How far a discovery goes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Pages opened.
    pub pages: usize,
    /// Files taken.
    pub files: usize,
    /// Bytes of a file.
    pub file_bytes: usize,
    /// It is over by then, whatever it waits for.
    pub until: Instant,
}

/// What decides which files are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Country of the website, for dates.
    pub country: &'a str,
    /// Bills before this day are left alone.
    pub since: Option<Date>,
}

/// A PDF that may be a bill.
#[derive(Debug, Clone)]
pub struct FoundFile {
    /// Begins like a PDF.
    pub bytes: Vec<u8>,
    /// What the website calls it; untrusted.
    pub name: String,
    /// The text of the row that it was found in.
    pub context: String,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// A bill that was not known.
    New,
    /// A bill that was known.
    Known,
    /// A bill that is not wanted (too old).
    Unwanted,
    /// Not a bill.
    NotABill,
}

/// Takes the files as they are found, so that nothing is lost when time runs out.
pub trait Receive {
    /// Takes a file. `None`: stop, nothing more can be taken.
    fn receive(&mut self, file: FoundFile) -> impl Future<Output = Option<Receipt>> + Send;
}

/// What a discovery came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Pages looked at.
    pub pages: usize,
    /// Rows that looked like bills.
    pub rows: usize,
    /// Bills seen, known ones too.
    pub bills: usize,
    /// How it ended.
    pub ended: Ended,
}

/// How a discovery ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ended {
    /// Nothing was left to try.
    #[default]
    Done,
    /// A limit of pages or files.
    Limit,
    /// Time ran out.
    Time,
    /// The website asked for a password again.
    SignedOut,
    /// The receiver wanted nothing more.
    Stopped,
}

/// Looks for bills from where the browser is.
///
/// # Errors
/// When the browser is gone.
pub async fn discover<R: Receive + Send>(
    browser: &Browser,
    wanted: Wanted<'_>,
    limits: Limits,
    receiver: &mut R,
) -> Result<Discovery, BrowserError> {
    let mut crawl = Crawl {
        browser,
        page: browser.page(),
        wanted,
        limits,
        receiver,
        queue: Queue::default(),
        tried: HashSet::new(),
        pressed: HashSet::new(),
        idle_pages: 0,
        found: Discovery::default(),
        over: None,
    };
    match timeout_at(limits.until, crawl.run()).await {
        Ok(ran) => ran?,
        // A single file may take longer than all the time that is left: it is given up, and what was found stays.
        Err(_) => crawl.over = crawl.over.or(Some(Ended::Time)),
    }
    crawl.found.ended = crawl.over.unwrap_or_default();
    Ok(crawl.found)
}

const SETTLE: Duration = Duration::from_secs(15);
/// A control that shows nothing new for so long after it was pressed does nothing.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Things pressed on one page.
const STEPS_MAX: usize = 150;

struct Crawl<'a, R> {
    browser: &'a Browser,
    page: Page,
    wanted: Wanted<'a>,
    limits: Limits,
    receiver: &'a mut R,
    queue: Queue,
    /// Bills tried, by [`signature`].
    tried: HashSet<String>,
    /// Controls pressed, by what they are and the state they were in.
    pressed: HashSet<String>,
    idle_pages: usize,
    found: Discovery,
    over: Option<Ended>,
}

/// What harvesting a view did to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harvest {
    /// It is as it was.
    Still,
    /// It must be looked at again.
    Moved,
}

impl<R: Receive + Send> Crawl<'_, R> {
    /// Goes from page to page until nothing is left to try. May be dropped half-way: all it found is in its fields.
    async fn run(&mut self) -> Result<(), BrowserError> {
        self.settle().await?;
        let landing = self.page.url();
        self.queue.visited(&landing);
        self.look_around(0, false).await?;
        while self.over.is_none() {
            // Before any bill is seen every page may be the way; later only promising ones are.
            let least = if self.found.bills > 0 { PROMISING } else { 5 };
            let Some(item) = self.queue.next(least) else {
                break;
            };
            if self.found.pages >= self.limits.pages
                || (item.score < PROMISING && self.idle_pages >= 25)
            {
                self.over = Some(Ended::Limit);
                break;
            }
            if self.go(&item.url).await? {
                let bills = self.found.bills;
                self.look_around(item.depth, item.detail).await?;
                self.idle_pages = if self.found.bills > bills {
                    0
                } else {
                    self.idle_pages + 1
                };
            }
        }
        Ok(())
    }

    /// Takes what the page has, presses what shows more, until nothing is left.
    async fn look_around(&mut self, depth: usize, detail: bool) -> Result<(), BrowserError> {
        self.found.pages += 1;
        for _ in 0..STEPS_MAX {
            if self.is_over() {
                return Ok(());
            }
            let view = look(&self.page).await?;
            if view.is_signed_out() {
                // The queue holds links that may end the session; what was found stays found.
                self.over = Some(Ended::SignedOut);
                return Ok(());
            }
            self.queue.visited(view.url());
            self.pressed.extend(steps::chosen_now(&view));
            self.enqueue(&view, depth);
            if self.harvest(&view, detail).await? == Harvest::Moved {
                continue;
            }
            let Some(step) = steps::next(&view, &self.pressed, self.found.bills > 0) else {
                return Ok(());
            };
            self.pressed.insert(step.key.clone());
            steps::press(&self.page, &view, &step).await?;
            self.settle_changed(view.fingerprint()).await?;
        }
        Ok(())
    }

    fn is_over(&mut self) -> bool {
        if self.over.is_none() && self.found.bills >= self.limits.files {
            self.over = Some(Ended::Limit);
        }
        self.over.is_some()
    }

    fn enqueue(&mut self, view: &View, depth: usize) {
        let Ok(here) = Url::parse(view.url()) else {
            return;
        };
        let has_bills = bills_in(view, &here, false).next().is_some();
        for (_, _, thing) in view.things() {
            let Some(url) = steps::leads_to(thing, &here) else {
                continue;
            };
            let score = match use_of(thing, &here, false) {
                Use::Page(score) => score,
                // Page numbers of a list without bills are another list's.
                Use::More => {
                    if has_bills {
                        95
                    } else {
                        20
                    }
                }
                _ => continue,
            };
            let far = i32::try_from(depth).unwrap_or(9) * 4;
            self.queue.add(Item {
                url,
                score: (score - far).max(1),
                depth: depth + 1,
                detail: false,
            });
        }
    }

    /// Gets the files of all bills in sight that were not tried yet.
    async fn harvest(&mut self, view: &View, detail: bool) -> Result<Harvest, BrowserError> {
        let Ok(here) = Url::parse(view.url()) else {
            return Ok(Harvest::Still);
        };
        let order = habit(&view.text(), self.wanted.country).order;
        // All ways to one bill stand in one row: after one of them worked the others are not needed.
        let mut rows: Vec<Vec<(FrameId, Thing, i32)>> = Vec::new();
        let mut by_row: HashMap<String, usize> = HashMap::new();
        for (frame, thing, score) in bills_in(view, &here, detail) {
            let row = if thing.context.is_empty() {
                signature(thing)
            } else {
                thing.context.clone()
            };
            let at = *by_row.entry(row).or_insert(rows.len());
            if at == rows.len() {
                rows.push(Vec::new());
            }
            if let Some(row) = rows.get_mut(at) {
                row.push((frame.clone(), thing.clone(), score));
            }
        }
        for mut row in rows {
            row.retain(|(_, thing, _)| !self.tried.contains(&signature(thing)));
            row.sort_by_key(|(_, thing, score)| {
                std::cmp::Reverse((steps::leads_to(thing, &here).is_some(), *score))
            });
            if row.is_empty() || self.is_too_old(row.first().map(|(_, thing, _)| thing), order) {
                continue;
            }
            self.found.rows += 1;
            let signatures: Vec<String> =
                row.iter().map(|(_, thing, _)| signature(thing)).collect();
            for (frame, thing, _) in row {
                if self.is_over() {
                    return Ok(Harvest::Still);
                }
                if !self.tried.insert(signature(&thing)) {
                    continue;
                }
                match acquire::get(
                    self.browser,
                    &self.page,
                    &frame,
                    &thing,
                    view,
                    self.limits.file_bytes,
                )
                .await?
                {
                    Got::File(file) => {
                        if self.take(file).await {
                            self.tried.extend(signatures.iter().cloned());
                            break;
                        }
                    }
                    Got::Page(url) => self.queue.add(Item {
                        url,
                        score: 88,
                        depth: 1,
                        detail: true,
                    }),
                    Got::View(files) => {
                        let mut taken = false;
                        for file in files {
                            taken |= self.take(file).await;
                        }
                        if taken {
                            self.tried.extend(signatures.iter().cloned());
                        }
                        self.back_to(&here).await?;
                        return Ok(Harvest::Moved);
                    }
                    Got::Nothing => {}
                }
            }
        }
        Ok(Harvest::Still)
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
    fn is_too_old(&self, thing: Option<&Thing>, order: Order) -> bool {
        let (Some(since), Some(thing)) = (self.wanted.since, thing) else {
            return false;
        };
        let newest = dates(
            &format!("{} {} {}", thing.text, thing.label, thing.context),
            order,
        )
        .iter()
        .map(|found| found.date)
        .max();
        newest.is_some_and(|newest| newest < since)
    }

    /// Goes to a page: by its link when that is in sight, as a person would, because an application may keep its
    /// session in memory; else by its address.
    async fn go(&mut self, url: &Url) -> Result<bool, BrowserError> {
        self.queue.visited(url.as_str());
        if self.follow(url).await? {
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

    async fn follow(&mut self, url: &Url) -> Result<bool, BrowserError> {
        let view = look(&self.page).await?;
        let Ok(here) = Url::parse(view.url()) else {
            return Ok(false);
        };
        let link = view.things().find(|(_, _, thing)| {
            !thing.new_tab
                && steps::leads_to(thing, &here).as_ref() == Some(url)
                && matches!(use_of(thing, &here, false), Use::Page(_) | Use::More)
        });
        let Some((frame, _, thing)) = link else {
            return Ok(false);
        };
        if !steps::click(&self.page, frame, thing.n).await? {
            return Ok(false);
        }
        self.settle_changed(view.fingerprint()).await?;
        Ok(self.page.url() == url.as_str())
    }

    /// Back to where a click led away from: whatever was opened is closed.
    async fn back_to(&mut self, here: &Url) -> Result<(), BrowserError> {
        if self.page.url() == here.as_str() {
            let _ = self.page.press("Escape").await;
            return self.settle().await;
        }
        let _ = self.browser.go_back().await;
        self.settle().await?;
        if self.page.url() != here.as_str() {
            self.go(here).await?;
        }
        // Lists begin at their first page again: what was pressed may be pressed once more.
        self.pressed.retain(|key| !steps::is_repeatable(key));
        Ok(())
    }

    /// What was pressed may take a moment to show.
    async fn settle_changed(&mut self, before: u64) -> Result<(), BrowserError> {
        let pressed = Instant::now();
        loop {
            self.settle().await?;
            if look(&self.page).await?.fingerprint() != before || pressed.elapsed() > PATIENCE {
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

/// All things behind which a bill may be, in the order of the page.
fn bills_in<'v>(
    view: &'v View,
    here: &'v Url,
    detail: bool,
) -> impl Iterator<Item = (&'v FrameId, &'v Thing, i32)> {
    view.things().filter_map(
        move |(frame, survey, thing): (&FrameId, &Survey, &Thing)| match use_of(
            thing,
            here,
            detail || is_detail(survey),
        ) {
            Use::Bill(score) => Some((frame, thing, score)),
            _ => None,
        },
    )
}

/// Knows a thing again after the page was drawn anew.
fn signature(thing: &Thing) -> String {
    match &thing.href {
        Some(href) if steps::is_place(thing) => format!("@{href}"),
        _ => format!("{}|{}|{}", thing.text, thing.label, thing.context),
    }
}
