//! One collection: sign in again, find bills, store each once, say where the connection stands.

use std::{sync::Arc, time::Duration};

use browser::{Browser, BrowserError, Launcher, Profile, Viewport};
use shared::{
    id::{CollectionId, ConnectionId},
    status::{ConnectionStatus, StatusDetail, UnattendedReason},
    token::KeyRing,
};
use time::{Date, macros::format_description};
use tokio::time::Instant;

use crate::{
    blobs::Blobs,
    clock::{Clock, Random, bytes},
    jobs::{self, Context},
    signin::{Lockout, Recipe, Verdict, replay},
    store::{
        Store, StoreError,
        collections::CollectionOutcome,
        connections::{Connection, FoundStatus},
        proposed_credentials::ProposedCredentials,
    },
    vault::Vault,
};

use super::{
    discover::{Discovery, Ended, Limits, Wanted, discover},
    ending::write_end,
    ingest::{BillIngest, IngestError},
    pdf_process::{PDF_BYTES_MAX, PdfReader},
    progress::Progress,
    read_only::{HeldCounts, ReadOnlyGuard},
    reschedule::{Again, next_at},
    verdict::{found, of_error, of_verdict, unproven},
    verification::{Verification, VerificationError, Verified},
    way_in::WayIn,
};

/// What collections are made with. Cheap to clone.
#[derive(Clone)]
pub struct Collector {
    /// The database with jobs, connections and bills.
    pub store: Store,
    /// The blobs that hold the files of bills.
    pub blobs: Blobs,
    /// The vault that opens credentials.
    pub vault: Arc<Vault>,
    /// Starts the browser of a run.
    pub launcher: Launcher,
    /// Reads PDFs in a process of its own.
    pub reader: PdfReader,
    /// The keys of links: one is made when a connection needs its client.
    pub token_keys: Arc<KeyRing>,
    /// The clock that dates what is found.
    pub clock: Arc<dyn Clock>,
    /// The randomness for ids and for the jitter of retries.
    pub random: Arc<dyn Random>,
    /// How long one run may take at most.
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
    unproven: Option<UnattendedReason>,
    again: Again,
    /// What the verification of proposed credentials came to, if it came so far.
    verified: Option<Verified>,
}

