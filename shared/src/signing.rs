//! Signed requests between edge and origin: HMAC-SHA256 over length-prefixed parts.
