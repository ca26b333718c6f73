//! The finish of SITES: what the flow has gathered becomes a connection, all at once or not at all.

use shared::{
    country::Country,
    id::{ConnectionId, FlowRef, JobId, SiteId},
    link_refusal::LinkRefusalReason,
    provider::ProviderUrl,
    status::{SitesProblem, UtilityType},
    time::UnixMillis,
    wire::FinishRefusal,
};
use zeroize::Zeroizing;

use crate::flow::Services;
use crate::{
    clock,
    collection::{collect_job, seal_session},
    signin::Captured,
    store::{
        StoreError,
        browser_sessions::SealedSession,
        collections::Collection,
        credentials,
        finish::{FinishError, FinishInput},
        jobs::NewJob,
        links::LinkForFlow,
        proposed_credentials::{Renewal, RenewalInput},
    },
    vault::AssociatedData,
    webhooks::{Outbox, watch},
};

/// All that a connection is made of.
pub(in crate::flow) struct Finish<'a> {
    pub flow_ref: FlowRef,
    pub found: &'a LinkForFlow,
    /// The id of the connection to be: the same at every try, so that a repeated try makes no second one.
    pub connection: ConnectionId,
    pub url: &'a ProviderUrl,
    pub country: Country,
    pub sites: Vec<SiteId>,
    pub utility_types: &'a [UtilityType],
    pub captured: &'a Captured,
}

/// How a finish ended.
pub(in crate::flow) enum Finished {
    /// The connection with this id was made.
    Connected(ConnectionId),
    /// Nothing was saved, and nothing will be; the reason is for the link's log.
    Refused(FinishRefusal, LinkRefusalReason),
    /// Nothing was saved; the client may press the button again.
    Again(SitesProblem),
}

/// What a sign-in at a connection that exists came to.
pub(in crate::flow) struct Renewed {
    /// The credentials are tried first, because the connection has others that worked.
    pub is_proposed: bool,
    /// The connection's last run, which did not try these credentials.
    pub last_run: Option<Collection>,
}

/// Why a sign-in at a connection that exists changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::flow) enum NotRenewed {
    /// The organization revoked the link meanwhile.
    Revoked,
    /// It could not be saved, or the connection was switched off or deleted meanwhile.
    NotSaved,
}

