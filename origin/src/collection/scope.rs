//! Which bills are for what the client connected: the utility types and the sites that they ticked.

use bill_reader::{Reading, bill::Flag};
use shared::status::UtilityType;

use super::look_up::is_address;
use crate::store::{Store, StoreError, connections::Connection, sites::Site};

/// Utilities that one bill is often for. Who ticked one of them may have meant the others.
const RELATED: [&[UtilityType]; 4] = [
    &[UtilityType::Electricity, UtilityType::Solar],
    &[UtilityType::Gas, UtilityType::Fuel],
    &[UtilityType::Water, UtilityType::Sewer, UtilityType::Waste],
    &[
        UtilityType::Steam,
        UtilityType::HotWater,
        UtilityType::ChilledWater,
    ],
];

/// What the client of a connection ticked, or its organization said since, and what else the company has.
pub struct ConnectionScope {
    /// Somebody said what the wanted bills are for: what was ticked is not just what was seen.
    is_said: bool,
    utility_types: Vec<UtilityType>,
    /// The addresses of the sites that were ticked.
    ticked: Vec<String>,
    /// The addresses of the company's other sites.
    others: Vec<String>,
    /// Whether addresses can tell the sites that were ticked from others that the company has.
    tells_sites: bool,
    /// Whether all sites that were ticked have an address.
    knows_ticked: bool,
}

/// Whether a bill is for what the client connected.
#[derive(Debug, PartialEq, Eq)]
pub enum Belongs {
    /// It is for what the client connected, and is collected.
    Yes,
    /// It is known to be for something else, and is left out.
    No,
    /// That cannot be told, for these reasons: it is collected and flagged.
    Untold(Vec<Flag>),
}

impl ConnectionScope {
    /// Reads what was ticked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(store: &Store, connection: &Connection) -> Result<Self, StoreError> {
        let (company, id) = (connection.company, connection.id);
        let read = store.read("collection.scope", |tx| {
            Box::pin(async move {
                let sites = tx.sites_of(company).await?;
                let ticked = tx.sites_of_connection(company, id).await?;
                Ok::<_, StoreError>((sites, ticked))
            })
        });
        let (sites, ids) = read.await?;
        let said_at = connection.sites_changed_at.unwrap_or(connection.created_at);
        let (ticked, others): (Vec<_>, Vec<_>) = sites
            .into_iter()
            // Nobody could tick what was not there.
            .filter(|site| ids.contains(&site.id) || site.created_at <= said_at)
            .partition(|site| ids.contains(&site.id));
        // Where no site was ticked nothing was left out.
        let has_others = !ids.is_empty() && !others.is_empty();
        let addresses = |sites: Vec<Site>| sites.into_iter().filter_map(|site| site.address);
        let knows_ticked = ticked.iter().all(|site| site.address.is_some());
        let ticked: Vec<_> = addresses(ticked).collect();
        let others: Vec<_> = addresses(others).collect();
        Ok(Self {
            is_said: connection.types_changed_at.is_some()
                || connection.sites_changed_at.is_some()
                || !connection.utility_types.is_empty(),
            utility_types: connection.utility_types.clone(),
            tells_sites: has_others && !(ticked.is_empty() && others.is_empty()),
            knows_ticked,
            ticked,
            others,
        })
    }

    /// Whether this bill is for what was ticked.
    #[must_use]
    pub fn holds(&self, reading: &Reading) -> Belongs {
        if !self.is_said {
            return Belongs::Yes;
        }
        let mut untold = Vec::new();
        for told in [self.holds_type(reading), self.holds_site(reading)] {
            match told {
                Belongs::Yes => {}
                Belongs::No => return Belongs::No,
                Belongs::Untold(flags) => untold.extend(flags),
            }
        }
        if untold.is_empty() {
            Belongs::Yes
        } else {
            Belongs::Untold(untold)
        }
    }

    fn holds_type(&self, reading: &Reading) -> Belongs {
        // All of them.
        if self.utility_types.is_empty() {
            return Belongs::Yes;
        }
        if reading.utility_types.is_empty() {
            return Belongs::Untold(vec![Flag::NoUtilityType]);
        }
        let is_ticked = |kind: &UtilityType| {
            let mut related = RELATED.iter().filter(|related| related.contains(kind));
            self.utility_types.contains(kind)
                || related
                    .any(|related| related.iter().any(|kind| self.utility_types.contains(kind)))
        };
        if reading.utility_types.iter().any(is_ticked) {
            Belongs::Yes
        } else {
            Belongs::No
        }
    }

    fn holds_site(&self, reading: &Reading) -> Belongs {
        if !self.tells_sites {
            return Belongs::Yes;
        }
        let is_of = |lines: &[String], addresses: &[String]| {
            addresses.iter().any(|address| is_address(lines, address))
        };
        let lines = [&reading.address_lines, &reading.service_address_lines];
        if lines.iter().any(|lines| is_of(lines, &self.ticked)) {
            return Belongs::Yes;
        }
        // The address that a bill is sent to may be a site as well: only that of the service tells it from others.
        if self.knows_ticked && is_of(&reading.service_address_lines, &self.others) {
            return Belongs::No;
        }
        Belongs::Untold(vec![Flag::NoSite])
    }
}

