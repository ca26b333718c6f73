//! The owner's side: the page with one box. Any node answers for it, because all of it is in the database.

use std::{sync::Arc, time::Duration};

use shared::{
    code_page::{CodeAction, CodePage, CodeView},
    entry::{CodeSource as ShownSource, EntryField, EntryView},
    id::{CodeRequestId, FlowRef, JobId, PublicCompanyId},
    proof::CodePagePath,
    status::{CodeRequestStatus, FieldKind},
    time::UnixMillis,
    token::{self, KeyRing, TokenKind},
    wire::{FlowState, STATE_SECONDS},
};
use tokio::time::{Instant, sleep_until};

use crate::{
    clock::{Clock, Random, bytes},
    link_url::{code_path, code_token},
    store::{
        Store, StoreError,
        code_requests::{CodeRequest, CodeRequestForPage, SealedAnswer},
        connections::Connection,
        jobs::NewJob,
    },
};

/// Between two looks into the database while a page waits for a change.
const PACE: Duration = Duration::from_secs(1);
/// A sealed code of one field is far shorter, in characters of base64url.
const SEALED_MAX: usize = 4096;
/// The time that is left is said once it is no more than this, in milliseconds.
const SAID_BEFORE_MS: u64 = 120_000;
/// The answer's field: there is one.
const FIELD: u32 = 0;

/// Makes the job that signs in again for the connection of a request, at this time.
pub type SignInAgain =
    dyn Fn(JobId, &CodeRequestForPage, UnixMillis) -> Result<NewJob, StoreError> + Send + Sync;

/// The path of the page of a request; `None` when the key that sealed its token is configured no more.
#[must_use]
pub fn code_page_path(
    keys: &KeyRing,
    company: PublicCompanyId,
    request: &CodeRequest,
    connection: &Connection,
) -> Option<CodePagePath> {
    let token = code_token(keys, company, request, connection).ok()?;
    Some(CodePagePath(code_path(company, &token)))
}

/// Answers for the pages of code requests. Cheap to clone.
#[derive(Clone)]
pub struct CodePages {
    /// The database with the requests.
    pub store: Store,
    /// The keys that open tokens.
    pub token_keys: Arc<KeyRing>,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for ids.
    pub random: Arc<dyn Random>,
    /// Makes the job that signs in again.
    pub sign_in_again: Arc<SignInAgain>,
}

impl CodePages {
    /// What the page shows; `None` when there is no such page, or its day is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn view(&self, page: &CodePage) -> Result<Option<CodeView>, StoreError> {
        let found = self.find(page).await?;
        Ok(found.map(|found| view(&found, self.clock.now())))
    }

    /// Waits until the page shows another version than `seen`, for [`STATE_SECONDS`] at most. `None` as for
    /// [`Self::view`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn state(&self, page: &CodePage, seen: u64) -> Result<Option<FlowState>, StoreError> {
        let until = Instant::now() + Duration::from_secs(STATE_SECONDS);
        loop {
            let Some(view) = self.view(page).await? else {
                return Ok(None);
            };
            if view.version != seen || Instant::now() >= until {
                return Ok(Some(FlowState {
                    version: view.version,
                }));
            }
            sleep_until((Instant::now() + PACE).min(until)).await;
        }
    }

    /// Does what the owner did, and answers what the page shows then. What comes too late changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn act(
        &self,
        page: &CodePage,
        action: CodeAction,
    ) -> Result<Option<CodeView>, StoreError> {
        let Some(found) = self.find(page).await? else {
            return Ok(None);
        };
        let (company, id, now) = (found.request.company, found.request.id, self.clock.now());
        match action {
            CodeAction::Enter { public_key, sealed } => {
                let answer = SealedAnswer { public_key, sealed };
                let fits = answer.public_key.len() + answer.sealed.len() <= SEALED_MAX;
                if fits {
                    let taken = self.store.tx("codes.answer", |tx| {
                        Box::pin(tx.answer_code_request(company, id, &answer, None, now))
                    });
                    taken.await?;
                }
            }
            CodeAction::Again
                if status(&found.request, now) == CodeRequestStatus::Over
                    && found.may_ask_again =>
            {
                let id_of_job = JobId::from_random(bytes(&*self.random));
                let job = (self.sign_in_again)(id_of_job, &found, now)?;
                let (job, again) = (&job, CodeRequestStatus::Again);
                let queued = self.store.tx("codes.sign_in_again", |tx| {
                    Box::pin(async move {
                        // A run locks its job before the rows of its connection.
                        tx.lock_job(&job.dedupe_key).await?;
                        tx.set_code_request_status(company, id, again).await?;
                        tx.enqueue(job).await
                    })
                });
                queued.await?;
            }
            CodeAction::Again => {}
            CodeAction::ChooseHour { hour } => {
                let connection = found.request.connection;
                // One that waits still says at its own end when it comes again.
                let is_over = status(&found.request, now) == CodeRequestStatus::Over;
                let job = match hour.filter(|_| is_over && found.may_ask_again) {
                    Some(hour) => {
                        let id_of_job = JobId::from_random(bytes(&*self.random));
                        Some((self.sign_in_again)(id_of_job, &found, hour.next(now))?)
                    }
                    None => None,
                };
                let job = job.as_ref();
                let chosen = self.store.tx("codes.choose_hour", |tx| {
                    Box::pin(async move {
                        if let Some(job) = job {
                            tx.lock_job(&job.dedupe_key).await?;
                        }
                        tx.set_code_hour(company, connection, hour).await?;
                        match job {
                            Some(job) => tx.enqueue(job).await,
                            None => Ok(()),
                        }
                    })
                });
                chosen.await?;
            }
        }
        self.view(page).await
    }

    async fn find(&self, page: &CodePage) -> Result<Option<CodeRequestForPage>, StoreError> {
        let company = page.public_company_id;
        let opened = token::open(&self.token_keys, TokenKind::Code, &company, &page.token);
        let Ok(claims) = opened else {
            return Ok(None);
        };
        if claims.expired(self.clock.now()) {
            return Ok(None);
        }
        let id = CodeRequestId::from_bytes(*claims.link.as_bytes());
        self.store
            .read("codes.request", |tx| {
                Box::pin(tx.code_request_for_page(company, id))
            })
            .await
    }
}

