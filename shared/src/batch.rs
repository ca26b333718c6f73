//! The closed sets of files that are worked through row by row, spelled as the API and the database spell them.

use std::{fmt, str::FromStr};

use crate::status::UnknownValue;

closed_set! {
    /// What the rows of a batch are.
    BatchKind {
        /// Each row is a company link to be made.
        Links = "LINKS",
        /// Each row is a company, or a site of one, to be added or changed.
        Companies = "COMPANIES",
    }
}

closed_set! {
    /// How far a batch is.
    BatchStatus {
        /// No row was looked at yet.
        Pending = "PENDING",
        /// Rows are being worked through.
        Running = "RUNNING",
        /// Every row has its outcome.
        Done = "DONE",
    }
}

closed_set! {
    /// What became of a row.
    RowOutcome {
        /// It was not looked at yet.
        Waiting = "WAITING",
        /// A dry run found nothing wrong with it.
        Good = "GOOD",
        /// What it asks for was made.
        Made = "MADE",
        /// Something is wrong with it, and nothing of it was made.
        Failed = "FAILED",
    }
}

closed_set! {
    /// What a row did beside, or would do.
    RowEffect {
        /// Its company was added.
        CompanyAdded = "COMPANY_ADDED",
        /// Its company was changed.
        CompanyChanged = "COMPANY_CHANGED",
        /// A site was added.
        SiteAdded = "SITE_ADDED",
        /// A site was changed.
        SiteChanged = "SITE_CHANGED",
        /// The link was mailed to its owner.
        LinkMailed = "LINK_MAILED",
    }
}
