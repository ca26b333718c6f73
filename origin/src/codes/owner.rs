//! The waiting side: a running sign-in asks the owner of its connection for a code.

use std::time::Duration;

use shared::{
    entry::{CODE_MINUTES, MAX_VALUE, SealedEntry},
    id::{CodeRequestId, FlowRef, JobId, NoticeId},
    sealing::SealingKey,
    status::{CodeRequestStatus, ErrorCode},
    time::UnixMillis,
    token::KeyRing,
};
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

use crate::{
    clock::{Clock, Random, bytes, sealing_key},
    mail::deliver_job,
    signin::{CodeAsked, CodeRefusal, CodeSource},
    store::{
        Store, StoreError,
        code_requests::{AskedCode, CODE_PAGE_LIFE_MS, CodeRequest, SealedAnswer},
        connections::Connection,
        notices::{Notice, NoticeContent},
    },
};

/// Between two looks into the database for the owner's answer.
const PACE: Duration = Duration::from_secs(1);
/// The owner has so long for all codes of one sign-in.
const TIME: Duration = Duration::from_secs(CODE_MINUTES * 60);
/// Codes that are asked for in one sign-in.
const CODES_MAX: u32 = 3;

/// Why no answer could be waited for.
#[derive(Debug, thiserror::Error)]
pub enum OwnerCodesError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks the owner of one connection, during one sign-in. The first question makes a request and a notice that carries
/// its page; further ones stand on the same page.
pub struct OwnerCodes<'a> {
    store: &'a Store,
    clock: &'a dyn Clock,
    random: &'a dyn Random,
    token_keys: &'a KeyRing,
    connection: &'a Connection,
    key: SealingKey,
    request: Option<CodeRequest>,
    until: Option<Instant>,
    /// Codes that the owner gave.
    given: u32,
    /// An answer was taken since the question was put.
    is_answered: bool,
}

impl<'a> OwnerCodes<'a> {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(
        store: &'a Store,
        clock: &'a dyn Clock,
        random: &'a dyn Random,
        token_keys: &'a KeyRing,
        connection: &'a Connection,
    ) -> Self {
        Self {
            store,
            clock,
            random,
            token_keys,
            connection,
            key: sealing_key(random),
            request: None,
            until: None,
            given: 0,
            is_answered: false,
        }
    }

