//! SITES: the client picks the sites and utility types that the account is for.

use std::collections::BTreeSet;

use shared::{
    id::{ConnectionId, SiteId},
    proof::FoundAccounts,
    status::{SitesProblem, UtilityType, UtilityTypesProblem},
    time::UnixMillis,
    wire::{SeenAccounts, SiteChoice, SitesProblems, SitesView, TicksShown},
};

use crate::collection::{SeenAccount, is_address};
use crate::store::{connections::Connection, links::Link, sites::Site};

/// The company's sites and the utility types, and which of them are ticked.
pub(in crate::flow) struct Sites {
    choices: Vec<SiteChoice>,
    utility_types: Vec<UtilityType>,
    problems: SitesProblems,
    /// A connection that the company has already for this sign-in, and when it was made.
    earlier: Option<(ConnectionId, UnixMillis)>,
    /// What was seen of the account so far, while it is looked for or found.
    seen: Option<SeenAccounts>,
    accounts: Vec<SeenAccount>,
    /// The link says what the account is for: what is seen changes nothing of it.
    has_types: bool,
    /// The link says for which sites, or there is but one.
    has_sites: bool,
    /// The utility types that were ticked because they were seen.
    guessed_types: Vec<UtilityType>,
    /// The client ticked utility types by hand: what is seen changes nothing of them any more.
    chose_types: bool,
    /// The client ticked sites by hand.
    chose_sites: bool,
    /// How often what the page shows has changed by itself.
    changes: u64,
}

impl Sites {
    /// Starts with what the link has ticked already; a site that is the only one is ticked.
    pub fn new(sites: &[Site], link: &Link, earlier: Option<&Connection>) -> Self {
        let is_only = sites.len() == 1;
        let choice = |site: &Site| SiteChoice {
            id: site.id,
            name: site.name.clone(),
            address: site.address.clone(),
            selected: is_only || link.initial_sites.contains(&site.id),
        };
        Self {
            choices: sites.iter().map(choice).collect(),
            utility_types: link.utility_types.clone(),
            problems: SitesProblems::default(),
            earlier: earlier.map(|connection| (connection.id, connection.created_at)),
            seen: None,
            accounts: Vec::new(),
            guessed_types: Vec::new(),
            has_types: !link.utility_types.is_empty(),
            has_sites: is_only || !link.initial_sites.is_empty(),
            chose_types: false,
            chose_sites: false,
            changes: 0,
        }
    }

    /// How often what the page shows has changed by itself.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Shows the accounts that were seen, and ticks what they are for, unless the client or the link said so. True when
    /// there are others than before, and no earlier connection is known.
    pub fn see(&mut self, accounts: &[SeenAccount], goes_on: bool) -> bool {
        let is_new = self.accounts != accounts;
        if !is_new && self.seen.as_ref().is_some_and(|s| s.goes_on == goes_on) {
            return false;
        }
        self.accounts = accounts.to_vec();
        self.changes += 1;
        let shown = accounts
            .iter()
            .map(|account| (account.utility_types.as_slice(), account.number.as_str()));
        self.seen = Some(SeenAccounts {
            goes_on,
            accounts: FoundAccounts::of(shown),
        });
        self.tick();
        is_new && self.earlier.is_none()
    }

    /// The company has this connection already for an account that was seen.
    pub fn recognise(&mut self, earlier: &Connection) {
        self.earlier = Some((earlier.id, earlier.created_at));
        self.changes += 1;
    }

    /// Ticks what was seen where neither the link nor the client said what is right. What nobody had chosen is chosen
    /// by it.
    fn tick(&mut self) {
        if !self.has_types && !self.chose_types {
            let types = self.accounts.iter().flat_map(|seen| &seen.utility_types);
            let types: BTreeSet<_> = types.copied().collect();
            self.utility_types = types.into_iter().collect();
            self.guessed_types.clone_from(&self.utility_types);
            if !self.utility_types.is_empty() {
                self.problems.utility_types = None;
            }
        }
        if self.has_sites || self.chose_sites {
            return;
        }
        for choice in &mut self.choices {
            let address = choice.address.as_deref().unwrap_or_default();
            let mut accounts = self.accounts.iter();
            choice.selected = accounts.any(|seen| is_address(&seen.address_lines, address));
            if choice.selected {
                self.problems.sites = None;
            }
        }
    }

