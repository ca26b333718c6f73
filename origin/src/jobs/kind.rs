//! Kinds of jobs, and the registry of those that this build runs.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::{FutureExt as _, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};
use shared::{
    id::{CompanyId, JobId},
    time::UnixMillis,
};
use tokio::sync::watch;

use super::jitter;
use crate::{
    clock::{Clock, Random},
    store::{
        StoreError,
        jobs::{Job, KnownKind, NewJob},
    },
};

/// A kind of job: a name, a payload, and what is done with it. Everything that a kind needs is in its own value.
pub trait Kind: Send + Sync + 'static {
    /// The name in the queue. It never changes: jobs in databases carry it.
    const NAME: &'static str;
    /// The version of the payload. It grows when a build that knows the version before could not read the payload.
    const VERSION: i64 = 1;
    /// What to work on.
    type Payload: Serialize + DeserializeOwned + Send;

    /// Names the work: the same work is never queued twice.
    fn dedupe_key(payload: &Self::Payload) -> String;

    /// Does the work. It may run again after any step of it, as the node may die there.
    ///
    /// # Errors
    /// When the database fails: the claim then ends by itself, and another one tries again.
    fn run<'a>(
        &'a self,
        context: &'a Context,
        payload: Self::Payload,
    ) -> impl Future<Output = Result<Ended, StoreError>> + Send + 'a;
}

/// How a job's run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The work is done and the job leaves the queue.
    Done,
    /// This run went well, and the next one is at this time.
    Repeat(UnixMillis),
    /// This run did not go well; it is tried again at this time, with its attempts counted.
    Retry(UnixMillis),
    /// The run wrote the job's end itself, in one transaction with its results.
    Written,
}

/// What a run knows of its job.
pub struct Context {
    /// The claimed job. Results of the run are written only in a transaction that asks whether the claim still holds.
    pub job: Job,
    uninterruptible: watch::Sender<bool>,
    waiting: WaitingRuns,
}

/// The runs of a node that wait for a person. They take no run's place, and only a few can wait at the same time.
#[derive(Debug, Clone, Default)]
pub struct WaitingRuns(Arc<AtomicUsize>);

/// Runs that may wait for a person at the same time on a node: each keeps a browser.
const WAITING_MAX: usize = 8;

/// A run that waits for a person until this is dropped.
#[derive(Debug)]
pub struct WaitingRun(WaitingRuns);

impl WaitingRuns {
    /// How many runs of the node wait for a person now.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for WaitingRun {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Context {
    /// A run of a claimed job that may be interrupted, on a node with these runs that wait.
    #[must_use]
    pub fn new(job: Job, waiting: WaitingRuns) -> Self {
        Self {
            job,
            uninterruptible: watch::Sender::new(false),
            waiting,
        }
    }

    /// The run waits for a person from now on, and takes no other's place meanwhile. `None` when too many wait already.
    #[must_use]
    pub fn wait_for_person(&self) -> Option<WaitingRun> {
        let counted =
            self.waiting
                .0
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| {
                    (waiting < WAITING_MAX).then_some(waiting + 1)
                });
        counted.is_ok().then(|| WaitingRun(self.waiting.clone()))
    }

    /// From now on a node that stops waits for this run for a while (`true`), or does not (`false`): what it does
    /// just now leaves a question open if it is interrupted.
    pub fn set_uninterruptible(&self, uninterruptible: bool) {
        self.uninterruptible.send_replace(uninterruptible);
    }

    /// Waits until the run may be interrupted.
    pub(super) async fn interruptible(&self) {
        // The sender is ours, so it is never gone.
        let _ = self.uninterruptible.subscribe().wait_for(|not| !*not).await;
    }
}