    /// Whether the owner was asked for a code.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.request.is_some()
    }

    /// Tells the page that the sign-in waits for nothing any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&mut self, accepted: bool) -> Result<(), OwnerCodesError> {
        let Some(request) = self.request.take() else {
            return Ok(());
        };
        let status = if accepted {
            CodeRequestStatus::Accepted
        } else {
            CodeRequestStatus::Over
        };
        let (company, id) = (request.company, request.id);
        let ended = self.store.tx("codes.end", |tx| {
            Box::pin(tx.set_code_request_status(company, id, status))
        });
        Ok(ended.await?)
    }

    /// Puts the question on the page.
    async fn ask(&mut self, asked: AskedCode) -> Result<CodeRequest, StoreError> {
        let now = self.clock.now();
        let waits_until = now.plus(i64::try_from(TIME.as_millis()).unwrap_or(i64::MAX));
        let (company, connection) = (self.connection.company, self.connection.id);
        let known = match &self.request {
            Some(request) => Some(request.clone()),
            None => {
                let last = self.store.read("codes.last", |tx| {
                    Box::pin(tx.last_code_request(company, connection))
                });
                // Its owner is at the page, and asked for this one.
                last.await?.filter(|last| {
                    last.status == CodeRequestStatus::Again
                        && now.since(last.created_at) < CODE_PAGE_LIFE_MS
                })
            }
        };
        let public_key = self.key.public();
        if let Some(known) = known {
            if self.request.is_some() && !self.is_answered && known.asked == asked {
                return Ok(known);
            }
            // The same question in other words keeps its number: what the owner types meanwhile answers it.
            let is_new = self.request.is_none() || self.is_answered;
            let request = CodeRequest {
                asked,
                public_key,
                number: known.number.saturating_add(u32::from(is_new)),
                // Another code of one sign-in gets no more time.
                waits_until: if self.request.is_some() {
                    known.waits_until
                } else {
                    waits_until
                },
                ..known
            };
            let written = &request;
            let asked = self
                .store
                .tx("codes.ask_again", |tx| Box::pin(tx.ask_code(written)));
            asked.await?;
            return Ok(request);
        }
        let request = CodeRequest {
            id: CodeRequestId::from_random(bytes(self.random)),
            company,
            connection,
            key_id: self.token_keys.sealing_id(),
            nonce: bytes(self.random),
            public_key,
            status: CodeRequestStatus::Waiting,
            asked,
            number: 1,
            version: 1,
            created_at: now,
            waits_until,
            answered_by: None,
        };
        let notice = self.notice(&request, now);
        let delivery = match &notice {
            Some(notice) => {
                let id = JobId::from_random(bytes(self.random));
                Some(deliver_job(id, notice, now)?)
            }
            None => None,
        };
        let (written, notice, delivery) = (&request, notice.as_ref(), delivery.as_ref());
        let asked = self.store.tx("codes.ask", |tx| {
            Box::pin(async move {
                tx.add_code_request(written).await?;
                if let (Some(notice), Some(delivery)) = (notice, delivery) {
                    tx.add_notice(notice).await?;
                    tx.enqueue(delivery).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        asked.await?;
        Ok(request)
    }

    fn notice(&self, request: &CodeRequest, now: UnixMillis) -> Option<Notice> {
        Some(Notice {
            id: NoticeId::from_random(bytes(self.random)),
            company: request.company,
            connection: request.connection,
            content: NoticeContent::CodeNeeded(request.id),
            recipient: self.connection.owner_email.clone()?,
            reminders: 0,
            created_at: now,
        })
    }

    /// Waits for the owner's answer to the request. `None` when none came in time.
    async fn answer(
        &mut self,
        request: &CodeRequest,
        until: Instant,
    ) -> Result<Option<Zeroizing<String>>, StoreError> {
        let (company, id) = (request.company, request.id);
        loop {
            let taken = self.store.tx("codes.take_answer", |tx| {
                Box::pin(tx.take_code_answer(company, id))
            });
            if let Some(answer) = taken.await? {
                if let Some(code) = self.open(request, &answer) {
                    self.is_answered = true;
                    self.given += 1;
                    return Ok(Some(code));
                }
                // From a page that was out of date: the question stands.
                let asked = self
                    .store
                    .tx("codes.ask_again", |tx| Box::pin(tx.ask_code(request)));
                asked.await?;
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            sleep_until((Instant::now() + PACE).min(until)).await;
        }
    }

    /// The code, if it was sealed for this question.
    fn open(&self, request: &CodeRequest, answer: &SealedAnswer) -> Option<Zeroizing<String>> {
        let page = FlowRef::from_bytes(*request.id.as_bytes());
        let mut opener = self.key.opener(&answer.public_key, page).ok()?;
        let plain = opener.open(0, &answer.sealed).ok()?;
        let entry: SealedEntry = serde_json::from_slice(&plain).ok()?;
        if entry.number != request.number {
            return None;
        }
        let code = entry.values.into_iter().next()?.text;
        let fits = !code.is_empty() && code.chars().count() <= MAX_VALUE;
        fits.then_some(code)
    }
}

impl CodeSource for OwnerCodes<'_> {
    type Error = OwnerCodesError;

    async fn code(
        &mut self,
        code: CodeAsked<'_>,
    ) -> Result<Option<Zeroizing<String>>, OwnerCodesError> {
        // Nobody would hear of it.
        if self.connection.owner_email.is_none() || self.given >= CODES_MAX {
            return Ok(None);
        }
        let until = *self.until.get_or_insert_with(|| Instant::now() + TIME);
        let request = self
            .ask(AskedCode {
                channel: code.channel,
                target: code.target.map(str::to_owned),
                numeric: code.numeric,
                refused: code.refused.map(|refused| match refused {
                    CodeRefusal::Wrong => ErrorCode::CodeInvalid,
                    CodeRefusal::Expired => ErrorCode::CodeExpired,
                }),
            })
            .await?;
        tracing::info!(connection = %self.connection.id, request = %request.id, "a sign-in waits for a code");
        self.request = Some(request.clone());
        self.is_answered = false;
        Ok(self.answer(&request, until).await?)
    }
}
