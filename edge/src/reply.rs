//! Replies, and the headers that every one of them carries.

use std::{borrow::Cow, cell::OnceCell};

use worker::{
    js_sys::Uint8Array,
    web_sys::{Headers, Response, ResponseInit},
};

/// What is sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// What it says.
    pub body: Body,
    /// One more header.
    pub extra: Option<(&'static str, String)>,
}

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A page, and what it may do.
    Page(String, Policy),
    /// Data for the page's script.
    Json(String),
    /// Nothing.
    Empty,
}

/// What a page may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Names the style sheets and scripts that are ours; new for each reply.
    pub nonce: String,
    /// The page runs our script, which speaks to this WebSocket origin (`wss://host`).
    pub script_socket: Option<String>,
    /// Who may frame it: origins, space-separated; nobody when empty.
    pub frame_ancestors: String,
}

impl Reply {
    /// A page.
    pub fn page(status: u16, html: String, policy: Policy) -> Self {
        Self {
            status,
            body: Body::Page(html, policy),
            extra: None,
        }
    }

    /// Data.
    pub fn json(status: u16, json: String) -> Self {
        Self {
            status,
            body: Body::Json(json),
            extra: None,
        }
    }

    /// No content.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            body: Body::Empty,
            extra: None,
        }
    }

    /// Go and GET that path: refreshing or going back never posts twice.
    pub fn see_other(path: String) -> Self {
        Self {
            extra: Some(("location", path)),
            ..Self::empty(303)
        }
    }

    /// Hands it to the runtime.
    pub fn send(self, is_head: bool) -> worker::Result<Response> {
        let headers = Headers::new_with_headers(&every_headers()?)?;
        for (name, value) in self.own_headers() {
            headers.set(name, &value)?;
        }
        let init = ResponseInit::new();
        init.set_status(self.status);
        init.set_headers_headers(&headers);
        let text = match &self.body {
            Body::Page(html, _) => html,
            Body::Json(json) => json,
            Body::Empty => "",
        };
        // The runtime keeps a reference to the bytes that it is given, so they must not lie in wasm memory.
        let bytes = (!is_head && !text.is_empty()).then(|| Uint8Array::from(text.as_bytes()));
        Ok(Response::new_with_opt_js_u8_array_and_init(
            bytes.as_ref(),
            &init,
        )?)
    }

    /// The headers that depend on what is sent.
    fn own_headers(&self) -> Vec<(&'static str, Cow<'static, str>)> {
        let mut headers = Vec::with_capacity(6);
        let (content_type, framed) = match &self.body {
            Body::Page(_, policy) => (
                "text/html; charset=utf-8",
                !policy.frame_ancestors.is_empty(),
            ),
            Body::Json(_) => ("application/json", false),
            Body::Empty => ("", false),
        };
        let policy = match &self.body {
            Body::Page(_, policy) => Cow::Owned(policy.content_security_policy()),
            Body::Json(_) | Body::Empty => {
                Cow::Borrowed("default-src 'none'; frame-ancestors 'none'")
            }
        };
        headers.push(("content-security-policy", policy));
        if !content_type.is_empty() {
            headers.push(("content-type", content_type.into()));
        }
        if !framed {
            headers.push(("x-frame-options", "DENY".into()));
            headers.push(("cross-origin-resource-policy", "same-origin".into()));
        }
        if let Some((name, value)) = &self.extra {
            headers.push((name, Cow::Owned(value.clone())));
        }
        headers
    }
}

impl Policy {
    fn content_security_policy(&self) -> String {
        let nonce = &self.nonce;
        let script = match &self.script_socket {
            // 'self' alone does not cover WebSockets in older Safari.
            Some(socket) => format!("script-src 'nonce-{nonce}'; connect-src 'self' {socket}; "),
            None => String::new(),
        };
        let ancestors = match self.frame_ancestors.as_str() {
            "" => "'none'",
            origins => origins,
        };
        format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; {script}img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
        )
    }
}

/// Every reply's headers.
const EVERY: [(&str, &str); 8] = [
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("origin-agent-cluster", "?1"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), \
         encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()",
    ),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex, nofollow"),
];

thread_local! {
    /// [`EVERY`] as the runtime's own object: copying it is one call, setting each is one call each.
    static HEADERS: OnceCell<Headers> = const { OnceCell::new() };
}

fn every_headers() -> worker::Result<Headers> {
    HEADERS.with(|cell| {
        if let Some(headers) = cell.get() {
            return Ok(headers.clone());
        }
        let headers = Headers::new()?;
        for (name, value) in EVERY {
            headers.set(name, value)?;
        }
        Ok(cell.get_or_init(|| headers).clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(reply: &Reply) -> Vec<(&'static str, String)> {
        let headers = reply.own_headers().into_iter();
        headers
            .map(|(name, value)| (name, value.into_owned()))
            .collect()
    }

    fn text(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect()
    }

    #[test]
    fn every_reply() {
        assert_eq!(
            EVERY,
            [
                ("cache-control", "no-store"),
                ("cross-origin-opener-policy", "same-origin"),
                ("origin-agent-cluster", "?1"),
                (
                    "permissions-policy",
                    "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()"
                ),
                ("referrer-policy", "no-referrer"),
                ("strict-transport-security", "max-age=31536000"),
                ("x-content-type-options", "nosniff"),
                ("x-robots-tag", "noindex, nofollow"),
            ]
        );
    }

    #[test]
    fn a_page_that_nobody_may_frame() {
        let policy = Policy {
            nonce: "abc".into(),
            ..Policy::default()
        };
        assert_eq!(
            own(&Reply::page(200, "x".into(), policy)),
            text(&[
                (
                    "content-security-policy",
                    "default-src 'none'; style-src 'nonce-abc'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
                ),
                ("content-type", "text/html; charset=utf-8"),
                ("x-frame-options", "DENY"),
                ("cross-origin-resource-policy", "same-origin"),
            ])
        );
    }

    #[test]
    fn a_framed_page_with_a_script() {
        let policy = Policy {
            nonce: "abc".into(),
            script_socket: Some("wss://connect.example".into()),
            frame_ancestors: "https://a.example https://b.example".into(),
        };
        assert_eq!(
            own(&Reply::page(200, "x".into(), policy)),
            text(&[
                (
                    "content-security-policy",
                    "default-src 'none'; style-src 'nonce-abc'; script-src 'nonce-abc'; connect-src 'self' wss://connect.example; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors https://a.example https://b.example"
                ),
                ("content-type", "text/html; charset=utf-8"),
            ])
        );
    }

    #[test]
    fn what_is_no_page() {
        let none = (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        );
        let closed = [
            ("x-frame-options", "DENY"),
            ("cross-origin-resource-policy", "same-origin"),
        ];
        assert_eq!(
            own(&Reply::json(200, "{}".into())),
            text(&[
                none,
                ("content-type", "application/json"),
                closed[0],
                closed[1]
            ])
        );
        assert_eq!(
            own(&Reply::see_other("/p/x".into())),
            text(&[none, closed[0], closed[1], ("location", "/p/x")])
        );
    }
}
