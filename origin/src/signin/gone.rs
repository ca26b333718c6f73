//! Pages that change while they are used.

use browser::BrowserError;

/// Pages change while they are used: an element, frame or script that is gone is no error, all else is.
pub(super) fn gone<T>(error: BrowserError, instead: T) -> Result<T, BrowserError> {
    match error {
        BrowserError::NoSuchFrame
        | BrowserError::NoSuchElement
        | BrowserError::Script(_)
        | BrowserError::Refused { .. }
        | BrowserError::Answer { .. } => Ok(instead),
        other => Err(other),
    }
}