    /// The connection that the company has already for this sign-in.
    pub fn earlier(&self) -> Option<ConnectionId> {
        self.earlier.map(|(connection, _)| connection)
    }

    /// Takes what was ticked, and answers whether it is good. Ticks and problems are kept for the page. A kind of
    /// which nothing was ever ticked, by the client or as `shown` to them, was left to what is seen: what was seen meanwhile
    /// is ticked and shown first, and no utility type is needed while accounts are looked for.
    pub fn submit(
        &mut self,
        sites: &[SiteId],
        utility_types: &[UtilityType],
        shown: TicksShown,
    ) -> bool {
        self.chose_sites |= shown.sites || !sites.is_empty();
        self.chose_types |= shown.utility_types || !utility_types.is_empty();
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
        self.tick();

        let picked = self.picked();
        if known < ticked.len() {
            self.problems.sites = Some(SitesProblem::UnknownSite);
        } else if picked.is_empty() && !self.choices.is_empty() {
            self.problems.sites = Some(SitesProblem::NoneChosen);
        }
        if self.utility_types.is_empty() && !self.waits_for_types() {
            self.problems.utility_types = Some(UtilityTypesProblem::NoneChosen);
        }
        let is_unread = sites.is_empty() && !picked.is_empty()
            || utility_types.is_empty() && !self.utility_types.is_empty();
        self.problems == SitesProblems::default() && !is_unread
    }

    /// Nobody said what the account is for, and it is looked for.
    fn waits_for_types(&self) -> bool {
        let goes_on = self.seen.as_ref().is_some_and(|seen| seen.goes_on);
        goes_on && !self.has_types && !self.chose_types
    }

    /// Good ticks could not be saved: the page says why, and the client may press the button again.
    pub fn refuse(&mut self, problem: SitesProblem) {
        self.problems.sites = Some(problem);
    }

    /// Offers no site any more but these, which the company still has.
    pub fn keep(&mut self, there: &[Site]) {
        self.choices
            .retain(|choice| there.iter().any(|site| site.id == choice.id));
    }

    /// The ticked sites.
    pub fn picked(&self) -> Vec<SiteId> {
        let picked = self.choices.iter().filter(|choice| choice.selected);
        picked.map(|choice| choice.id).collect()
    }

    /// The utility types that somebody said the connection is for, each once. Empty where they are just those that were
    /// seen so far: what nobody has seen yet is not excluded by them.
    pub fn utility_types(&self) -> &[UtilityType] {
        if !self.has_types && self.utility_types == self.guessed_types {
            return &[];
        }
        &self.utility_types
    }

    /// What the page at SITES shows.
    pub fn view(&self) -> SitesView {
        SitesView {
            sites: self.choices.clone(),
            utility_types: self.utility_types.clone(),
            problems: self.problems,
            connected_on: self.earlier.map(|(_, made)| made),
            seen: self.seen.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::{
        id::CompanyId,
        token::{KeyRing, TokenKey},
    };

    use super::*;
    use crate::{
        clock::{Random, SystemRandom},
        new_link::{Prefill, company_link},
    };

    /// Nothing was ticked when the client got the page.
    const UNSEEN: TicksShown = TicksShown {
        sites: false,
        utility_types: false,
    };

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
            seen: None,
            accounts: Vec::new(),
            guessed_types: Vec::new(),
            has_types: true,
            has_sites: true,
            chose_types: false,
            chose_sites: false,
            changes: 0,
        }
    }

    #[test]
    fn ticked_sites_and_types_are_kept_once_each() {
        let mut sites = sites();
        let second = SiteId::from_random([2; 16]);
        let water = [UtilityType::Water, UtilityType::Gas, UtilityType::Water];
        assert!(sites.submit(&[second, second], &water, UNSEEN));
        assert_eq!(sites.picked(), [second]);
        assert_eq!(
            sites.utility_types(),
            [UtilityType::Gas, UtilityType::Water]
        );
        let selected: Vec<_> = sites.view().sites.iter().map(|s| s.selected).collect();
        assert_eq!(selected, [false, true]);
    }

