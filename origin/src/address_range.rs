//! Addresses and ranges of addresses, as people write them: `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A range of addresses in CIDR notation; one address is a range, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AddressRange(IpNet);

/// The text is no address, or has bits set behind its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an IP address, or a range such as 203.0.113.0/24")]
pub struct InvalidAddressRange;

impl AddressRange {
    /// Whether the address is in the range. An IPv4 address inside an IPv6 one counts as what it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether the whole of the other range is in this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }
}

impl FromStr for AddressRange {
    type Err = InvalidAddressRange;

    fn from_str(text: &str) -> Result<Self, InvalidAddressRange> {
        let text = text.trim();
        let range = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse().map_err(|_| InvalidAddressRange)?,
        };
        // No address would ever be in a range of IPv4 addresses inside IPv6 ones, since they count as what they are.
        let is_canonical = range.addr() == range.addr().to_canonical();
        if range != range.trunc() || !is_canonical {
            return Err(InvalidAddressRange);
        }
        Ok(Self(range))
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            return self.0.addr().fmt(f);
        }
        self.0.fmt(f)
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        range.to_string()
    }
}

impl TryFrom<String> for AddressRange {
    type Error = InvalidAddressRange;

    fn try_from(text: String) -> Result<Self, InvalidAddressRange> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> AddressRange {
        text.parse().expect("a range")
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_range_has_its_addresses_and_no_others() {
        let office = range("203.0.113.0/24");
        for inside in ["203.0.113.0", "203.0.113.255", "::ffff:203.0.113.9"] {
            assert!(office.contains(address(inside)), "{inside}");
        }
        for outside in ["203.0.114.0", "::1", "::203.0.113.9"] {
            assert!(!office.contains(address(outside)), "{outside}");
        }
        assert!(range("2001:db8::/32").contains(address("2001:db8:ffff::1")));
        assert!(!range("2001:db8::/32").contains(address("2001:db9::1")));
        assert!(office.covers(&range("203.0.113.128/25")) && office.covers(&office));
        assert!(!range("203.0.113.128/25").covers(&office));
        assert!(!range("0.0.0.0/0").covers(&range("::/0")));
    }

    #[test]
    fn one_address_is_written_as_one() {
        assert_eq!(range("203.0.113.7/32").to_string(), "203.0.113.7");
        assert_eq!(range(" 2001:DB8::/32").to_string(), "2001:db8::/32");
        for bad in [
            "",
            "203.0.113.7/24",
            "203.0.113.0/33",
            "203.0.113",
            "::ffff:203.0.113.7",
            "example.com",
            "*",
        ] {
            assert!(bad.parse::<AddressRange>().is_err(), "{bad}");
        }
    }
}
