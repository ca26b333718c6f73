//! The codes of an authenticator app (RFC 6238), made from the secret that a website shows when one is set up.

use std::time::Duration;

use shared::time::UnixMillis;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use crate::clock::{Random, bytes};

/// A secret of fewer bytes is a typing mistake: real ones have ten at least.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 8..=128;
/// Longest text that is read: the address in a QR code, in characters.
const TEXT_MAX: usize = 512;

/// What an authenticator app knows of one account.
pub struct Authenticator {
    totp: Totp,
    algorithm: &'static str,
    digits: u8,
    /// Seconds for which one code is shown.
    period: u64,
    secret: Zeroizing<String>,
}

/// Why a text is no authenticator secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAuthenticator {
    /// It is neither letters A to Z and digits 2 to 7, as long as secrets are, nor an `otpauth:` address.
    #[error("not the secret of an authenticator app")]
    NotASecret,
    /// It is one of another kind: counted codes, or codes of a length or period that no website uses.
    #[error("a kind of code that is not supported")]
    NotSupported,
}

impl Authenticator {
    /// Reads a secret as websites show it: base32 of any case in groups, or the whole
    /// [`otpauth:` address](https://github.com/google/google-authenticator/wiki/Key-Uri-Format) of a QR code.
    ///
    /// # Errors
    /// When it is no secret, or asks for codes other than of RFC 6238.
    pub fn parse(text: &str) -> Result<Self, InvalidAuthenticator> {
        let text = text.trim();
        if text.chars().count() > TEXT_MAX {
            return Err(InvalidAuthenticator::NotASecret);
        }
        match Url::parse(text) {
            Ok(url) if url.scheme() == "otpauth" => Self::from_url(&url),
            _ => Self::new(text, "SHA1", 6, 30),
        }
    }

    /// A new one, of the kind that every app knows: 160 bits, SHA-1, six digits, thirty seconds.
    ///
    /// # Errors
    /// Never: such a secret is one.
    pub fn random(random: &dyn Random) -> Result<Self, InvalidAuthenticator> {
        let secret = Secret::from(bytes::<20>(random).to_vec());
        Self::new(&secret.to_base32(), "SHA1", 6, 30)
    }

    /// The secret in base32, for who types it.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The address for the QR code that an app reads, with the names by which it lists the account.
    #[must_use]
    pub fn address(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let encoded = |text: &str| {
            let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            // Apps read no form: a plus is one.
            text.replace('+', "%20")
        };
        let (issuer, account) = (encoded(issuer), encoded(account));
        // Some apps know only what is usual, and no parameters that say so.
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}",
            self.secret.as_str(),
        ))
    }

    /// The time step that this is the code of: that of `now`, the one before or the one after, since clocks differ. None is
    /// taken that does not come after `last`.
    #[must_use]
    pub fn step_of(&self, code: &str, now: UnixMillis, last: Option<u64>) -> Option<u64> {
        let now = self.time_step(now);
        let mut steps = now.saturating_sub(1)..=now.saturating_add(1);
        steps.find(|step| last.is_none_or(|last| *step > last) && *self.code(*step) == code)
    }

    fn from_url(url: &Url) -> Result<Self, InvalidAuthenticator> {
        // A QR code of capital letters needs less room.
        let is_totp = url
            .host_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("totp"));
        if !is_totp {
            return Err(InvalidAuthenticator::NotSupported);
        }
        let value = |name: &str| {
            let mut pairs = url.query_pairs();
            pairs.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
        };
        let number = |name, usual: u64| match value(name) {
            Some(text) => text.parse().map_err(|_| InvalidAuthenticator::NotSupported),
            None => Ok(usual),
        };
        let secret = value("secret").ok_or(InvalidAuthenticator::NotASecret)?;
        let algorithm = value("algorithm").map(|name| name.to_uppercase().replace('-', ""));
        let algorithm = match algorithm.as_deref() {
            None | Some("" | "SHA1" | "HMACSHA1") => "SHA1",
            Some("SHA256" | "HMACSHA256") => "SHA256",
            Some("SHA512" | "HMACSHA512") => "SHA512",
            Some(_) => return Err(InvalidAuthenticator::NotSupported),
        };
        let digits = u8::try_from(number("digits", 6)?);
        let digits = digits.map_err(|_| InvalidAuthenticator::NotSupported)?;
        Self::new(&secret, algorithm, digits, number("period", 30)?)
    }

    fn new(
        secret: &str,
        algorithm: &'static str,
        digits: u8,
        period: u64,
    ) -> Result<Self, InvalidAuthenticator> {
        if !(6..=8).contains(&digits) || !(10..=300).contains(&period) {
            return Err(InvalidAuthenticator::NotSupported);
        }
        let is_layout = |char: &char| char.is_whitespace() || matches!(char, '-' | '=');
        let secret: Zeroizing<String> = Zeroizing::new(
            secret
                .chars()
                .filter(|char| !is_layout(char))
                .map(|char| char.to_ascii_uppercase())
                .collect(),
        );
        let bytes = Secret::try_from_base32(secret.as_str())
            .map_err(|_| InvalidAuthenticator::NotASecret)?;
        if !SECRET_BYTES.contains(&bytes.len()) {
            return Err(InvalidAuthenticator::NotASecret);
        }
        // Many websites have secrets of 80 bits, which the RFC does not recommend; all that it demands is checked above.
        let totp = Builder::new()
            .with_algorithm(match algorithm {
                "SHA256" => Algorithm::SHA256,
                "SHA512" => Algorithm::SHA512,
                _ => Algorithm::SHA1,
            })
            .with_digits(digits)
            .with_step_duration(period)
            .with_secret(bytes)
            .build_noncompliant();
        Ok(Self {
            totp,
            algorithm,
            digits,
            period,
            secret,
        })
    }

    /// The address that [`Self::parse`] reads, for the vault.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "otpauth://totp/?secret={}&algorithm={}&digits={}&period={}",
            self.secret.as_str(),
            self.algorithm,
            self.digits,
            self.period
        ))
    }

    /// The number of the time step: each has one code.
    #[must_use]
    pub fn time_step(&self, now: UnixMillis) -> u64 {
        seconds(now) / self.period
    }

    /// The code of a time step.
    #[must_use]
    pub fn code(&self, step: u64) -> Zeroizing<String> {
        let time = step.saturating_mul(self.period);
        Zeroizing::new(self.totp.generate(time).to_string())
    }

    /// How long the code of this moment is shown still.
    #[must_use]
    pub fn remaining(&self, now: UnixMillis) -> Duration {
        Duration::from_secs(self.period - seconds(now) % self.period)
    }
}

