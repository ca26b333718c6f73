//! Codes that messages bring: each is given to the one sign-in that waits for it, as its owner's page would give it.

use std::sync::Arc;

use shared::{
    entry::{EntryValue, SealedEntry},
    id::{CodeChannelId, CompanyId, FlowRef},
    provider::ProviderUrl,
    status::{CodeAnswerer, CodeChannel},
    time::UnixMillis,
};
use zeroize::Zeroizing;

use super::confirmation::{ForwardingConfirmation, open, seal, seal_confirmation};
use crate::{
    clock::{Clock, Random, sealing_key},
    registrable_domain::registrable,
    store::{
        Store, StoreError,
        code_channels::{EARLY_CODE, OpenChannel, WaitingRequest},
        code_requests::{CodeRequest, SealedAnswer},
    },
    vault::Vault,
};

/// The one field of a page for a code.
const FIELD: u32 = 0;
/// A name of a website that is shorter is in too many messages.
const NAME_MIN: usize = 3;

/// What became of a code that a message brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// The sign-in that waits for it has it.
    Given,
    /// Nothing waits yet: it is kept for two minutes.
    Kept,
    /// It is not known whose it is, or nobody can use it.
    Dropped,
}

/// Hands the codes of messages on. Cheap to clone.
#[derive(Clone)]
pub struct ChannelCodes {
    /// The database with channels and requests.
    pub store: Store,
    /// Seals what must wait.
    pub vault: Arc<Vault>,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness for keys.
    pub random: Arc<dyn Random>,
}

impl ChannelCodes {
    /// The channels that messages to this address are read for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_at(
        &self,
        kind: CodeAnswerer,
        address: &str,
    ) -> Result<Vec<OpenChannel>, StoreError> {
        let now = self.clock.now();
        let found = self.store.read("codes.channels_at", |tx| {
            Box::pin(tx.code_channels_at(kind, address, now))
        });
        found.await
    }

    /// Gives the code to the sign-in that waits for it, or keeps it for the one that will. `words` is the message in lower
    /// case: where an address serves several connections, it tells by the website's name which of them is meant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliver(
        &self,
        channels: &[OpenChannel],
        code: &str,
        words: &str,
    ) -> Result<Delivered, StoreError> {
        let Some(first) = channels.first() else {
            return Ok(Delivered::Dropped);
        };
        let kind = first.channel.kind;
        let address = first.channel.address.clone().unwrap_or_default();
        let meant = meant(channels, words);
        let waiting = async || {
            let now = self.clock.now();
            let found = self.store.read("codes.waiting_at", |tx| {
                Box::pin(tx.code_requests_waiting_at(kind, &address, now))
            });
            let mut found: Vec<WaitingRequest> = found.await?;
            found.retain(|one| meant.contains(&one.channel) && can_answer(&one.request, code));
            Ok::<_, StoreError>(found)
        };
        match (waiting().await?.as_slice(), meant.as_slice()) {
            ([one], _) => self.give(one, code).await,
            ([], [channel]) => {
                let kept = self.keep(channels, *channel, code).await?;
                // A request that came meanwhile may have looked for the code before it was kept.
                match waiting().await?.as_slice() {
                    [one] if kept == Delivered::Kept => self.give(one, code).await,
                    _ => Ok(kept),
                }
            }
            // Of several nobody knows which one: their owners are asked.
            _ => Ok(Delivered::Dropped),
        }
    }

    async fn give(&self, to: &WaitingRequest, code: &str) -> Result<Delivered, StoreError> {
        let (request, now) = (&to.request, self.clock.now());
        let given = give(&self.store, &*self.random, request, to.channel, code, now);
        Ok(if given.await? {
            Delivered::Given
        } else {
            Delivered::Dropped
        })
    }

    async fn keep(
        &self,
        channels: &[OpenChannel],
        channel: CodeChannelId,
        code: &str,
    ) -> Result<Delivered, StoreError> {
        let Some(open) = channels.iter().find(|open| open.channel.id == channel) else {
            return Ok(Delivered::Dropped);
        };
        let (company, now) = (open.channel.company, self.clock.now());
        let of = (company, channel);
        let Some(sealed) = seal(&self.vault, &*self.random, EARLY_CODE, of, code.as_bytes()) else {
            return Ok(Delivered::Dropped);
        };
        let kept = self.store.tx("codes.keep_early", |tx| {
            Box::pin(tx.keep_early_code(company, channel, &sealed, now))
        });
        kept.await?;
        Ok(Delivered::Kept)
    }

    /// Keeps a confirmation for whoever sets the channel up. False when nobody does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_confirmation(
        &self,
        open: &OpenChannel,
        confirmation: &ForwardingConfirmation,
    ) -> Result<bool, StoreError> {
        let (company, id, now) = (open.channel.company, open.channel.id, self.clock.now());
        let of = (company, id);
        let Some(sealed) = seal_confirmation(&self.vault, &*self.random, of, confirmation) else {
            return Ok(false);
        };
        let kept = self.store.tx("codes.keep_confirmation", |tx| {
            Box::pin(tx.set_confirmation(company, id, &sealed, now))
        });
        kept.await
    }
}

