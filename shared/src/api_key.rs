//! The closed sets of API keys, spelled as the API spells them.

use std::{fmt, str::FromStr};

use crate::status::UnknownValue;

closed_set! {
    /// What a key may be used for. No scope is part of another one.
    ApiKeyScope {
        /// Read companies, sites, links, connections and bills.
        Read = "read",
        /// Make and revoke links, and add and change the companies and sites that they are for.
        Links = "links",
        /// Change what there is of connections.
        Connections = "connections",
        /// See and change API keys and webhook endpoints.
        Admin = "admin",
    }
}

closed_set! {
    /// Whether a key is for trying things out.
    ApiKeyEnvironment {
        /// The key is for real clients.
        Production = "PRODUCTION",
        /// The key is for trying things out.
        Sandbox = "SANDBOX",
    }
}

impl ApiKeyEnvironment {
    /// Whether a key of this environment may do what one of the other may: nothing is kept from production.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self == Self::Production || self == other
    }
}
