//! Which version of something a person or a program has seen, so that two do not overwrite each other's changes.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The version of something with these values: the same values are the same version.
#[must_use]
pub fn of_values(values: &impl Serialize) -> String {
    // Plain values always have a JSON form.
    let hash = Sha256::digest(serde_json::to_vec(values).unwrap_or_default());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
