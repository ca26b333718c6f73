//! The address that a call comes from, behind the proxies that the configuration names.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, request::Parts},
};

use crate::address_range::AddressRange;

/// The header in which each proxy adds the address that it was called from, the last one at the end.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Who calls; `None` when a proxy does not say it in a way that can be read.
#[must_use]
pub fn of_call(parts: &Parts, proxies: &[AddressRange]) -> Option<IpAddr> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    behind(peer.0.ip(), &parts.headers, proxies)
}

/// The nearest address that is no proxy's: what stands before it in the header is the caller's own word.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[AddressRange]) -> Option<IpAddr> {
    let mut nearest = peer.to_canonical();
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    // A line that is no text is none that a proxy writes.
    let mut before = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
    while proxies.iter().any(|proxy| proxy.contains(nearest)) {
        let Some(text) = before.next() else {
            break;
        };
        nearest = address(text.trim())?;
    }
    Some(nearest)
}

/// An address; some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let address = text.parse().ok().or_else(with_port);
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().expect("a value"));
        }
        let proxies = ["127.0.0.1", "10.0.0.0/8"].map(|text| text.parse().expect("a range"));
        let address = behind(peer.parse().expect("an address"), &headers, &proxies);
        address.map(|address| address.to_string())
    }

    #[test]
    fn only_what_a_proxy_says_is_believed() {
        for (peer, lines, expected) in [
            ("203.0.113.7", &["198.51.100.1"][..], Some("203.0.113.7")),
            ("127.0.0.1", &["198.51.100.1"], Some("198.51.100.1")),
            (
                "::ffff:127.0.0.1",
                &["198.51.100.1:443"],
                Some("198.51.100.1"),
            ),
            (
                "127.0.0.1",
                &["6.6.6.6, 198.51.100.1, 10.1.1.1"],
                Some("198.51.100.1"),
            ),
            (
                "127.0.0.1",
                &["6.6.6.6", "198.51.100.1,10.1.1.1"],
                Some("198.51.100.1"),
            ),
            ("127.0.0.1", &["10.0.0.9, 10.1.1.1"], Some("10.0.0.9")),
            ("127.0.0.1", &[], Some("127.0.0.1")),
            ("127.0.0.1", &["198.51.100.1, unknown"], None),
            ("127.0.0.1", &[""], None),
        ] {
            assert_eq!(found(peer, lines).as_deref(), expected, "{peer} {lines:?}");
        }
    }
}
