//! A run that is asked for a code: an authenticator answers at once; while it waits for anything else, other runs take
//! its place.

use zeroize::Zeroizing;

use crate::{
    codes::{AuthenticatorCodes, OwnerCodes, OwnerCodesError},
    jobs::Context,
    signin::{CodeAsked, CodeSource, Lockout},
};

use super::collect::Task;

/// The codes of one run: of the connection's authenticator, or else asked of its owner.
pub(super) struct WaitingCodes<'a> {
    authenticator: AuthenticatorCodes<'a>,
    codes: OwnerCodes<'a>,
    context: &'a Context,
    lockout: &'a Lockout,
    is_crowded: bool,
}

impl<'a> WaitingCodes<'a> {
    /// Nothing is asked yet. Without `asks_persons` no person will be.
    #[must_use]
    pub fn new(task: &Task<'a>, asks_persons: bool) -> Self {
        let collector = task.collector;
        Self {
            authenticator: AuthenticatorCodes::new(collector.code_channels(), task.connection),
            codes: OwnerCodes::new(
                &collector.store,
                &*collector.clock,
                &*collector.random,
                &collector.token_keys,
                &collector.vault,
                task.connection,
                asks_persons,
            ),
            context: task.context,
            lockout: task.lockout,
            is_crowded: false,
        }
    }

    /// Whether a person gave a code, or was waited for.
    #[must_use]
    pub fn were_asked(&self) -> bool {
        self.codes.was_asked()
    }

    /// Whether the owner was not asked because too many runs wait already.
    #[must_use]
    pub fn are_crowded(&self) -> bool {
        self.is_crowded
    }

    /// The sign-in waits for nothing any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&mut self, accepted: bool) -> Result<(), OwnerCodesError> {
        self.authenticator.end(accepted).await?;
        self.codes.end(accepted).await
    }
}

impl CodeSource for WaitingCodes<'_> {
    type Error = OwnerCodesError;

    async fn code(
        &mut self,
        asked: CodeAsked<'_>,
    ) -> Result<Option<Zeroizing<String>>, OwnerCodesError> {
        // Who asks for a code took the password.
        self.lockout.proven(&self.context.job).await?;
        self.context.set_uninterruptible(false);
        if let Some(code) = self.authenticator.code(&asked).await? {
            self.codes.not_used();
            return Ok(Some(code));
        }
        let Some(_waiting) = self.context.wait_for_person() else {
            self.is_crowded = true;
            return Ok(None);
        };
        // The client of a connection that was made just now may be setting an authenticator up.
        let by_authenticator = tokio::select! {
            code = self.authenticator.code_once_set_up(&asked) => code?,
            code = self.codes.code(asked) => {
                self.authenticator.not_used();
                return code;
            }
        };
        self.codes.not_used();
        Ok(Some(by_authenticator))
    }
}
