//! Reads the path of a request: which page or action it names.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use shared::{id::PublicCompanyId, status::LinkKind};

/// The page or action that the path of a request names.
#[derive(Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// The page of a link: `/p/connect/{company}/{token}` or `/p/connect/{company}/workflow/{token}`.
    Link(LinkAddress<'a>),
    /// The page of a flow: `/p/connect/{company}/flow/{secret}`.
    Flow(FlowAddress<'a>),
    /// Where the page gets a ticket for the live view: `…/flow/{secret}/ticket`.
    Ticket(FlowAddress<'a>),
    /// Where the page waits for changes of the flow: `…/flow/{secret}/state`.
    State(FlowAddress<'a>),
    /// The WebSocket of the live view: `…/flow/{secret}/live`.
    Live(FlowAddress<'a>),
    /// The events about the flow's first collection: `…/flow/{secret}/progress`.
    Progress(FlowAddress<'a>),
    /// The page for a client who left the flow: `…/flow/{secret}/left`, or `…/left/connected` after a connection.
    Left {
        /// The flow that was left.
        flow: FlowAddress<'a>,
        /// Whether it has made a connection.
        connected: bool,
    },
    /// The page for a code that a sign-in waits for: `/p/code/{company}/{token}`.
    Code(CodeAddress<'a>),
    /// Where that page waits for changes: `…/{token}/state`.
    CodeState(CodeAddress<'a>),
    /// The page that ends reminders: `/p/unsubscribe/{company}/{token}`.
    Unsubscribe(UnsubscribeAddress<'a>),
    /// Where the origin puts brands: `/p/brand`.
    Brand,
}

/// The address of a link's page.
#[derive(Debug, PartialEq, Eq)]
pub struct LinkAddress<'a> {
    /// The public id of the company that the link is for.
    pub company: PublicCompanyId,
    /// The kind of the link, which its path tells.
    pub kind: LinkKind,
    /// The token as it stands in the path; nobody has opened it yet.
    pub token: &'a str,
}

/// The address of a page for a code.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeAddress<'a> {
    /// The public id of the company whose connection it is about.
    pub company: PublicCompanyId,
    /// The token as it stands in the path; nobody has opened it yet.
    pub token: &'a str,
}

/// The address of a page that ends reminders.
#[derive(Debug, PartialEq, Eq)]
pub struct UnsubscribeAddress<'a> {
    /// The public id of a company whose connection the reminders were about.
    pub company: PublicCompanyId,
    /// The token as it stands in the path; nobody has opened it yet.
    pub token: &'a str,
}

/// The address of a flow's page.
#[derive(Debug, PartialEq, Eq)]
pub struct FlowAddress<'a> {
    /// Whose flow, as the address says; the flow itself knows better.
    pub company: PublicCompanyId,
    /// The node that runs it: the secret's first byte.
    pub node: u8,
    /// The flow's secret: base64url of one byte that names the node and 16 random bytes.
    pub secret: &'a str,
}

impl<'a> Route<'a> {
    /// Reads a path. Every page has exactly one spelling of its path, but for links that were pasted with what stood
    /// behind them.
    pub fn of(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/p/")?;
        if rest == "brand" {
            return Some(Self::Brand);
        }
        if let Some(rest) = rest.strip_prefix("code/") {
            return code_of(rest);
        }
        if let Some(rest) = rest.strip_prefix("unsubscribe/") {
            let (company, rest) = rest.split_once('/')?;
            let company = company.parse().ok()?;
            let token = token_of(rest)?;
            return Some(Self::Unsubscribe(UnsubscribeAddress { company, token }));
        }
        let (company, rest) = rest.strip_prefix("connect/")?.split_once('/')?;
        let company = company.parse().ok()?;
        if let Some(rest) = rest.strip_prefix("flow/") {
            let (secret, tail) = rest
                .split_once('/')
                .map_or((rest, None), |(s, t)| (s, Some(t)));
            let flow = FlowAddress {
                company,
                node: node_of(secret)?,
                secret,
            };
            return match tail {
                None => Some(Self::Flow(flow)),
                Some("ticket") => Some(Self::Ticket(flow)),
                Some("state") => Some(Self::State(flow)),
                Some("live") => Some(Self::Live(flow)),
                Some("progress") => Some(Self::Progress(flow)),
                Some("left") => Some(Self::Left {
                    flow,
                    connected: false,
                }),
                Some("left/connected") => Some(Self::Left {
                    flow,
                    connected: true,
                }),
                Some(_) => None,
            };
        }
        let (kind, token) = match rest.strip_prefix("workflow/") {
            Some(token) => (LinkKind::ConnectionUpdate, token),
            None => (LinkKind::Company, rest),
        };
        token_of(token).map(|token| {
            Self::Link(LinkAddress {
                company,
                kind,
                token,
            })
        })
    }
}

/// What stands behind `/p/code/`: company, token, and perhaps `/state`.
fn code_of(rest: &str) -> Option<Route<'_>> {
    let (company, rest) = rest.split_once('/')?;
    let company = company.parse().ok()?;
    if let Some(token) = rest.strip_suffix("/state") {
        // Made by our own page: there is nothing behind the token.
        let token = token_of(token).filter(|clean| *clean == token)?;
        return Some(Route::CodeState(CodeAddress { company, token }));
    }
    let token = token_of(rest)?;
    Some(Route::Code(CodeAddress { company, token }))
}

/// The token without the punctuation that mails and chats take for a part of a link: `token.`, `token>`, `token)/`.
/// `None` when there is something else behind it.
fn token_of(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
        .unwrap_or(text.len());
    let (token, behind) = text.split_at_checked(end)?;
    (!token.is_empty() && is_punctuation(behind)).then_some(token)
}

/// Whether a part of a path has no letter and no digit of ASCII, also not percent-encoded.
fn is_punctuation(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let mut digit = || bytes.next().and_then(|d| char::from(d).to_digit(16));
                match (digit(), digit()) {
                    (Some(high), Some(low)) => u8::try_from(high * 16 + low).unwrap_or(b'0'),
                    _ => return false,
                }
            }
            byte => byte,
        };
        if byte.is_ascii_alphanumeric() {
            return false;
        }
    }
    true
}

