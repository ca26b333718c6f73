//! Utilities that are known by name and website, for suggestions.
//!
//! The list is short and does not claim to be complete: any other website can be connected by its address. Each entry
//! names the source that shows the name and the host together.

use std::sync::LazyLock;

use serde::Deserialize;
use shared::{country::Country, status::UtilityType};

/// A utility of the list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedUtility {
    /// The name that customers know it by.
    pub name: String,
    /// The country whose customers it bills.
    pub country: Country,
    /// The host of its website, without `www.`.
    pub host: String,
    /// What it supplies, as far as the source shows it.
    pub services: Vec<UtilityType>,
    /// The address of a page, or the file of a public repository, that shows name and host together.
    pub source: String,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    utility: Vec<ListedUtility>,
}

/// All listed utilities, sorted by country and name.
pub fn listed() -> &'static [ListedUtility] {
    // A test reads the file: a program with one that cannot be read is never built into a release.
    static LISTED: LazyLock<Vec<ListedUtility>> = LazyLock::new(|| {
        let list: Result<List, _> = toml::from_str(include_str!("utilities.toml"));
        list.map(|list| list.utility).unwrap_or_default()
    });
    &LISTED
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use shared::provider::ProviderUrl;

    use super::{List, listed};

    #[test]
    fn the_list_can_be_read_and_is_sorted() {
        let list: List = toml::from_str(include_str!("utilities.toml")).expect("a list");
        assert_eq!(list.utility, listed());
        let keys: Vec<_> = listed()
            .iter()
            .map(|one| (one.country, one.name.to_lowercase()))
            .collect();
        assert!(keys.is_sorted(), "by country and name");
        let once: BTreeSet<_> = listed()
            .iter()
            .map(|one| (one.country, &one.host))
            .collect();
        assert_eq!(once.len(), listed().len(), "each host once in a country");
    }

    #[test]
    fn each_entry_has_a_host_that_can_be_opened_and_a_source() {
        assert!(!listed().is_empty());
        for one in listed() {
            let url: ProviderUrl = one.host.parse().expect("an address");
            assert_eq!(url.url().host_str(), Some(&*one.host), "{}", one.name);
            assert!(
                one.host.contains('.') && !one.host.starts_with("www."),
                "{}",
                one.host
            );
            assert!(!one.name.trim().is_empty(), "{}", one.host);
            assert!(!one.services.is_empty(), "{}", one.name);
            let is_page = url::Url::parse(&one.source).is_ok_and(|url| url.has_host());
            let is_file = one.source.strip_prefix("github:").is_some_and(|file| {
                file.split_once(' ')
                    .is_some_and(|(repository, path)| repository.contains('/') && !path.is_empty())
            });
            assert!(is_page || is_file, "{}: {}", one.name, one.source);
        }
    }
}
