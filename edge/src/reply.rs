//! Replies, and the headers that every one of them carries.

use std::{borrow::Cow, cell::RefCell};

use worker::{
    js_sys::{Object, Reflect, Uint8Array},
    wasm_bindgen::JsValue,
    web_sys::{Response, ResponseInit},
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

    /// How many bytes it says, its policy included.
    pub fn weight(&self) -> usize {
        self.body.text().len() + self.body.content_security_policy().len()
    }

    /// Hands it to the runtime.
    pub fn send(self, is_head: bool) -> worker::Result<Response> {
        let policy = self.body.content_security_policy();
        let text = self.body.text();
        // The runtime keeps a reference to the bytes that it is given, so they must not lie in wasm memory.
        let bytes = (!is_head && !text.is_empty()).then(|| Uint8Array::from(text.as_bytes()));
        let shape = Shape::of(&self);
        if self.extra.is_some() {
            return Mould::new(shape, self.extra)?.cast(&policy, bytes.as_ref());
        }
        MOULDS.with_borrow_mut(|moulds| {
            let known = moulds.iter().position(|(known, _)| *known == shape);
            let at = match known {
                Some(at) => at,
                None => {
                    moulds.push((shape, Mould::new(shape, None)?));
                    moulds.len() - 1
                }
            };
            let (_, mould) = moulds.get(at).ok_or("no mould")?;
            mould.cast(&policy, bytes.as_ref())
        })
    }
}

/// What a reply's headers depend on, its policy and its extra one aside.
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

    /// Every header of such a reply but its policy.
    fn headers(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let content_type = self.content_type.map(|kind| ("content-type", kind));
        let alone: &[_] = if self.framed { &[] } else { &UNFRAMED };
        EVERY
            .into_iter()
            .chain(content_type)
            .chain(alone.iter().copied())
    }
}

/// The runtime's `ResponseInit` for replies of one shape. Made once, because every call of the
/// runtime costs about as much as rendering a page; a reply only fills in its policy, and the
/// runtime copies the headers at once.
struct Mould {
    init: ResponseInit,
    headers: Object,
    policy: JsValue,
}

thread_local! {
    /// As many as there are shapes.
    static MOULDS: RefCell<Vec<(Shape, Mould)>> = const { RefCell::new(Vec::new()) };
}

impl Mould {
    fn new(shape: Shape, extra: Option<(&'static str, String)>) -> worker::Result<Self> {
        let headers = Object::new();
        for (name, value) in shape.headers() {
            Reflect::set(&headers, &name.into(), &value.into())?;
        }
        if let Some((name, value)) = extra {
            Reflect::set(&headers, &name.into(), &value.into())?;
        }
        let init = ResponseInit::new();
        init.set_status(shape.status);
        init.set_headers_record_from_str_to_str(&headers);
        Ok(Self {
            init,
            headers,
            policy: "content-security-policy".into(),
        })
    }

    fn cast(&self, policy: &str, bytes: Option<&Uint8Array>) -> worker::Result<Response> {
        Reflect::set(&self.headers, &self.policy, &policy.into())?;
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
            Self::Json(_) | Self::Empty => "default-src 'none'; frame-ancestors 'none'".into(),
        }
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

/// The headers of what nobody may frame or load from elsewhere.
const UNFRAMED: [(&str, &str); 2] = [
    ("x-frame-options", "DENY"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// All but those of every reply.
    fn own(reply: &Reply) -> Vec<(&'static str, String)> {
        let policy = reply.body.content_security_policy().into_owned();
        let shaped = Shape::of(reply).headers().skip(EVERY.len());
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
