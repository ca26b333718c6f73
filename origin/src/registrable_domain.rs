//! Which hosts belong to one website.

use std::net::Ipv4Addr;

/// The last two labels, or three under such as `co.uk`. An address is a website of its own.
#[must_use]
pub fn registrable(host: &str) -> &str {
    let is_address = host.parse::<Ipv4Addr>().is_ok() || host.starts_with('[');
    if is_address {
        return host;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let second = labels
        .len()
        .checked_sub(2)
        .and_then(|i| labels.get(i))
        .copied()
        .unwrap_or("");
    let keep = if labels.last().is_some_and(|last| last.len() == 2)
        && matches!(
            second,
            "co" | "com" | "org" | "net" | "gov" | "gob" | "ac" | "or" | "ne"
        ) {
        3
    } else {
        2
    };
    let skip = labels.len().saturating_sub(keep);
    let start: usize = labels.iter().take(skip).map(|label| label.len() + 1).sum();
    host.get(start..).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_website() {
        for (host, name) in [
            ("utility.example", "utility.example"),
            ("login.my.utility.example", "utility.example"),
            ("my.utility.co.uk", "utility.co.uk"),
            ("utility.com.au", "utility.com.au"),
            ("t.co", "t.co"),
            ("localhost", "localhost"),
            ("10.0.0.1", "10.0.0.1"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("", ""),
        ] {
            assert_eq!(registrable(host), name, "{host}");
        }
    }
}
