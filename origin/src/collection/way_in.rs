//! What a collection comes in by: the recipe with its credentials, and the saved browser session.

use std::sync::Arc;

use browser::{Browser, BrowserError};
use shared::{
    id::{CompanyId, ConnectionId},
    time::UnixMillis,
};

use crate::{
    clock::Random,
    signin::{Credentials, Recipe, SavedSession, SignInFailure},
    store::{
        Store, StoreError,
        browser_sessions::SealedSession,
        connections::Connection,
        credentials::{self, SealedCredentials},
        jobs::Job,
        proposed_credentials::ProposedCredentials,
        sign_in_failures::SealedFailure,
    },
    vault::{AssociatedData, Vault},
};

use super::sealed_rows::{open_session, seal_failure, seal_session};

/// The way into one connection's account.
pub struct WayIn {
    /// How to sign in.
    pub recipe: Recipe,
    /// What to sign in with.
    pub credentials: Credentials,
    /// What the browser of an earlier sign-in kept, when it may be tried.
    pub session: Option<SavedSession>,
    /// The same while nothing is known of whether the sign-in works without its client: it may be tried only once the
    /// website has asked for a code, so that the proof is made first.
    pub withheld: Option<SavedSession>,
    /// For credentials that are only tried: whether their user name is the one that the connection has.
    pub same_username: bool,
    store: Store,
    vault: Arc<Vault>,
    company: CompanyId,
    connection: ConnectionId,
    /// The credentials as the row has them.
    pub sealed: Vec<u8>,
}

/// Why there is no way in.
#[derive(Debug, thiserror::Error)]
pub enum WayInError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The row's content is of no use.
    #[error("{0}")]
    Credentials(&'static str),
}

impl WayIn {
    /// Reads what is known of the connection: its own credentials, or those that are to be tried, which have no session
    /// yet. Its session is left alone while nothing is known of whether its sign-in
    /// works without its client: the first run is the proof, in a browser that knows nothing.
    ///
    /// # Errors
    /// When the database fails, or the credentials cannot be used.
    pub async fn read(
        store: &Store,
        vault: &Arc<Vault>,
        connection: &Connection,
        proposed: Option<&ProposedCredentials>,
        now: UnixMillis,
    ) -> Result<Self, WayInError> {
        let of = (connection.company, connection.id);
        let (stored, session) = store
            .read("collection.way_in", |tx| {
                Box::pin(async move {
                    let stored = tx.credentials(of.0, of.1).await?;
                    let session = tx.browser_session(of.0, of.1).await?;
                    Ok::<_, StoreError>((stored, session))
                })
            })
            .await?;
        let stored = stored.ok_or(WayInError::Credentials("there are none"))?;
        let own = open_sealed(vault, connection, &stored);
        let (stored, opened, same_username) = match proposed {
            None => (stored, own?, true),
            Some(proposed) => {
                let stored = proposed.credentials.clone();
                let opened = open_sealed(vault, connection, &stored)?;
                // Credentials that do not open any more are a reason for new ones, and none against them.
                let same = own.is_ok_and(|(_, own)| own.username == opened.1.username);
                (stored, opened, same)
            }
        };
        let (recipe, credentials) = opened;
        let is_proven = connection
            .works_unattended
            .is_some_and(|works| works.reason.is_none_or(|reason| !reason.is_passing()));
        let session = match proposed {
            None => session,
            Some(proposed) => proposed.session.clone(),
        };
        let is_proven = is_proven && proposed.is_none();
        let session = session
            .filter(|session| now.since(session.saved_at) < SavedSession::AGE_MAX_MS)
            .and_then(|session| open_session(vault, of, &session.sealed))
            .map(|session| session.without_expired(now))
            .filter(|session| !session.is_empty());
        let (session, withheld) = if is_proven {
            (session, None)
        } else {
            (None, session)
        };
        Ok(Self {
            recipe,
            credentials,
            session,
            withheld,
            same_username,
            store: store.clone(),
            vault: Arc::clone(vault),
            company: connection.company,
            connection: connection.id,
            sealed: stored.sealed,
        })
    }

    /// What the browser keeps of the session that it is in now.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn session_of(&self, browser: &Browser) -> Result<SavedSession, BrowserError> {
        SavedSession::read(&[browser.page()], &self.recipe).await
    }

    /// Saves a session for the next run. Nothing is written when the claim on `job` was lost, or the connection has
    /// other credentials by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_session(
        &self,
        job: &Job,
        session: &SavedSession,
        random: &dyn Random,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let of = (self.company, self.connection);
        let Some(sealed) = seal_session(&self.vault, random, of, session) else {
            return Ok(());
        };
        let session = &SealedSession {
            sealed,
            saved_at: now,
        };
        let saved = self.store.tx("collection.save_session", |tx| {
            Box::pin(async move {
                if tx.holds_job(job).await? {
                    tx.save_browser_session(of.0, of.1, &self.sealed, session)
                        .await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        saved.await
    }

    /// Keeps why a sign-in failed, for the operator. Nothing is written when the claim on `job` was lost.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_failure(
        &self,
        job: &Job,
        failure: &SignInFailure,
        random: &dyn Random,
        now: UnixMillis,
    ) -> Result<(), StoreError> {
        let of = (self.company, self.connection);
        let Some(sealed) = seal_failure(&self.vault, random, of, failure) else {
            return Ok(());
        };
        let failure = &SealedFailure {
            sealed,
            failed_at: now,
        };
        let kept = self.store.tx("collection.keep_failure", |tx| {
            Box::pin(async move {
                if tx.holds_job(job).await? {
                    tx.keep_sign_in_failure(of.0, of.1, failure).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        kept.await
    }

    /// Forgets the saved session: the website refused it, or it led to nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_session(&self, job: &Job) -> Result<(), StoreError> {
        let of = (self.company, self.connection);
        let forgotten = self.store.tx("collection.forget_session", |tx| {
            Box::pin(async move {
                if tx.holds_job(job).await? {
                    tx.remove_browser_session(of.0, of.1).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        forgotten.await
    }
}

fn open_sealed(
    vault: &Vault,
    connection: &Connection,
    stored: &SealedCredentials,
) -> Result<(Recipe, Credentials), WayInError> {
    let row = connection.id.to_string();
    let associated = AssociatedData {
        table: credentials::TABLE,
        row: &row,
        owner: connection.company.into(),
    };
    let plain = vault
        .open(associated, &stored.sealed)
        .map_err(|_| WayInError::Credentials("the vault does not open them"))?;
    let credentials = serde_json::from_slice(&plain)
        .map_err(|_| WayInError::Credentials("they are not what a sign-in leaves"))?;
    let recipe = Recipe::from_json(&stored.recipe)
        .map_err(|_| WayInError::Credentials("the recipe is of another version"))?;
    Ok((recipe, credentials))
}
