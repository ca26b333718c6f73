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
    /// The WebSocket of the live view: `…/flow/{secret}/live`.
    Live(FlowAddress<'a>),
    /// The page for a client who left the flow: `…/flow/{secret}/left`.
    Left(FlowAddress<'a>),
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
    /// Reads a path. Every page has exactly one spelling of its path.
    pub fn of(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/p/")?;
        if rest == "brand" {
            return Some(Self::Brand);
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
                Some("live") => Some(Self::Live(flow)),
                Some("left") => Some(Self::Left(flow)),
                Some(_) => None,
            };
        }
        let (kind, token) = match rest.strip_prefix("workflow/") {
            Some(token) => (LinkKind::ConnectionUpdate, token),
            None => (LinkKind::Company, rest),
        };
        (!token.is_empty() && !token.contains('/')).then_some(Self::Link(LinkAddress {
            company,
            kind,
            token,
        }))
    }
}

impl Route<'_> {
    /// The company that the address names.
    pub fn company(&self) -> Option<PublicCompanyId> {
        match self {
            Self::Link(link) => Some(link.company),
            Self::Flow(flow) | Self::Ticket(flow) | Self::Live(flow) | Self::Left(flow) => {
                Some(flow.company)
            }
            Self::Brand => None,
        }
    }
}

/// The path of a flow's page.
pub fn flow_path(company: &PublicCompanyId, secret: &str) -> String {
    format!("/p/connect/{company}/flow/{secret}")
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
            &format!("/p/connect/{COMPANY}/flow/{secret}/ticket"),
            Some(Route::Ticket(flow())),
        );
        same(
            &format!("/p/connect/{COMPANY}/flow/{secret}/live"),
            Some(Route::Live(flow())),
        );
        same(
            &format!("/p/connect/{COMPANY}/flow/{secret}/left"),
            Some(Route::Left(flow())),
        );
        same("/p/brand", Some(Route::Brand));
        assert_eq!(
            flow_path(&company, &secret),
            format!("/p/connect/{COMPANY}/flow/{secret}")
        );
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
            &format!("/p/connect/{COMPANY}/abc/"),
            &format!("/p/connect/{COMPANY}/abc/def"),
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
