//! What the mails are that an organization sends: closed sets, spelled as the database spells them.

use std::{fmt, str::FromStr};

use crate::status::UnknownValue;

closed_set! {
    /// What the owner of a connection is told.
    NoticeKind {
        /// The connection does not work without its client any more: a connection update link repairs it.
        SignInAgain = "SIGN_IN_AGAIN",
        /// A sign-in waits for a code, which only the owner gets.
        CodeNeeded = "CODE_NEEDED",
    }
}

closed_set! {
    /// What a mail is that is no notice.
    MailKind {
        /// A link for whoever is to open it.
        Link = "LINK",
        /// Word to the owner of a connection that it works.
        Connected = "CONNECTED",
        /// An invitation to the console.
        Invitation = "INVITATION",
        /// Word to the owners of an organization that nothing is sent to an endpoint any more.
        WebhookOff = "WEBHOOK_OFF",
    }
}
