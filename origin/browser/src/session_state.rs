//! What websites keep in a browser, to be read and put into another one: cookies, and what scripts store.

use std::fmt;

use chromiumoxide_cdp::cdp::browser_protocol::{
    network::{
        Cookie as CdpCookie, CookieParam, CookiePartitionKey, CookieSameSite, CookieSourceScheme,
        TimeSinceEpoch,
    },
    storage::{GetCookiesParams, SetCookiesParams},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use zeroize::Zeroizing;

use super::{cdp::DEADLINE, error::BrowserError, ids::FrameId, page::Page};

/// A cookie, with all that says where it is sent. `Debug` does not show its value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cookie {
    /// The name of the cookie.
    pub name: String,
    /// The value of the cookie.
    pub value: Zeroizing<String>,
    /// The host that it belongs to; with a dot before it, all hosts below it as well.
    pub domain: String,
    /// The path that it is sent to, and what is below.
    pub path: String,
    /// When it expires, in unix seconds. `None` for one that ends with the browser.
    pub expires_at: Option<i64>,
    /// Whether it is sent by https alone.
    pub secure: bool,
    /// Whether scripts cannot read it.
    pub http_only: bool,
    /// Whether it is sent from other sites, where the website has said so.
    pub same_site: Option<SameSite>,
    /// The page within whose partition it lives, for a partitioned cookie.
    pub partition: Option<Partition>,
    /// Whether it came by https, as far as Chromium knows.
    pub from_https: Option<bool>,
    /// The port that it came from; -1 when that does not matter.
    pub port: i64,
}

/// When a cookie is sent with requests that another site causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SameSite {
    /// Never.
    Strict,
    /// With navigations alone.
    Lax,
    /// Always.
    None,
}

/// The partition of a cookie that is kept apart for each website that it is used within.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Partition {
    /// The site of the page.
    pub top_level_site: String,
    /// Whether a frame between the page and the cookie's is of another site.
    pub has_cross_site_ancestor: bool,
}

/// What the scripts of one origin have stored. `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebStorage {
    /// Names and values of `localStorage`.
    pub local: Vec<(String, Zeroizing<String>)>,
    /// Names and values of `sessionStorage`, which a page keeps for itself.
    pub session: Vec<(String, Zeroizing<String>)>,
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cookie(…)")
    }
}

impl fmt::Debug for WebStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebStorage(…)")
    }
}

const READ_STORAGE: &str = "function (most) {
  const read = (storage) => {
    const all = [];
    let length = 0;
    for (let i = 0; i < storage.length; i++) {
      const name = storage.key(i);
      const value = storage.getItem(name);
      length += name.length + value.length;
      if (length > most) return [];
      all.push([name, value]);
    }
    return all;
  };
  return { local: read(localStorage), session: read(sessionStorage) };
}";

const WRITE_STORAGE: &str = "function (origin, stored) {
  if (location.origin !== origin) throw new Error('another origin');
  for (const [name, value] of stored.local) localStorage.setItem(name, value);
  for (const [name, value] of stored.session) sessionStorage.setItem(name, value);
}";

/// A path that no website is asked for: the document at it comes from us.
const EMPTY_PATH: &str = "/.well-known/empty-document";

