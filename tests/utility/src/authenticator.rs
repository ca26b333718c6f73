//! Codes of an authenticator (RFC 6238: SHA-1, six digits, 30 seconds), and the picture that sets one up.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use qrcode::{QrCode, render::svg};
use sha1::Sha1;

/// The secret of every customer who has an authenticator, as it is typed in.
pub const SECRET: &str = "OJUXMZLSEB3WK2LSEA3TINJQEB2HK4TO";
/// The same in bytes.
const KEY: &[u8] = b"river weir 7450 turn";
const STEP: u64 = 30;

/// The code at this time, in seconds since 1970.
#[must_use]
pub fn code_at(seconds: u64) -> String {
    code(KEY, seconds / STEP)
}

/// The code that the customer's app shows at this moment: six digits.
#[must_use]
pub fn code_now() -> String {
    code_at(now())
}

/// The code that an app shows at this moment which was given another secret: base32, with what stands between its groups.
#[must_use]
pub fn code_of(secret: &str) -> String {
    let letters = secret.bytes().filter(u8::is_ascii_alphanumeric);
    let values = letters.map(|letter| match letter {
        b'2'..=b'7' => letter - b'2' + 26,
        _ => letter.to_ascii_uppercase().wrapping_sub(b'A'),
    });
    let bits: Vec<u8> = values
        .flat_map(|value| (0..5).rev().map(move |at| value >> at & 1))
        .collect();
    let byte = |bits: &[u8]| bits.iter().fold(0, |byte, bit| byte << 1 | bit);
    let key: Vec<u8> = bits.chunks_exact(8).map(byte).collect();
    code(&key, now() / STEP)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a phone has a clock, and so has a website"
)]
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_secs())
}

/// Whether it is the code of now, or of half a minute before or after.
pub(crate) fn accepts(typed: &str) -> bool {
    let step = now() / STEP;
    (step - 1..=step + 1).any(|step| code(KEY, step) == typed)
}

fn code(key: &[u8], step: u64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else {
        return String::new();
    };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash.last().copied().unwrap_or(0) & 15);
    let word = hash.iter().skip(at).take(4);
    let word = word.fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// The address that an authenticator reads.
#[must_use]
pub fn set_up_address(email: &str) -> String {
    let email = email.replace('@', "%40");
    format!("otpauth://totp/Riverbend:{email}?secret={SECRET}&issuer=Riverbend")
}

/// The picture of it.
pub(crate) fn picture(email: &str) -> String {
    let Ok(code) = QrCode::new(set_up_address(email)) else {
        return String::new();
    };
    let mut image = code.render::<svg::Color<'_>>();
    image.min_dimensions(280, 280).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_that_is_typed_is_the_key() {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut bits = KEY
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1));
        let mut text = String::new();
        while let Some(first) = bits.next() {
            let index = (0..4).fold(first, |value, _| value << 1 | bits.next().unwrap_or(0));
            text.push(char::from(alphabet[usize::from(index)]));
        }
        assert_eq!(text, SECRET);
    }

    #[test]
    fn vectors_of_rfc_6238() {
        let key = b"12345678901234567890";
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(key, seconds / STEP), expected);
        }
    }
}
