//! The waiting side: a running sign-in waits for a code by a channel of its connection, and asks the owner for it.

use std::time::Duration;

use shared::{
    entry::{CODE_MINUTES, MAX_VALUE, SealedEntry},
    id::{CodeChannelId, CodeRequestId, FlowRef, JobId, NoticeId},
    sealing::SealingKey,
    status::{CodeAnswerer, CodeRequestStatus, ErrorCode},
    time::UnixMillis,
    token::KeyRing,
    webhook::WebhookEventType,
};
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

use super::channels::{can_answer, give, open_early};
use crate::{
    clock::{Clock, Random, bytes, sealing_key},
    mail::deliver_job,
    signin::{CodeAsked, CodeRefusal, CodeSource},
    store::{
        Store, StoreError,
        code_channels::EARLY_CODE_MS,
        code_requests::{AskedCode, CODE_PAGE_LIFE_MS, CodeRequest, SealedAnswer},
        connections::Connection,
        notices::{Notice, NoticeContent},
    },
    vault::Vault,
    webhooks::Outbox,
};

/// Between two looks into the database for the owner's answer.
const PACE: Duration = Duration::from_secs(1);
/// The owner has so long for all codes of one sign-in.
const TIME: Duration = Duration::from_secs(CODE_MINUTES * 60);
/// A channel has so long to bring a code before, or instead of, the owner being asked.
const CHANNEL_TIME: Duration = Duration::from_secs(120);
/// Codes that are asked for in one sign-in.
const CODES_MAX: usize = 3;

/// Why no answer could be waited for.
#[derive(Debug, thiserror::Error)]
pub enum OwnerCodesError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks the owner of one connection, during one sign-in. The first question makes a request and a notice that carries
/// its page; further ones stand on the same page. What messages to a channel of the connection bring answers the same
/// request; where such a channel is proven, the notice waits for it, and is dropped when it answers in time.
pub struct OwnerCodes<'a> {
    store: &'a Store,
    clock: &'a dyn Clock,
    random: &'a dyn Random,
    token_keys: &'a KeyRing,
    vault: &'a Vault,
    connection: &'a Connection,
    /// Whether persons are asked; else messages alone can bring a code.
    asks_persons: bool,
    key: SealingKey,
    request: Option<CodeRequest>,
    until: Option<Instant>,
    /// Codes that were given: a message that comes twice brings none anew.
    given: Vec<Zeroizing<String>>,
    /// An answer was taken since the question was put.
    is_answered: bool,
    /// A message that came before is of another sign-in, or of a code that was used.
    since: UnixMillis,
    /// The channel that gave the last code, when no person did.
    by: Option<CodeChannelId>,
    /// A code is waited for that nothing but a person gives, or a person has given one.
    is_by_person: bool,
}

impl<'a> OwnerCodes<'a> {
    /// Nothing is asked yet. `asks_persons`: the owner is; else only messages to channels are waited for.
    #[must_use]
    pub fn new(
        store: &'a Store,
        clock: &'a dyn Clock,
        random: &'a dyn Random,
        token_keys: &'a KeyRing,
        vault: &'a Vault,
        connection: &'a Connection,
        asks_persons: bool,
    ) -> Self {
        Self {
            store,
            clock,
            random,
            token_keys,
            vault,
            asks_persons,
            since: clock.now(),
            is_by_person: false,
            by: None,
            connection,
            key: sealing_key(random),
            request: None,
            until: None,
            given: Vec::new(),
            is_answered: false,
        }
    }

