//! Replies of the edge's own, and the headers that every one of them carries.

use std::{borrow::Cow, cell::RefCell};

use worker::{
    js_sys::Uint8Array,
    web_sys::{Headers, ReadableStream, Response, ResponseInit},
};

/// A reply that the edge gives to a visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status that the visitor gets.
    pub status: u16,
    /// What the reply carries.
    pub body: Body,
    /// One more header: its name and its value.
    pub extra: Option<(&'static str, String)>,
}

/// The body of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// An HTML page, and what its scripts, styles and frames may do.
    Page(String, Policy),
    /// JSON for the page's script.
    Json(String),
    /// The reply has no body.
    Empty,
}

/// What a page may do: the parts of its Content-Security-Policy that differ between pages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The CSP nonce of our style sheets and scripts; new for each reply.
    pub nonce: String,
    /// What the page's script connects to; `None` for a page without script.
    pub script: Option<Script>,
    /// The origins that may frame the page, space-separated; empty when nobody may.
    pub frame_ancestors: String,
}

/// What the script of a page connects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Script {
    /// Where the page is from.
    OwnOrigin,
    /// Where the page is from, and this WebSocket origin: `wss://host`.
    OwnOriginAndSocket(String),
}

impl Script {
    /// The script of a live view on a page of `own_origin`, as `https://host`.
    pub fn of_live_view(own_origin: &str) -> Self {
        Self::OwnOriginAndSocket(own_origin.replacen("http", "ws", 1))
    }
}

impl Reply {
    /// Makes a reply with an HTML page.
    pub fn page(status: u16, html: String, policy: Policy) -> Self {
        Self {
            status,
            body: Body::Page(html, policy),
            extra: None,
        }
    }

    /// Makes a reply with JSON.
    pub fn json(status: u16, json: String) -> Self {
        Self {
            status,
            body: Body::Json(json),
            extra: None,
        }
    }

    /// Makes a reply without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            body: Body::Empty,
            extra: None,
        }
    }

    /// 303: the browser GETs that path, so refreshing or going back never posts twice.
    pub fn see_other(path: String) -> Self {
        Self {
            extra: Some(("location", path)),
            ..Self::empty(303)
        }
    }

    /// The size of body and policy together, in bytes.
    pub fn size(&self) -> usize {
        self.body.text().len() + self.body.content_security_policy().len()
    }

    /// Turns the reply into a response of the runtime.
    pub fn send(self, is_head: bool) -> worker::Result<Response> {
        let policy = self.body.content_security_policy();
        let text = self.body.text();
        // The runtime keeps a reference to the bytes that it is given, so they must not lie in wasm memory.
        let bytes = (!is_head && !text.is_empty()).then(|| Uint8Array::from(text.as_bytes()));
        let shape = Shape::of(&self);
        if self.extra.is_some() {
            return ResponseTemplate::new(shape, self.extra)?.build(&policy, bytes.as_ref());
        }
        TEMPLATES.with_borrow_mut(|templates| {
            let known = templates.iter().position(|(known, _)| *known == shape);
            let index = match known {
                Some(index) => index,
                None => {
                    templates.push((shape, ResponseTemplate::new(shape, None)?));
                    templates.len() - 1
                }
            };
            let (_, template) = templates.get(index).ok_or("no template")?;
            template.build(&policy, bytes.as_ref())
        })
    }
}

/// A response with the events that the origin sends. The runtime joins the two streams: nothing passes through this
/// program, and nothing waits in it.
pub fn send_events(events: &ReadableStream) -> worker::Result<Response> {
    let shape = Shape {
        status: 200,
        content_type: Some("text/event-stream"),
        framed: false,
    };
    let template = ResponseTemplate::new(shape, None)?;
    template
        .headers
        .set("content-security-policy", CLOSED_POLICY)?;
    Ok(Response::new_with_opt_readable_stream_and_init(
        Some(events),
        &template.init,
    )?)
}

