//! What is written down of the platform's operators: a closed set, spelled as the database spells it.

use std::{fmt, str::FromStr};

use crate::status::UnknownValue;

closed_set! {
    /// What the operators' log tells of.
    OperatorAction {
        /// The operator was added, or invited again, on the command line.
        Invited = "INVITED",
        /// The operator chose a password and set an authenticator up.
        PasswordChosen = "PASSWORD_CHOSEN",
        /// The operator signed in.
        SignedIn = "SIGNED_IN",
        /// The operator ended all of their sessions.
        SignedOutEverywhere = "SIGNED_OUT_EVERYWHERE",
        /// The operator was removed on the command line.
        Removed = "REMOVED",
        /// The operator read what a connection's sign-in saw when it failed.
        FailureOpened = "FAILURE_OPENED",
        /// The operator was sent the masked picture of it.
        PictureOpened = "PICTURE_OPENED",
        /// The operator had a connection collected out of turn.
        CollectionAsked = "COLLECTION_ASKED",
    }
}
