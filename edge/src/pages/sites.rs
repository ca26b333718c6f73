use askama::Template;
use shared::{
    status::UtilityType,
    wire::{FLOW_IDLE_MINUTES, FlowView, SitesProblems, SitesView},
};

use super::{Shell, render, shown_host};
use crate::reply::Reply;

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
    /// The sites and utility types, which of them are ticked, and what is wrong with them.
    pub view: &'a SitesView,
}

impl<'a> SitesPage<'a> {
    /// Makes the page of a flow that is at SITES.
    pub fn new(shell: &'a Shell, flow: &'a FlowView, view: &'a SitesView) -> Self {
        Self {
            shell,
            company: &flow.company_name,
            host: shown_host(&flow.provider_host),
            view,
        }
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
    pub fn reply(&self, status: u16) -> Reply {
        render(self, self.shell, status, None)
    }
}
