use askama::Template;
use shared::{
    status::UtilityType,
    wire::{FLOW_IDLE_MINUTES, FlowView, SitesView},
};

use super::{Shell, render, shown_host, text};
use crate::reply::Reply;

/// Step 3: what the account covers.
#[derive(Template)]
#[template(path = "sites.html")]
pub struct SitesPage<'a> {
    /// The frame.
    pub shell: &'a Shell,
    /// The client.
    pub company: &'a str,
    /// The website's host.
    pub host: &'a str,
    /// To tick.
    pub view: &'a SitesView,
    /// What is wrong with the sites.
    pub sites_problem: Option<&'a str>,
    /// What is wrong with the utility types.
    pub types_problem: Option<&'a str>,
}

impl<'a> SitesPage<'a> {
    /// Of a flow at SITES.
    pub fn new(shell: &'a Shell, view: &'a FlowView, sites: &'a SitesView) -> Self {
        let of = |field: &str| {
            let found = view.problems.iter().find(|problem| problem.field == field);
            found.map(|problem| problem.message.as_str())
        };
        Self {
            shell,
            company: &view.company_name,
            host: shown_host(&view.provider_host),
            view: sites,
            sites_problem: of("sites"),
            types_problem: of("utilityTypes"),
        }
    }

    /// Every utility type, its name, and whether it is ticked.
    pub fn types(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let ticked = &self.view.utility_types;
        let all = UtilityType::ALL.iter();
        all.map(move |kind| {
            (
                kind.as_str(),
                text::utility_type(*kind),
                ticked.contains(kind),
            )
        })
    }

    /// Renders it.
    pub fn reply(&self, status: u16) -> Reply {
        render(self, self.shell, status, None)
    }
}

/// The connection exists.
#[derive(Template)]
#[template(path = "done.html")]
pub struct DonePage<'a> {
    /// The frame.
    pub shell: &'a Shell,
    /// The website's host.
    pub host: &'a str,
}

impl<'a> DonePage<'a> {
    /// Of a flow at DONE.
    pub fn new(shell: &'a Shell, view: &'a FlowView) -> Self {
        Self {
            shell,
            host: shown_host(&view.provider_host),
        }
    }

    /// Renders it.
    pub fn reply(&self) -> Reply {
        render(self, self.shell, 200, None)
    }
}