#[cfg(test)]
mod tests {
    use shared::id::SiteId;

    use super::*;
    use crate::store::{
        connection_changes::ConnectionSettings,
        testing::{NOW, fresh, on_both},
    };

    #[tokio::test]
    async fn a_site_that_nobody_could_tick_is_not_left_out_by_a_change_of_utility_types() {
        on_both(async |test| {
            let client = test.client().await;
            let (company, id) = (client.company.id, test.connect(&client).await);
            let added = &Site {
                id: SiteId::from_random(fresh()),
                company,
                name: "New shop".into(),
                address: Some("4 Mill Street, Rivertown".into()),
                created_at: NOW.plus(1500),
            };
            let changed = test.store.tx("test", |tx| {
                Box::pin(async move {
                    tx.add_site(added).await?;
                    let found = tx.connection_of_company(company, id).await?;
                    let settings = &ConnectionSettings {
                        utility_types: vec![UtilityType::Gas],
                        ..ConnectionSettings::of(&found.expect("a connection"))
                    };
                    let now = NOW.plus(2000);
                    tx.change_connection_settings(company, id, settings, now)
                        .await
                })
            });
            changed.await.expect("changed");
            let of_added = bill(&[UtilityType::Gas], &[], &["4 MILL ST"]);
            let holds = async || {
                let read = test
                    .store
                    .read("test", |tx| Box::pin(tx.connection_of_company(company, id)));
                let found = read.await.expect("read").expect("a connection");
                let scope = ConnectionScope::read(&test.store, &found).await;
                scope.expect("scope").holds(&of_added)
            };
            assert_ne!(holds().await, Belongs::No);
            let ticked = &[client.site.id];
            let changed = test.store.tx("test", |tx| {
                Box::pin(tx.change_connection_sites(company, id, ticked, NOW.plus(3000)))
            });
            changed.await.expect("changed");
            assert_eq!(holds().await, Belongs::No, "it was there to be ticked");
        })
        .await;
    }

    fn scope(types: &[UtilityType], ticked: &[&str], others: &[&str]) -> ConnectionScope {
        let owned = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
        ConnectionScope {
            is_said: true,
            utility_types: types.to_vec(),
            ticked: owned(ticked),
            others: owned(others),
            tells_sites: !others.is_empty(),
            knows_ticked: true,
        }
    }

    fn bill(types: &[UtilityType], lines: &[&str], service: &[&str]) -> Reading {
        let owned = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect();
        Reading {
            utility_types: types.to_vec(),
            address_lines: owned(lines),
            service_address_lines: owned(service),
            ..Reading::default()
        }
    }

    #[test]
    fn a_bill_of_another_utility_is_left_out_and_one_of_a_related_or_unknown_one_is_not() {
        use UtilityType::{Electricity, Gas, Sewer, Water};
        let untold = || Belongs::Untold(vec![Flag::NoUtilityType]);
        for (ticked, named, belongs) in [
            (&[Water][..], &[Electricity][..], Belongs::No),
            (&[Water], &[Electricity, Water], Belongs::Yes),
            (&[Sewer], &[Water], Belongs::Yes),
            (&[Water], &[], untold()),
            (&[], &[Gas], Belongs::Yes),
            (&[], &[], Belongs::Yes),
        ] {
            let holds = scope(ticked, &[], &[]).holds(&bill(named, &[], &[]));
            assert_eq!(holds, belongs, "{ticked:?}: {named:?}");
        }
    }

    #[test]
    fn only_the_address_of_the_service_tells_that_a_bill_is_of_another_site() {
        let types = &[UtilityType::Gas];
        let some = scope(types, &["128 Weir Road"], &["4 Mill Street, Rivertown"]);
        let untold = || Belongs::Untold(vec![Flag::NoSite]);
        let (ours, other) = ("128 WEIR RD", "4 MILL ST");
        for (lines, service, belongs) in [
            (&[ours][..], &[ours][..], Belongs::Yes),
            // Sent to the other site.
            (&[ours, other], &[], Belongs::Yes),
            (&[other], &[], untold()),
            (&[other], &[other], Belongs::No),
            (&["9 Elm Lane"], &["9 Elm Lane"], untold()),
        ] {
            let holds = some.holds(&bill(types, lines, service));
            assert_eq!(holds, belongs, "{lines:?} {service:?}");
        }
        let of_other = bill(types, &[other], &[other]);
        let of_any_type = scope(&[], &["128 Weir Road"], &["4 Mill Street, Rivertown"]);
        assert_eq!(of_any_type.holds(&of_other), Belongs::No);
        let only_seen = ConnectionScope {
            is_said: false,
            ..of_any_type
        };
        assert_eq!(only_seen.holds(&of_other), Belongs::Yes);
        let all = scope(types, &["128 Weir Road"], &[]);
        assert_eq!(all.holds(&of_other), Belongs::Yes);
        let without_address = ConnectionScope {
            knows_ticked: false,
            ..some
        };
        assert_eq!(without_address.holds(&of_other), untold());
    }
}