    #[test]
    fn a_site_that_is_gone_is_not_offered_any_more() {
        let mut sites = sites();
        let left = Site {
            id: SiteId::from_random([2; 16]),
            company: CompanyId::from_random([1; 16]),
            name: "Site 2".into(),
            address: None,
            created_at: UnixMillis(0),
        };
        sites.keep(std::slice::from_ref(&left));
        assert_eq!(sites.picked(), []);
        assert!(sites.submit(&[left.id], &[UtilityType::Gas], UNSEEN));
        sites.keep(&[]);
        assert!(
            sites.submit(&[], &[UtilityType::Gas], UNSEEN),
            "there is none to pick"
        );
    }

    #[test]
    fn no_tick_and_foreign_sites_are_refused() {
        let mut sites = sites();
        assert!(!sites.submit(&[], &[], UNSEEN), "nothing ticked");
        let both = SitesProblems {
            sites: Some(SitesProblem::NoneChosen),
            utility_types: Some(UtilityTypesProblem::NoneChosen),
        };
        assert_eq!(sites.view().problems, both);
        let stranger = SiteId::from_random([9; 16]);
        let taken = sites.submit(&[stranger], &[UtilityType::Gas], UNSEEN);
        assert!(!taken, "another company's site");
        assert_eq!(sites.view().problems.sites, Some(SitesProblem::UnknownSite));
    }

    #[test]
    fn what_is_seen_is_ticked_until_somebody_else_says_what_is_right() {
        let account = |number: &str, kind, line: &str| SeenAccount {
            number: number.into(),
            utility_types: vec![kind],
            address_lines: vec![line.into()],
        };
        let seen = [
            account("4402-900-2207", UtilityType::Water, "128 WEIR ROAD"),
            account("1", UtilityType::Gas, "no address"),
        ];
        let ticked = |sites: &Sites| (sites.view().utility_types, sites.picked());
        let (first, second) = (SiteId::from_random([1; 16]), SiteId::from_random([2; 16]));
        let mut sites = Sites {
            has_types: false,
            has_sites: false,
            ..sites()
        };
        sites.choices[1].address = Some("128 Weir Road, Rivertown".into());
        sites.see(&[], true);
        assert_eq!(sites.changes(), 1);
        sites.see(&seen, true);
        sites.see(&seen, true);
        assert_eq!(sites.changes(), 2);
        let both = vec![UtilityType::Gas, UtilityType::Water];
        assert_eq!(ticked(&sites), (both, vec![second]));
        let shown = sites.view().seen.expect("it was looked for");
        assert!(shown.goes_on);
        assert_eq!(shown.accounts.shown[0].ending, "2207");
        let guessed = [UtilityType::Gas, UtilityType::Water];
        assert!(sites.submit(&[second], &guessed, UNSEEN));
        assert!(sites.utility_types().is_empty(), "nobody excludes anything");
        sites.submit(&[first], &[UtilityType::Gas], UNSEEN);
        assert_eq!(sites.utility_types(), [UtilityType::Gas]);
        sites.see(&seen, false);
        assert_eq!(
            ticked(&sites),
            (vec![UtilityType::Gas], vec![first]),
            "the client's word"
        );

        let mut prefilled = self::sites();
        prefilled.see(&seen, false);
        assert_eq!(
            prefilled.utility_types(),
            [UtilityType::Gas],
            "the link's word"
        );
    }

