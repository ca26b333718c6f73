use shared::{
    id::{CollectionId, CompanyId, FlowRef},
    status::{ConnectionStatus, StatusDetail, UnattendedReason},
    time::UnixMillis,
};

use crate::store::{
    StoreError,
    browser_sessions::SealedSession,
    collections::CollectionOutcome,
    connections::{FoundStatus, WorksUnattended},
    proposed_credentials::{Renewal, RenewalInput},
    testing::{KINDS, NOW, end_run, fresh, new_bill, on_both},
    works_unattended::BillCounts,
};

/// After the connection was made, in milliseconds.
fn after(at: i64) -> UnixMillis {
    NOW.plus(1_000 + at)
}

fn outcome(id: CollectionId, reason: Option<UnattendedReason>, at: i64) -> CollectionOutcome {
    CollectionOutcome {
        id,
        found: FoundStatus {
            status: ConnectionStatus::OtherError,
            detail: Some(StatusDetail::Internal),
            error_detail: None,
        },
        bills_found: 0,
        bills_new: 0,
        held_requests: 0,
        unproven: reason,
        next_at: Some(after(at)),
        now: after(at),
    }
}

#[tokio::test]
async fn whoever_waits_reads_how_far_the_collection_is() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let (company, key) = (client.company.id, format!("COLLECT:{connection}"));
        let progress = async |at: i64| {
            let (key, now) = (key.as_str(), after(at));
            let found = test.store.read("test", |tx| {
                Box::pin(tx.collection_progress(company, connection, key, now))
            });
            found.await.expect("progress").expect("a connection")
        };
        let waiting = progress(0).await;
        assert_eq!((waiting.is_running, waiting.collection), (false, None));
        assert_eq!(waiting.connection.works_unattended, None);

        let job = test
            .store
            .tx("test", |tx| {
                Box::pin(tx.claim_job(&KINDS, after(1), 1_000, "w"))
            })
            .await
            .expect("claim")
            .expect("due");
        let id = CollectionId::from_random(fresh());
        test.store
            .tx("test", |tx| {
                Box::pin(tx.start_collection(company, connection, id, after(1)))
            })
            .await
            .expect("start");
        let signing_in = progress(2).await;
        assert!(signing_in.is_running);
        assert_eq!(signing_in.collection.expect("a run").signed_in_at, None);
        assert!(!progress(2_000).await.is_running, "its node has died");

        let counts = BillCounts {
            found: 4,
            new: 3,
            expected: 13,
        };
        test.store
            .tx("test", |tx| {
                Box::pin(async move {
                    tx.set_proven(company, connection, id, after(3)).await?;
                    tx.set_bill_counts(company, connection, id, counts).await
                })
            })
            .await
            .expect("noted");
        let bill = new_bill(company, connection, 1);
        test.store
            .tx("test", |tx| Box::pin(tx.add_bill(&bill)))
            .await
            .expect("bill");
        let collecting = progress(4).await;
        let run = collecting.collection.expect("a run");
        assert_eq!(run.signed_in_at, Some(after(3)));
        assert_eq!(
            (run.bills_found, run.bills_new, run.bills_expected),
            (4, 3, 13)
        );
        assert_eq!(collecting.accounts.len(), 1);
        let works = WorksUnattended {
            at: after(3),
            reason: None,
        };
        assert_eq!(collecting.connection.works_unattended, Some(works));

        // A website that is down takes back nothing, one that refuses does.
        let down = outcome(id, Some(UnattendedReason::WebsiteDown), 5);
        let ended = test
            .store
            .tx("test", |tx| Box::pin(end_run(tx, &job, connection, &down)));
        assert!(ended.await.expect("end"));
        let ended = progress(5).await;
        assert_eq!(
            (ended.is_running, ended.connection.works_unattended),
            (false, Some(works))
        );
        test.store
            .tx("test", |tx| {
                Box::pin(tx.set_bill_counts(company, connection, id, counts))
            })
            .await
            .expect("too late");
        let run = progress(6).await.collection.expect("a run");
        assert_eq!(
            (run.bills_found, run.bills_expected),
            (0, 13),
            "a run that has ended stays as it ended"
        );
        let (other, reason) = (test.client().await, UnattendedReason::CodeNeeded);
        for (company, expected) in [(other.company.id, None), (company, Some(reason))] {
            test.store
                .tx("test", |tx| {
                    Box::pin(tx.set_unproven(company, connection, reason, after(7)))
                })
                .await
                .expect("noted");
            let works = progress(8)
                .await
                .connection
                .works_unattended
                .expect("tried");
            assert_eq!(works.reason, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn a_first_proof_that_is_missing_says_why_until_there_is_one() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let company = client.company.id;
        for (at, reason) in [
            (1, UnattendedReason::WebsiteDown),
            (2, UnattendedReason::Internal),
            (3, UnattendedReason::PasswordIncorrect),
        ] {
            test.store
                .tx("test", |tx| {
                    Box::pin(tx.set_unproven(company, connection, reason, after(at)))
                })
                .await
                .expect("noted");
            let found = test.store.read("test", |tx| {
                Box::pin(tx.connection(client.organization, connection))
            });
            let found = found.await.expect("read").expect("a connection");
            let expected = WorksUnattended {
                at: after(at),
                reason: Some(reason),
            };
            assert_eq!(found.works_unattended, Some(expected));
        }
    })
    .await;
}

