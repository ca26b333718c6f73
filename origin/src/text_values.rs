//! Texts that organizations write, by API or at the console, and that must be checked.

use std::str::FromStr;

use shared::{text::is_control, time::UnixMillis};
use time::{
    Date, OffsetDateTime,
    format_description::{BorrowedFormatItem, well_known::Rfc3339},
    macros::format_description,
};

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A calendar date, written `YYYY-MM-DD`.
#[derive(Debug, PartialEq, Eq)]
pub struct CalendarDate(pub String);

/// The text is no date of the calendar.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a date written YYYY-MM-DD")]
pub struct InvalidDate;

impl FromStr for CalendarDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        Date::parse(text, DATE).map_err(|_| InvalidDate)?;
        Ok(Self(text.to_owned()))
    }
}

/// A moment, written as RFC 3339 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(pub UnixMillis);

/// The text is no moment.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a date and time such as 2030-01-31T12:00:00Z")]
pub struct InvalidTimestamp;

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?;
        let millis = at.unix_timestamp_nanos().div_euclid(1_000_000);
        let millis = i64::try_from(millis).map_err(|_| InvalidTimestamp)?;
        Ok(Self(UnixMillis(millis)))
    }
}

/// A mail address that could be one. Only a mail that arrives proves more.
#[derive(Debug, PartialEq, Eq)]
pub struct Email(pub String);

/// The text is no mail address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a mail address of at most 254 characters")]
pub struct InvalidEmail;

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let (name, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let plain = text.len() <= 254
            && !name.is_empty()
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && domain.contains('.')
            && !domain.contains('@')
            && !text
                .chars()
                .any(|c| c.is_whitespace() || is_control(c) || "<>,;\"".contains(c));
        // As it is read again when a mail is sent there.
        if plain && text.parse::<lettre::Address>().is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEmail)
        }
    }
}

/// A language tag such as `de` or `pt-BR`.
#[derive(Debug, PartialEq, Eq)]
pub struct LanguageTag(pub String);

/// The text is no language tag.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a language tag such as en or pt-BR")]
pub struct InvalidLanguageTag;

impl FromStr for LanguageTag {
    type Err = InvalidLanguageTag;

    fn from_str(text: &str) -> Result<Self, InvalidLanguageTag> {
        let mut parts = text.split('-');
        let language = parts.next().unwrap_or_default();
        let good = text.len() <= 35
            && (2..=3).contains(&language.len())
            && language.bytes().all(|letter| letter.is_ascii_alphabetic())
            && parts.all(|part| {
                (2..=8).contains(&part.len())
                    && part.bytes().all(|letter| letter.is_ascii_alphanumeric())
            });
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidLanguageTag)
        }
    }
}

/// Where the client goes afterwards: https, or http on this very machine.
#[derive(Debug, PartialEq, Eq)]
pub struct RedirectUrl(pub String);

/// The text is no address that a client may be led to.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an https:// address of at most 500 characters without user name")]
pub struct InvalidRedirect;

impl FromStr for RedirectUrl {
    type Err = InvalidRedirect;

    fn from_str(text: &str) -> Result<Self, InvalidRedirect> {
        let url = redirect_address(text).ok_or(InvalidRedirect)?;
        Ok(Self(url.into()))
    }
}

/// Where clients may be led to: the scheme, host and port of a [`RedirectUrl`], and nothing more.
#[derive(Debug, PartialEq, Eq)]
pub struct RedirectOrigin(pub String);

/// The text is no origin that clients may be led to.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be https:// and a host, such as https://portal.example, and no path")]
pub struct InvalidRedirectOrigin;

impl FromStr for RedirectOrigin {
    type Err = InvalidRedirectOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidRedirectOrigin> {
        let url = redirect_address(text).ok_or(InvalidRedirectOrigin)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidRedirectOrigin);
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

fn redirect_address(text: &str) -> Option<url::Url> {
    let url = url::Url::parse(text).ok()?;
    let local = url.scheme() == "http" && url.host_str() == Some("localhost");
    let is_good = (url.scheme() == "https" || local)
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= 500;
    is_good.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_no_more_than_scheme_host_and_port() {
        let origin = |text: &str| text.parse::<RedirectOrigin>().map(|origin| origin.0);
        assert_eq!(
            origin("HTTPS://Acme.example:443/"),
            Ok("https://acme.example".into())
        );
        assert_eq!(
            origin("https://a.example:8443"),
            Ok("https://a.example:8443".into())
        );
        bad::<RedirectOrigin>(&[
            "http://a.example",
            "https://a.example/x",
            "https://a.example?x",
            "https://a.example#x",
            "https://me@a.example",
            "*",
        ]);
    }

    fn good<T: FromStr>(texts: &[&str]) {
        for text in texts {
            assert!(text.parse::<T>().is_ok(), "{text}");
        }
    }

    fn bad<T: FromStr>(texts: &[&str]) {
        for text in texts {
            assert!(text.parse::<T>().is_err(), "{text}");
        }
    }

    #[test]
    fn texts_are_checked() {
        good::<CalendarDate>(&["2024-02-29"]);
        bad::<CalendarDate>(&[
            "2023-02-29",
            "2024-2-1",
            "01.02.2024",
            "2024-02-29T00:00:00Z",
            "",
        ]);
        good::<Timestamp>(&["2030-01-31T12:00:00Z", "2030-01-31t12:00:00.123+02:00"]);
        bad::<Timestamp>(&[
            "2030-01-31",
            "2030-01-31T12:00:00",
            "2030-02-30T12:00:00Z",
            "",
        ]);
        good::<Email>(&["a@b.example", "o'neil+x@b.example"]);
        bad::<Email>(&[
            "a..b@client.example",
            "a.@client.example",
            "a@-client.example",
            "a",
            "a@b",
            "@b.example",
            "a@@b.example",
            "a b@c.example",
            "<a@b.example>",
            "a@.b.",
            "a@b.example\r\nx",
            "a\u{202e}b@c.example",
        ]);
        good::<LanguageTag>(&["en", "pt-BR", "zh-Hant-TW", "gsw"]);
        bad::<LanguageTag>(&["", "e", "english", "en_GB", "en-", "en-x"]);
        good::<RedirectUrl>(&["https://acme.example/done?x=1", "http://localhost:3000/"]);
        bad::<RedirectUrl>(&[
            "http://acme.example",
            "javascript:alert(1)",
            "https://u:p@acme.example",
            "//acme.example",
            "",
        ]);
    }
}