    #[test]
    fn who_does_not_wait_for_what_is_looked_for_is_not_refused_for_it() {
        let looked_for = || {
            let mut sites = Sites {
                has_types: false,
                has_sites: false,
                utility_types: Vec::new(),
                ..sites()
            };
            sites.choices[0].selected = false;
            sites.choices[1].address = Some("128 Weir Road".into());
            sites.see(&[], true);
            sites
        };
        let seen = [SeenAccount {
            number: "2207".into(),
            utility_types: vec![UtilityType::Water],
            address_lines: vec!["128 WEIR ROAD".into()],
        }];
        let first = SiteId::from_random([1; 16]);
        let mut sites = looked_for();
        assert!(
            sites.submit(&[first], &[], UNSEEN),
            "it is looked for still"
        );
        assert!(sites.utility_types().is_empty(), "nothing is excluded");

        let mut sites = looked_for();
        sites.see(&[], false);
        assert!(!sites.submit(&[first], &[], UNSEEN), "nothing was found");
        let problem = Some(UtilityTypesProblem::NoneChosen);
        assert_eq!(sites.view().problems.utility_types, problem);

        let mut sites = looked_for();
        assert!(!sites.submit(&[], &[], UNSEEN), "a site must be chosen");
        assert!(sites.view().problems.sites.is_some());
        sites.see(&seen, true);
        assert_eq!(sites.view().problems, SitesProblems::default());
        assert_eq!(sites.view().utility_types, [UtilityType::Water]);
        assert_eq!(sites.picked(), [SiteId::from_random([2; 16])]);

        // What was found in the same moment is shown before it is taken for the client's word.
        assert!(
            !sites.submit(&[first], &[], UNSEEN),
            "the client has not seen it"
        );
        assert_eq!(sites.view().problems, SitesProblems::default());
        assert_eq!(sites.view().utility_types, [UtilityType::Water]);
        assert_eq!(sites.picked(), [first], "the client's word");
        assert!(sites.submit(&[first], &[UtilityType::Water], UNSEEN));
    }

    #[test]
    fn who_unticks_what_was_seen_is_asked_to_choose() {
        let mut sites = Sites {
            has_types: false,
            has_sites: false,
            ..sites()
        };
        sites.choices[1].address = Some("128 Weir Road".into());
        let seen = [SeenAccount {
            number: "2207".into(),
            utility_types: vec![UtilityType::Water],
            address_lines: vec!["128 WEIR ROAD".into()],
        }];
        sites.see(&seen, true);
        let shown = TicksShown {
            sites: true,
            utility_types: true,
        };
        assert!(!sites.submit(&[], &[], shown));
        let view = sites.view();
        let none_chosen = SitesProblems {
            sites: Some(SitesProblem::NoneChosen),
            utility_types: Some(UtilityTypesProblem::NoneChosen),
        };
        assert_eq!(view.problems, none_chosen);
        assert!(sites.picked().is_empty() && view.utility_types.is_empty());
        sites.see(&seen, false);
        assert!(sites.picked().is_empty(), "the client's word");
    }

    #[test]
    fn the_only_site_is_ticked() {
        let company = CompanyId::from_random([3; 16]);
        let keys = KeyRing::new(vec![TokenKey::new(1, &[7; 16])]).expect("one key");
        let sources = (&keys, &SystemRandom as &dyn Random);
        let link = company_link(sources, UnixMillis(0), company, Prefill::default());
        let site = |n: u8| Site {
            id: SiteId::from_random([n; 16]),
            company,
            name: format!("Site {n}"),
            address: None,
            created_at: UnixMillis(0),
        };
        let mut only = Sites::new(&[site(1)], &link, None);
        only.see(&[], false);
        assert_eq!(only.picked(), [site(1).id]);
        let several = Sites::new(&[site(1), site(2)], &link, None);
        assert!(
            several.picked().is_empty(),
            "they are the client's to choose"
        );
    }

    #[test]
    fn a_company_without_sites_needs_no_site() {
        let mut sites = Sites {
            choices: Vec::new(),
            utility_types: Vec::new(),
            problems: SitesProblems::default(),
            earlier: None,
            seen: None,
            accounts: Vec::new(),
            guessed_types: Vec::new(),
            has_types: true,
            has_sites: true,
            chose_types: false,
            chose_sites: false,
            changes: 0,
        };
        assert!(sites.submit(&[], &[UtilityType::Water], UNSEEN));
    }
}