/// A job of kind `K` for the queue.
///
/// # Errors
/// [`StoreError::Corrupt`] when the payload has no JSON form.
pub fn new_job<K: Kind>(
    id: JobId,
    payload: &K::Payload,
    run_at: UnixMillis,
    now: UnixMillis,
) -> Result<NewJob, StoreError> {
    Ok(NewJob {
        id,
        kind: K::NAME,
        version: K::VERSION,
        dedupe_key: K::dedupe_key(payload),
        exclusion_key: None,
        company: None::<CompanyId>,
        payload: serde_json::to_string(payload)
            .map_err(|_| StoreError::Corrupt { column: "payload" })?,
        run_at,
        now,
    })
}

/// Work that comes back at intervals: one job for all nodes together, which is never done.
pub trait Periodic: Send + Sync + 'static {
    /// The name in the queue. It never changes.
    const NAME: &'static str;
    /// The time from one run to the next, in milliseconds; a tenth of it more or less, at random.
    const EVERY_MS: i64;

    /// Does the work once.
    ///
    /// # Errors
    /// When the database fails: it is tried again when the claim has ended.
    fn run(&self, context: &Context) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Why a job did not end.
pub(super) enum NotRun {
    /// The payload is not what the kind reads: the reason.
    Payload(String),
    Store(StoreError),
}

/// A kind without its types.
trait AnyKind: Send + Sync {
    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Ended, NotRun>>;
}

struct Typed<K>(K);

impl<K: Kind> AnyKind for Typed<K> {
    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Ended, NotRun>> {
        async move {
            let payload = serde_json::from_str(&context.job.payload)
                .map_err(|error| NotRun::Payload(error.to_string()))?;
            self.0.run(context, payload).await.map_err(NotRun::Store)
        }
        .boxed()
    }
}

struct Repeating<P> {
    work: P,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl<P: Periodic> AnyKind for Repeating<P> {
    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Ended, NotRun>> {
        async move {
            self.work.run(context).await.map_err(NotRun::Store)?;
            let wait = P::EVERY_MS + jitter(&*self.random, P::EVERY_MS / 10);
            Ok(Ended::Repeat(self.clock.now().plus(wait)))
        }
        .boxed()
    }
}

/// The kinds of jobs that this build runs.
pub struct Registry {
    kinds: Vec<(KnownKind, Box<dyn AnyKind>)>,
    periodic: Vec<&'static str>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Registry {
    /// No kinds yet. The clock and randomness decide when periodic work comes back.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            kinds: Vec::new(),
            periodic: Vec::new(),
            clock,
            random,
        }
    }

    /// Adds a kind of jobs that this node can run.
    #[must_use]
    pub fn with<K: Kind>(mut self, kind: K) -> Self {
        let known = KnownKind {
            name: K::NAME,
            version: K::VERSION,
        };
        self.kinds.push((known, Box::new(Typed(kind))));
        self
    }

    /// Adds periodic work; the worker queues its job when it starts.
    #[must_use]
    pub fn with_periodic<P: Periodic>(mut self, work: P) -> Self {
        let known = KnownKind {
            name: P::NAME,
            version: 1,
        };
        let repeating = Repeating {
            work,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
        };
        self.kinds.push((known, Box::new(repeating)));
        self.periodic.push(P::NAME);
        self
    }

    /// The kinds that this node may claim.
    pub(super) fn known(&self) -> Vec<KnownKind> {
        self.kinds.iter().map(|(known, _)| *known).collect()
    }

    /// The jobs of all periodic work, due now.
    pub(super) fn periodic_jobs(&self, now: UnixMillis) -> Vec<NewJob> {
        let job = |name: &&'static str| NewJob {
            id: JobId::from_random(crate::clock::bytes(&*self.random)),
            kind: name,
            version: 1,
            dedupe_key: (*name).to_owned(),
            exclusion_key: None,
            company: None,
            payload: "null".to_owned(),
            run_at: now,
            now,
        };
        self.periodic.iter().map(job).collect()
    }

    pub(super) async fn run(&self, context: &Context) -> Result<Ended, NotRun> {
        let found = self
            .kinds
            .iter()
            .find(|(known, _)| known.name == context.job.kind);
        match found {
            Some((_, kind)) => kind.run(context).await,
            None => Err(NotRun::Payload("no such kind in this build".into())),
        }
    }
}
