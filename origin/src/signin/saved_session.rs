//! What a proven sign-in leaves in the browser, kept so that the next run need not sign in.

use std::{collections::BTreeSet, fmt};

use browser::{BrowserError, Cookie, Page, WebStorage};
use serde::{Deserialize, Serialize};
use shared::time::UnixMillis;
use url::Url;

use super::{gone::gone, recipe::Recipe};

const DAY_MS: i64 = 24 * 3_600_000;
/// Cookies that are kept; those of a sign-in are a few.
const COOKIES: usize = 150;
/// Bytes of one cookie's name and value: what browsers take at most.
const COOKIE_BYTES: usize = 4_096;
/// Characters of what one origin stores. Storage with more is left out: it holds more than a session.
const STORAGE_LENGTH: usize = 64 * 1_024;
/// Origins whose storage is kept.
const ORIGINS: usize = 6;

/// Cookies and storage of the websites that a sign-in used. Serializes for the vault alone; `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedSession {
    cookies: Vec<Cookie>,
    storage: Vec<OriginStorage>,
}

/// The storage of one origin.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OriginStorage {
    origin: String,
    stored: WebStorage,
}

impl fmt::Debug for SavedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SavedSession(…)")
    }
}

impl SavedSession {
    /// A session is not tried after this long, in milliseconds.
    pub const AGE_MAX_MS: i64 = 90 * DAY_MS;

    /// Reads what these pages' browser keeps of the websites that the recipe signs in to. Nothing where they want the
    /// credentials with every request: each run signs in anew then.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn read(pages: &[Page], recipe: &Recipe) -> Result<Self, BrowserError> {
        let Some(page) = pages.first().filter(|_| !recipe.answers_challenge()) else {
            return Ok(Self::default());
        };
        let origins = origins(recipe);
        let hosts: BTreeSet<&str> = origins.iter().filter_map(Url::host_str).collect();
        let mut cookies = page.cookies().await?;
        cookies.retain(|cookie| {
            cookie.name.len() + cookie.value.len() <= COOKIE_BYTES
                && hosts.iter().any(|host| is_sent_to(cookie, host))
        });
        cookies.truncate(COOKIES);
        let mut storage: Vec<OriginStorage> = Vec::new();
        for page in pages {
            let frame = page.main_frame();
            let main = page.frames().into_iter().find(|of| of.id == frame);
            let Some(origin) = main.map(|of| of.origin) else {
                continue;
            };
            let is_of_sign_in = origins
                .iter()
                .any(|url| url.origin().ascii_serialization() == origin);
            let is_new = storage.iter().all(|known| known.origin != origin);
            if !is_of_sign_in || !is_new || storage.len() >= ORIGINS {
                continue;
            }
            let stored = page.web_storage(&frame, STORAGE_LENGTH).await;
            let stored = stored.or_else(|error| gone(error, WebStorage::default()))?;
            if stored != WebStorage::default() {
                storage.push(OriginStorage { origin, stored });
            }
        }
        Ok(Self { cookies, storage })
    }

    /// With the storage of origins that no page shows any more as it was before.
    #[must_use]
    pub fn or_storage_of(mut self, before: Self) -> Self {
        for earlier in before.storage {
            let is_new = |known: &OriginStorage| known.origin != earlier.origin;
            if self.storage.len() < ORIGINS && self.storage.iter().all(is_new) {
                self.storage.push(earlier);
            }
        }
        self
    }

    /// Without the cookies that have expired.
    #[must_use]
    pub fn without_expired(mut self, now: UnixMillis) -> Self {
        self.cookies
            .retain(|cookie| cookie.expires_at.is_none_or(|at| at > now.0 / 1_000));
        self
    }

    /// Until when the website probably knows this browser: the end of the cookie that lasts longest. `None` when none of
    /// them outlasts the browser by a day.
    #[must_use]
    pub fn lasts_until(&self, now: UnixMillis) -> Option<UnixMillis> {
        let ends = self.cookies.iter().filter_map(|cookie| cookie.expires_at);
        let last = UnixMillis(ends.max()?.saturating_mul(1_000));
        let longest = now.plus(Self::AGE_MAX_MS);
        (last.since(now) > DAY_MS).then(|| last.min(longest))
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty() && self.storage.is_empty()
    }

    /// Puts all of it where it was, in the browser of this page. The page is left at an empty document when an origin
    /// had stored something.
    pub(super) async fn restore(&self, page: &Page) -> Result<(), BrowserError> {
        for cookie in &self.cookies {
            page.set_cookie(cookie).await?;
        }
        for OriginStorage { origin, stored } in &self.storage {
            let Ok(origin) = origin.parse() else {
                continue;
            };
            let set = page.set_web_storage(&origin, stored).await;
            set.or_else(|error| gone(error, ()))?;
        }
        Ok(())
    }
}

/// The places that a recipe signs in by, and the account's page.
fn origins(recipe: &Recipe) -> Vec<Url> {
    let success = recipe.success.url.as_deref();
    let steps = recipe.steps.iter().map(|step| step.at().origin.as_str());
    let urls = steps.chain(success).filter_map(|url| url.parse().ok());
    std::iter::once(recipe.start.clone()).chain(urls).collect()
}

/// Whether requests to this host carry the cookie (RFC 6265, 5.1.3).
fn is_sent_to(cookie: &Cookie, host: &str) -> bool {
    match cookie.domain.strip_prefix('.') {
        Some(domain) => {
            host == domain
                || host
                    .strip_suffix(domain)
                    .is_some_and(|below| below.ends_with('.'))
        }
        None => cookie.domain == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(domain: &str, expires_at: Option<i64>) -> Cookie {
        Cookie {
            name: "sid".into(),
            value: String::from("1").into(),
            domain: domain.into(),
            path: "/".into(),
            expires_at,
            secure: true,
            http_only: true,
            same_site: None,
            partition: None,
            from_https: Some(true),
            port: 443,
        }
    }

    #[test]
    fn cookies_are_sent_to_their_host_or_below_their_domain() {
        for (domain, sent) in [
            ("my.utility.example", true),
            (".my.utility.example", true),
            (".utility.example", true),
            ("utility.example", false),
            (".y.utility.example", false),
            (".other.example", false),
            ("", false),
        ] {
            let is_sent = is_sent_to(&cookie(domain, None), "my.utility.example");
            assert_eq!(is_sent, sent, "{domain}");
        }
    }

    #[test]
    fn expired_cookies_are_dropped_and_debug_shows_nothing() {
        let session = SavedSession {
            cookies: vec![
                cookie("a", None),
                cookie("b", Some(9)),
                cookie("c", Some(11)),
            ],
            storage: Vec::new(),
        };
        let json = serde_json::to_string(&session).expect("plain");
        let read: SavedSession = serde_json::from_str(&json).expect("own output");
        assert!(read == session);
        assert_eq!(format!("{session:?}"), "SavedSession(…)");
        let live = session.without_expired(UnixMillis(10_000));
        let domains: Vec<&str> = live.cookies.iter().map(|c| c.domain.as_str()).collect();
        assert_eq!(domains, ["a", "c"]);
    }
}