impl Route<'_> {
    /// The company that the address names.
    pub fn company(&self) -> Option<PublicCompanyId> {
        match self {
            Self::Link(link) => Some(link.company),
            Self::Code(code) | Self::CodeState(code) => Some(code.company),
            Self::Unsubscribe(address) => Some(address.company),
            Self::Flow(flow)
            | Self::Ticket(flow)
            | Self::State(flow)
            | Self::Live(flow)
            | Self::Progress(flow)
            | Self::Left { flow, .. } => Some(flow.company),
            Self::Brand => None,
        }
    }
}

/// The path of a flow's page.
pub fn flow_path(company: &PublicCompanyId, secret: &str) -> String {
    format!("/p/connect/{company}/flow/{secret}")
}

/// The path of the page for a code.
pub fn code_path(company: &PublicCompanyId, token: &str) -> String {
    format!("/p/code/{company}/{token}")
}

/// The path of the page that ends reminders.
pub fn unsubscribe_path(company: &PublicCompanyId, token: &str) -> String {
    format!("/p/unsubscribe/{company}/{token}")
}

/// The node that a well-formed secret names.
pub fn node_of(secret: &str) -> Option<u8> {
    if secret.len() != 23 {
        return None;
    }
    let mut bytes = [0; 17];
    let length = URL_SAFE_NO_PAD.decode_slice(secret, &mut bytes).ok()?;
    let [node, ..] = bytes;
    (length == bytes.len()).then_some(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPANY: &str = "01234567-89ab-4def-8123-456789abcdef";

    #[test]
    fn every_address() {
        let company: PublicCompanyId = match COMPANY.parse() {
            Ok(id) => id,
            Err(error) => unreachable!("{error}"),
        };
        let link = |kind, token| {
            Some(Route::Link(LinkAddress {
                company,
                kind,
                token,
            }))
        };
        let of = |path: &str| format!("{:?}", Route::of(path));
        let same =
            |path: &str, route: Option<Route<'_>>| assert_eq!(of(path), format!("{route:?}"));
        same(
            &format!("/p/connect/{COMPANY}/abc"),
            link(LinkKind::Company, "abc"),
        );
        same(
            &format!("/p/connect/{COMPANY}/workflow/abc"),
            link(LinkKind::ConnectionUpdate, "abc"),
        );
        // A secret of node 3.
        let secret = format!("Aw{}", "A".repeat(21));
        let flow = || FlowAddress {
            company,
            node: 3,
            secret: &secret,
        };
        same(
            &format!("/p/connect/{COMPANY}/flow/{secret}"),
            Some(Route::Flow(flow())),
        );
        same(
            &format!("/p/connect/{COMPANY}/flow/{secret}/state"),
            Some(Route::State(flow())),
        );
        same(
            &format!("/p/connect/{COMPANY}/flow/{secret}/ticket"),
            Some(Route::Ticket(flow())),
        );
        same(
            &format!("/p/connect/{COMPANY}/flow/{secret}/live"),
            Some(Route::Live(flow())),
        );
        same(
            &format!("/p/connect/{COMPANY}/flow/{secret}/progress"),
            Some(Route::Progress(flow())),
        );
        same(
            &format!("/p/connect/{COMPANY}/flow/{secret}/left"),
            Some(Route::Left {
                flow: flow(),
                connected: false,
            }),
        );
        same(
            &format!("/p/connect/{COMPANY}/flow/{secret}/left/connected"),
            Some(Route::Left {
                flow: flow(),
                connected: true,
            }),
        );
        let code = || CodeAddress {
            company,
            token: "abc",
        };
        same(
            &format!("/p/code/{COMPANY}/abc."),
            Some(Route::Code(code())),
        );
        same(
            &format!("/p/code/{COMPANY}/abc/state"),
            Some(Route::CodeState(code())),
        );
        same("/p/brand", Some(Route::Brand));
        assert_eq!(
            flow_path(&company, &secret),
            format!("/p/connect/{COMPANY}/flow/{secret}")
        );
    }

    #[test]
    fn a_link_pasted_with_punctuation_behind_it_is_the_link() {
        for kind in ["", "workflow/"] {
            let base = format!("/p/connect/{COMPANY}/{kind}a-b_c");
            let clean = format!("{:?}", Route::of(&base));
            assert!(clean.contains("token: \"a-b_c\""), "{clean}");
            for behind in [
                ".",
                ",",
                ")",
                "/",
                ">",
                "%3E",
                ").",
                "%22",
                "'",
                "*",
                "%20",
                "%E2%80%9D",
                "%C2%BB",
                "/.",
                "。",
                "%0A",
            ] {
                let path = format!("{base}{behind}");
                assert_eq!(format!("{:?}", Route::of(&path)), clean, "{path}");
            }
            for other in [".x", "/x", "%41", "%4", "%", ")9", "/live", "..%61"] {
                assert_eq!(Route::of(&format!("{base}{other}")), None, "{other}");
            }
        }
    }

    #[test]
    fn nothing_else() {
        for path in [
            "",
            "/",
            "/p",
            "/p/",
            "/p/brand/",
            "/p/connect",
            "/p/connect/x/abc",
            &format!("/p/connect/{COMPANY}"),
            &format!("/p/connect/{COMPANY}/"),
            &format!("/p/connect/{COMPANY}/abc/def"),
            &format!("/p/code/{COMPANY}/"),
            &format!("/p/code/{COMPANY}/abc/def"),
            &format!("/p/code/{COMPANY}/abc./state"),
            &format!("/p/connect/{COMPANY}/workflow/"),
            &format!("/p/connect/{COMPANY}/flow/short"),
            &format!("/p/connect/{COMPANY}/flow/{}/other", "A".repeat(23)),
            // The last character has bits that base64url does not use.
            &format!("/p/connect/{COMPANY}/flow/{}B", "A".repeat(22)),
            &format!("/p/connect/{}/abc", COMPANY.replace('-', "")),
        ] {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }
}
