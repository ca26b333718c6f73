//! Whether a request may leave while an account is only read. Pure.

use url::Url;

use super::{
    body::{BodyEffect, effect_of_body},
    verbs::{
        Strictness, is_action_name, is_changed_collection, is_changing_verb, names_change,
        names_reading, names_session,
    },
};

/// Why a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestCause {
    /// By the page itself: nothing was pressed in it since its document came.
    PageItself,
    /// A control was pressed that pages, filters or chooses what a list shows, or opens a tab, menu or page.
    ReadingControl,
    /// A control was pressed behind which a bill's file is.
    Document,
    /// Something was pressed of which nothing is known.
    Unknown,
}

/// What is known about a request before it is sent.
#[derive(Debug, Clone, Copy)]
pub struct RequestFacts<'a> {
    /// The HTTP method, in upper case.
    pub method: &'a str,
    /// The URL that the request goes to.
    pub url: &'a Url,
    /// Chromium's resource type: `Document`, `XHR`, `Ping` and so on.
    pub resource_type: &'a str,
    /// It brings the main document of a page.
    pub is_main_document: bool,
    /// The beginning of its body; `None` when there is none or it cannot be seen.
    pub body: Option<&'a str>,
    /// It has a body, whether that can be seen or not.
    pub has_body: bool,
    /// The reason why the page makes the request.
    pub cause: RequestCause,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestDecision {
    /// It is sent.
    LetThrough,
    /// It is not sent.
    Hold(HeldKind),
}

/// Why a request is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HeldKind {
    /// Its address names a change.
    Address,
    /// Its method changes: PUT, PATCH, DELETE.
    Method,
    /// Its body names a change.
    Body,
    /// A POST of which nothing says that it only reads.
    UnclearPost,
    /// A beacon or a report, of which nothing that is shown depends.
    Beacon,
}

impl HeldKind {
    /// The name of the kind for logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Method => "method",
            Self::Body => "body",
            Self::UnclearPost => "unclear_post",
            Self::Beacon => "beacon",
        }
    }

    /// The page may show less than it would have.
    #[must_use]
    pub fn may_hide_bills(self) -> bool {
        self != Self::Beacon
    }
}

/// Decides whether a request is let through or held back.
#[must_use]
pub fn decide(request: &RequestFacts<'_>) -> RequestDecision {
    use RequestDecision::{Hold, LetThrough};
    if !matches!(request.url.scheme(), "http" | "https") {
        return LetThrough;
    }
    if matches!(request.resource_type, "Ping" | "CSPViolationReport") {
        return Hold(HeldKind::Beacon);
    }
    let pressed = request.cause != RequestCause::PageItself;
    let is_file_of_page = matches!(
        request.resource_type,
        "Stylesheet" | "Script" | "Font" | "Media" | "Manifest" | "Image"
    ) && has_file_extension(request.url);
    if (pressed || request.is_main_document)
        && !is_file_of_page
        && address_names_change(request.url)
    {
        return Hold(HeldKind::Address);
    }
    if matches!(request.method, "GET" | "HEAD" | "OPTIONS") || !pressed {
        return LetThrough;
    }
    let session = path_segments(request.url).any(|segment| names_session(&segment));
    let effect = match request.body {
        Some(body) => effect_of_body(body, is_graphql(request.url)),
        None if request.has_body => BodyEffect::Unseen,
        None => BodyEffect::Plain,
    };
    if effect == BodyEffect::Changes {
        return Hold(HeldKind::Body);
    }
    if request.method != "POST" {
        let keeps_session = session && request.method == "PUT";
        return if keeps_session {
            LetThrough
        } else {
            Hold(HeldKind::Method)
        };
    }
    if session || effect == BodyEffect::Reads {
        return LetThrough;
    }
    if effect == BodyEffect::Unclear || is_graphql(request.url) {
        return Hold(HeldKind::UnclearPost);
    }
    let last = path_segments(request.url).last().unwrap_or_default();
    let reads = names_reading(&last)
        || request
            .url
            .query_pairs()
            .any(|(name, value)| is_action_name(&name) && names_reading(&value));
    if is_changed_collection(&last) && !reads {
        return Hold(HeldKind::Address);
    }
    if effect == BodyEffect::Unseen && !reads {
        return Hold(HeldKind::UnclearPost);
    }
    match request.cause {
        RequestCause::ReadingControl | RequestCause::Document => LetThrough,
        _ if reads && effect == BodyEffect::Plain => LetThrough,
        _ => Hold(HeldKind::UnclearPost),
    }
}

