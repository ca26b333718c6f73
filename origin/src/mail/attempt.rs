//! One try to deliver a message, and what comes of it.

use std::sync::Arc;

use lettre::Message;
use shared::{time::UnixMillis, token::KeyRing};

use super::{Composer, Transport};
use crate::{
    clock::{Clock, Random},
    store::{Store, outgoing_mails::MailEnd},
    vault::Vault,
};

/// A message that was not taken is tried again after so long, in milliseconds, and after twice as long each time.
const RETRY_MS: i64 = 5 * 60_000;
/// A message is given up after so many tries: the last one is almost a day after the first.
const MOST_TRIES: i64 = 9;

/// What mails and notices are delivered with. Cheap to clone.
#[derive(Clone)]
pub struct MailServices {
    /// The database that holds them and what they are about.
    pub store: Store,
    /// Where the messages go.
    pub transport: Arc<Transport>,
    /// Puts each message together.
    pub composer: Arc<Composer>,
    /// The keys of links, whose URLs are made again for the messages.
    pub token_keys: Arc<KeyRing>,
    /// Opens what mails keep sealed.
    pub vault: Arc<Vault>,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for ids.
    pub random: Arc<dyn Random>,
}

/// What came of a try.
pub enum Attempt {
    /// It was the last one.
    Ended(MailEnd),
    /// It is tried again at this time.
    Again(UnixMillis),
}

impl MailServices {
    /// Hands the message over. `id` names the mail or notice, and `tries` counts this try.
    pub async fn attempt(&self, id: &str, message: &Message, tries: i64) -> Attempt {
        let Err(error) = self.transport.deliver(id, message).await else {
            tracing::info!(mail = %id, "a mail was delivered");
            return Attempt::Ended(MailEnd::Delivered);
        };
        if let Some(words) = error.refusal() {
            tracing::warn!(mail = %id, %error, "a mail was refused");
            return Attempt::Ended(MailEnd::Refused(words));
        }
        if tries >= MOST_TRIES {
            tracing::error!(mail = %id, %error, tries, "a mail was given up");
            return Attempt::Ended(MailEnd::GivenUp);
        }
        tracing::error!(mail = %id, %error, tries, "a mail was not delivered");
        Attempt::Again(self.clock.now().plus(retry_after(tries)))
    }
}

/// How long to wait after so many tries, in milliseconds.
fn retry_after(tries: i64) -> i64 {
    let doublings = u32::try_from(tries.clamp(1, MOST_TRIES) - 1).unwrap_or(0);
    RETRY_MS << doublings
}
