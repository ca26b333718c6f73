//! The codes of one sign-in, of the authenticator of its connection.

use std::time::Duration;

use shared::{
    id::CodeChannelId,
    status::{CodeAnswerer, CodeChannel},
};
use tokio::time::sleep;
use zeroize::Zeroizing;

use super::CodeChannels;
use crate::{
    signin::CodeAsked,
    store::{StoreError, connections::Connection},
};

/// Between two looks for an authenticator that the client may be setting up.
const PACE: Duration = Duration::from_secs(1);
/// Codes that are given in one sign-in: the second for a clock that runs a little behind.
const CODES_MAX: u32 = 2;

/// Time steps that are waited for: one may be used, and the client may show the next one on their page.
const STEPS_MAX: u32 = 4;

/// Gives codes to one sign-in.
pub struct AuthenticatorCodes<'a> {
    channels: CodeChannels,
    connection: &'a Connection,
    given: u32,
    /// The channel that gave the last code.
    by: Option<CodeChannelId>,
}

impl<'a> AuthenticatorCodes<'a> {
    /// No code is given yet.
    #[must_use]
    pub fn new(channels: CodeChannels, connection: &'a Connection) -> Self {
        Self {
            channels,
            connection,
            given: 0,
            by: None,
        }
    }

    /// A code, if the website may mean those of an authenticator and the connection has one: waits for the next one
    /// where that of this moment is used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn code(
        &mut self,
        asked: &CodeAsked<'_>,
    ) -> Result<Option<Zeroizing<String>>, StoreError> {
        self.by = None;
        if !is_for_authenticator(asked.channel) || self.given >= CODES_MAX {
            return Ok(None);
        }
        let of = (self.connection.company, self.connection.id);
        let kind = CodeAnswerer::Authenticator;
        // The client may change or remove it meanwhile.
        for _ in 0..STEPS_MAX {
            let Some(channel) = self.channels.find(of, kind).await? else {
                return Ok(None);
            };
            let Some(authenticator) = self.channels.authenticator(&channel) else {
                return Ok(None);
            };
            if let Some(taken) = self.channels.take_code(&channel, &authenticator).await? {
                self.given += 1;
                self.by = Some(channel.id);
                return Ok(Some(taken.code));
            }
            sleep(authenticator.remaining(self.channels.clock.now())).await;
        }
        Ok(None)
    }

    /// Waits until the client has set an authenticator up, and gives its code. Never ends for a website that asks for
    /// codes of another kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn code_once_set_up(
        &mut self,
        asked: &CodeAsked<'_>,
    ) -> Result<Zeroizing<String>, StoreError> {
        if !is_for_authenticator(asked.channel) || self.given >= CODES_MAX {
            return std::future::pending().await;
        }
        loop {
            sleep(PACE).await;
            if let Some(code) = self.code(asked).await? {
                return Ok(code);
            }
        }
    }

    /// The last code was another's.
    pub fn not_used(&mut self) {
        self.by = None;
    }

    /// The sign-in is over. The website took the last code, if it `accepted` one: an authenticator that gave it is
    /// proven.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&mut self, accepted: bool) -> Result<(), StoreError> {
        let Some(id) = self.by.take().filter(|_| accepted) else {
            return Ok(());
        };
        let (company, now) = (self.connection.company, self.channels.clock.now());
        let proven = self.channels.store.tx("codes.proven", |tx| {
            Box::pin(tx.set_code_channel_proven(company, id, now))
        });
        proven.await
    }
}

/// Whether a code that travels in this way may be an authenticator's. A website that does not say may mean it.
fn is_for_authenticator(channel: Option<CodeChannel>) -> bool {
    matches!(channel, None | Some(CodeChannel::Totp))
}
