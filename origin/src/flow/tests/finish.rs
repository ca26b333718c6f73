use shared::{
    id::{ConnectionId, FlowRef},
    status::UtilityType,
    wire::Refusal,
};
use zeroize::Zeroizing;

use super::house::{House, NOW, NewLink};
use crate::{
    flow::finish::{Finish, Finished},
    signin::{Captured, Credentials, Recipe, recipe},
    store::{credentials, links::LinkForFlow},
    vault::Place,
};

fn captured() -> Captured {
    Captured {
        credentials: Credentials {
            username: Zeroizing::new("ada@example.com".into()),
            password: Zeroizing::new("open sesame".into()),
        },
        recipe: Recipe {
            version: recipe::VERSION,
            start: "https://power.example/login".parse().expect("a URL"),
            steps: Vec::new(),
            success: recipe::SuccessMarks::default(),
            mfa: recipe::MfaKind::None,
        },
    }
}

/// One tab at SITES.
pub(super) struct Tab {
    found: LinkForFlow,
    connection: ConnectionId,
    flow_ref: FlowRef,
    captured: Captured,
}

impl Tab {
    pub(super) async fn at_sites(house: &House, link: &NewLink, number: u8) -> Self {
        let found = house
            .store
            .link_for_flow(link.id, house.public_company)
            .await;
        Self {
            found: found.expect("the store").expect("the link"),
            flow_ref: FlowRef::from_random([number; 16]),
            connection: ConnectionId::from_random([number; 16]),
            captured: captured(),
        }
    }

    pub(super) async fn finish(&self, house: &House) -> Finished {
        let url = "https://power.example/login".parse().expect("an address");
        let finish = Finish {
            flow_ref: self.flow_ref,
            found: &self.found,
            connection: self.connection,
            url: &url,
            country: "US".parse().expect("a country"),
            sites: vec![house.sites[1]],
            utility_types: &[UtilityType::Gas],
            captured: &self.captured,
        };
        finish.run(house.flows.services()).await
    }
}

#[tokio::test]
async fn two_tabs_finish_the_same_link_and_one_wins() {
    let house = House::without_browser().await;
    let link = house.link(None).await;
    let (one, two) = (
        Tab::at_sites(&house, &link, 1).await,
        Tab::at_sites(&house, &link, 2).await,
    );
    let (one, two) = tokio::join!(one.finish(&house), two.finish(&house));
    let won = [&one, &two]
        .iter()
        .filter(|done| matches!(done, Finished::Connected(_)))
        .count();
    let lost = [&one, &two]
        .iter()
        .filter(|done| matches!(done, Finished::Refused(Refusal::Used, "FULFILLED")))
        .count();
    assert_eq!((won, lost), (1, 1));
    assert_eq!(house.connections().await, 1);
}

#[tokio::test]
async fn the_winner_may_add_more_even_when_the_link_has_expired_since() {
    let house = House::without_browser().await;
    let link = house.link(Some(NOW.plus(1_000))).await;
    let mut tab = Tab::at_sites(&house, &link, 1).await;
    assert!(matches!(tab.finish(&house).await, Finished::Connected(_)));
    house.clock.advance(2_000);
    tab.connection = ConnectionId::from_random([9; 16]);
    assert!(matches!(tab.finish(&house).await, Finished::Connected(_)));
    assert_eq!(house.connections().await, 2);
}

#[tokio::test]
async fn revoked_in_the_middle_is_refused_and_run_out_is_not() {
    let house = House::without_browser().await;
    let revoked = house.link(None).await;
    let tab = Tab::at_sites(&house, &revoked, 1).await;
    house
        .store
        .revoke_link(house.organization, revoked.id, NOW)
        .await
        .expect("revoked");
    let done = tab.finish(&house).await;
    assert!(matches!(
        done,
        Finished::Refused(Refusal::Invalid, "REVOKED")
    ));
    assert_eq!(house.connections().await, 0);

    // Whoever began in time is let through: a sign-in has an end of its own.
    let expiring = house.link(Some(NOW.plus(1_000))).await;
    let tab = Tab::at_sites(&house, &expiring, 2).await;
    house.clock.advance(1_000);
    let done = tab.finish(&house).await;
    assert!(matches!(done, Finished::Connected(_)));
    assert_eq!(house.connections().await, 1);
}

#[tokio::test]
async fn a_finish_whose_answer_was_lost_is_not_made_twice() {
    let house = House::without_browser().await;
    let link = house.link(None).await;
    let tab = Tab::at_sites(&house, &link, 1).await;
    for _ in 0..2 {
        let done = tab.finish(&house).await;
        assert!(matches!(done, Finished::Connected(id) if id == tab.connection));
    }
    assert_eq!(house.connections().await, 1);
}

#[tokio::test]
async fn credentials_are_sealed_for_their_connection_alone() {
    let house = House::without_browser().await;
    let link = house.link(None).await;
    let Finished::Connected(id) = Tab::at_sites(&house, &link, 1).await.finish(&house).await else {
        panic!("finished");
    };
    let stored = house
        .store
        .credentials(house.company, id)
        .await
        .expect("the store");
    let stored = stored.expect("credentials");
    let text = String::from_utf8_lossy(&stored.sealed);
    assert!(!text.contains("sesame") && !stored.recipe.contains("sesame"));
    let row = id.to_string();
    let place = |row| Place {
        table: credentials::TABLE,
        row,
        company: house.company,
    };
    let vault = &house.flows.services().vault;
    let plain = vault
        .open(place(&row), &stored.sealed)
        .expect("opens in its place");
    let credentials: Credentials = serde_json::from_slice(&plain).expect("credentials");
    assert_eq!(*credentials.password, "open sesame");
    assert!(vault.open(place("another row"), &stored.sealed).is_err());
    let connection = house
        .store
        .connection(house.organization, id)
        .await
        .expect("the store");
    let connection = connection.expect("a connection");
    assert_eq!(
        connection.username_masked.as_deref(),
        Some("a…@example.com")
    );
    let sites = house
        .store
        .sites_of_connection(house.company, id)
        .await
        .expect("the store");
    assert_eq!(sites, [house.sites[1]]);
}

#[tokio::test]
async fn a_database_that_fails_loses_nothing() {
    let house = House::without_browser().await;
    let link = house.link(None).await;
    let tab = Tab::at_sites(&house, &link, 1).await;
    house.store.close().await;
    assert!(matches!(tab.finish(&house).await, Finished::Again(_)));
}