impl Finish<'_> {
    /// Makes the connection in one transaction.
    pub async fn run(self, services: &Services) -> Finished {
        let input = match self.input(services) {
            Ok(input) => input,
            Err(error) => {
                tracing::error!(flow = %self.flow_ref, error, "credentials cannot be sealed");
                return Finished::Again(SitesProblem::NotSaved);
            }
        };
        let first = self.first_job(services, input.now);
        let session = self.session(services, input.now);
        let (input, first, session) = (&input, first.as_ref(), session.as_ref());
        let random = &*services.random;
        let finished = services.store.tx("flow.finish", |tx| {
            Box::pin(async move {
                let first = first.map_err(|_| StoreError::Corrupt { column: "payload" })?;
                // None: an earlier try has written all of it.
                if let Some(made) = tx.finish(input).await? {
                    if let Some(session) = session {
                        let (company, id) = (input.company, input.connection);
                        tx.save_browser_session(company, id, &input.sealed, session)
                            .await?;
                    }
                    if let Some(outbox) = Outbox::of(tx, input.company, random, input.now).await? {
                        outbox
                            .connection_created(tx, input.connection, made)
                            .await?;
                    }
                    tx.enqueue(first).await?;
                }
                Ok(())
            })
        });
        match finished.await {
            Ok(()) => Finished::Connected(self.connection),
            Err(FinishError::Used) => {
                Finished::Refused(FinishRefusal::Used, LinkRefusalReason::Fulfilled)
            }
            Err(FinishError::Revoked) => {
                Finished::Refused(FinishRefusal::Invalid, LinkRefusalReason::Revoked)
            }
            Err(FinishError::UnknownLink) => {
                Finished::Refused(FinishRefusal::Invalid, LinkRefusalReason::Unknown)
            }
            Err(FinishError::UnknownSite) => Finished::Again(SitesProblem::SiteGone),
            Err(FinishError::Store(error)) => {
                tracing::error!(flow = %self.flow_ref, %error, "the finish was not saved");
                Finished::Again(SitesProblem::NotSaved)
            }
        }
    }

    /// Gives what was captured to a connection that exists, and has it tried at once.
    pub async fn renew(self, services: &Services) -> Result<Renewed, NotRenewed> {
        let input = match self.renewal(services) {
            Ok(input) => input,
            Err(error) => {
                tracing::error!(flow = %self.flow_ref, error, "credentials cannot be sealed");
                return Err(NotRenewed::NotSaved);
            }
        };
        let first = self.first_job(services, input.now);
        let (input, first) = (&input, first.as_ref());
        let random = &*services.random;
        let renewed = services.store.tx("flow.renew", |tx| {
            Box::pin(async move {
                let first = first.map_err(|_| StoreError::Corrupt { column: "payload" })?;
                let of = (input.company, input.connection);
                tx.lock_job(&first.dedupe_key).await?;
                let watched = watch(tx, of, random, input.now).await?;
                let is_proposed = match tx.renew_credentials(input).await? {
                    Renewal::Replaced => false,
                    Renewal::Proposed => true,
                    Renewal::Unknown | Renewal::SwitchedOff => {
                        return Ok(Err(NotRenewed::NotSaved));
                    }
                    Renewal::Revoked => return Ok(Err(NotRenewed::Revoked)),
                };
                let last_run = tx.last_collection(input.company, input.connection).await?;
                watched.changed(tx).await?;
                tx.enqueue(first).await?;
                Ok::<_, StoreError>(Ok(Renewed {
                    is_proposed,
                    last_run,
                }))
            })
        });
        renewed.await.unwrap_or_else(|error| {
            tracing::error!(flow = %self.flow_ref, %error, "the new sign-in was not saved");
            Err(NotRenewed::NotSaved)
        })
    }

    fn first_job(&self, services: &Services, now: UnixMillis) -> Result<NewJob, StoreError> {
        collect_job(
            JobId::from_random(clock::bytes(&*services.random)),
            self.found.company.id,
            self.connection,
            self.url,
            now,
            now,
        )
    }

    /// What the browser of the sign-in kept, sealed.
    fn session(&self, services: &Services, now: UnixMillis) -> Option<SealedSession> {
        let of = (self.found.company.id, self.connection);
        let session = &self.captured.session;
        let sealed = seal_session(&services.vault, &*services.random, of, session)?;
        Some(SealedSession {
            sealed,
            saved_at: now,
        })
    }

    fn renewal(&self, services: &Services) -> Result<RenewalInput, String> {
        let (captured, company) = (self.captured, self.found.company.id);
        let row = self.connection.to_string();
        let associated = AssociatedData {
            table: credentials::TABLE,
            row: &row,
            owner: company.into(),
        };
        let plain = serde_json::to_vec(&captured.credentials).map_err(|e| e.to_string())?;
        let plain = Zeroizing::new(plain);
        let sealed = services
            .vault
            .seal(&*services.random, associated, &plain)
            .map_err(|error| error.to_string())?;
        let now = services.clock.now();
        Ok(RenewalInput {
            company,
            connection: self.connection,
            link: self.found.link.id,
            flow_ref: self.flow_ref,
            sealed: sealed.bytes,
            recipe: captured.recipe.to_json().map_err(|e| e.to_string())?,
            username_masked: masked(&captured.credentials.username),
            session: self.session(services, now),
            now,
        })
    }

    fn input(&self, services: &Services) -> Result<FinishInput, String> {
        let new = self.renewal(services)?;
        Ok(FinishInput {
            company: new.company,
            link: self.found.link.id,
            flow_ref: self.flow_ref,
            connection: new.connection,
            sealed: new.sealed,
            recipe: new.recipe,
            provider_url: self.url.clone(),
            country: self.country,
            username_masked: new.username_masked,
            sites: self.sites.clone(),
            utility_types: self.utility_types.to_vec(),
            now: new.now,
        })
    }
}

/// Enough to recognise one's own user name, too little to use it: `jo…@example.com`, `jo…`.
pub(in crate::flow) fn masked(username: &str) -> Option<String> {
    let (name, domain) = match username.split_once('@') {
        Some((name, domain)) => (name, Some(domain)),
        None => (username, None),
    };
    let shown: String = name.chars().take(name.chars().count().min(5) / 2).collect();
    match domain {
        _ if username.is_empty() => None,
        Some(domain) => Some(format!(
            "{shown}…@{}",
            domain.chars().take(80).collect::<String>()
        )),
        None => Some(format!("{shown}…")),
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn most_of_a_user_name_is_masked() {
        let cases = [
            ("jordan@example.com", Some("jo…@example.com")),
            ("ab", Some("a…")),
            ("a", Some("…")),
            ("@example.com", Some("…@example.com")),
            ("1234567890", Some("12…")),
            ("\u{e9}\u{e8}\u{ea}\u{eb}", Some("\u{e9}\u{e8}…")),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(masked(name).as_deref(), expected, "{name}");
        }
    }
}
