//! What a form makes that is shown only once. Its page answers the form itself, and a browser that loads the page again sends
//! the form again: so each such form carries a word of its own, with which nothing is made a second time.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use shared::{id::OrganizationId, time::UnixMillis};

use super::{
    error::ConsoleError,
    form::Form,
    session::{CSRF_FIELD, SignedIn},
};
use crate::{
    clock::{Random, bytes},
    store::Tx,
};

/// The field of a form that holds its word.
const FIELD: &str = "once";

/// A word for another form.
pub(super) fn fresh_word(random: &dyn Random) -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>(random))
}

/// A form of a member that is taken once. With other fields it is another form, as after going back.
pub(super) struct Once {
    organization: OrganizationId,
    hash: [u8; 32],
    now: UnixMillis,
}

impl Once {
    /// This form of the member; one without a word is of an old page.
    pub(super) fn of(me: &SignedIn, form: &Form) -> Result<Self, ConsoleError> {
        if form.text(FIELD).is_empty() {
            return Err(ConsoleError::OldForm);
        }
        let mut hash = Sha256::new()
            .chain_update("console form, once")
            .chain_update(me.member.id.to_string());
        // Who signed in anew sends the same form with another secret word of the session.
        for (name, value) in form.fields().filter(|(name, _)| *name != CSRF_FIELD) {
            for part in [name, value] {
                hash.update(part.len().to_be_bytes());
                hash.update(part);
            }
        }
        Ok(Self {
            organization: me.organization.id,
            hash: hash.finalize().into(),
            now: me.now,
        })
    }

    /// Takes it together with what it makes, or refuses it when it was taken before.
    pub(super) async fn take(&self, tx: &mut Tx<'_>) -> Result<(), ConsoleError> {
        let (organization, hash) = (self.organization, self.hash);
        let known = tx.take_idempotency_key(organization, hash, hash, self.now);
        if known.await?.is_some() {
            return Err(ConsoleError::MadeAlready);
        }
        // What it made is shown only once, so no answer is kept.
        tx.keep_answer(organization, hash, 0, Vec::new()).await?;
        Ok(())
    }
}
