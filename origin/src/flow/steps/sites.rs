//! SITES: the client picks the sites and utility types that the account is for.

use std::collections::BTreeSet;

use shared::{
    id::{ConnectionId, SiteId},
    status::{SitesProblem, UtilityType, UtilityTypesProblem},
    time::UnixMillis,
    wire::{SiteChoice, SitesProblems, SitesView},
};

use crate::store::{connections::Connection, links::Link, sites::Site};

/// The company's sites and the utility types, and which of them are ticked.
pub(in crate::flow) struct Sites {
    choices: Vec<SiteChoice>,
    utility_types: Vec<UtilityType>,
    problems: SitesProblems,
    /// A connection that the company has already for this sign-in, and when it was made.
    earlier: Option<(ConnectionId, UnixMillis)>,
}

impl Sites {
    /// Starts with what the link has ticked already.
    pub fn new(sites: &[Site], link: &Link, earlier: Option<&Connection>) -> Self {
        let choice = |site: &Site| SiteChoice {
            id: site.id,
            name: site.name.clone(),
            address: site.address.clone(),
            selected: link.initial_sites.contains(&site.id),
        };
        Self {
            choices: sites.iter().map(choice).collect(),
            utility_types: link.utility_types.clone(),
            problems: SitesProblems::default(),
            earlier: earlier.map(|connection| (connection.id, connection.created_at)),
        }
    }

    /// The connection that the company has already for this sign-in.
    pub fn earlier(&self) -> Option<ConnectionId> {
        self.earlier.map(|(connection, _)| connection)
    }

    /// Takes what was ticked, and answers whether it is good. Ticks and problems are kept for the page.
    pub fn submit(&mut self, sites: &[SiteId], utility_types: &[UtilityType]) -> bool {
        let ticked: BTreeSet<_> = sites.iter().collect();
        let known = self
            .choices
            .iter()
            .filter(|c| ticked.contains(&c.id))
            .count();
        for choice in &mut self.choices {
            choice.selected = ticked.contains(&choice.id);
        }
        let types: BTreeSet<_> = utility_types.iter().copied().collect();
        self.utility_types = types.into_iter().collect();

        self.problems = SitesProblems::default();
        if known < ticked.len() {
            self.problems.sites = Some(SitesProblem::UnknownSite);
        } else if ticked.is_empty() && !self.choices.is_empty() {
            self.problems.sites = Some(SitesProblem::NoneChosen);
        }
        if self.utility_types.is_empty() {
            self.problems.utility_types = Some(UtilityTypesProblem::NoneChosen);
        }
        self.problems == SitesProblems::default()
    }

    /// Good ticks could not be saved: the page says why, and the client may press the button again.
    pub fn refuse(&mut self, problem: SitesProblem) {
        self.problems.sites = Some(problem);
    }

    /// The ticked sites.
    pub fn picked(&self) -> Vec<SiteId> {
        let picked = self.choices.iter().filter(|choice| choice.selected);
        picked.map(|choice| choice.id).collect()
    }

    /// The ticked utility types, each once.
    pub fn utility_types(&self) -> &[UtilityType] {
        &self.utility_types
    }

    /// What the page at SITES shows.
    pub fn view(&self) -> SitesView {
        SitesView {
            sites: self.choices.clone(),
            utility_types: self.utility_types.clone(),
            problems: self.problems,
            connected_on: self.earlier.map(|(_, made)| made),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites() -> Sites {
        let choice = |n: u8| SiteChoice {
            id: SiteId::from_random([n; 16]),
            name: format!("Site {n}"),
            address: None,
            selected: n == 1,
        };
        Sites {
            choices: vec![choice(1), choice(2)],
            utility_types: vec![UtilityType::Gas],
            problems: SitesProblems::default(),
            earlier: None,
        }
    }

    #[test]
    fn ticked_sites_and_types_are_kept_once_each() {
        let mut sites = sites();
        let second = SiteId::from_random([2; 16]);
        let water = [UtilityType::Water, UtilityType::Gas, UtilityType::Water];
        assert!(sites.submit(&[second, second], &water));
        assert_eq!(sites.picked(), [second]);
        assert_eq!(
            sites.utility_types(),
            [UtilityType::Gas, UtilityType::Water]
        );
        let selected: Vec<_> = sites.view().sites.iter().map(|s| s.selected).collect();
        assert_eq!(selected, [false, true]);
    }

    #[test]
    fn no_tick_and_foreign_sites_are_refused() {
        let mut sites = sites();
        assert!(!sites.submit(&[], &[]), "nothing ticked");
        let both = SitesProblems {
            sites: Some(SitesProblem::NoneChosen),
            utility_types: Some(UtilityTypesProblem::NoneChosen),
        };
        assert_eq!(sites.view().problems, both);
        let stranger = SiteId::from_random([9; 16]);
        let taken = sites.submit(&[stranger], &[UtilityType::Gas]);
        assert!(!taken, "another company's site");
        assert_eq!(sites.view().problems.sites, Some(SitesProblem::UnknownSite));
    }

    #[test]
    fn a_company_without_sites_needs_no_site() {
        let mut sites = Sites {
            choices: Vec::new(),
            utility_types: Vec::new(),
            problems: SitesProblems::default(),
            earlier: None,
        };
        assert!(sites.submit(&[], &[UtilityType::Water]));
    }
}