#[tokio::test]
async fn new_credentials_begin_anew_what_was_never_proven() {
    on_both(async |test| {
        let client = test.client().await;
        let connection = test.connect(&client).await;
        let company = client.company.id;
        let session = async |credentials: &[u8], sealed: &[u8]| {
            let session = SealedSession {
                sealed: sealed.to_vec(),
                saved_at: after(1),
            };
            let of = (company, connection);
            let saved = test.store.tx("test", |tx| {
                Box::pin(tx.save_browser_session(of.0, of.1, credentials, &session))
            });
            saved.await.expect("a session")
        };
        let credentials = test
            .store
            .read("test", |tx| Box::pin(tx.credentials(company, connection)));
        let credentials = credentials
            .await
            .expect("read")
            .expect("credentials")
            .sealed;
        assert!(session(&credentials, b"one").await && session(&credentials, b"two").await);
        assert!(!session(b"other credentials", b"three").await);
        let kept = async || {
            let read = test.store.read("test", |tx| {
                Box::pin(tx.browser_session(company, connection))
            });
            read.await.expect("read").map(|session| session.sealed)
        };
        assert_eq!(kept().await.as_deref(), Some(&b"two"[..]));
        let refused = UnattendedReason::PasswordIncorrect;
        test.store
            .tx("test", |tx| {
                Box::pin(async move {
                    tx.set_unproven(company, connection, refused, after(1))
                        .await?;
                    tx.set_lockout(company, connection, after(90_000)).await
                })
            })
            .await
            .expect("refused");
        let renew = async |company: CompanyId| {
            let input = RenewalInput {
                company,
                connection,
                link: client.link.id,
                flow_ref: FlowRef::from_random(fresh()),
                sealed: b"sealed anew".to_vec(),
                recipe: "{}".into(),
                username_masked: None,
                session: None,
                now: after(2),
            };
            let renewed = test
                .store
                .tx("test", |tx| Box::pin(tx.renew_credentials(&input)));
            renewed.await.expect("renewed")
        };
        let state = async || {
            let read = test.store.read("test", |tx| {
                Box::pin(async move {
                    let found = tx.connection_of_company(company, connection).await?;
                    let credentials = tx.credentials(company, connection).await?;
                    let lockout = tx.lockout(company, connection).await?;
                    Ok::<_, StoreError>((found, credentials, lockout))
                })
            });
            let (found, credentials, lockout) = read.await.expect("read");
            let found = found.expect("a connection");
            let sealed = credentials.expect("credentials").sealed;
            (found, sealed, lockout)
        };
        let other = test.client().await;
        assert_eq!(renew(other.company.id).await, Renewal::Unknown);
        let (found, sealed, lockout) = state().await;
        assert!(found.works_unattended.is_some() && lockout.is_some());
        assert_ne!(sealed, b"sealed anew");
        assert_eq!(renew(company).await, Renewal::Replaced);
        let (found, sealed, lockout) = state().await;
        assert_eq!(
            (found.works_unattended, found.status, lockout),
            (None, ConnectionStatus::Pending, None)
        );
        assert_eq!(found.next_collection_at, Some(after(2)));
        assert_eq!(sealed, b"sealed anew");
        assert_eq!(kept().await, None, "a session of the old credentials");
    })
    .await;
}