    /// Whether a person was needed: gave a code, or was waited for in vain. Codes that channels gave need none.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.is_by_person
    }

    /// The last code was another's.
    pub fn not_used(&mut self) {
        self.by = None;
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
        let (now, by) = (self.clock.now(), self.by.take());
        let ended = self.store.tx("codes.end", |tx| {
            Box::pin(async move {
                tx.set_code_request_status(company, id, status).await?;
                match by {
                    Some(channel) if accepted => {
                        tx.set_code_channel_proven(company, channel, now).await
                    }
                    _ => Ok(()),
                }
            })
        });
        Ok(ended.await?)
    }

    /// Whether messages may bring a code, and whether they have done so before.
    async fn channels(&self) -> Result<(bool, bool), StoreError> {
        let (company, connection) = (self.connection.company, self.connection.id);
        let found = self.store.read("codes.channels", |tx| {
            Box::pin(tx.code_channels(company, connection))
        });
        let mut channels = found.await?;
        channels.retain(|one| one.kind != CodeAnswerer::Authenticator);
        let now = self.clock.now();
        let until = now.plus(i64::try_from(TIME.as_millis()).unwrap_or(i64::MAX));
        // Its set-up is over, but whoever runs the client's mail may have done it since.
        for closed in channels.iter().filter(|one| !one.is_open(now)) {
            let id = closed.id;
            let opened = self.store.tx("codes.open_channel", |tx| {
                Box::pin(tx.wait_for_code_channel(company, id, until))
            });
            opened.await?;
        }
        let is_proven = channels.iter().any(|one| one.proven_at.is_some());
        Ok((!channels.is_empty(), is_proven))
    }

    /// Whether the organization says that it asks whoever gets codes, and hears of them.
    async fn is_told(&self) -> Result<bool, StoreError> {
        let (company, random, now) = (self.connection.company, self.random, self.clock.now());
        let outbox = self.store.read("codes.is_told", |tx| {
            Box::pin(Outbox::of(tx, company, random, now))
        });
        let needed = WebhookEventType::ConnectionCodeNeeded;
        Ok(outbox
            .await?
            .is_some_and(|outbox| outbox.is_acted_on(needed)))
    }

    /// Answers the request with the code that came before it was there, if one did.
    async fn answer_early(&self, request: &CodeRequest) -> Result<(), StoreError> {
        let (company, connection) = (request.company, request.connection);
        let now = self.clock.now();
        let since = self.since.max(now.plus(-EARLY_CODE_MS));
        let taken = self.store.tx("codes.take_early", |tx| {
            Box::pin(tx.take_early_code(company, connection, since))
        });
        let Some((channel, sealed)) = taken.await? else {
            return Ok(());
        };
        if let Some(code) = open_early(self.vault, (company, channel), &sealed)
            && can_answer(request, &code)
        {
            give(self.store, self.random, request, channel, &code, now).await?;
        }
        Ok(())
    }

    /// Puts the question on the page; the owner, if asked, hears of it after `patience`.
    async fn ask(
        &mut self,
        asked: AskedCode,
        patience: Duration,
    ) -> Result<CodeRequest, StoreError> {
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
        let notice = self.notice(&request, now).filter(|_| self.asks_persons);
        let delivery = match &notice {
            Some(notice) => {
                let id = JobId::from_random(bytes(self.random));
                let patience = i64::try_from(patience.as_millis()).unwrap_or(0);
                Some(deliver_job(id, notice, now.plus(patience))?)
            }
            None => None,
        };
        let (written, notice, delivery) = (&request, notice.as_ref(), delivery.as_ref());
        let (random, asks_persons) = (self.random, self.asks_persons);
        let patience = i64::try_from(patience.as_millis()).unwrap_or(0);
        let asked = self.store.tx("codes.ask", |tx| {
            Box::pin(async move {
                // Of one that was deleted meanwhile nothing is written any more.
                let Some(found) = tx.lock_connection(company, connection).await? else {
                    return Ok(());
                };
                tx.add_code_request(written).await?;
                if found.inactive_at.is_some() {
                    // Messages may still bring the code, but nobody is asked.
                    return Ok(());
                }
                if asks_persons && let Some(outbox) = Outbox::of(tx, company, random, now).await? {
                    outbox.code_needed(tx, written, patience).await?;
                }
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
            first_at: request.created_at,
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
                Box::pin(async move {
                    let by = tx.code_request(company, id).await?;
                    let by = by.and_then(|request| request.answered_by);
                    let answer = tx.take_code_answer(company, id).await?;
                    Ok::<_, StoreError>(answer.map(|answer| (answer, by)))
                })
            });
            if let Some((answer, by)) = taken.await? {
                let opened = self.open(request, &answer);
                let opened = opened.filter(|code| by.is_none() || !self.given.contains(code));
                if let Some(code) = opened {
                    self.is_answered = true;
                    self.is_by_person |= by.is_none();
                    self.by = by;
                    self.since = self.clock.now();
                    self.given.push(code.clone());
                    return Ok(Some(code));
                }
                // From a page that was out of date, or a message that came twice: the question stands.
                let asked = self
                    .store
                    .tx("codes.ask_again", |tx| Box::pin(tx.ask_code(request)));
                asked.await?;
            }
            if Instant::now() >= until {
                self.is_by_person |= self.asks_persons;
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
        let (may_come, has_come) = self.channels().await?;
        let has_person = self.connection.owner_email.is_some() || self.is_told().await?;
        // Nobody would hear of it.
        let is_heard = may_come || (self.asks_persons && has_person);
        if !is_heard || self.given.len() >= CODES_MAX {
            return Ok(None);
        }
        let time = if self.asks_persons {
            TIME
        } else {
            CHANNEL_TIME
        };
        let until = *self.until.get_or_insert_with(|| Instant::now() + time);
        let asked = AskedCode {
            channel: code.channel,
            target: code.target.map(str::to_owned),
            numeric: code.numeric,
            refused: code.refused.map(|refused| match refused {
                CodeRefusal::Wrong => ErrorCode::CodeInvalid,
                CodeRefusal::Expired => ErrorCode::CodeExpired,
            }),
        };
        let patience = if has_come {
            CHANNEL_TIME
        } else {
            Duration::ZERO
        };
        let request = self.ask(asked, patience).await?;
        tracing::info!(connection = %self.connection.id, request = %request.id, "a sign-in waits for a code");
        self.request = Some(request.clone());
        self.is_answered = false;
        self.answer_early(&request).await?;
        Ok(self.answer(&request, until).await?)
    }
}