fn seconds(now: UnixMillis) -> u64 {
    u64::try_from(now.0 / 1000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of RFC 6238, Appendix B.
    #[test]
    fn the_vectors_of_rfc_6238() {
        let seed = |bytes: usize| {
            let ascii: Vec<u8> = b"1234567890".iter().cycle().take(bytes).copied().collect();
            Secret::from(ascii).to_base32()
        };
        let cases = [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ];
        for (time, sha1, sha256, sha512) in cases {
            for (algorithm, bytes, expected) in [
                ("SHA1", 20, sha1),
                ("SHA256", 32, sha256),
                ("SHA512", 64, sha512),
            ] {
                let authenticator = Authenticator::parse(&format!(
                    "otpauth://totp/Utility:jo?secret={}&algorithm={algorithm}&digits=8",
                    seed(bytes)
                ));
                let authenticator = authenticator.expect("an authenticator");
                let step = authenticator.time_step(UnixMillis(time * 1000));
                assert_eq!(
                    authenticator.code(step).as_str(),
                    expected,
                    "{algorithm} at {time}"
                );
            }
        }
    }

    #[test]
    fn secrets_as_websites_show_them() {
        let usual = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for typed in [
            usual,
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
            " GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ= ",
            "OTPAUTH://TOTP/A?SECRET=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "otpauth://totp/Power%20%26%20Water:jo%40example.com?secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq&issuer=River:bend",
            "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=HmacSHA1&digits=6&period=30",
        ] {
            let read = Authenticator::parse(typed).expect(typed);
            assert_eq!(read.code(1).as_str(), "287082", "{typed}");
            let again = Authenticator::parse(&read.to_text()).expect("its own text");
            assert_eq!(again.code(1).as_str(), "287082", "{typed}");
        }
        // 80 bits, as of many older websites.
        assert!(Authenticator::parse("JBSWY3DPEHPK3PXP").is_ok());
    }

    #[test]
    fn what_is_no_secret() {
        for (typed, expected) in [
            ("", InvalidAuthenticator::NotASecret),
            ("287082", InvalidAuthenticator::NotASecret),
            ("JBSWY3DP", InvalidAuthenticator::NotASecret),
            ("not a secret at all!", InvalidAuthenticator::NotASecret),
            (
                "https://example.com/?secret=JBSWY3DPEHPK3PXP",
                InvalidAuthenticator::NotASecret,
            ),
            ("otpauth://totp/a", InvalidAuthenticator::NotASecret),
            (
                "otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP&counter=1",
                InvalidAuthenticator::NotSupported,
            ),
            (
                "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&digits=10",
                InvalidAuthenticator::NotSupported,
            ),
            (
                "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&period=0",
                InvalidAuthenticator::NotSupported,
            ),
            (
                "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm=MD5",
                InvalidAuthenticator::NotSupported,
            ),
        ] {
            assert_eq!(Authenticator::parse(typed).err(), Some(expected), "{typed}");
        }
        assert!(Authenticator::parse(&"A".repeat(600)).is_err());
    }

    #[test]
    fn a_new_one_is_read_by_an_app_and_takes_no_code_twice() {
        let random = crate::clock::TestRandom::default();
        let made = Authenticator::random(&random).expect("one");
        let address = made.address("Mill & Sons", "jo+a@example.com");
        assert!(address.starts_with("otpauth://totp/Mill%20%26%20Sons:jo%2Ba%40example.com?"));
        let app = Authenticator::parse(&address).expect("an app reads it");
        let now = UnixMillis(1_000_000_000_000);
        let step = app.time_step(now);
        for near in [step - 1, step, step + 1] {
            assert_eq!(made.step_of(&app.code(near), now, None), Some(near));
            assert_eq!(
                made.step_of(&app.code(near), now, Some(near)),
                None,
                "twice"
            );
        }
        for far in [step - 2, step + 2] {
            assert_eq!(made.step_of(&app.code(far), now, None), None);
        }
        assert_eq!(made.step_of("", now, None), None);
    }

    #[test]
    fn a_code_lasts_for_its_period() {
        let authenticator = Authenticator::parse("JBSWY3DPEHPK3PXP").expect("one");
        assert_eq!(authenticator.time_step(UnixMillis(29_999)), 0);
        assert_eq!(authenticator.time_step(UnixMillis(30_000)), 1);
        assert_eq!(
            authenticator.remaining(UnixMillis(29_000)),
            Duration::from_secs(1)
        );
        assert_eq!(
            authenticator.remaining(UnixMillis(30_000)),
            Duration::from_secs(30)
        );
    }
}
