//! PROVIDER: the client names the utility's website and its country.

use shared::{
    country::Country,
    provider::ProviderUrl,
    status::{CountryProblem, ErrorCode},
    wire::{ProviderProblems, ProviderView},
};

/// The website and country of a flow. What was typed is kept, also when it is no address.
pub(in crate::flow) struct Provider {
    typed: String,
    url: Option<ProviderUrl>,
    country: Country,
    unreachable: bool,
}

impl Provider {
    /// Starts from what the client confirmed on the link's page.
    pub fn new(url: ProviderUrl, country: Country) -> Self {
        Self {
            typed: url.to_string(),
            url: Some(url),
            country,
            unreachable: false,
        }
    }

    /// Starts anew, for another website in the same country.
    pub fn another(&self) -> Self {
        Self {
            typed: String::new(),
            url: None,
            country: self.country,
            unreachable: false,
        }
    }

    /// Takes what was typed, and answers what is wrong with it.
    pub fn submit(&mut self, url: String, country: &str) -> Result<(), ProviderProblems> {
        let mut problems = ProviderProblems::default();
        self.unreachable = false;
        match country.parse() {
            Ok(country) => self.country = country,
            Err(_) => problems.country = Some(CountryProblem::Unknown),
        }
        match url.parse::<ProviderUrl>() {
            Ok(parsed) => {
                self.typed = parsed.to_string();
                self.url = Some(parsed);
            }
            Err(wrong) => {
                self.typed = bounded(url);
                self.url = None;
                problems.url = Some(wrong);
            }
        }
        if problems == ProviderProblems::default() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// The client comes back from a sign-in that ended with this, if it ended by itself.
    pub fn came_back(&mut self, from: Option<ErrorCode>) {
        self.unreachable = from == Some(ErrorCode::SiteUnreachable);
    }

    /// What the page at PROVIDER shows.
    pub fn view(&self, problems: ProviderProblems) -> ProviderView {
        ProviderView {
            url: self.typed.clone(),
            problems,
            unreachable: self.unreachable,
        }
    }

    /// The address, if what was typed is one.
    pub fn url(&self) -> Option<&ProviderUrl> {
        self.url.as_ref()
    }

    /// The website's host; empty while what was typed is no address.
    pub fn host(&self) -> String {
        self.url.as_ref().map(ProviderUrl::host).unwrap_or_default()
    }

    /// The last country that was valid.
    pub fn country(&self) -> Country {
        self.country
    }
}

/// Cuts what was typed: it goes back to the page, so its length must have a bound.
fn bounded(mut text: String) -> String {
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .find(|at| *at >= shared::provider::MAX_LEN)
        .unwrap_or(text.len());
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use shared::provider::InvalidProviderUrl;

    use super::*;

    fn provider() -> Provider {
        Provider::new(
            "power.example".parse().expect("address"),
            "DE".parse().expect("country"),
        )
    }

    #[test]
    fn every_country_has_a_language_and_a_time_zone_in_the_browser() {
        assert!(browser::known_countries().eq(shared::country::CODES.iter().copied()));
    }

    #[test]
    fn wrong_input_is_kept_as_typed() {
        let mut provider = provider();
        let problems = provider
            .submit("not an address".into(), "XX")
            .expect_err("both are wrong");
        let both = ProviderProblems {
            url: Some(InvalidProviderUrl::NotAnAddress),
            country: Some(CountryProblem::Unknown),
        };
        assert_eq!(problems, both);
        assert_eq!(provider.typed, "not an address");
        assert_eq!(provider.host(), "");
        assert_eq!(provider.country().as_str(), "DE", "the last good one stays");
    }

    #[test]
    fn a_good_address_is_taken_in_its_normal_form() {
        let mut provider = provider();
        let taken = provider.submit(" gas.example/login ".into(), "fr");
        assert_eq!(taken, Ok(()));
        assert_eq!(provider.typed, "https://gas.example/login");
        assert_eq!(provider.country().as_str(), "FR");
        assert_eq!(provider.host(), "gas.example");
    }

    #[test]
    fn another_website_starts_empty_in_the_same_country() {
        let another = provider().another();
        assert_eq!((another.typed.as_str(), another.url()), ("", None));
        assert_eq!(another.country().as_str(), "DE");
    }

    #[test]
    fn who_comes_back_from_a_website_out_of_reach_is_told_at_its_address() {
        let mut provider = Provider::new(
            "localhost:7400".parse().expect("address"),
            "DE".parse().expect("country"),
        );
        provider.came_back(Some(ErrorCode::SiteUnreachable));
        let view = provider.view(ProviderProblems::default());
        assert_eq!(
            (view.url.as_str(), view.unreachable),
            ("http://localhost:7400/", true)
        );
        provider.came_back(None);
        assert!(!provider.view(ProviderProblems::default()).unreachable);
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut provider = provider();
        assert!(provider.submit("\u{e9}".repeat(5000), "DE").is_err());
        assert!(provider.typed.len() <= shared::provider::MAX_LEN + 1);
    }
}
