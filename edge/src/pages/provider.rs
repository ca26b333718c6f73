use askama::Template;
use shared::{
    country::Country,
    status::CountryProblem,
    wire::{FlowView, ProviderProblems, ProviderView},
};

use super::{Shell, render};
use crate::{
    country::{CountryOptions, options},
    reply::Reply,
};

/// Step 1: which website, and in which country. The page of a link, and of a flow that goes back to this step.
#[derive(Template)]
#[template(path = "provider.html")]
pub struct ProviderPage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// Whether the page is a step of a flow, which can be left.
    pub in_flow: bool,
    /// The address, as the link has it or as it was typed.
    pub url: &'a str,
    /// The options of the country selector.
    pub countries: CountryOptions,
    /// What is wrong with each field.
    pub problems: ProviderProblems,
    /// Whether the website could not be reached at this address.
    pub unreachable: bool,
    /// Whether the flow could not be started because no node answers.
    pub unavailable: bool,
}

impl<'a> ProviderPage<'a> {
    /// The page of a link that was just opened.
    pub fn of_link(shell: &'a Shell, url: &'a str, country: Option<Country>) -> Self {
        Self {
            shell,
            in_flow: false,
            url,
            countries: options(shell.text, country),
            problems: ProviderProblems::default(),
            unreachable: false,
            unavailable: false,
        }
    }

    /// Makes the page of a flow that is at PROVIDER.
    pub fn of_flow(shell: &'a Shell, flow: &FlowView, view: &'a ProviderView) -> Self {
        Self {
            in_flow: true,
            problems: view.problems,
            unreachable: view.unreachable,
            ..Self::of_link(shell, &view.url, Some(flow.country))
        }
    }

    /// Whether at least one field is wrong.
    pub fn has_problems(&self) -> bool {
        self.unreachable || self.problems != ProviderProblems::default()
    }

    fn title(&self) -> &'static str {
        self.shell.text.connect_title()
    }

    fn url_problem(&self) -> Option<String> {
        let text = self.shell.text;
        if let Some(problem) = self.problems.url {
            return Some(text.address_problem(problem).to_owned());
        }
        let unreachable = self.unreachable.then_some(self.url)?;
        Some(match unreachable.strip_prefix("https://") {
            // Whoever leaves the scheme out means this one mostly, but not always.
            Some(rest) => text
                .address_unreachable(unreachable, &["http://", rest].concat())
                .to_string(),
            None => text.address_unreachable_http(unreachable).to_string(),
        })
    }

    fn country_problem(&self) -> Option<&'static str> {
        let problem: CountryProblem = self.problems.country?;
        Some(self.shell.text.country_problem_text(problem))
    }

    /// Renders this page as a complete reply.
    pub fn reply(&self, status: u16) -> Reply {
        render(self, self.shell, status, None)
    }

    /// Pages for tests: of a link, and one with everything wrong.
    #[cfg(test)]
    pub fn samples(shell: &'a Shell) -> [Self; 2] {
        use shared::provider::InvalidProviderUrl;

        let us: Option<Country> = "US".parse().ok();
        let link = Self::of_link(shell, "https://coned.com/?a=\"b\"", us);
        let wrong = Self {
            problems: ProviderProblems {
                url: Some(InvalidProviderUrl::Empty),
                country: Some(CountryProblem::Unknown),
            },
            unavailable: true,
            in_flow: true,
            ..Self::of_link(shell, "\"><script>", None)
        };
        [link, wrong]
    }
}
