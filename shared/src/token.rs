//! The link's encrypted secret.
//!
//! `token = base64url(no padding) of: format u8 | key id u8 | nonce [12] | AES-128-GCM ciphertext | tag [16]`.
//! Associated data, each part length-prefixed (u16 big-endian): format, key id, link kind, public company id.
//! So a token moved to another company, or to the other path, does not open.