/// What decides the headers of a reply, other than its policy and its extra header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    status: u16,
    content_type: Option<&'static str>,
    framed: bool,
}

impl Shape {
    fn of(reply: &Reply) -> Self {
        let (content_type, framed) = match &reply.body {
            Body::Page(_, policy) => (
                Some("text/html; charset=utf-8"),
                !policy.frame_ancestors.is_empty(),
            ),
            Body::Json(_) => (Some("application/json"), false),
            Body::Empty => (None, false),
        };
        Self {
            status: reply.status,
            content_type,
            framed,
        }
    }

    /// Every header of such a reply except its policy.
    fn headers(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let content_type = self.content_type.map(|kind| ("content-type", kind));
        let unframed: &[_] = if self.framed { &[] } else { &UNFRAMED_HEADERS };
        COMMON_HEADERS
            .into_iter()
            .chain(content_type)
            .chain(unframed.iter().copied())
    }
}

/// The runtime's `ResponseInit` for replies of one shape. Made once, because every call of the
/// runtime costs about as much as rendering a page; a reply only fills in its policy. The runtime
/// copies `Headers` at once, and faster than it reads a record of strings.
struct ResponseTemplate {
    init: ResponseInit,
    headers: Headers,
}

thread_local! {
    /// One template for each shape that this isolate has sent.
    static TEMPLATES: RefCell<Vec<(Shape, ResponseTemplate)>> = const { RefCell::new(Vec::new()) };
}

impl ResponseTemplate {
    fn new(shape: Shape, extra: Option<(&'static str, String)>) -> worker::Result<Self> {
        let headers = Headers::new()?;
        for (name, value) in shape.headers() {
            headers.set(name, value)?;
        }
        if let Some((name, value)) = extra {
            headers.set(name, &value)?;
        }
        let init = ResponseInit::new();
        init.set_status(shape.status);
        init.set_headers(&headers);
        Ok(Self { init, headers })
    }

    fn build(&self, policy: &str, bytes: Option<&Uint8Array>) -> worker::Result<Response> {
        self.headers.set("content-security-policy", policy)?;
        Ok(Response::new_with_opt_js_u8_array_and_init(
            bytes, &self.init,
        )?)
    }
}

impl Body {
    fn text(&self) -> &str {
        match self {
            Self::Page(html, _) => html,
            Self::Json(json) => json,
            Self::Empty => "",
        }
    }
}

impl Body {
    fn content_security_policy(&self) -> Cow<'static, str> {
        match self {
            Self::Page(_, policy) => policy.content_security_policy().into(),
            Self::Json(_) | Self::Empty => CLOSED_POLICY.into(),
        }
    }
}

impl Policy {
    fn content_security_policy(&self) -> String {
        let nonce = &self.nonce;
        let script = match &self.script {
            // 'self' alone does not cover WebSockets in older Safari.
            Some(Script::OwnOriginAndSocket(socket)) => {
                format!("script-src 'nonce-{nonce}'; connect-src 'self' {socket}; ")
            }
            Some(Script::OwnOrigin) => format!("script-src 'nonce-{nonce}'; connect-src 'self'; "),
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

/// The policy of what is no page.
const CLOSED_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The headers of every reply.
const COMMON_HEADERS: [(&str, &str); 8] = [
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

/// The headers of a reply that nobody may frame or load from elsewhere.
const UNFRAMED_HEADERS: [(&str, &str); 2] = [
    ("x-frame-options", "DENY"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// All but those of every reply.
    fn own(reply: &Reply) -> Vec<(&'static str, String)> {
        let policy = reply.body.content_security_policy().into_owned();
        let shaped = Shape::of(reply).headers().skip(COMMON_HEADERS.len());
        let shaped = shaped.map(|(name, value)| (name, value.to_owned()));
        [("content-security-policy", policy)]
            .into_iter()
            .chain(shaped)
            .chain(reply.extra.clone())
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
            COMMON_HEADERS,
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
            script: Some(Script::OwnOriginAndSocket("wss://connect.example".into())),
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
