//! Which addresses are public: everything else stays inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Routed on the internet.
    Public,
    /// Loopback, private or unique-local: reachable when the operator lists the host.
    Inside,
    /// Never: link-local (cloud metadata), unspecified, multicast, reserved, documentation and
    /// every form that hides another address.
    Never,
}

/// Says which class an address belongs to.
pub(super) fn classify(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(v4) => classify_v4(v4),
        IpAddr::V6(v6) => classify_v6(v6),
    }
}

fn classify_v4(address: Ipv4Addr) -> Class {
    match address.octets() {
        [127, ..] | [10, ..] | [192, 168, ..] => Class::Inside,
        [172, second, ..] if (16..32).contains(&second) => Class::Inside,
        // This network; shared (carrier NAT); link-local; protocol assignments; documentation;
        // 6to4 relays; benchmarking; multicast, reserved and broadcast.
        [0, ..] | [169, 254, ..] | [224..=255, ..] => Class::Never,
        [100, second, ..] if (64..128).contains(&second) => Class::Never,
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [192, 31, 196, _] | [192, 52, 193, _] => {
            Class::Never
        }
        // Azure's host agent: a public address that only its own machines see.
        [168, 63, 129, 16] => Class::Never,
        [192, 175, 48, _] | [198, 18..=19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Class::Never
        }
        _ => Class::Public,
    }
}

fn classify_v6(address: Ipv6Addr) -> Class {
    if address == Ipv6Addr::LOCALHOST {
        return Class::Inside;
    }
    match address.segments() {
        // Unique-local.
        [first, ..] if first & 0xfe00 == 0xfc00 => Class::Inside,
        // Global unicast is 2000::/3 alone: outside it are unspecified, IPv4-mapped and -compatible,
        // NAT64 (64:ff9b::/96, 64:ff9b:1::/48), discard, link-local, site-local and multicast.
        [first, ..] if first & 0xe000 != 0x2000 => Class::Never,
        // Protocol assignments with Teredo, ORCHID and benchmarking; 6to4; documentation (both).
        [0x2001, 0..=0x01ff, ..] | [0x2002, ..] | [0x2001, 0x0db8, ..] => Class::Never,
        [0x3fff, 0..=0x0fff, ..] | [0x2620, 0x004f, 0x8000, ..] => Class::Never,
        _ => Class::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_address_range_has_its_class() {
        let table = [
            ("1.1.1.1", Class::Public),
            ("9.255.255.255", Class::Public),
            ("11.0.0.0", Class::Public),
            ("100.63.255.255", Class::Public),
            ("100.128.0.0", Class::Public),
            ("168.63.129.15", Class::Public),
            ("168.63.129.16", Class::Never),
            ("169.253.255.255", Class::Public),
            ("172.15.255.255", Class::Public),
            ("172.32.0.0", Class::Public),
            ("192.0.1.1", Class::Public),
            ("192.167.255.255", Class::Public),
            ("198.17.255.255", Class::Public),
            ("198.20.0.0", Class::Public),
            ("223.255.255.255", Class::Public),
            ("2606:4700::1111", Class::Public),
            ("2a00:1450:4001:81b::200e", Class::Public),
            ("2001:4860:4860::8888", Class::Public),
            ("2001:200::1", Class::Public),
            ("127.0.0.1", Class::Inside),
            ("127.255.255.254", Class::Inside),
            ("10.0.0.1", Class::Inside),
            ("10.255.255.255", Class::Inside),
            ("172.16.0.1", Class::Inside),
            ("172.31.255.255", Class::Inside),
            ("192.168.0.1", Class::Inside),
            ("::1", Class::Inside),
            ("fc00::1", Class::Inside),
            ("fdff::1", Class::Inside),
            ("0.0.0.0", Class::Never),
            ("0.1.2.3", Class::Never),
            ("100.64.0.1", Class::Never),
            ("100.127.255.255", Class::Never),
            ("169.254.169.254", Class::Never),
            ("169.254.0.1", Class::Never),
            ("192.0.0.8", Class::Never),
            ("192.0.0.192", Class::Never),
            ("192.0.2.1", Class::Never),
            ("192.88.99.1", Class::Never),
            ("198.18.0.1", Class::Never),
            ("198.19.255.255", Class::Never),
            ("198.51.100.7", Class::Never),
            ("203.0.113.7", Class::Never),
            ("224.0.0.1", Class::Never),
            ("239.255.255.255", Class::Never),
            ("240.0.0.1", Class::Never),
            ("255.255.255.255", Class::Never),
            ("::", Class::Never),
            ("::7f00:1", Class::Never),
            ("::ffff:127.0.0.1", Class::Never),
            ("::ffff:1.1.1.1", Class::Never),
            ("::ffff:0:1.1.1.1", Class::Never),
            ("64:ff9b::7f00:1", Class::Never),
            ("64:ff9b::101:101", Class::Never),
            ("64:ff9b:1::1", Class::Never),
            ("100::1", Class::Never),
            ("2001::1", Class::Never),
            ("2001:0:53aa:64c:0:0:8000:1", Class::Never),
            ("2001:2::1", Class::Never),
            ("2001:20::1", Class::Never),
            ("2001:db8::1", Class::Never),
            ("2002:7f00:1::", Class::Never),
            ("2002:101:101::", Class::Never),
            ("3fff::1", Class::Never),
            ("5f00::1", Class::Never),
            ("fe80::1", Class::Never),
            ("fec0::1", Class::Never),
            ("ff02::1", Class::Never),
        ];
        for (text, class) in table {
            assert_eq!(classify(text.parse().unwrap()), class, "{text}");
        }
    }
}
