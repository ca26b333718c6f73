//! Why a link did not open, or made nothing, for its log.

use std::{fmt, str::FromStr};

use crate::status::UnknownValue;

closed_set! {
    /// Why a link was refused.
    LinkRefusalReason {
        /// Its time had run out.
        Expired = "EXPIRED",
        /// It was taken back.
        Revoked = "REVOKED",
        /// It was used already.
        Fulfilled = "FULFILLED",
        /// Too many flows were open.
        Busy = "BUSY",
        /// No provider was confirmed, or its connection is gone or switched off.
        NothingToOpen = "NOTHING_TO_OPEN",
        /// The link is not there any more.
        Unknown = "UNKNOWN",
    }
}
