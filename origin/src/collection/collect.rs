//! One collection: sign in again, find bills, store each once, say where the connection stands.

use std::{sync::Arc, time::Duration};

use browser::{Browser, BrowserError, Launcher, Profile, Viewport};
use shared::{
    id::CollectionId,
    status::{ConnectionStatus, StatusDetail},
};
use time::{Date, macros::format_description};
use tokio::time::Instant;

use crate::{
    clock::{Clock, Random, bytes},
    signin::{Credentials, Recipe, Verdict, replay},
    store::{
        Store, StoreError,
        collections::CollectionOutcome,
        connections::{Connection, FoundStatus},
        credentials,
        jobs::Job,
    },
    vault::{AssociatedData, Vault},
};

use super::{
    again::{Again, next_at},
    discover::{Discovery, Ended, Limits, Wanted, discover},
    ingest::{BillIngest, IngestError},
    pdf_process::{PDF_BYTES_MAX, PdfReader},
    read_only::{HeldCounts, ReadOnlyGuard},
    sent::Sent,
    verdict::{found, of_error, of_verdict},
};

/// What collections are made with. Cheap to clone.
#[derive(Clone)]
pub struct Collector {
    /// Jobs, connections, bills.
    pub store: Store,
    /// Opens credentials.
    pub vault: Arc<Vault>,
    /// Starts browsers.
    pub launcher: Launcher,
    /// Reads PDFs.
    pub reader: PdfReader,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Ids and jitter.
    pub random: Arc<dyn Random>,
    /// No run takes longer.
    pub time_limit: Duration,
}

/// Twenty minutes: hundreds of bills on a slow website.
pub const TIME_LIMIT: Duration = Duration::from_secs(20 * 60);

const PAGES_MAX: usize = 80;
const FILES_MAX: usize = 1_000;
/// Our own faults are tried again silently so often before the connection's status says so.
const SILENT_ATTEMPTS: i64 = 3;

/// What a run found.
struct Run {
    found: FoundStatus,
    bills_found: usize,
    bills_new: usize,
    held: HeldCounts,
    again: Again,
}

