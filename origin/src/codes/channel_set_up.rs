//! The channels that answer for a connection without a person: set up, opened, and asked for codes.

use std::{sync::Arc, time::Duration};

use shared::{
    id::{CodeChannelId, CompanyId, ConnectionId},
    status::CodeAnswerer,
    time::UnixMillis,
};
use zeroize::Zeroizing;

use super::{
    Authenticator,
    confirmation::{open, seal},
};
use crate::{
    clock::{Clock, Random, bytes},
    store::{
        Store, StoreError,
        code_channels::{CodeChannelRow, SECRET},
    },
    vault::Vault,
};

/// A channel that is set up waits so long for its first message, in milliseconds: whoever runs the client's mail may
/// not do it at once.
pub const SET_UP_MS: i64 = 24 * 3_600_000;
/// A code that is shown for less than this would come too late.
const REMAINING_MIN: Duration = Duration::from_secs(4);
/// Letters and digits of an address of a connection's own: 16 times 5 bits cannot be guessed.
const LOCAL_PART: usize = 16;
const ADDRESS_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Where messages with codes can be sent to, as this installation is set up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboundAddresses {
    /// The domain whose mail comes to us.
    pub mail_domain: Option<String>,
    /// The phone number (E.164) whose text messages come to us.
    pub phone_number: Option<String>,
}

impl InboundAddresses {
    /// What can answer for connections here.
    pub fn answerers(&self) -> impl Iterator<Item = CodeAnswerer> {
        let of = |kind, is_there: bool| is_there.then_some(kind);
        [
            Some(CodeAnswerer::Authenticator),
            of(CodeAnswerer::Email, self.mail_domain.is_some()),
            of(CodeAnswerer::Sms, self.phone_number.is_some()),
        ]
        .into_iter()
        .flatten()
    }

    /// The whole address of a channel, as a client is told it.
    #[must_use]
    pub fn address_of(&self, channel: &CodeChannelRow) -> Option<String> {
        let local = channel.address.as_deref()?;
        match channel.kind {
            CodeAnswerer::Email => Some(format!("{local}@{}", self.mail_domain.as_deref()?)),
            CodeAnswerer::Sms => Some(local.to_owned()),
            CodeAnswerer::Authenticator => None,
        }
    }
}

/// A code of an authenticator, which is used by nobody else.
pub struct TakenCode {
    /// Its six to eight digits, as they are typed into the website.
    pub code: Zeroizing<String>,
    /// Until when the website takes it.
    pub until: UnixMillis,
}

/// The channels of connections, in the database and the vault.
#[derive(Clone)]
pub struct CodeChannels {
    /// The database.
    pub store: Store,
    /// The vault, which seals secrets.
    pub vault: Arc<Vault>,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for ids and addresses.
    pub random: Arc<dyn Random>,
}

impl CodeChannels {
    /// Keeps the secret of an authenticator for the company's connection, in the place of an earlier one. False when it
    /// could not be sealed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_up_authenticator(
        &self,
        (company, connection): (CompanyId, ConnectionId),
        authenticator: &Authenticator,
    ) -> Result<bool, StoreError> {
        let mut channel = self.new_channel(company, connection, CodeAnswerer::Authenticator);
        let (of, text) = ((company, channel.id), authenticator.to_text());
        let sealed = seal(&self.vault, &*self.random, SECRET, of, text.as_bytes());
        if sealed.is_none() {
            tracing::error!(%connection, "the secret of an authenticator cannot be sealed");
            return Ok(false);
        }
        channel.secret = sealed;
        self.put(&channel).await
    }

    /// Makes an address that codes for the company's connection can be sent to. False when there is no such channel
    /// here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_up_address(
        &self,
        (company, connection): (CompanyId, ConnectionId),
        kind: CodeAnswerer,
        inbound: &InboundAddresses,
    ) -> Result<bool, StoreError> {
        let address = match kind {
            CodeAnswerer::Authenticator => None,
            CodeAnswerer::Email => inbound.mail_domain.as_ref().map(|_| self.local_part()),
            CodeAnswerer::Sms => inbound.phone_number.clone(),
        };
        if address.is_none() {
            return Ok(false);
        }
        let channel = CodeChannelRow {
            address,
            ..self.new_channel(company, connection, kind)
        };
        self.put(&channel).await
    }

    /// The authenticator of a channel's row; `None` when it is another channel or its secret does not open.
    #[must_use]
    pub fn authenticator(&self, channel: &CodeChannelRow) -> Option<Authenticator> {
        let (of, sealed) = ((channel.company, channel.id), channel.secret.as_deref()?);
        let plain = open(&self.vault, SECRET, of, sealed)?;
        Authenticator::parse(std::str::from_utf8(&plain).ok()?).ok()
    }

    /// Takes the code of this moment. `None` when it was used already, or would come too late: the next one is shown
    /// after [`Authenticator::remaining`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_code(
        &self,
        channel: &CodeChannelRow,
        authenticator: &Authenticator,
    ) -> Result<Option<TakenCode>, StoreError> {
        let now = self.clock.now();
        let remaining = authenticator.remaining(now);
        if remaining < REMAINING_MIN {
            return Ok(None);
        }
        let step = authenticator.time_step(now);
        let (company, id) = (channel.company, channel.id);
        let number = i64::try_from(step).unwrap_or(i64::MAX);
        let is_taken = self.store.tx("codes.take_time_step", |tx| {
            Box::pin(tx.take_time_step(company, id, number))
        });
        let left = i64::try_from(remaining.as_millis()).unwrap_or(0);
        Ok(is_taken.await?.then(|| TakenCode {
            code: authenticator.code(step),
            until: now.plus(left),
        }))
    }

    /// The channel of this kind of the company's connection.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(
        &self,
        (company, connection): (CompanyId, ConnectionId),
        kind: CodeAnswerer,
    ) -> Result<Option<CodeChannelRow>, StoreError> {
        let rows = self.store.read("codes.channels", |tx| {
            Box::pin(tx.code_channels(company, connection))
        });
        Ok(rows.await?.into_iter().find(|row| row.kind == kind))
    }

    /// Removes the channel of this kind of the company's connection, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(
        &self,
        of: (CompanyId, ConnectionId),
        kind: CodeAnswerer,
    ) -> Result<(), StoreError> {
        let Some(channel) = self.find(of, kind).await? else {
            return Ok(());
        };
        let removed = self.store.tx("codes.remove_channel", |tx| {
            Box::pin(tx.remove_code_channel(channel.company, channel.id))
        });
        removed.await
    }

    async fn put(&self, channel: &CodeChannelRow) -> Result<bool, StoreError> {
        let put = self.store.tx("codes.put_channel", |tx| {
            Box::pin(tx.put_code_channel(channel))
        });
        put.await
    }

    fn new_channel(
        &self,
        company: CompanyId,
        connection: ConnectionId,
        kind: CodeAnswerer,
    ) -> CodeChannelRow {
        let now = self.clock.now();
        CodeChannelRow {
            id: CodeChannelId::from_random(bytes(&*self.random)),
            company,
            connection,
            kind,
            address: None,
            secret: None,
            last_time_step: None,
            created_at: now,
            proven_at: None,
            waits_until: now.plus(SET_UP_MS),
            confirmation: None,
        }
    }

    fn local_part(&self) -> String {
        let random: [u8; LOCAL_PART] = bytes(&*self.random);
        let letters = random.iter().map(|byte| {
            let letter = ADDRESS_LETTERS.get(usize::from(byte % 32));
            char::from(*letter.unwrap_or(&b'a'))
        });
        letters.collect()
    }
}
