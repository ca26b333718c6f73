use shared::{
    id::{ConnectionId, FlowRef},
    link_refusal::LinkRefusalReason,
    status::{SitesProblem, UtilityType},
    wire::FinishRefusal,
};
use zeroize::Zeroizing;

use super::test_env::{NOW, NewLink, TestEnv};
use crate::{
    flow::steps::finish::{Finish, Finished},
    signin::{Captured, Credentials, Recipe, SavedSession, recipe},
    store::{credentials, links::LinkForFlow},
    vault::AssociatedData,
};

fn captured() -> Captured {
    Captured {
        session: SavedSession::default(),
        credentials: Credentials {
            username: Zeroizing::new("ada@example.com".into()),
            password: Zeroizing::new("open sesame".into()),
            others: Vec::new(),
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
    pub(super) async fn at_sites(env: &TestEnv, link: &NewLink, number: u8) -> Self {
        let found = env
            .store
            .read("test", |tx| {
                Box::pin(tx.link_for_flow(link.id, env.public_company))
            })
            .await;
        Self {
            found: found.expect("the store").expect("the link"),
            flow_ref: FlowRef::from_random([number; 16]),
            connection: ConnectionId::from_random([number; 16]),
            captured: captured(),
        }
    }

    pub(super) async fn finish(&self, env: &TestEnv) -> Finished {
        let url = "https://power.example/login".parse().expect("an address");
        let finish = Finish {
            flow_ref: self.flow_ref,
            found: &self.found,
            connection: self.connection,
            url: &url,
            country: "US".parse().expect("a country"),
            sites: vec![env.sites[1]],
            utility_types: &[UtilityType::Gas],
            captured: &self.captured,
        };
        finish.run(env.flows.services()).await
    }
}

#[tokio::test]
async fn two_tabs_finish_the_same_link_and_one_wins() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let (one, two) = (
        Tab::at_sites(&env, &link, 1).await,
        Tab::at_sites(&env, &link, 2).await,
    );
    let (one, two) = tokio::join!(one.finish(&env), two.finish(&env));
    let won = [&one, &two]
        .iter()
        .filter(|done| matches!(done, Finished::Connected(_)))
        .count();
    let lost = [&one, &two]
        .iter()
        .filter(|done| {
            matches!(
                done,
                Finished::Refused(FinishRefusal::Used, LinkRefusalReason::Fulfilled)
            )
        })
        .count();
    assert_eq!((won, lost), (1, 1));
    assert_eq!(env.connections().await, 1);
}

#[tokio::test]
async fn the_winner_may_add_more_even_when_the_link_has_expired_since() {
    let env = TestEnv::without_browser().await;
    let link = env.link(Some(NOW.plus(1_000))).await;
    let mut tab = Tab::at_sites(&env, &link, 1).await;
    assert!(matches!(tab.finish(&env).await, Finished::Connected(_)));
    env.clock.advance(2_000);
    tab.connection = ConnectionId::from_random([9; 16]);
    assert!(matches!(tab.finish(&env).await, Finished::Connected(_)));
    assert_eq!(env.connections().await, 2);
}

#[tokio::test]
async fn revoked_in_the_middle_is_refused_and_run_out_is_not() {
    let env = TestEnv::without_browser().await;
    let revoked = env.link(None).await;
    let tab = Tab::at_sites(&env, &revoked, 1).await;
    env.store
        .tx("test", |tx| {
            Box::pin(tx.revoke_link(env.organization, revoked.id, None, NOW))
        })
        .await
        .expect("revoked");
    let done = tab.finish(&env).await;
    assert!(matches!(
        done,
        Finished::Refused(FinishRefusal::Invalid, LinkRefusalReason::Revoked)
    ));
    assert_eq!(env.connections().await, 0);

    // Whoever began in time is let through: a sign-in has an end of its own.
    let expiring = env.link(Some(NOW.plus(1_000))).await;
    let tab = Tab::at_sites(&env, &expiring, 2).await;
    env.clock.advance(1_000);
    let done = tab.finish(&env).await;
    assert!(matches!(done, Finished::Connected(_)));
    assert_eq!(env.connections().await, 1);
}

#[tokio::test]
async fn a_finish_whose_answer_was_lost_is_not_made_twice() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let tab = Tab::at_sites(&env, &link, 1).await;
    for _ in 0..2 {
        let done = tab.finish(&env).await;
        assert!(matches!(done, Finished::Connected(id) if id == tab.connection));
    }
    assert_eq!(env.connections().await, 1);
}

#[tokio::test]
async fn credentials_are_sealed_for_their_connection_alone() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let Finished::Connected(id) = Tab::at_sites(&env, &link, 1).await.finish(&env).await else {
        panic!("finished");
    };
    let stored = env
        .store
        .read("test", |tx| Box::pin(tx.credentials(env.company, id)))
        .await
        .expect("the store");
    let stored = stored.expect("credentials");
    let text = String::from_utf8_lossy(&stored.sealed);
    assert!(!text.contains("sesame") && !stored.recipe.contains("sesame"));
    let row = id.to_string();
    let place = |row| AssociatedData {
        table: credentials::TABLE,
        row,
        owner: env.company.into(),
    };
    let vault = &env.flows.services().vault;
    let plain = vault
        .open(place(&row), &stored.sealed)
        .expect("opens in its place");
    let credentials: Credentials = serde_json::from_slice(&plain).expect("credentials");
    assert_eq!(*credentials.password, "open sesame");
    assert!(vault.open(place("another row"), &stored.sealed).is_err());
    let connection = env
        .store
        .read("test", |tx| Box::pin(tx.connection(env.organization, id)))
        .await
        .expect("the store");
    let connection = connection.expect("a connection");
    assert_eq!(
        connection.username_masked.as_deref(),
        Some("a…@example.com")
    );
    let sites = env
        .store
        .read("test", |tx| {
            Box::pin(tx.sites_of_connection(env.company, id))
        })
        .await
        .expect("the store");
    assert_eq!(sites, [env.sites[1]]);
}

#[tokio::test]
async fn a_database_that_fails_loses_nothing() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let tab = Tab::at_sites(&env, &link, 1).await;
    env.store.close().await;
    assert!(matches!(tab.finish(&env).await, Finished::Again(_)));
}

#[tokio::test]
async fn a_site_that_is_gone_is_told_and_a_company_that_is_gone_ends_the_flow() {
    let env = TestEnv::without_browser().await;
    let link = env.link(None).await;
    let tab = Tab::at_sites(&env, &link, 1).await;
    let (company, picked) = (env.company, env.sites[1]);
    let removing = env.store.tx("test", |tx| {
        Box::pin(async move {
            let sites = tx.sites_of(company).await?;
            let site = sites.iter().find(|site| site.id == picked);
            tx.remove_site(site.expect("the site")).await
        })
    });
    assert!(removing.await.expect("the store"));
    let done = tab.finish(&env).await;
    assert!(matches!(done, Finished::Again(SitesProblem::SiteGone)));
    let removing = env
        .store
        .tx("test", |tx| Box::pin(tx.remove_company(company, NOW)));
    removing.await.expect("the store");
    let done = tab.finish(&env).await;
    assert!(matches!(
        done,
        Finished::Refused(FinishRefusal::Invalid, LinkRefusalReason::Unknown)
    ));
}
