use shared::{
    id::{FlowRef, PublicCompanyId},
    status::{LinkEventKind, LinkStatus},
};

use crate::store::{
    Page,
    links::{LinkEvent, Revocation},
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
                Box::pin(tx.links(client.organization, client.company.id, Page::FIRST))
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
                    Box::pin(tx.revoke_link(client.organization, id, NOW.plus(at)))
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
                Box::pin(tx.revoke_link(used.organization, used.link.id, NOW))
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
                Box::pin(tx.revoke_link(client.organization, client.link.id, NOW))
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