/// How the request stands: a node that died leaves one that nothing waits for.
fn status(request: &CodeRequest, now: UnixMillis) -> CodeRequestStatus {
    let is_left = matches!(
        request.status,
        CodeRequestStatus::Waiting | CodeRequestStatus::Trying
    ) && request.waits_until <= now;
    if is_left {
        CodeRequestStatus::Over
    } else {
        request.status
    }
}

fn view(found: &CodeRequestForPage, now: UnixMillis) -> CodeView {
    let request = &found.request;
    let status = status(request, now);
    let left = u64::try_from(request.waits_until.since(now)).unwrap_or(0);
    let entry = (status == CodeRequestStatus::Waiting).then(|| {
        Box::new(EntryView {
            number: request.number,
            public_key: request.public_key.clone(),
            fields: vec![EntryField {
                id: FIELD,
                kind: FieldKind::Code,
                label: String::new(),
                autocomplete: String::new(),
                numeric: request.asked.numeric,
                required: true,
            }],
            mfa_options: Vec::new(),
            choices: Vec::new(),
            code: Some(ShownSource {
                channel: request.asked.channel,
                target: request.asked.target.clone(),
                asked_anew: false,
            }),
            elsewhere: None,
            offers: Vec::new(),
            host: None,
            challenged_by: None,
            challenge_encrypted: true,
            problem: None,
            minutes_left: (left <= SAID_BEFORE_MS).then(|| left.div_ceil(60_000).max(1)),
        })
    });
    // Time alone changes what is shown, too: it is nearly over, and then it is.
    let is_near = entry
        .as_ref()
        .is_some_and(|entry| entry.minutes_left.is_some());
    let by_time = u64::from(is_near) + 2 * u64::from(status != request.status);
    let version = u64::try_from(request.version).unwrap_or(0) * 4;
    CodeView {
        request: FlowRef::from_bytes(*request.id.as_bytes()),
        provider_host: found.provider_url.host(),
        version: version + by_time,
        status,
        entry,
        refused: request.asked.refused,
        hour: found.code_hour,
    }
}

#[cfg(test)]
mod tests {
    use shared::id::{CompanyId, ConnectionId};

    use super::*;
    use crate::store::testing::waiting_code_request;

    #[test]
    fn a_page_that_waits_is_renewed_once_near_the_end_and_at_the_end() {
        let found = CodeRequestForPage {
            request: CodeRequest {
                version: 7,
                ..waiting_code_request(
                    CompanyId::from_random([2; 16]),
                    ConnectionId::from_random([3; 16]),
                    UnixMillis(0),
                )
            },
            provider_url: "https://utility.example/".parse().expect("an address"),
            code_hour: None,
            may_ask_again: true,
        };
        let at = |seconds: i64| {
            let view = view(&found, UnixMillis(seconds * 1000));
            (view.version, view.entry.map(|entry| entry.minutes_left))
        };
        let (begun, left) = at(0);
        assert_eq!(left, Some(None));
        assert_eq!(at(479), (begun, Some(None)));
        let (near, left) = at(480);
        assert_ne!(near, begun);
        assert_eq!(left, Some(Some(2)));
        assert_eq!(at(545), (near, Some(Some(1))), "said once");
        let (over, left) = at(600);
        assert!(over != near && over != begun);
        assert_eq!(left, None);
    }
}