/// Why a run says nothing about the website.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keep(#[from] IngestError),
    #[error(transparent)]
    Verify(#[from] VerificationError),
    #[error("{0}")]
    Browser(#[from] BrowserError),
    #[error("{0}")]
    Credentials(&'static str),
    #[error("an earlier run sent the password and ended without an answer")]
    Unanswered,
    #[error("the claim was lost before the password was sent")]
    Lost,
}

/// One run: the claimed job that it belongs to, and what it works on.
pub(super) struct Task<'a> {
    pub(super) collector: &'a Collector,
    pub(super) context: &'a Context,
    pub(super) connection: &'a Connection,
    lockout: &'a Lockout,
    /// Credentials that are to be tried instead of the connection's own.
    pub(super) proposed: Option<&'a ProposedCredentials>,
    id: CollectionId,
}

/// Runs a claimed job of the connection, and writes what came of it together with the job's end.
///
/// # Errors
/// When the database fails: the job's lease then ends by itself, and another claim tries again.
pub async fn collect(
    collector: &Collector,
    context: &Context,
    connection: ConnectionId,
) -> Result<jobs::Ended, StoreError> {
    let (store, job) = (&collector.store, &context.job);
    // A job without a company is none that this program queued.
    let Some(company) = job.company else {
        return Ok(jobs::Ended::Done);
    };
    let (found_connection, proposed) = store
        .read("collection.connection", |tx| {
            Box::pin(async move {
                let found = tx.connection_of_company(company, connection).await?;
                let proposed = tx.proposed_credentials(company, connection).await?;
                Ok::<_, StoreError>((found, proposed))
            })
        })
        .await?;
    let Some(connection) = found_connection else {
        return Ok(jobs::Ended::Done);
    };
    let lockout = Lockout::read(store, company, connection.id).await?;
    let id = CollectionId::from_random(bytes(&*collector.random));
    let task = Task {
        collector,
        context,
        connection: &connection,
        lockout: &lockout,
        proposed: proposed.as_ref(),
        id,
    };
    let started_at = collector.clock.now();
    store
        .tx("collection.start", |tx| {
            Box::pin(tx.start_collection(company, connection.id, id, started_at))
        })
        .await?;
    tracing::info!(connection = %connection.id, collection = %id, attempt = job.attempts, "collection begins");
    let ran = run(&task).await;
    let now = collector.clock.now();
    let next = |again| {
        let at = next_at(again, job.attempts, now, &*collector.random)?;
        Some(lockout.not_before(at))
    };
    let run = match ran {
        Ok(run) => run,
        Err(fault) => {
            tracing::error!(connection = %connection.id, collection = %id, error = %fault, "collection failed");
            let rests = lockout.not_before(now) > now;
            // A rest is long: it is told at once.
            if job.attempts < SILENT_ATTEMPTS && !rests {
                return Ok(jobs::Ended::Retry(next(Again::Soon).unwrap_or(now)));
            }
            let fault = found(ConnectionStatus::OtherError, Some(StatusDetail::Internal));
            Run::nothing(fault, Again::Soon)
        }
    };
    let outcome = CollectionOutcome {
        id,
        found: run.found,
        bills_found: count(run.bills_found),
        bills_new: count(run.bills_new),
        held_requests: i64::from(run.held.total()),
        unproven: run.unproven,
        next_at: next(run.again),
        now,
    };
    let kept = write_end(&task, &outcome, run.verified).await?;
    tracing::info!(
        connection = %connection.id, collection = %id, status = %outcome.found.status, bills = outcome.bills_found, new = outcome.bills_new, kept,
        held_address = run.held.address, held_method = run.held.method, held_body = run.held.body, held_unclear = run.held.unclear_post, held_beacon = run.held.beacon,
        web_socket_messages = run.held.web_socket_messages,
        "collection ends"
    );
    Ok(jobs::Ended::Written)
}

async fn run(task: &Task<'_>) -> Result<Run, Fault> {
    let (collector, connection) = (task.collector, task.connection);
    if connection.inactive_at.is_some() {
        return Ok(Run::nothing(
            found(ConnectionStatus::CompanyInactive, None),
            Again::Never,
        ));
    }
    let now = collector.clock.now();
    if task.lockout.not_before(now) > now {
        return Err(Fault::Unanswered);
    }
    let until = Instant::now() + collector.time_limit;
    let way_in = WayIn::open(task).await?;
    let profile = Profile {
        country: connection.country.to_string(),
        accept_language: None,
        viewport: Viewport::default(),
    };
    let browser = collector.launcher.open(profile).await?;
    let whole = tokio::time::timeout_at(until, in_browser(task, &browser, &way_in, until)).await;
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
    task: &Task<'_>,
    browser: &Browser,
    way_in: &WayIn,
    until: Instant,
) -> Result<Run, Fault> {
    let (collector, context, connection) = (task.collector, task.context, task.connection);
    let note = async || {
        // First this, so that a node that stops waits for the answer from now on.
        context.set_uninterruptible(true);
        let noted = task
            .lockout
            .before_sending(&context.job, collector.clock.now());
        let noted = noted.await;
        if !matches!(noted, Ok(true)) {
            context.set_uninterruptible(false);
        }
        if noted? { Ok(()) } else { Err(Fault::Lost) }
    };
    let guard = ReadOnlyGuard::new();
    browser.filter_requests(guard.clone()).await?;
    let WayIn {
        recipe,
        credentials,
        ..
    } = way_in;
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
    task.lockout.proven(&context.job).await?;
    context.set_uninterruptible(false);
    let progress = Progress::new(collector, connection, task.id);
    progress
        .signed_in(&context.job, task.proposed.is_none())
        .await?;
    let verification = match task.proposed {
        None => None,
        Some(proposed) => {
            let (job, proposed_at) = (&context.job, proposed.proposed_at);
            let same = way_in.same_username;
            let begun = Verification::begin(collector, connection, job, proposed_at, same);
            Some(begun.await?)
        }
    };
    let since = connection
        .data_collection_start_date
        .as_deref()
        .and_then(day);
    let mut ingest = BillIngest::new(collector, connection, since, progress, verification);
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
    let (kept, verified) = ingest.finish().await?;
    let discovery = match discovery {
        Ok(discovery) => discovery,
        // The browser died: what was found is kept, and the rest comes soon.
        Err(error) if kept.bills > 0 => {
            tracing::warn!(connection = %connection.id, %error, "the browser ended early");
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
            Box::pin(tx.ever_saw_bills(connection.company, connection.id))
        })
        .await?;
    if discovery.is_partial() {
        tracing::warn!(
            connection = %connection.id, job = %context.job.id, frames = discovery.unread_frames, elements = discovery.skipped_elements,
            "not all of the website could be read"
        );
    }
    let (found, mut again) = judge(&discovery, kept.new, had_bills);
    if verified == Some(Verified::Accepted { passed_over: true }) {
        // Those bills are the connection's, too: nobody knew when they were seen.
        again = Again::Soon;
    }
    Ok(Run {
        found,
        bills_found: kept.bills,
        bills_new: kept.new,
        held: discovery.held,
        unproven: None,
        again,
        verified,
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

impl Run {
    /// A run that did not sign in.
    fn nothing(found: FoundStatus, again: Again) -> Self {
        Self {
            unproven: unproven(found.status, found.detail),
            found,
            bills_found: 0,
            bills_new: 0,
            held: HeldCounts::default(),
            again,
            verified: None,
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
#[path = "collect_tests.rs"]
mod tests;