/// The channels that a message is for: those whose website it names, or all of them when it names none.
fn meant(channels: &[OpenChannel], words: &str) -> Vec<CodeChannelId> {
    let ids = |channels: &mut dyn Iterator<Item = &OpenChannel>| -> Vec<CodeChannelId> {
        channels.map(|open| open.channel.id).collect()
    };
    let named = ids(&mut channels
        .iter()
        .filter(|open| name(&open.provider_url).is_some_and(|name| is_named(&name, words))));
    if named.is_empty() {
        ids(&mut channels.iter())
    } else {
        named
    }
}

/// The name of a website, without what parts its words: `lumiere` for `https://www.lumiere.example/login`.
fn name(provider: &ProviderUrl) -> Option<String> {
    let url = url::Url::parse(provider.as_str()).ok()?;
    let name: String = registrable(url.host_str()?)
        .split('.')
        .next()?
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    (name.len() >= NAME_MIN).then_some(name)
}

/// Whether a message in lower case has this name as whole words: "Blue River" is named `blueriver` by its website, and
/// "someone" does not name `eon`.
fn is_named(name: &str, message: &str) -> bool {
    // Scripts that put no spaces between words stand next to a name as a space would.
    let parts = |letter: char| !letter.is_alphanumeric() || u32::from(letter) >= 0x590;
    let words: Vec<&str> = message
        .split(parts)
        .filter(|word| !word.is_empty())
        .collect();
    (0..words.len()).any(|from| {
        let mut rest = name;
        for word in words.iter().skip(from) {
            match rest.strip_prefix(word) {
                Some("") => return true,
                Some(left) => rest = left,
                None => return false,
            }
        }
        false
    })
}

/// Whether the website may take this code where it asks.
pub(super) fn can_answer(request: &CodeRequest, code: &str) -> bool {
    // An authenticator's code is in no message.
    request.asked.channel != Some(CodeChannel::Totp)
        && (!request.asked.numeric || code.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Gives the code of a channel to the request that waits, sealed for its run as the owner's page would seal it. False when
/// it waits no more.
pub(super) async fn give(
    store: &Store,
    random: &dyn Random,
    request: &CodeRequest,
    channel: CodeChannelId,
    code: &str,
    now: UnixMillis,
) -> Result<bool, StoreError> {
    let Some(answer) = sealed_answer(random, request, code) else {
        return Ok(false);
    };
    let (company, id) = (request.company, request.id);
    let given = store.tx("codes.answer_by_channel", |tx| {
        Box::pin(tx.answer_code_request(company, id, &answer, Some(channel), now))
    });
    given.await
}

fn sealed_answer(random: &dyn Random, request: &CodeRequest, code: &str) -> Option<SealedAnswer> {
    let key = sealing_key(random);
    let page = FlowRef::from_bytes(*request.id.as_bytes());
    let entry = SealedEntry {
        number: request.number,
        values: vec![EntryValue {
            id: FIELD,
            text: Zeroizing::new(code.to_owned()),
        }],
    };
    let plain = Zeroizing::new(serde_json::to_vec(&entry).ok()?);
    let mut sealer = key.sealer(&request.public_key, page).ok()?;
    let (_, sealed) = sealer.seal(&plain).ok()?;
    Some(SealedAnswer {
        public_key: key.public(),
        sealed,
    })
}

/// The code that came early for a channel, as its row keeps it.
pub(super) fn open_early(
    vault: &Vault,
    of: (CompanyId, CodeChannelId),
    sealed: &[u8],
) -> Option<Zeroizing<String>> {
    let plain = open(vault, EARLY_CODE, of, sealed)?;
    Some(Zeroizing::new(std::str::from_utf8(&plain).ok()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_website_is_named_by_whole_words() {
        for (name, message, is_there) in [
            ("eon", "eon: your code is 350617", true),
            ("eon", "e.on: your code is 350617", true),
            ("eon", "350617 是eon的验证码", true),
            ("eon", "give this code on no account to someone", false),
            ("blueriver", "blue river: 350617", true),
            ("blueriver", "blue-river's code", true),
            ("blueriver", "a blue riverside", false),
            ("blueriver", "navyblue river", false),
        ] {
            assert_eq!(is_named(name, message), is_there, "{name}: {message}");
        }
    }
}
