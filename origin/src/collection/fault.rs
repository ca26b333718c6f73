//! Why a run says nothing about the website.

use browser::BrowserError;

use super::{ingest::IngestError, verification::VerificationError, way_in::WayInError};
use crate::{codes::OwnerCodesError, store::StoreError};

/// Why a run says nothing about the website.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keep(#[from] IngestError),
    #[error(transparent)]
    Verify(#[from] VerificationError),
    #[error(transparent)]
    Codes(#[from] OwnerCodesError),
    #[error("{0}")]
    Browser(#[from] BrowserError),
    #[error(transparent)]
    WayIn(#[from] WayInError),
    #[error("an earlier run sent the password and ended without an answer")]
    Unanswered,
    #[error("the claim was lost before the password was sent")]
    Lost,
}

impl Fault {
    /// Whether the client signed in once more while the run tried what they gave before, or the connection was deleted.
    pub fn has_nothing_to_say(&self) -> bool {
        matches!(
            self,
            Self::Verify(VerificationError::Superseded)
                | Self::Keep(
                    IngestError::Verification(VerificationError::Superseded) | IngestError::Deleted
                )
        )
    }
}
