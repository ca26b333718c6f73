//! One collection: sign in again, find bills, store each once, say where the connection stands.

use std::{sync::Arc, time::Duration};

use browser::{Browser, Profile, Viewport};
use shared::{
    id::{CollectionId, ConnectionId},
    status::{ConnectionStatus, StatusDetail, UnattendedReason},
};
use time::{Date, macros::format_description};
use tokio::time::Instant;

use crate::{
    clock::bytes,
    jobs::{self, Context},
    signin::{
        Lockout, Recipe, Replayed, Resumed, SavedSession, Verdict, recipe::MfaKind,
        replay_with_codes, resume,
    },
    store::{
        StoreError,
        collections::CollectionOutcome,
        connections::{Connection, FoundStatus},
        proposed_credentials::ProposedCredentials,
    },
};

use super::{
    beginning::begin,
    collector::Collector,
    discover::{Discovery, Ended, Limits, Wanted, discover},
    ending::{RunEnd, write_end},
    fault::Fault,
    ingest::BillIngest,
    pdf_process::PDF_BYTES_MAX,
    progress::{Arrival, Progress},
    read_only::{HeldCounts, ReadOnlyGuard},
    reschedule::{Again, next_at},
    scope::ConnectionScope,
    standing::of_discovery,
    verdict::{found, of_error, of_verdict, unproven},
    verification::{Verification, Verified},
    waiting::WaitingCodes,
    way_in::WayIn,
};

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
    /// The owner was asked for a code.
    asked_owner: bool,
    healed: Option<Healed>,
}

/// A recipe that takes the place of one that no longer led in.
pub(super) struct Healed {
    /// The recipe as JSON.
    pub recipe: String,
    /// The sealed credentials that it was proven with.
    pub credentials: Vec<u8>,
}

/// One run: the claimed job that it belongs to, and what it works on.
pub(super) struct Task<'a> {
    pub(super) collector: &'a Collector,
    pub(super) context: &'a Context,
    pub(super) connection: &'a Connection,
    pub(super) lockout: &'a Lockout,
    /// Credentials that are to be tried instead of the connection's own.
    pub(super) proposed: Option<&'a ProposedCredentials>,
    /// The connection's own credentials as the run found them, sealed.
    pub(super) own: Option<Vec<u8>>,
    /// The owner asked for another code before the run began.
    pub(super) was_asked_again: bool,
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
    let id = CollectionId::from_random(bytes(&*collector.random));
    let begun = begin(collector, context, (company, connection), id).await?;
    let Some(begun) = begun else {
        return Ok(jobs::Ended::Written);
    };
    let connection = begun.connection;
    let lockout = Lockout::read(store, company, connection.id).await?;
    let task = Task {
        collector,
        context,
        connection: &connection,
        lockout: &lockout,
        proposed: begun.proposed.as_ref(),
        own: begun.own,
        was_asked_again: begun.was_asked_again,
        id,
    };
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
            if fault.has_nothing_to_say() {
                return Ok(jobs::Ended::Retry(now));
            }
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
    let ended = RunEnd {
        outcome: &outcome,
        verified: run.verified,
        healed: run.healed,
        asked_owner: run.asked_owner,
    };
    let kept = write_end(&task, ended).await?;
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
    let now = collector.clock.now();
    if task.lockout.not_before(now) > now {
        return Err(Fault::Unanswered);
    }
    let until = Instant::now() + collector.time_limit;
    let (store, vault) = (&collector.store, &collector.vault);
    let mut way_in = WayIn::read(store, vault, connection, task.proposed, now).await?;
    // What a saved session leaves in its browser must not be in the way of a sign-in.
    let mut session = way_in.session.take();
    let mut code_was_asked = false;
    loop {
        let profile = Profile {
            country: connection.country.to_string(),
            accept_language: None,
            viewport: Viewport::default(),
        };
        let browser = collector.launcher.open(profile).await?;
        let by_session = session.as_ref().map(|session| (session, code_was_asked));
        let work = in_browser(task, &browser, &mut way_in, by_session, until);
        let whole = tokio::time::timeout_at(until, work).await;
        browser.close().await;
        match whole {
            Ok(Ok(None)) => session = None,
            Ok(Ok(Some(run))) => {
                let asks_code = run.found.status == ConnectionStatus::MfaTokenExpired;
                let withheld = way_in.withheld.take().filter(|_| asks_code);
                if withheld.is_none() {
                    return Ok(run);
                }
                // That was the proof; the client's own session may spare them the code.
                (session, code_was_asked) = (withheld, true);
            }
            Ok(Err(fault)) => return Err(fault),
            // Discovery ends itself in time, so this was the sign-in.
            Err(_) => {
                let found = found(ConnectionStatus::WebsiteDown, Some(StatusDetail::Timeout));
                return Ok(Run::nothing(found, Again::Soon));
            }
        }
    }
}

