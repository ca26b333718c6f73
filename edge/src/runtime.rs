//! What the runtime gives: time and randomness. The only place that asks for either.

use shared::time::UnixMillis;
use worker::js_sys::Date;

/// The time. Inside a request it stands still between two waits for something outside.
pub fn now() -> UnixMillis {
    // Milliseconds since 1970 are far inside i64.
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
    let millis = Date::now() as i64;
    UnixMillis(millis)
}

/// Random bytes from the runtime's own generator.
pub fn random<const N: usize>() -> worker::Result<[u8; N]> {
    let mut bytes = [0; N];
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    getrandom::fill(&mut bytes).map_err(|error| worker::Error::RustError(error.to_string()))?;
    Ok(bytes)
}
