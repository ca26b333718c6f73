//! All bills are found on websites of different make, none twice, and no harm is done.

use std::{collections::HashSet, time::Duration};

use browser::{Launcher, Profile, Viewport};
use origin::collection::{
    discover::{Discovery, Ended, FileReceiver, FoundFile, Limits, Receipt, Wanted, discover},
    read_only::ReadOnlyGuard,
};
use tokio::time::Instant;

use crate::{
    browser_config::{browser_config, turn},
    sites,
};

/// How long a search may take.
pub const SEARCH_TIME: Duration = Duration::from_secs(150);

/// A receiver that recognises files by their bytes.
#[derive(Default)]
pub struct ReceivedFiles {
    pub files: HashSet<Vec<u8>>,
    pub taken: usize,
    /// The bills known of, as last told.
    pub expected: usize,
}

impl FileReceiver for ReceivedFiles {
    async fn expect(&mut self, bills: usize) {
        assert!(bills >= self.taken, "those received are among them");
        self.expected = bills;
    }

    async fn receive(&mut self, file: FoundFile) -> Option<Receipt> {
        assert!(file.bytes.starts_with(b"%PDF"), "only PDFs are handed over");
        self.taken += 1;
        Some(if self.files.insert(file.bytes) {
            Receipt::New
        } else {
            Receipt::Known
        })
    }
}

/// Takes three files and never comes to the end of the fourth, until all the time is over.
#[derive(Default)]
struct StuckReceiver {
    pub taken: usize,
}

impl FileReceiver for StuckReceiver {
    async fn receive(&mut self, _: FoundFile) -> Option<Receipt> {
        if self.taken == 3 {
            tokio::time::pause();
            tokio::time::advance(SEARCH_TIME).await;
            tokio::time::resume();
            std::future::pending::<()>().await;
        }
        self.taken += 1;
        Some(Receipt::New)
    }
}

/// Takes one file for no bill.
#[derive(Default)]
struct PickyReceiver {
    told: Vec<usize>,
}

impl FileReceiver for PickyReceiver {
    async fn expect(&mut self, bills: usize) {
        self.told.push(bills);
    }

    async fn receive(&mut self, file: FoundFile) -> Option<Receipt> {
        Some(if file.bytes == sites::pdf(3) {
            Receipt::NotABill
        } else {
            Receipt::New
        })
    }
}

pub struct Search<R> {
    pub discovery: Discovery,
    received: R,
    harm: u32,
}

pub async fn search<R: FileReceiver + Default + Send>(
    site: axum::Router<std::sync::Arc<std::sync::atomic::AtomicU32>>,
    country: &str,
    since: Option<time::Date>,
) -> Search<R> {
    let _turn = turn().await;
    let site = sites::serve(site).await;
    let launcher = Launcher::new(browser_config(&site.host));
    let profile = Profile {
        country: country.parse().expect("a country"),
        accept_language: None,
        viewport: Viewport::default(),
    };
    let browser = launcher.open(profile).await.expect("a browser");
    let start = format!("http://{}/home", site.host).parse().expect("a URL");
    let guard = ReadOnlyGuard::new();
    browser
        .filter_requests(guard.clone())
        .await
        .expect("a filter");
    browser
        .page()
        .navigate(&start)
        .await
        .expect("the landing page");
    let mut received = R::default();
    let limits = Limits {
        pages: 40,
        files: 100,
        file_bytes: 1024 * 1024,
        until: Instant::now() + SEARCH_TIME,
    };
    let discovery = discover(
        &browser,
        &guard,
        Wanted { country, since },
        limits,
        &mut received,
    )
    .await
    .expect("a discovery");
    browser.close().await;
    launcher.close().await;
    Search {
        discovery,
        received,
        harm: site.harm(),
    }
}

pub fn assert_received(search: &Search<ReceivedFiles>, numbers: std::ops::Range<u32>) {
    let missing: Vec<u32> = numbers
        .clone()
        .filter(|number| !search.received.files.contains(&sites::pdf(*number)))
        .collect();
    assert!(
        missing.is_empty(),
        "missing {missing:?}: {:?}",
        search.discovery
    );
    assert_eq!(
        search.received.files.len(),
        numbers.len(),
        "nothing else: {:?}",
        search.discovery
    );
    assert_eq!(
        search.received.taken,
        numbers.len(),
        "none twice: {:?}",
        search.discovery
    );
    assert_eq!(
        search.received.expected,
        numbers.len(),
        "all were known of before they were got: {:?}",
        search.discovery
    );
    assert_eq!(
        search.discovery.ended,
        Ended::Done,
        "{:?}",
        search.discovery
    );
    assert_eq!(
        search.harm, 0,
        "nothing that signs out, pays or changes something is touched"
    );
}

#[tokio::test]
async fn an_application_of_buttons_and_scripts() {
    assert_received(&search(sites::application(), "US", None).await, 0..9);
}

#[tokio::test]
async fn plain_pages_with_inline_files_and_a_page_a_year() {
    assert_received(&search(sites::plain(), "DE", None).await, 0..7);
}

#[tokio::test]
async fn a_table_with_forms_and_numbered_pages() {
    assert_received(&search(sites::table(), "US", None).await, 0..11);
}

#[tokio::test]
async fn selects_for_account_and_year_with_files_in_new_windows() {
    assert_received(&search(sites::selects(), "FR", None).await, 0..12);
}

#[tokio::test]
async fn a_frame_whose_buttons_show_the_file_in_a_panel() {
    assert_received(&search(sites::panels(), "US", None).await, 0..4);
}

#[tokio::test]
async fn links_of_an_application_that_keeps_its_session_in_memory() {
    assert_received(&search(sites::router(), "US", None).await, 0..5);
}

#[tokio::test]
async fn links_of_an_application_that_alone_can_get_their_files() {
    assert_received(&search(sites::linked_application(), "US", None).await, 0..6);
}

#[tokio::test]
async fn what_turns_out_to_be_no_bill_is_expected_no_more() {
    let found: Search<PickyReceiver> = search(sites::router(), "US", None).await;
    assert_eq!(found.discovery.bills, 4);
    let told = found.received.told;
    assert_eq!(
        (told.first(), told.last()),
        (Some(&5), Some(&4)),
        "{told:?}"
    );
}

#[tokio::test]
async fn old_bills_are_left_alone() {
    let since = time::Date::from_calendar_date(2026, time::Month::June, 1).expect("a date");
    let found: Search<ReceivedFiles> = search(sites::table(), "US", Some(since)).await;
    assert_eq!(found.received.files.len(), 6, "June to November");
}

#[tokio::test]
async fn where_nothing_is_nothing_is_found() {
    let found: Search<ReceivedFiles> = search(sites::empty(), "US", None).await;
    assert_eq!(
        (found.discovery.bills, found.discovery.rows, found.harm),
        (0, 0, 0)
    );
    assert_eq!(found.discovery.ended, Ended::Done);
}

#[tokio::test]
async fn time_runs_out_in_the_middle_of_a_file_and_what_was_found_stays() {
    let found: Search<StuckReceiver> = search(sites::table(), "US", None).await;
    assert_eq!(found.discovery.ended, Ended::Time);
    assert_eq!((found.discovery.bills, found.received.taken), (3, 3));
}
