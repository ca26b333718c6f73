use askama::Template;
use shared::{
    status::UtilityType,
    wire::{FLOW_IDLE_MINUTES, FlowView, SitesProblems, SitesView},
};

use super::{Shell, done::account_names, render, shown_host};
use crate::reply::{Reply, Script};

/// Step 3: which sites and utility types the account covers.
#[derive(Template)]
#[template(path = "sites.html")]
pub struct SitesPage<'a> {
    /// What surrounds the content: language, brand and nonce.
    pub shell: &'a Shell,
    /// The company's name.
    pub company: &'a str,
    /// The website's host without `www.`.
    pub host: &'a str,
    /// The path of the flow's page: the script adds `/state`.
    pub path: &'a str,
    /// The version of what the page shows.
    pub version: u64,
    /// The sites and utility types, which of them are ticked, and what is wrong with them.
    pub view: &'a SitesView,
}

impl<'a> SitesPage<'a> {
    /// Makes the page of a flow that is at SITES.
    pub fn new(shell: &'a Shell, flow: &'a FlowView, view: &'a SitesView, path: &'a str) -> Self {
        Self {
            shell,
            company: &flow.company_name,
            host: shown_host(&flow.provider_host),
            path,
            version: flow.version,
            view,
        }
    }

    /// Whether accounts are looked for: the script waits for what is found.
    fn looks(&self) -> bool {
        self.view.seen.as_ref().is_some_and(|seen| seen.goes_on)
    }

    /// What was seen of the account, in words.
    fn seen(&self) -> Option<String> {
        let (text, seen) = (self.shell.text, self.view.seen.as_ref()?);
        let names = account_names(self.shell, &seen.accounts);
        match (names.is_empty(), seen.goes_on) {
            (true, true) => Some(text.accounts_looked_for().to_owned()),
            (true, false) => None,
            (false, true) => Some(text.accounts_seen_so_far(&names).to_string()),
            (false, false) => Some(text.accounts_seen(&names).to_string()),
        }
    }

    fn has_ticked_site(&self) -> bool {
        self.view.sites.iter().any(|site| site.selected)
    }

    /// Every utility type: its value, its name, and whether it is ticked.
    fn types(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let ticked = &self.view.utility_types;
        let text = self.shell.text;
        let all = UtilityType::ALL.iter();
        all.map(move |kind| {
            (
                kind.as_str(),
                text.utility_type(*kind),
                ticked.contains(kind),
            )
        })
    }

    /// The day on which the company connected this account before, in words.
    fn connected_on(&self) -> Option<String> {
        let at = self.view.connected_on?;
        Some(self.shell.text.day(at))
    }

    /// Whether something is wrong with what was ticked.
    pub fn has_problems(&self) -> bool {
        self.view.problems != SitesProblems::default()
    }

    fn sites_problem(&self) -> Option<&'static str> {
        let problem = self.view.problems.sites?;
        Some(self.shell.text.sites_problem(problem))
    }

    fn types_problem(&self) -> Option<&'static str> {
        let problem = self.view.problems.utility_types?;
        Some(self.shell.text.utility_types_problem(problem))
    }

    /// Renders this page as a complete reply.
    pub fn reply(&self) -> Reply {
        render(self, self.shell, 200, Some(Script::OwnOrigin))
    }
}