fn is_graphql(url: &Url) -> bool {
    path_segments(url).any(|segment| matches!(segment.as_str(), "graphql" | "gql" | "graph"))
}

/// The parts of a path, decoded, and those of a fragment that routes.
fn path_segments(url: &Url) -> impl Iterator<Item = String> {
    let route = url
        .fragment()
        .filter(|fragment| fragment.starts_with(['/', '!']))
        .unwrap_or("");
    url.path()
        .split(['/', ';'])
        .chain(route.split(['/', '!', '?', '&']))
        .filter(|segment| !segment.is_empty())
        .take(40)
        .map(decoded)
        .collect::<Vec<_>>()
        .into_iter()
}

fn decoded(segment: &str) -> String {
    // The first half of a pair is decoded like any; a plus sign is none here.
    url::form_urlencoded::parse(
        segment
            .replace('+', "%2B")
            .replace(['=', '&'], "-")
            .as_bytes(),
    )
    .next()
    .map(|(name, _)| name.into_owned())
    .unwrap_or_default()
}

fn has_file_extension(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [
        ".css",
        ".js",
        ".mjs",
        ".woff",
        ".woff2",
        ".ttf",
        ".otf",
        ".svg",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".webp",
        ".avif",
        ".ico",
        ".mp4",
        ".webm",
        ".mp3",
        ".webmanifest",
        ".json",
    ]
    .iter()
    .any(|extension| path.ends_with(extension))
}

/// A verb of change stands as a part of the path, as a value of the query, or as the name of a parameter that is set.
#[must_use]
pub fn address_names_change(url: &Url) -> bool {
    if path_segments(url).any(|segment| {
        let name = segment
            .rsplit_once('.')
            .map_or(segment.as_str(), |(name, extension)| {
                if extension.chars().count() <= 5 {
                    name
                } else {
                    segment.as_str()
                }
            });
        let changes = names_change(name, Strictness::Clear) && !is_document_name(&segment);
        changes || segment.split('.').count() > 1 && segment.split('.').any(is_changing_verb)
    }) {
        return true;
    }
    let flags = url
        .query()
        .unwrap_or("")
        .split('&')
        .filter(|pair| !pair.contains('='));
    if flags.take(60).any(|flag| is_changing_verb(&decoded(flag))) {
        return true;
    }
    url.query_pairs()
        .take(60)
        .any(|(name, value)| pair_names_change(&name, &value))
}

/// `subscription-agreement.pdf` is a file.
fn is_document_name(segment: &str) -> bool {
    segment.to_ascii_lowercase().ends_with(".pdf")
}

/// A parameter of an address or a field of a form names a change.
#[must_use]
pub fn pair_names_change(name: &str, value: &str) -> bool {
    let value = value.trim();
    if value.chars().count() > 60 {
        return false;
    }
    let is_off = matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "0" | "false" | "no" | "off" | "none" | "null" | "undefined"
    );
    if is_action_name(name) {
        if names_change(value, Strictness::Any) {
            return true;
        }
    } else if is_changing_verb(value)
        && !matches!(
            name,
            "q" | "query"
                | "search"
                | "keyword"
                | "sort"
                | "order"
                | "orderby"
                | "status"
                | "state"
        )
    {
        return true;
    }
    // An HTTP method in disguise.
    if matches!(name, "_method" | "X-HTTP-Method-Override" | "httpMethod")
        && !value.eq_ignore_ascii_case("get")
    {
        return true;
    }
    !is_off && !value.contains('/') && is_changing_verb(name)
        || matches!(
            value.to_ascii_lowercase().as_str(),
            "1" | "true" | "yes" | "on" | "si" | "ja" | "oui" | "sim" | "tak"
        ) && names_change(name, Strictness::Any)
}
