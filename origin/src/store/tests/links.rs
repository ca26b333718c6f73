use shared::{
    id::{FlowRef, PublicCompanyId},
    status::{LinkEventKind, LinkKind, LinkStatus},
};

use crate::store::{
    Page, StoreError,
    link_changes::{LaterEnd, Revocation},
    links::{LinkEvent, LinkFilter},
    testing::{NOW, fresh, new_link, on_both},
};

fn event(kind: LinkEventKind) -> LinkEvent {
    LinkEvent {
        kind,
        flow_ref: Some(FlowRef::from_random(fresh())),
        detail: Some("x".into()),
        at: NOW,
    }
}

#[tokio::test]
async fn a_link_comes_back_as_it_was() {
    on_both(async |test| {
        let client = test.client().await;
        let mut full = new_link(client.company.id);
        full.expires_at = Some(NOW.plus(60_000));
        full.initial_sites = vec![client.site.id];
        full.redirect_url = Some("https://acme.example/done".into());
        full.locale = Some("de".into());
        assert!(
            test.store
                .tx("test", |tx| Box::pin(
                    tx.add_link(client.organization, &full)
                ))
                .await
                .expect("add")
        );
        let all = LinkFilter::default();
        let found = test
            .store
            .read("test", |tx| {
                Box::pin(tx.link_for_flow(full.id, client.company.public_id))
            })
            .await
            .expect("get")
            .expect("found");
        assert_eq!((found.link, found.company), (full, client.company.clone()));
        let page = test
            .store
            .read("test", |tx| {
                Box::pin(tx.links(
                    client.organization,
                    client.company.id,
                    &all,
                    NOW,
                    Page::FIRST,
                ))
            })
            .await
            .expect("list");
        assert_eq!((page.total, page.rows.len()), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn the_log_keeps_its_order_under_many_writers() {
    on_both(async |test| {
        let client = test.client().await;
        let (company, id) = (client.company.public_id, client.link.id);
        let events: Vec<_> = (0..8).map(|_| event(LinkEventKind::Opened)).collect();
        let written = futures_util::future::join_all(events.iter().map(|event| {
            test.store.tx("test", |tx| {
                Box::pin(tx.record_link_event(company, id, event))
            })
        }));
        assert!(
            written
                .await
                .into_iter()
                .all(|done| done.is_ok_and(|known| known))
        );
        let last = event(LinkEventKind::Abandoned);
        assert!(
            test.store
                .tx("test", |tx| Box::pin(
                    tx.record_link_event(company, id, &last)
                ))
                .await
                .expect("record")
        );
        let log = test
            .store
            .read("test", |tx| {
                Box::pin(tx.link_events(client.organization, id))
            })
            .await
            .expect("log");
        assert_eq!(log.len(), 10);
        assert_eq!(
            log.first().map(|event| event.kind),
            Some(LinkEventKind::Created)
        );
        assert_eq!(log.last(), Some(&last));
        let nobody = PublicCompanyId::from_random(fresh());
        assert!(
            !test
                .store
                .tx("test", |tx| Box::pin(
                    tx.record_link_event(nobody, id, &last)
                ))
                .await
                .expect("record")
        );
    })
    .await;
}

#[tokio::test]
async fn revoking_is_final_and_idempotent() {
    on_both(async |test| {
        let client = test.client().await;
        let revoke = async |id, at| {
            test.store
                .tx("test", |tx| {
                    Box::pin(tx.revoke_link(client.organization, id, None, NOW.plus(at)))
                })
                .await
                .expect("revoke")
        };
        assert_eq!(revoke(client.link.id, 1).await, Revocation::Revoked);
        assert_eq!(revoke(client.link.id, 2).await, Revocation::Revoked);
        let found = test
            .store
            .read("test", |tx| {
                Box::pin(tx.link(client.organization, client.link.id))
            })
            .await
            .expect("get")
            .expect("found");
        assert_eq!(
            (found.link.revoked_at, found.link.status(NOW)),
            (Some(NOW.plus(1)), LinkStatus::Revoked)
        );
        assert_eq!(
            test.store
                .read("test", |tx| Box::pin(
                    tx.link_events(client.organization, client.link.id)
                ))
                .await
                .expect("log")
                .len(),
            2
        );

        let used = test.client().await;
        test.connect(&used).await;
        let refused = test
            .store
            .tx("test", |tx| {
                Box::pin(tx.revoke_link(used.organization, used.link.id, None, NOW))
            })
            .await
            .expect("revoke");
        assert_eq!(refused, Revocation::Fulfilled);
    })
    .await;
}

#[tokio::test]
async fn keys_of_living_links_are_in_use() {
    on_both(async |test| {
        let client = test.client().await;
        let mut short = new_link(client.company.id);
        (short.key_id, short.expires_at) = (200, Some(NOW.plus(10)));
        assert!(
            test.store
                .tx("test", |tx| Box::pin(
                    tx.add_link(client.organization, &short)
                ))
                .await
                .expect("add")
        );
        assert_eq!(
            test.store
                .read("test", |tx| Box::pin(tx.token_keys_in_use(NOW)))
                .await
                .expect("keys"),
            [3, 200]
        );
        assert_eq!(
            test.store
                .read("test", |tx| Box::pin(tx.token_keys_in_use(NOW.plus(10))))
                .await
                .expect("keys"),
            [3]
        );
        test.store
            .tx("test", |tx| {
                Box::pin(tx.revoke_link(client.organization, client.link.id, None, NOW))
            })
            .await
            .expect("revoke");
        assert_eq!(
            test.store
                .read("test", |tx| Box::pin(tx.token_keys_in_use(NOW.plus(10))))
                .await
                .expect("keys"),
            [0; 0]
        );
    })
    .await;
}

#[tokio::test]
async fn a_link_is_extended_only_to_a_later_end_and_while_it_is_not_used_or_revoked() {
    on_both(async |test| {
        let client = test.client().await;
        let organization = client.organization;
        let mut ends = new_link(client.company.id);
        ends.expires_at = Some(NOW.plus(10));
        let adding = test
            .store
            .tx("test", |tx| Box::pin(tx.add_link(organization, &ends)));
        assert!(adding.await.expect("add"));
        let extend = async |by, id, at| {
            let end = LaterEnd {
                expires_at: NOW.plus(at),
                key_id: 4,
                nonce: [7; 12],
            };
            let extending = test.store.tx("test", |tx| {
                Box::pin(tx.extend_link(by, id, end, NOW.plus(20)))
            });
            extending.await.expect("extend")
        };
        let stranger = test.client().await;
        assert!(!extend(stranger.organization, ends.id, 100).await);
        assert!(
            !extend(organization, client.link.id, 100).await,
            "never ends"
        );
        assert!(!extend(organization, ends.id, 10).await, "not later");
        assert!(extend(organization, ends.id, 100).await);
        let (found, events) = test
            .store
            .read("test", |tx| {
                Box::pin(async move {
                    let found = tx.link(organization, ends.id).await?.expect("the link");
                    Ok::<_, StoreError>((found.link, tx.link_events(organization, ends.id).await?))
                })
            })
            .await
            .expect("read");
        assert_eq!(
            (found.expires_at, found.key_id, found.nonce),
            (Some(NOW.plus(100)), 4, [7; 12])
        );
        let last = events.last().map(|event| (event.kind, event.at));
        assert_eq!(last, Some((LinkEventKind::Extended, NOW.plus(20))));

        let revoking = test.store.tx("test", |tx| {
            Box::pin(tx.revoke_link(organization, ends.id, Some("Sent in error."), NOW.plus(30)))
        });
        revoking.await.expect("revoke");
        assert!(!extend(organization, ends.id, 200).await, "revoked");
    })
    .await;
}

#[tokio::test]
async fn a_list_of_links_is_narrowed() {
    on_both(async |test| {
        let client = test.client().await;
        let (organization, company) = (client.organization, client.company.id);
        let mut other = new_link(company);
        other.expires_at = Some(NOW.plus(10));
        other.owner_email = Some("else@client.example".into());
        other.external_id = Some("8".into());
        let adding = test
            .store
            .tx("test", |tx| Box::pin(tx.add_link(organization, &other)));
        assert!(adding.await.expect("add"));
        let revoking = test.store.tx("test", |tx| {
            Box::pin(tx.revoke_link(organization, client.link.id, None, NOW))
        });
        revoking.await.expect("revoke");
        let list = async |filter: LinkFilter, at| {
            let reading = test.store.read("test", |tx| {
                Box::pin(tx.links(organization, company, &filter, NOW.plus(at), Page::FIRST))
            });
            let found = reading.await.expect("list");
            let ids: Vec<_> = found.rows.iter().map(|link| link.id).collect();
            assert_eq!(usize::try_from(found.total), Ok(ids.len()));
            ids
        };
        let with = |statuses: &[LinkStatus]| LinkFilter {
            statuses: statuses.to_vec(),
            ..LinkFilter::default()
        };
        assert_eq!(list(with(&[LinkStatus::Active]), 9).await, [other.id]);
        assert!(list(with(&[LinkStatus::Active]), 10).await.is_empty());
        assert_eq!(list(with(&[LinkStatus::Expired]), 10).await, [other.id]);
        let revoked = list(with(&[LinkStatus::Revoked]), 10).await;
        assert_eq!(revoked, [client.link.id]);
        let both = with(&[LinkStatus::Revoked, LinkStatus::Expired]);
        assert_eq!(list(both, 10).await.len(), 2);
        assert!(list(with(&[LinkStatus::Fulfilled]), 10).await.is_empty());
        let of_kind = |kind| LinkFilter {
            kind: Some(kind),
            ..LinkFilter::default()
        };
        assert_eq!(list(of_kind(LinkKind::Company), 0).await.len(), 2);
        assert!(
            list(of_kind(LinkKind::ConnectionUpdate), 0)
                .await
                .is_empty()
        );
        let of_owner = LinkFilter {
            owner_email: other.owner_email.clone(),
            ..LinkFilter::default()
        };
        assert_eq!(list(of_owner, 0).await, [other.id]);
        let named = LinkFilter {
            external_id: other.external_id.clone(),
            ..LinkFilter::default()
        };
        assert_eq!(list(named, 0).await, [other.id]);
    })
    .await;
}
