//! SITES: the client picks the sites and utility types that the account is for.

use std::collections::BTreeSet;

use shared::{
    id::SiteId,
    status::UtilityType,
    wire::{FieldProblem, SiteChoice, SitesView},
};

use super::provider::problem;
use crate::store::{links::Link, sites::Site};

/// The company's sites and the utility types, and which of them are ticked.
pub(in crate::flow) struct Sites {
    choices: Vec<SiteChoice>,
    utility_types: Vec<UtilityType>,
}

impl Sites {
    /// Starts with what the link has ticked already.
    pub fn new(sites: &[Site], link: &Link) -> Self {
        let choice = |site: &Site| SiteChoice {
            id: site.id,
            name: site.name.clone(),
            address: site.address.clone(),
            selected: link.initial_sites.contains(&site.id),
        };
        Self {
            choices: sites.iter().map(choice).collect(),
            utility_types: link.utility_types.clone(),
        }
    }

    /// Takes what was ticked, and answers what is wrong with it. The ticks are kept either way.
    pub fn submit(
        &mut self,
        sites: &[SiteId],
        utility_types: &[UtilityType],
    ) -> Result<(), Vec<FieldProblem>> {
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

        let mut problems = Vec::new();
        if known < ticked.len() {
            problems.push(problem("sites", "Choose sites from the list.".into()));
        } else if ticked.is_empty() && !self.choices.is_empty() {
            problems.push(problem("sites", "Choose at least one site.".into()));
        }
        if self.utility_types.is_empty() {
            let message = "Choose at least one kind of utility.".into();
            problems.push(problem("utilityTypes", message));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
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

    /// What the page shows.
    pub fn view(&self) -> SitesView {
        SitesView {
            sites: self.choices.clone(),
            utility_types: self.utility_types.clone(),
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
        }
    }

    #[test]
    fn ticked_sites_and_types_are_kept_once_each() {
        let mut sites = sites();
        let second = SiteId::from_random([2; 16]);
        let water = [UtilityType::Water, UtilityType::Gas, UtilityType::Water];
        assert_eq!(sites.submit(&[second, second], &water), Ok(()));
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
        let problems = sites.submit(&[], &[]).expect_err("nothing ticked");
        let fields: Vec<_> = problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["sites", "utilityTypes"]);
        let stranger = SiteId::from_random([9; 16]);
        let problems = sites
            .submit(&[stranger], &[UtilityType::Gas])
            .expect_err("another company's site");
        assert_eq!(problems[0].field, "sites");
    }

    #[test]
    fn a_company_without_sites_needs_no_site() {
        let mut sites = Sites {
            choices: Vec::new(),
            utility_types: Vec::new(),
        };
        assert!(sites.submit(&[], &[UtilityType::Water]).is_ok());
    }
}
