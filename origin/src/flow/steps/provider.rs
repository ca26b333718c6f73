//! PROVIDER: the client names the utility's website and its country.

use shared::{country::Country, provider::ProviderUrl, wire::FieldProblem};

/// The website and country of a flow. What was typed is kept, also when it is no address.
pub(in crate::flow) struct Provider {
    typed: String,
    url: Option<ProviderUrl>,
    country: Country,
}

impl Provider {
    /// Starts from what the client confirmed on the link's page.
    pub fn new(url: ProviderUrl, country: Country) -> Self {
        Self {
            typed: url.to_string(),
            url: Some(url),
            country,
        }
    }

    /// Takes what was typed, and answers what is wrong with it.
    pub fn submit(&mut self, url: String, country: &str) -> Result<(), Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let parsed = url.parse::<ProviderUrl>();
        if let Err(wrong) = &parsed {
            problems.push(problem("url", wrong.to_string()));
        }
        match country.parse() {
            Ok(country) => self.country = country,
            Err(_) => problems.push(problem("country", "Choose a country from the list.".into())),
        }
        self.typed = bounded(url);
        self.url = parsed.ok();
        match &self.url {
            Some(url) if problems.is_empty() => {
                self.typed = url.to_string();
                Ok(())
            }
            _ => Err(problems),
        }
    }

    /// The address as it was typed, or in its normal form when it is a good one.
    pub fn typed(&self) -> &str {
        &self.typed
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

pub(in crate::flow) fn problem(field: &str, message: String) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        message,
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
    use super::*;

    fn provider() -> Provider {
        Provider::new(
            "power.example".parse().expect("address"),
            "DE".parse().expect("country"),
        )
    }

    #[test]
    fn wrong_input_is_kept_as_typed() {
        let mut provider = provider();
        let problems = provider
            .submit("not an address".into(), "XX")
            .expect_err("both are wrong");
        let fields: Vec<_> = problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["url", "country"]);
        assert_eq!(provider.typed(), "not an address");
        assert_eq!(provider.host(), "");
        assert_eq!(provider.country().as_str(), "DE", "the last good one stays");
    }

    #[test]
    fn a_good_address_is_taken_in_its_normal_form() {
        let mut provider = provider();
        let taken = provider.submit(" gas.example/login ".into(), "fr");
        assert_eq!(taken, Ok(()));
        assert_eq!(provider.typed(), "https://gas.example/login");
        assert_eq!(provider.country().as_str(), "FR");
        assert_eq!(provider.host(), "gas.example");
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut provider = provider();
        assert!(provider.submit("\u{e9}".repeat(5000), "DE").is_err());
        assert!(provider.typed().len() <= shared::provider::MAX_LEN + 1);
    }
}
