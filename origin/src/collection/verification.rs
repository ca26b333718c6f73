//! Whether the account that proposed credentials open is the connection's own: before that is known, nothing that they
//! show becomes the connection's.

use std::collections::{BTreeMap, BTreeSet};

use bill_reader::{Reading, comparable};
use shared::{
    proof::FoundAccounts,
    status::{UnattendedReason, UtilityType},
    time::UnixMillis,
};

use crate::{
    store::{StoreError, bills::NO_ACCOUNT, connections::Connection, jobs::Job},
    webhooks::watch,
};

use super::{collector::Collector, progress::Arrival};

/// Bills of other accounts that are looked at before the run gives up: an account of the connection may come late in the
/// list.
const OTHER_BILLS_MAX: usize = 40;

/// Why proposed credentials could not take the place of the connection's own.
#[derive(Debug, thiserror::Error)]
pub enum VerificationError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The client signed in once more meanwhile, or the claim was lost.
    #[error("the credentials are no longer those that are to be tried")]
    Superseded,
}

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// The credentials are the connection's now.
    Accepted {
        /// Bills were passed over before that was known.
        passed_over: bool,
    },
    /// They open other accounts, and the connection keeps its own credentials.
    Other(FoundAccounts),
    /// Nothing told whose account they open, and the connection keeps its own credentials.
    Unclear,
}

/// The verification of one run.
pub struct Verification<'a> {
    collector: &'a Collector,
    connection: &'a Connection,
    job: &'a Job,
    proposed_at: UnixMillis,
    same_username: bool,
    /// How the run came in.
    by: Arrival,
    /// The numbers of the connection's accounts, as they are compared.
    own: BTreeSet<String>,
    /// What other accounts are for, by their numbers.
    others: BTreeMap<String, BTreeSet<UtilityType>>,
    passed_over: usize,
    accepted: bool,
}

impl<'a> Verification<'a> {
    /// Begins once the sign-in with the proposed credentials was proven. A connection that has no account yet takes
    /// them at once.
    ///
    /// # Errors
    /// When the database fails, or the credentials are no longer proposed.
    pub async fn begin(
        collector: &'a Collector,
        connection: &'a Connection,
        job: &'a Job,
        proposed_at: UnixMillis,
        (by, same_username): (Arrival, bool),
    ) -> Result<Self, VerificationError> {
        let (company, id) = (connection.company, connection.id);
        let accounts = collector
            .store
            .read("collection.accounts", |tx| {
                Box::pin(tx.accounts(company, id))
            })
            .await?;
        let has_none = accounts.is_empty();
        let own = accounts
            .iter()
            .filter(|account| account.account_number != NO_ACCOUNT)
            .map(|account| comparable(&account.account_number));
        let mut verification = Self {
            collector,
            connection,
            job,
            proposed_at,
            same_username,
            by,
            own: own.collect(),
            others: BTreeMap::new(),
            passed_over: 0,
            accepted: false,
        };
        if has_none {
            verification.accept().await?;
        }
        Ok(verification)
    }

    /// Whether this bill becomes the connection's: the credentials are accepted, or are now because it bills one of the
    /// connection's accounts.
    ///
    /// # Errors
    /// When the database fails, or the credentials are no longer proposed.
    pub async fn takes(&mut self, reading: &Reading) -> Result<bool, VerificationError> {
        if self.accepted {
            return Ok(true);
        }
        let number = reading.account_number.as_deref();
        if number.is_some_and(|number| self.own.contains(&comparable(number))) {
            self.accept().await?;
            return Ok(true);
        }
        self.passed_over += 1;
        if let Some(number) = number {
            let types = self.others.entry(number.to_owned()).or_default();
            types.extend(reading.utility_type());
        }
        Ok(false)
    }

    /// A bill of the connection was seen again: its account is open.
    ///
    /// # Errors
    /// When the database fails, or the credentials are no longer proposed.
    pub async fn saw_known_bill(&mut self) -> Result<(), VerificationError> {
        if self.accepted {
            return Ok(());
        }
        self.accept().await
    }

    /// Whether enough was seen to say that the account is another one.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        !self.accepted && self.passed_over >= OTHER_BILLS_MAX
    }

    /// Ends the verification. Where no account number tells whose account it is, the user name does.
    ///
    /// # Errors
    /// When the database fails, or the credentials are no longer proposed.
    pub async fn finish(mut self) -> Result<Verified, VerificationError> {
        let tells = !self.others.is_empty();
        if !self.accepted && !tells && self.same_username {
            self.accept().await?;
        }
        if self.accepted {
            return Ok(Verified::Accepted {
                passed_over: self.passed_over > 0,
            });
        }
        if !tells {
            return Ok(Verified::Unclear);
        }
        let others: Vec<(Vec<UtilityType>, String)> = self
            .others
            .into_iter()
            .map(|(number, types)| (types.into_iter().collect(), number))
            .collect();
        let shown = others
            .iter()
            .map(|(types, number)| (types.as_slice(), number.as_str()));
        Ok(Verified::Other(FoundAccounts::of(shown)))
    }

    async fn accept(&mut self) -> Result<(), VerificationError> {
        let (company, connection) = (self.connection.company, self.connection.id);
        let (job, proposed_at, by) = (self.job, self.proposed_at, self.by);
        let (now, random) = (self.collector.clock.now(), &*self.collector.random);
        let accepted = self
            .collector
            .store
            .tx("collection.accept_proposed_credentials", |tx| {
                Box::pin(async move {
                    if !tx.holds_job(job).await? {
                        return Ok(false);
                    }
                    let watched = watch(tx, (company, connection), random, now).await?;
                    let accepted = tx
                        .accept_proposed_credentials(company, connection, proposed_at, now)
                        .await?;
                    if accepted && by.asks_code() {
                        // From now on the run speaks for the connection, long before it ends.
                        let reason = UnattendedReason::CodeNeeded;
                        tx.set_unproven(company, connection, reason, now).await?;
                    }
                    if accepted {
                        watched.changed(tx).await?;
                    }
                    Ok::<_, StoreError>(accepted)
                })
            });
        if !accepted.await? {
            return Err(VerificationError::Superseded);
        }
        tracing::info!(%connection, "new credentials took the place of the old ones");
        self.accepted = true;
        Ok(())
    }
}