impl Page {
    /// Returns all cookies of the browser, those that scripts cannot read too. Cookies of opaque partitions are left
    /// out, since no other browser has them.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn cookies(&self) -> Result<Vec<Cookie>, BrowserError> {
        let ask = GetCookiesParams::default();
        let answer = self.core.cdp.call(None, ask, DEADLINE).await?;
        let own = |cookie: &CdpCookie| !cookie.partition_key_opaque.unwrap_or(false);
        let cookies = answer.cookies.into_iter().filter(own);
        Ok(cookies.map(Cookie::from).collect())
    }

    /// Sets a cookie for exactly the host, path and partition that it was read with. False when Chromium does not take
    /// it.
    ///
    /// # Errors
    /// When the browser is gone or does not answer.
    pub async fn set_cookie(&self, cookie: &Cookie) -> Result<bool, BrowserError> {
        let set = SetCookiesParams::new(vec![cookie.into()]);
        match self.core.cdp.call(None, set, DEADLINE).await {
            Ok(_) => Ok(true),
            Err(BrowserError::Refused { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns what the scripts of the frame's origin have stored. Storage with more than `most` characters is left
    /// out as a whole.
    ///
    /// # Errors
    /// When the frame has no storage, or the frame or the browser is gone.
    pub async fn web_storage(
        &self,
        frame: &FrameId,
        most: usize,
    ) -> Result<WebStorage, BrowserError> {
        self.call(frame, READ_STORAGE, &[json!(most)]).await
    }

    /// Stores for an http(s) origin what its scripts find when its pages are opened. The page goes to an empty document
    /// of that origin, for which the website is not asked.
    ///
    /// # Errors
    /// When the page does not get there, the origin takes no storage, or the browser is gone.
    pub async fn set_web_storage(
        &self,
        origin: &Url,
        stored: &WebStorage,
    ) -> Result<(), BrowserError> {
        let empty = origin.join(EMPTY_PATH).map_err(|_| BrowserError::Scheme)?;
        self.expect_empty_document(Some(empty.to_string()));
        let went = self.navigate(&empty).await;
        self.expect_empty_document(None);
        went?;
        let origin = origin.origin().ascii_serialization();
        let main = self.main_frame();
        // As the browser tells it; the script looks once more at the moment when it stores.
        let is_there = self
            .core
            .state()
            .frames
            .get(&main)
            .map(|of| of.origin == origin);
        if is_there != Some(true) {
            return Err(BrowserError::NoSuchFrame);
        }
        self.call(&main, WRITE_STORAGE, &[json!(origin), json!(stored)])
            .await
    }

    fn expect_empty_document(&self, url: Option<String>) {
        self.core.change(|state| {
            state.expect_empty_document(url);
            Vec::new()
        });
    }
}

impl From<CdpCookie> for Cookie {
    fn from(cookie: CdpCookie) -> Self {
        Self {
            name: cookie.name,
            value: Zeroizing::new(cookie.value),
            domain: cookie.domain,
            path: cookie.path,
            // Chromium keeps none for longer than 400 days.
            expires_at: (!cookie.session && cookie.expires >= 0.0).then_some(cookie.expires as i64),
            secure: cookie.secure,
            http_only: cookie.http_only,
            same_site: cookie.same_site.map(|same_site| match same_site {
                CookieSameSite::Strict => SameSite::Strict,
                CookieSameSite::Lax => SameSite::Lax,
                CookieSameSite::None => SameSite::None,
            }),
            partition: cookie.partition_key.map(|key| Partition {
                top_level_site: key.top_level_site,
                has_cross_site_ancestor: key.has_cross_site_ancestor,
            }),
            from_https: match cookie.source_scheme {
                CookieSourceScheme::Secure => Some(true),
                CookieSourceScheme::NonSecure => Some(false),
                CookieSourceScheme::Unset => None,
            },
            port: cookie.source_port,
        }
    }
}

impl From<&Cookie> for CookieParam {
    fn from(cookie: &Cookie) -> Self {
        let mut param = Self::new(cookie.name.as_str(), cookie.value.as_str());
        let host = cookie.domain.trim_start_matches('.');
        let scheme = if cookie.secure || cookie.from_https == Some(true) {
            "https"
        } else {
            "http"
        };
        // A cookie with a domain is sent to all hosts below it; one of a single host has its URL alone.
        param.url = Some(format!("{scheme}://{host}{}", cookie.path));
        param.domain = cookie
            .domain
            .starts_with('.')
            .then(|| cookie.domain.clone());
        param.path = Some(cookie.path.clone());
        param.secure = Some(cookie.secure);
        param.http_only = Some(cookie.http_only);
        param.same_site = cookie.same_site.map(|same_site| match same_site {
            SameSite::Strict => CookieSameSite::Strict,
            SameSite::Lax => CookieSameSite::Lax,
            SameSite::None => CookieSameSite::None,
        });
        param.expires = cookie.expires_at.map(|at| TimeSinceEpoch::new(at as f64));
        param.source_scheme = Some(match cookie.from_https {
            Some(true) => CookieSourceScheme::Secure,
            Some(false) => CookieSourceScheme::NonSecure,
            None => CookieSourceScheme::Unset,
        });
        param.source_port = Some(cookie.port);
        param.partition_key = cookie.partition.as_ref().map(|partition| {
            CookiePartitionKey::new(
                partition.top_level_site.as_str(),
                partition.has_cross_site_ancestor,
            )
        });
        param
    }
}