/// Why a run says nothing about the website.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keep(#[from] IngestError),
    #[error("{0}")]
    Browser(#[from] BrowserError),
    #[error("{0}")]
    Credentials(&'static str),
    #[error("an earlier run sent the password and ended without an answer")]
    Unanswered,
    #[error("the claim was lost before the password was sent")]
    Lost,
}

/// Runs a claimed job to its end and writes what came of it. The job is then done, or waits for its next time. `sent`
/// tells others when the run must not be cut short.
///
/// # Errors
/// When the database fails: the job's lease then ends by itself, and another claim tries again.
pub async fn collect(collector: &Collector, job: &Job, sent: &Sent) -> Result<(), StoreError> {
    let store = &collector.store;
    let Some(connection) = store
        .read("collection.connection_of_company", |tx| {
            Box::pin(tx.connection_of_company(job.company, job.connection))
        })
        .await?
    else {
        store
            .tx("collection.complete_job", |tx| {
                Box::pin(tx.complete_job(job))
            })
            .await?;
        return Ok(());
    };
    let id = CollectionId::from_random(bytes(&*collector.random));
    store
        .tx("collection.start_collection", |tx| {
            Box::pin(tx.start_collection(job.company, job.connection, id, collector.clock.now()))
        })
        .await?;
    tracing::info!(connection = %job.connection, collection = %id, attempt = job.attempts, "collection begins");
    let ran = run(collector, job, &connection, sent).await;
    let now = collector.clock.now();
    let next = |again| {
        let at = next_at(again, job.attempts, now, &*collector.random)?;
        Some(sent.not_before(job, at))
    };
    let run = match ran {
        Ok(run) => run,
        Err(fault) => {
            tracing::error!(connection = %job.connection, collection = %id, error = %fault, "collection failed");
            let rests = sent.not_before(job, now) > now;
            // A rest is long: it is told at once.
            if job.attempts < SILENT_ATTEMPTS && !rests {
                store
                    .tx("collection.retry_job", |tx| {
                        Box::pin(tx.retry_job(job, next(Again::Soon).unwrap_or(now)))
                    })
                    .await?;
                return Ok(());
            }
            Run {
                found: found(ConnectionStatus::OtherError, Some(StatusDetail::Internal)),
                bills_found: 0,
                bills_new: 0,
                held: HeldCounts::default(),
                again: Again::Soon,
            }
        }
    };
    let outcome = CollectionOutcome {
        id,
        found: run.found,
        bills_found: count(run.bills_found),
        bills_new: count(run.bills_new),
        held_requests: i64::from(run.held.total()),
        next_at: next(run.again),
        now,
    };
    let kept = store
        .tx("collection.finish_collection", |tx| {
            Box::pin(tx.finish_collection(job, &outcome))
        })
        .await?;
    tracing::info!(
        connection = %job.connection, collection = %id, status = %outcome.found.status, bills = outcome.bills_found, new = outcome.bills_new, kept,
        held_address = run.held.address, held_method = run.held.method, held_body = run.held.body, held_unclear = run.held.unclear_post, held_beacon = run.held.beacon,
        web_socket_messages = run.held.web_socket_messages,
        "collection ends"
    );
    Ok(())
}

async fn run(
    collector: &Collector,
    job: &Job,
    connection: &Connection,
    sent: &Sent,
) -> Result<Run, Fault> {
    if connection.inactive_at.is_some() {
        return Ok(Run::nothing(
            found(ConnectionStatus::CompanyInactive, None),
            Again::Never,
        ));
    }
    let now = collector.clock.now();
    if sent.not_before(job, now) > now {
        return Err(Fault::Unanswered);
    }
    let until = Instant::now() + collector.time_limit;
    let way_in = open(collector, job, connection).await?;
    let profile = Profile {
        country: connection.country.to_string(),
        accept_language: None,
        viewport: Viewport::default(),
    };
    let browser = collector.launcher.open(profile).await?;
    let whole = tokio::time::timeout_at(
        until,
        in_browser(collector, job, connection, &browser, &way_in, sent, until),
    )
    .await;
    browser.close().await;
    match whole {
        Ok(run) => run,
        // Discovery ends itself in time, so this was the sign-in.
        Err(_) => Ok(Run::nothing(
            found(ConnectionStatus::WebsiteDown, Some(StatusDetail::Timeout)),
            Again::Soon,
        )),
    }
}

async fn in_browser(
    collector: &Collector,
    job: &Job,
    connection: &Connection,
    browser: &Browser,
    (recipe, credentials): &(Recipe, Credentials),
    sent: &Sent,
    until: Instant,
) -> Result<Run, Fault> {
    let note = async || {
        let noted = sent.note(&collector.store, job, collector.clock.now());
        if noted.await? {
            Ok(())
        } else {
            Err(Fault::Lost)
        }
    };
    let guard = ReadOnlyGuard::new();
    browser.filter_requests(guard.clone()).await?;
    let verdict = replay(browser, recipe, credentials, note).await?;
    if verdict != Verdict::SignedIn {
        let error = if verdict == Verdict::SiteDown {
            why_down(browser, recipe).await
        } else {
            None
        };
        let (found, again) = error.map_or_else(|| of_verdict(&verdict), of_error);
        return Ok(Run::nothing(found, again));
    }
    sent.proven(&collector.store, job).await?;
    let since = connection
        .data_collection_start_date
        .as_deref()
        .and_then(day);
    let mut ingest = BillIngest::new(collector, connection, since);
    // Time to write the end down is kept back.
    let until = until - collector.time_limit.min(Duration::from_secs(60)) / 4;
    let limits = Limits {
        pages: PAGES_MAX,
        files: FILES_MAX,
        file_bytes: PDF_BYTES_MAX,
        until,
    };
    let wanted = Wanted {
        country: connection.country.as_str(),
        since,
    };
    let discovery = discover(browser, &guard, wanted, limits, &mut ingest).await;
    let kept = ingest.finish()?;
    let discovery = match discovery {
        Ok(discovery) => discovery,
        // The browser died: what was found is kept, and the rest comes soon.
        Err(error) if kept.bills > 0 => {
            tracing::warn!(connection = %job.connection, %error, "the browser ended early");
            Discovery {
                bills: kept.bills,
                held: guard.held(),
                ended: Ended::Time,
                ..Discovery::default()
            }
        }
        Err(error) => return Err(error.into()),
    };
    let had_bills = collector
        .store
        .read("collection.ever_saw_bills", |tx| {
            Box::pin(tx.ever_saw_bills(job.company, job.connection))
        })
        .await?;
    if discovery.is_partial() {
        tracing::warn!(
            connection = %job.connection, job = %job.id, frames = discovery.unread_frames, elements = discovery.skipped_elements,
            "not all of the website could be read"
        );
    }
    let (found, again) = judge(&discovery, kept.new, had_bills);
    Ok(Run {
        found,
        bills_found: kept.bills,
        bills_new: kept.new,
        held: discovery.held,
        again,
    })
}

/// Where a connection stands after its pages were searched.
fn judge(discovery: &Discovery, new: usize, had_bills: bool) -> (FoundStatus, Again) {
    if discovery.bills > 0 {
        // A first run may be too long for one sitting.
        let cut_short = discovery.ended != Ended::Done && new > 0;
        return (
            found(ConnectionStatus::Connected, None),
            if cut_short {
                Again::Today
            } else {
                Again::Weekly
            },
        );
    }
    if discovery.ended == Ended::Time {
        return (
            found(ConnectionStatus::WebsiteDown, Some(StatusDetail::Timeout)),
            Again::Soon,
        );
    }
    // Bills were there, or look to be, and none was got: the website has changed or is not understood.
    let partial = discovery.is_partial();
    if discovery.rows > 0 || had_bills || discovery.ended == Ended::SignedOut || partial {
        return (
            found(
                ConnectionStatus::UnderInvestigation,
                Some(StatusDetail::SiteChanged),
            ),
            Again::Weekly,
        );
    }
    // What was held may have been the way to the bills.
    if discovery.held.may_hide_bills() > 0 {
        return (
            found(
                ConnectionStatus::UnderInvestigation,
                Some(StatusDetail::RequestsHeld),
            ),
            Again::Weekly,
        );
    }
    (
        found(ConnectionStatus::NoAccountsFound, None),
        Again::Weekly,
    )
}

async fn why_down(browser: &Browser, recipe: &Recipe) -> Option<browser::NetError> {
    browser
        .page()
        .navigate(&recipe.start)
        .await
        .ok()
        .and_then(|navigation| navigation.error)
}

async fn open(
    collector: &Collector,
    job: &Job,
    connection: &Connection,
) -> Result<(Recipe, Credentials), Fault> {
    let stored = collector
        .store
        .read("collection.credentials", |tx| {
            Box::pin(tx.credentials(job.company, job.connection))
        })
        .await?
        .ok_or(Fault::Credentials("there are none"))?;
    let row = connection.id.to_string();
    let associated = AssociatedData {
        table: credentials::TABLE,
        row: &row,
        company: job.company,
    };
    let plain = collector
        .vault
        .open(associated, &stored.sealed)
        .map_err(|_| Fault::Credentials("the vault does not open them"))?;
    let credentials = serde_json::from_slice(&plain)
        .map_err(|_| Fault::Credentials("they are not what a sign-in leaves"))?;
    let recipe = Recipe::from_json(&stored.recipe)
        .map_err(|_| Fault::Credentials("the recipe is of another version"))?;
    Ok((recipe, credentials))
}

impl Run {
    fn nothing(found: FoundStatus, again: Again) -> Self {
        Self {
            found,
            bills_found: 0,
            bills_new: 0,
            held: HeldCounts::default(),
            again,
        }
    }
}

/// A day as the API writes it.
pub(super) fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_decides() {
        let of = |bills, rows, ended, new, had| {
            let (found, again) = judge(
                &Discovery {
                    pages: 3,
                    rows,
                    bills,
                    ended,
                    ..Discovery::default()
                },
                new,
                had,
            );
            (found.status, again)
        };
        assert_eq!(
            of(3, 3, Ended::Done, 0, true),
            (ConnectionStatus::Connected, Again::Weekly)
        );
        assert_eq!(
            of(3, 3, Ended::Time, 3, false),
            (ConnectionStatus::Connected, Again::Today)
        );
        assert_eq!(
            of(0, 0, Ended::Done, 0, false),
            (ConnectionStatus::NoAccountsFound, Again::Weekly)
        );
        assert_eq!(
            of(0, 0, Ended::Done, 0, true),
            (ConnectionStatus::UnderInvestigation, Again::Weekly)
        );
        assert_eq!(
            of(0, 4, Ended::Done, 0, false),
            (ConnectionStatus::UnderInvestigation, Again::Weekly)
        );
        assert_eq!(
            of(0, 0, Ended::SignedOut, 0, false),
            (ConnectionStatus::UnderInvestigation, Again::Weekly)
        );
        assert_eq!(
            of(0, 0, Ended::Time, 0, false),
            (ConnectionStatus::WebsiteDown, Again::Soon)
        );
    }

    #[test]
    fn what_could_not_be_read_is_never_taken_for_nothing() {
        for (unread_frames, skipped_elements) in [(1, 0), (0, 1)] {
            let partial = Discovery {
                pages: 3,
                unread_frames,
                skipped_elements,
                ..Discovery::default()
            };
            let (found, again) = judge(&partial, 0, false);
            assert_eq!(found.status, ConnectionStatus::UnderInvestigation);
            assert_eq!(again, Again::Weekly);
            let with_bills = Discovery {
                bills: 1,
                ..partial
            };
            let (found, _) = judge(&with_bills, 1, false);
            assert_eq!(found.status, ConnectionStatus::Connected);
        }
    }

    #[test]
    fn held_requests_without_bills_are_looked_into() {
        let status = |held| {
            let discovery = Discovery {
                held,
                ..Discovery::default()
            };
            judge(&discovery, 0, false).0
        };
        let held = HeldCounts {
            unclear_post: 1,
            ..HeldCounts::default()
        };
        assert_eq!(
            status(held),
            found(
                ConnectionStatus::UnderInvestigation,
                Some(StatusDetail::RequestsHeld)
            )
        );
        let beacon = HeldCounts {
            beacon: 3,
            web_socket_messages: 1,
            ..HeldCounts::default()
        };
        assert_eq!(status(beacon).status, ConnectionStatus::NoAccountsFound);
    }
}
