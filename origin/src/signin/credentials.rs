//! The credentials that the client typed, in memory that is wiped and never printed.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{recipe::Recipe, saved_session::SavedSession};

/// A user name and password. Serializes for the vault alone; `Debug` shows neither.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The user name as typed. Empty when the website asks for a password alone.
    pub username: Zeroizing<String>,
    /// The password as typed.
    pub password: Zeroizing<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// What a sign-in leaves for later. It exists only after [`Verdict::SignedIn`](super::Verdict::SignedIn).
#[derive(Debug, Clone)]
pub struct Captured {
    /// The user name and password, for the vault.
    pub credentials: Credentials,
    /// How to sign in again, for the connection.
    pub recipe: Recipe,
    /// What the browser keeps of it, for coming in without the password.
    pub session: SavedSession,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_and_json_round_trips() {
        let credentials = Credentials {
            username: Zeroizing::new("ada".into()),
            password: Zeroizing::new("s3cret".into()),
        };
        assert_eq!(format!("{credentials:?}"), "Credentials(…)");
        let json = serde_json::to_string(&credentials).expect("plain strings");
        assert_eq!(
            serde_json::from_str::<Credentials>(&json).expect("own output"),
            credentials
        );
    }
}
