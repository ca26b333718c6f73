//! DONE: the connection exists, and its first collection proves that it works without the client.
//!
//! Any node may run that collection, so the proof is read from the database: by the flow's own task, once a second, and
//! only while a page waits for it. All pages of a flow share what was read.

use std::time::Duration;

use shared::{
    id::{CollectionId, CompanyId, ConnectionId, FlowRef, PublicCompanyId},
    proof::{CodePagePath, FoundAccounts, Proof},
    status::{ConnectionStatus, StatusDetail, UnattendedReason},
    wire::{DoneView, PROGRESS_MINUTES},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::forwarding::AskedForCode;
use crate::{
    codes::code_page_path,
    collection::{collect_job_key, unproven},
    flow::Services,
    signin::Captured,
    store::{StoreError, bills::Account, works_unattended::CollectionProgress},
};

/// Between two looks into the database.
const PACE: Duration = Duration::from_secs(1);
/// The proof is told for so long.
const PROGRESS_TIME: Duration = Duration::from_secs(60 * PROGRESS_MINUTES);
/// Pages that may wait at the same time: a person has one, and another device perhaps.
const PAGES_MAX: usize = 4;

/// A connection that was made or got another sign-in, and how far its proof is.
pub(in crate::flow) struct Done {
    company: CompanyId,
    public_company: PublicCompanyId,
    connection: ConnectionId,
    asked_for_code: Option<AskedForCode>,
    has_proven_channel: bool,
    is_repair: bool,
    /// The run before the sign-in, which proves nothing of it.
    last_run: Option<CollectionId>,
    /// What the client signed in with, until it opened the connection's own account.
    proposed: Option<Proposed>,
    proof: watch::Sender<Proof>,
    read_at: Option<Instant>,
    until: Instant,
}

/// What a client signed in with once more.
struct Proposed {
    captured: Box<Captured>,
    flow: FlowRef,
    /// Whether the connection had the very same user name and password before.
    is_own: bool,
}

impl Done {
    /// The connection was made just now.
    pub fn new(
        (company, public_company): (CompanyId, PublicCompanyId),
        connection: ConnectionId,
        asked_for_code: Option<AskedForCode>,
    ) -> Self {
        Self {
            company,
            public_company,
            connection,
            asked_for_code,
            has_proven_channel: false,
            is_repair: false,
            last_run: None,
            proposed: None,
            proof: watch::Sender::new(Proof::Waiting),
            read_at: None,
            until: Instant::now() + PROGRESS_TIME,
        }
    }

    /// It is the connection that the flow came to repair.
    #[must_use]
    pub fn repairing(mut self, is_repair: bool) -> Self {
        self.is_repair = is_repair;
        self
    }

    /// The connection got another sign-in after this run.
    #[must_use]
    pub fn after(mut self, last_run: Option<CollectionId>) -> Self {
        self.last_run = last_run;
        self
    }

    /// What was captured is tried first: if it opens other accounts than the connection's, it can become a connection of its
    /// own. Unless it `is_own`, what the connection had before, the page shows no account until then.
    #[must_use]
    pub fn verifying(mut self, captured: Box<Captured>, flow: FlowRef, is_own: bool) -> Self {
        self.proposed = Some(Proposed {
            captured,
            flow,
            is_own,
        });
        self
    }

    /// Whether who signed in is known to be the connection's client.
    pub fn is_verified(&self) -> bool {
        self.proposed
            .as_ref()
            .is_none_or(|proposed| proposed.is_own)
    }

    /// Tells whether a way by which codes reach us has proven itself.
    pub fn knows_of_channel(&mut self, is_proven: bool) {
        self.has_proven_channel = is_proven;
    }

    /// Takes what was captured, if it turned out to open other accounts than the connection's.
    pub fn take_other(&mut self) -> Option<Box<Captured>> {
        match *self.proof.borrow() {
            Proof::OtherAccounts { .. } => self.proposed.take().map(|proposed| proposed.captured),
            _ => None,
        }
    }

    /// The connection.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// How the website asked for a code, if it did.
    pub fn asked_for_code(&self) -> Option<AskedForCode> {
        self.asked_for_code
    }

    /// What the page shows.
    pub fn view(&self) -> DoneView {
        DoneView {
            connection_id: self.connection,
            is_repair: self.is_repair,
            code_was_asked: self.asked_for_code.is_some(),
            has_proven_channel: self.has_proven_channel,
            proof: self.proof.borrow().clone(),
        }
    }

    /// The connection, if signing in once more may mend what its proof misses.
    pub fn mended_by_sign_in(&self) -> Option<ConnectionId> {
        match *self.proof.borrow() {
            Proof::Missing { reason } if reason.is_mended_by_sign_in() => Some(self.connection),
            Proof::OtherAccounts { .. } => Some(self.connection),
            _ => None,
        }
    }

    /// How far the proof is.
    pub fn proof(&self) -> Proof {
        self.proof.borrow().clone()
    }

    /// The client comes to the last page now: it is told of the proof from here on.
    pub fn arrive(&mut self) {
        self.until = Instant::now() + PROGRESS_TIME;
    }

    /// Another run is about to begin, and proves anew.
    pub async fn begin_anew(&mut self, services: &Services) -> Result<(), StoreError> {
        let (company, connection) = (self.company, self.connection);
        let last = services.store.read("flow.last_run", |tx| {
            Box::pin(tx.last_collection(company, connection))
        });
        self.last_run = last.await?.map(|run| run.id);
        self.until = Instant::now() + PROGRESS_TIME;
        self.read_at = None;
        self.proof.send_replace(Proof::Waiting);
        Ok(())
    }

    /// The proof as it is, and as it goes on; `None` when its time is over or too many pages wait for it.
    pub fn watch(&self) -> Option<watch::Receiver<Proof>> {
        let is_late = Instant::now() >= self.until;
        if is_late || self.proof.receiver_count() >= PAGES_MAX {
            return None;
        }
        let mut proof = self.proof.subscribe();
        proof.mark_changed();
        Some(proof)
    }

    /// Waits until it is time to read the proof again, because a page waits for it. It can be cancelled without losing
    /// anything.
    pub async fn next(&mut self) {
        // Who comes to wait is a command of the flow, after which this begins anew.
        if self.proof.receiver_count() == 0 || self.proof.borrow().is_over() {
            return std::future::pending().await;
        }
        let due = self.read_at.map_or_else(Instant::now, |read| read + PACE);
        sleep_until(due.min(self.until)).await;
    }

    /// Reads the proof, unless that was done just now, and tells the pages that wait. Once its time is over they are
    /// let go.
    pub async fn read(&mut self, services: &Services) {
        if Instant::now() >= self.until && self.proof.receiver_count() > 0 {
            // Dropping the sender ends what the pages wait for; the last that was read stays on the page.
            let last = self.proof.borrow().clone();
            self.proof = watch::Sender::new(last);
        }
        let is_fresh = self.read_at.is_some_and(|read| read.elapsed() < PACE / 2);
        if is_fresh || self.proof.borrow().is_over() {
            return;
        }
        self.read_at = Some(Instant::now());
        let (company, connection) = (self.company, self.connection);
        let (job, now) = (collect_job_key(connection), services.clock.now());
        let found = services.store.read("flow.proof", |tx| {
            Box::pin(tx.collection_progress(company, connection, &job, now))
        });
        match found.await {
            Ok(found) => {
                let is_stopped = found.as_ref().is_none_or(|found| {
                    found.connection.inactive_at.is_some() && !found.is_running
                });
                let found = found.filter(|found| {
                    let run = found.collection.as_ref().map(|run| run.id);
                    run.is_some() && run != self.last_run
                });
                let mut proof = found.as_ref().map_or(Proof::Waiting, proof_of);
                if let (Proof::SigningIn, Some(found)) = (&proof, &found)
                    && let Some(page) = self.code_page(services, found)
                {
                    proof = Proof::AwaitingCode { page };
                }
                if let (Some(proposed), Some(found)) = (&self.proposed, &found) {
                    if found.renewed_by == Some(proposed.flow) {
                        self.proposed = None;
                    } else if !proposed.is_own {
                        proof = veiled(proof, found.proposed_by == Some(proposed.flow));
                    }
                }
                // What a run has found stands.
                let is_found = matches!(
                    proof,
                    Proof::Collected { .. }
                        | Proof::CutShort { .. }
                        | Proof::NoBills
                        | Proof::NoBillsYet
                        | Proof::OtherAccounts { .. }
                );
                if is_stopped && !is_found {
                    proof = Proof::Stopped;
                }
                self.proof.send_if_modified(|before| {
                    let changed = *before != proof;
                    *before = proof;
                    changed
                });
            }
            Err(error) => tracing::warn!(%connection, %error, "the proof was not read"),
        }
    }

    /// The page on which the code can be given that the run waits for.
    fn code_page(&self, services: &Services, found: &CollectionProgress) -> Option<CodePagePath> {
        let (request, company) = (found.awaited_code.as_ref()?, self.public_company);
        code_page_path(&services.token_keys, company, request, &found.connection)
    }
}

/// What a client is told whose credentials are not known to open the connection's own account: nobody is shown accounts
/// that may not be theirs. `waits`: they are to be tried still; else they were tried in vain, and what other runs find is
/// not theirs to know.
fn veiled(proof: Proof, waits: bool) -> Proof {
    match proof {
        Proof::Collecting {
            bills,
            expected,
            by_code,
            ..
        } if waits => Proof::Collecting {
            accounts: FoundAccounts::default(),
            bills,
            expected,
            by_code,
        },
        Proof::Collected { .. } | Proof::CutShort { .. } | Proof::NoBills | Proof::NoBillsYet
            if waits =>
        {
            Proof::Waiting
        }
        Proof::Stopped | Proof::Missing { .. } | Proof::OtherAccounts { .. } => proof,
        _ if waits => proof,
        _ => Proof::Missing {
            reason: UnattendedReason::SiteChanged,
        },
    }
}

/// What the database says, as the page tells it.
fn proof_of(found: &CollectionProgress) -> Proof {
    let Some(run) = &found.collection else {
        return Proof::Waiting;
    };
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let bills = count(run.bills_found);
    let reason = found
        .connection
        .works_unattended
        .and_then(|works| works.reason);
    let by_code = reason == Some(UnattendedReason::CodeNeeded);
    let Some(status) = run.status else {
        return match run.signed_in_at {
            // Its node is gone, or gave it back: it comes again.
            _ if !found.is_running => Proof::Waiting,
            None => Proof::SigningIn,
            Some(_) => Proof::Collecting {
                accounts: accounts(&found.accounts),
                bills,
                expected: count(run.bills_expected).max(bills),
                by_code,
            },
        };
    };
    if let Some(accounts) = &run.other_accounts {
        let accounts = accounts.clone();
        return Proof::OtherAccounts { accounts };
    }
    // A node of the version before does not write down that it was in.
    let was_in = matches!(
        status,
        ConnectionStatus::Connected | ConnectionStatus::NoAccountsFound
    );
    if run.signed_in_at.is_none() && !was_in {
        // Without a reason the run tried nothing.
        let reason = unproven(status, run.status_detail);
        return reason.map_or(Proof::Waiting, |reason| Proof::Missing { reason });
    }
    match status {
        _ if bills > 0 && run.status_detail == Some(StatusDetail::CutShort) => Proof::CutShort {
            accounts: accounts(&found.accounts),
            bills,
            by_code,
        },
        _ if bills > 0 => Proof::Collected {
            accounts: accounts(&found.accounts),
            bills,
            by_code,
        },
        ConnectionStatus::NoAccountsFound => Proof::NoBills,
        _ => Proof::NoBillsYet,
    }
}

fn accounts(found: &[Account]) -> FoundAccounts {
    let accounts = found.iter();
    FoundAccounts::of(accounts.map(|account| {
        (
            account.utility_types.as_slice(),
            account.account_number.as_str(),
        )
    }))
}
