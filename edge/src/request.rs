//! A visitor's request, and what can be read from it.

use messages::Locale;
use wasm_bindgen::JsCast;
use worker::{
    js_sys::{ArrayBuffer, Uint8Array},
    wasm_bindgen_futures::JsFuture,
    web_sys,
};

use crate::{
    error::EdgeError,
    form::{Form, MAX_BODY},
};

/// The HTTP methods that some address answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The method GET.
    Get,
    /// The method HEAD: like GET, but the answer has no body.
    Head,
    /// The method POST.
    Post,
    /// The method PUT.
    Put,
    /// Any other method.
    Other,
}

/// A visitor's request, and what is read from it.
pub struct Request {
    request: web_sys::Request,
    method: Method,
    url: String,
    path_at: usize,
}

impl Request {
    /// Wraps a request of the runtime.
    pub fn new(request: web_sys::Request) -> Self {
        let method = match request.method().as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            _ => Method::Other,
        };
        let url = request.url();
        Self {
            method,
            path_at: path_at(&url),
            url,
            request,
        }
    }

    /// The request's HTTP method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Whether the answer has no body.
    pub fn is_head(&self) -> bool {
        self.method == Method::Head
    }

    /// The path, percent-encoded as it came.
    pub fn path(&self) -> &str {
        let path = self.path_and_query();
        path.split_once('?').map_or(path, |(path, _)| path)
    }

    /// The path and the query, percent-encoded as they came.
    pub fn path_and_query(&self) -> &str {
        self.url.get(self.path_at..).unwrap_or_default()
    }

    /// The value of a query parameter, as it stands (the values that are asked for need no decoding).
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path_and_query().split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// The origin of this address, such as `https://host`.
    pub fn own_origin(&self) -> &str {
        self.url.get(..self.path_at).unwrap_or_default()
    }

    /// The value of a header, if the request has it.
    pub fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// The locale of the pages that the visitor gets. The header is read only when there is a choice: each call of the
    /// runtime costs about as much as rendering a page.
    pub fn locale(&self) -> Locale {
        match Locale::ALL {
            [only] => *only,
            _ => Locale::negotiate(&self.header("accept-language").unwrap_or_default()),
        }
    }

    /// The visitor's IP address, as Cloudflare saw it.
    pub fn client(&self) -> Option<String> {
        self.header("cf-connecting-ip")
    }

    /// Refuses a request that a page of another website made.
    pub fn must_be_same_origin(&self) -> Result<(), EdgeError> {
        let site = self.header("sec-fetch-site");
        let origin = self.header("origin");
        if from_own_page(site.as_deref(), origin.as_deref(), self.own_origin()) {
            return Ok(());
        }
        Err(EdgeError::OtherOrigin)
    }

    /// The posted form, if its origin, type and size are good.
    pub async fn form(&self) -> Result<Form, EdgeError> {
        self.must_be_same_origin()?;
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(EdgeError::NotAForm);
        }
        let body = self.body(MAX_BODY).await?;
        Ok(Form::parse(&body))
    }

    /// The body, if its length is known beforehand and at most `most` bytes.
    pub async fn body(&self, most: usize) -> Result<Vec<u8>, EdgeError> {
        let length = self.header("content-length").ok_or(EdgeError::NoLength)?;
        let length: usize = length.parse().map_err(|_| EdgeError::NoLength)?;
        if length > most {
            return Err(EdgeError::TooLarge);
        }
        let promise = self.request.array_buffer().map_err(worker::Error::from)?;
        let buffer = JsFuture::from(promise).await.map_err(worker::Error::from)?;
        let bytes = Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec();
        if bytes.len() > most {
            return Err(EdgeError::TooLarge);
        }
        Ok(bytes)
    }

    /// Whether the request asks for a WebSocket (`Upgrade: websocket`).
    pub fn is_websocket(&self) -> bool {
        self.header("upgrade")
            .is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
    }
}

/// Where the path begins in `https://host/path`.
fn path_at(url: &str) -> usize {
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url.get(host..).and_then(|rest| rest.find('/'));
    path.map_or(url.len(), |at| host + at)
}

/// Browsers say in `Sec-Fetch-Site` who made them send this. One that does not, sends `Origin`; but
/// under our `Referrer-Policy: no-referrer` it says `null` even for our own forms, so `null` alone
/// proves nothing either way. It is let through: what stands in the address is the secret itself, and
/// whoever knows that needs no visitor's browser.
fn from_own_page(site: Option<&str>, origin: Option<&str>, own: &str) -> bool {
    let origin_fits = matches!(origin, Some("null")) || origin == Some(own);
    match site {
        Some(site) => site == "same-origin" && (origin.is_none() || origin_fits),
        None => origin_fits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_split_into_origin_and_path() {
        for (url, origin, path) in [
            (
                "https://a.example/p/x?y=/z",
                "https://a.example",
                "/p/x?y=/z",
            ),
            ("http://localhost:8787/", "http://localhost:8787", "/"),
            ("https://a.example", "https://a.example", ""),
        ] {
            assert_eq!(url.split_at(path_at(url)), (origin, path));
        }
    }

    #[test]
    fn posts_of_other_websites_are_refused() {
        let own = "https://a.example";
        let other = Some("https://evil.example");
        assert!(from_own_page(Some("same-origin"), Some(own), own));
        assert!(from_own_page(Some("same-origin"), Some("null"), own));
        assert!(from_own_page(Some("same-origin"), None, own));
        assert!(from_own_page(None, Some(own), own));
        assert!(from_own_page(None, Some("null"), own));
        for site in ["cross-site", "same-site", "none", ""] {
            assert!(!from_own_page(Some(site), Some(own), own), "{site}");
            assert!(!from_own_page(Some(site), Some("null"), own), "{site}");
        }
        assert!(!from_own_page(Some("same-origin"), other, own));
        assert!(!from_own_page(None, other, own));
        assert!(!from_own_page(None, Some("http://a.example"), own));
        assert!(!from_own_page(None, None, own));
    }
}