/// Comes in, by this session if there is one, and collects. With the session goes whether a code was asked for without
/// it. `None` when the session did not lead in.
async fn in_browser(
    task: &Task<'_>,
    browser: &Browser,
    way_in: &mut WayIn,
    session: Option<(&SavedSession, bool)>,
    until: Instant,
) -> Result<Option<Run>, Fault> {
    let guard = ReadOnlyGuard::new();
    browser.filter_requests(guard.clone()).await?;
    let mut by_password = true;
    let mut by = Arrival::SavedSession;
    if let Some((session, code_was_asked)) = session {
        if code_was_asked {
            by = Arrival::SessionNotCode;
        }
        let resumed = resume(browser, &way_in.recipe, &way_in.credentials, session).await;
        let resumed = resumed.unwrap_or(Resumed::Unproven);
        tracing::info!(connection = %task.connection.id, collection = %task.id, ?resumed, "the saved session was tried");
        by_password = resumed != Resumed::SignedIn;
        if resumed == Resumed::Refused {
            way_in.forget_session(&task.context.job).await?;
        }
        // By its cookies a website knows a browser that has given a second factor.
        let is_known = resumed == Resumed::Refused && way_in.recipe.mfa != MfaKind::None;
        if by_password && !is_known {
            return Ok(None);
        }
    }
    let mut healed = None;
    if by_password {
        (by, healed) = match sign_in(task, browser, way_in).await? {
            Ok(signed_in) => signed_in,
            Err(run) => return Ok(Some(run)),
        };
    }
    if let Some(recipe) = &healed {
        way_in.recipe.clone_from(recipe);
    }
    let mut run = collect_bills(task, browser, &guard, (way_in, by), until).await?;
    run.healed = healed.and_then(|recipe| {
        Some(Healed {
            recipe: recipe.to_json().ok()?,
            credentials: way_in.sealed.clone(),
        })
    });
    Ok(Some(run))
}

/// Signs in by the recipe. How the run came in, once that is proven, with a recipe that takes the place of one that had
/// to heal; otherwise what the run comes to.
async fn sign_in(
    task: &Task<'_>,
    browser: &Browser,
    way_in: &WayIn,
) -> Result<Result<(Arrival, Option<Recipe>), Run>, Fault> {
    let (collector, context) = (task.collector, task.context);
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
    let (recipe, credentials) = (&way_in.recipe, &way_in.credentials);
    let mut codes = WaitingCodes::new(task, way_in.withheld.is_none());
    let replayed = replay_with_codes(browser, recipe, credentials, note, &mut codes).await;
    let (by_code, is_crowded) = (codes.were_asked(), codes.are_crowded());
    let is_in = replayed
        .as_ref()
        .is_ok_and(|replayed| replayed.verdict == Verdict::SignedIn);
    codes.end(is_in).await?;
    let Replayed {
        verdict,
        healed,
        failure,
    } = replayed?;
    if let Some(failure) = failure {
        let (job, connection) = (&context.job, task.connection);
        tracing::warn!(
            company = %connection.company, connection = %connection.id, collection = %task.id,
            reason = ?failure.reason, verdict = failure.verdict,
            "a sign-in failed: `origin failure` writes what it saw"
        );
        let (random, now) = (&*collector.random, collector.clock.now());
        way_in.keep_failure(job, &failure, random, now).await?;
    }
    if verdict != Verdict::SignedIn {
        let error = if verdict == Verdict::SiteDown {
            why_down(browser, recipe).await
        } else {
            None
        };
        let (found, mut again) = error.map_or_else(|| of_verdict(&verdict), of_error);
        if is_crowded {
            // Its owner was not asked yet.
            again = Again::Soon;
        }
        return Ok(Err(Run {
            asked_owner: by_code,
            ..Run::nothing(found, again)
        }));
    }
    task.lockout.proven(&context.job).await?;
    context.set_uninterruptible(false);
    let by = if by_code {
        Arrival::Code
    } else {
        Arrival::Password
    };
    Ok(Ok((by, healed)))
}

/// Finds and stores the bills of the account that the browser is signed in to, and saves its session.
async fn collect_bills(
    task: &Task<'_>,
    browser: &Browser,
    guard: &Arc<ReadOnlyGuard>,
    (way_in, by): (&WayIn, Arrival),
    until: Instant,
) -> Result<Run, Fault> {
    let (collector, context, connection) = (task.collector, task.context, task.connection);
    let progress = Progress::new(collector, connection, task.id);
    let proposed = task.proposed.is_some();
    progress.signed_in(&context.job, by, proposed).await?;
    let verification = match task.proposed {
        None => None,
        Some(proposed) => {
            let (job, proposed_at) = (&context.job, proposed.proposed_at);
            let signed_in = (by, way_in.same_username);
            let begun = Verification::begin(collector, connection, job, proposed_at, signed_in);
            Some(begun.await?)
        }
    };
    // A session is worth less than the bills.
    let arrived = way_in.session_of(browser).await.unwrap_or_default();
    let since = connection
        .data_collection_start_date
        .as_deref()
        .and_then(day);
    let scope = ConnectionScope::read(&collector.store, connection).await?;
    let wishes = (since, scope);
    let mut ingest = BillIngest::new(collector, connection, wishes, progress, verification);
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
    let discovery = discover(browser, guard, wanted, limits, &mut ingest).await;
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
    let (found, mut again) = of_discovery(&discovery, kept.new, had_bills);
    if verified == Some(Verified::Accepted { passed_over: true }) {
        // Those bills are the connection's, too: nobody knew when they were seen.
        again = Again::Soon;
    }
    let job = &context.job;
    let by_session = matches!(by, Arrival::SavedSession | Arrival::SessionNotCode);
    if by_session && found.status != ConnectionStatus::Connected {
        way_in.forget_session(job).await?;
    } else if discovery.ended != Ended::SignedOut
        && let Ok(session) = way_in.session_of(browser).await
    {
        let (session, now) = (session.or_storage_of(arrived), collector.clock.now());
        way_in
            .save_session(job, &session, &*collector.random, now)
            .await?;
    }
    Ok(Run {
        found,
        bills_found: kept.bills,
        bills_new: kept.new,
        held: discovery.held,
        unproven: by.asks_code().then_some(UnattendedReason::CodeNeeded),
        again,
        verified,
        asked_owner: by == Arrival::Code,
        healed: None,
    })
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
            asked_owner: false,
            healed: None,
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
