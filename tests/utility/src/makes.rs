//! The makes of the website: how its page to sign in is built. Each has a host name of its own below one base.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

/// One make of the website.
#[derive(Debug, PartialEq, Eq)]
pub struct Make {
    /// Its name, and its host name below the base; the first make is at the base itself.
    pub name: &'static str,
    /// How one signs in.
    pub(crate) style: Style,
    /// How its page to sign in is built, in words.
    pub what: &'static str,
}

/// How one signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A page of HTML with a form.
    Form,
    /// The user name on one page, the password on the next.
    TwoPages,
    /// A dialog over the front page.
    Dialog,
    /// One page whose script asks for all else, with a token instead of a cookie.
    SinglePage,
    /// A script of this name builds the form.
    Script(&'static str),
    /// The browser itself asks, by HTTP.
    Basic,
    /// A form on another host, which leads back in this way.
    Elsewhere(&'static str, Return),
}

/// How one comes back from a form on another host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Return {
    /// By redirects, once the client has allowed it.
    Consent,
    /// From a frame, by a message to the page around it.
    Frame,
    /// From a window of its own, by a message to its opener.
    Window,
}

const fn make(name: &'static str, style: Style, what: &'static str) -> Make {
    Make { name, style, what }
}

/// Every make of the page to sign in, in the order of the documentation.
#[rustfmt::skip]
pub const MAKES: &[Make] = &[
    make("server-rendered", Style::Form, "a page of HTML with a form"),
    make("two-page", Style::TwoPages, "the user name on one page, the password on the next"),
    make("modal", Style::Dialog, "a dialog over the front page"),
    make("single-page", Style::SinglePage, "one page whose script draws all others; a token in the header of its requests, no cookie"),
    make("shadow-dom", Style::Script("shadow.js"), "the form is in the shadow tree of a custom element"),
    make("script-built", Style::Script("script-built.js"), "a script builds fields without a form, and a button that is none"),
    make("iframe", Style::Elsewhere("login.iframe", Return::Frame), "the form is in a frame of another origin"),
    make("identity-provider", Style::Elsewhere("identity", Return::Consent), "the form is on another host, which asks for consent and leads back"),
    make("pop-up", Style::Elsewhere("login.pop-up", Return::Window), "the form is in a window of its own, which closes"),
    make("basic", Style::Basic, "none: the browser itself asks for user name and password (HTTP Basic)"),
];

impl Make {
    /// The host at which it is, of the base of all makes, such as `localhost:7400`.
    #[must_use]
    pub fn host(&self, base: &str) -> String {
        match self.style {
            Style::Form => base.to_owned(),
            _ => format!("{}.{base}", self.name),
        }
    }

    /// The address at which one begins.
    #[must_use]
    pub fn address(&self, base: &str) -> String {
        format!("http://{}/", self.host(base))
    }

    /// The make of this name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn named(name: &str) -> &'static Self {
        let found = MAKES.iter().find(|make| make.name == name);
        found.unwrap_or_else(|| panic!("there is no make {name}"))
    }
}

/// Where a request went.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The make.
    pub make: &'static Make,
    /// At the host of its form, when that is another one.
    pub at_login_host: bool,
    /// Host and port below which all makes are.
    pub base: String,
}

impl Place {
    /// Reads the host of a request; one that is no make's is the first make's own base.
    pub fn of(headers: &HeaderMap) -> Self {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let host = host.unwrap_or("localhost");
        let below = |name: &str| {
            host.strip_prefix(name)?
                .strip_prefix('.')
                .map(str::to_owned)
        };
        for make in MAKES {
            let login = match make.style {
                Style::Elsewhere(name, _) => below(name),
                _ => None,
            };
            let at_login_host = login.is_some();
            if let Some(base) = login.or_else(|| below(make.name)) {
                return Self {
                    make,
                    at_login_host,
                    base,
                };
            }
        }
        Self {
            make: Make::named("server-rendered"),
            at_login_host: false,
            base: host.to_owned(),
        }
    }

    /// How one signs in here: a host that other ones send people to has a form.
    pub fn style(&self) -> Style {
        match self.make.style {
            Style::Elsewhere(..) if self.at_login_host => Style::Form,
            style => style,
        }
    }

    /// The way back, when this is the host of a form alone.
    pub fn way_back(&self) -> Option<Return> {
        match self.make.style {
            Style::Elsewhere(_, way) if self.at_login_host => Some(way),
            _ => None,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_host_names_make_and_base() {
        for (host, make, at_login_host, base) in [
            ("localhost:7400", "server-rendered", false, "localhost:7400"),
            ("127.0.0.1:9", "server-rendered", false, "127.0.0.1:9"),
            (
                "two-page.localhost:7400",
                "two-page",
                false,
                "localhost:7400",
            ),
            ("login.iframe.localhost:1", "iframe", true, "localhost:1"),
            ("iframe.try.example", "iframe", false, "try.example"),
            ("identity.localhost", "identity-provider", true, "localhost"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            let place = Place::of(&headers);
            assert_eq!(
                (place.make.name, place.at_login_host, &*place.base),
                (make, at_login_host, base)
            );
        }
    }
}
