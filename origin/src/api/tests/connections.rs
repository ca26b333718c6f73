//! Connections by the API.

use serde_json::{Value, json};
use shared::{
    id::{CollectionId, SiteId},
    status::{ConnectionStatus, StatusDetail, UnattendedReason},
};

use super::{TestApp, app::wrong_fields};
use crate::store::{
    collections::CollectionOutcome,
    connections::FoundStatus,
    finish::FinishInput,
    testing::{KINDS, NOW, end_run, finish, finish_input, fresh},
};

#[tokio::test]
async fn a_connection_says_how_it_fares() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (id, _) = organization.connect(&app).await;
    let path = format!("/v2.2/connection/{id}");
    let (status, pending) = organization.get(&path).await;
    assert_eq!(status, 200);
    let company = &organization.client.company;
    let expected = json!({
        "id": id, "status": "PENDING", "statusDetail": null, "statusErrorDetail": null,
        "isCustomerActionRequired": false, "isActive": true, "lastCollection": null,
        "worksUnattended": null,
        "company": { "id": company.id, "name": company.name, "externalId": null },
        "publicCompanyId": company.public_id, "externalId": "their-7",
        "datasource": { "id": null, "name": "utility.example", "url": "https://utility.example/login" },
        "url": "https://utility.example/login", "country": "GB", "username": "j***@client.example",
        "initialSites": [organization.client.site.id], "utilityTypes": ["ELECTRICITY"],
        "workflowOwnerEmail": "owner@client.example", "dataCollectionStartDate": "2025-01-01",
        "created": "2025-10-09T08:53:21Z", "nextCollectionAt": "2025-10-09T08:53:21Z",
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&pending[name], value, "{name}");
    }
    let account = &pending["accounts"][0];
    assert_eq!(
        (&account["accountNumber"], &account["lastServiceDate"]),
        (&json!("A-100"), &json!("2026-01-01"))
    );

    let job = app
        .test
        .store
        .tx("test", |tx| {
            Box::pin(tx.claim_job(&KINDS, NOW.plus(1000), 1000, "w"))
        })
        .await
        .expect("claim")
        .expect("due");
    let run = CollectionOutcome {
        id: CollectionId::from_random(fresh()),
        found: FoundStatus {
            status: ConnectionStatus::PasswordIncorrect,
            detail: Some(StatusDetail::AccountLocked),
            error_detail: Some("Wrong password.".into()),
        },
        bills_found: 0,
        bills_new: 0,
        held_requests: 4,
        unproven: Some(UnattendedReason::AccountLocked),
        next_at: None,
        now: NOW.plus(5000),
    };
    app.test
        .store
        .tx("test", |tx| {
            Box::pin(tx.start_collection(company.id, id, run.id, NOW.plus(1000)))
        })
        .await
        .expect("start");
    assert!(
        app.test
            .store
            .tx("test", |tx| Box::pin(end_run(tx, &job, id, &run)))
            .await
            .expect("finish")
    );
    let (_, broken) = organization.get(&path).await;
    let expected = json!({
        "status": "PASSWORD_INCORRECT", "statusDetail": "ACCOUNT_LOCKED",
        "statusErrorDetail": "Wrong password.", "isCustomerActionRequired": true,
        "statusFirstSeenTime": "2025-10-09T08:53:25Z", "nextCollectionAt": null,
        "worksUnattended": { "ok": false, "at": "2025-10-09T08:53:25Z", "reason": "ACCOUNT_LOCKED" },
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&broken[name], value, "{name}");
    }
    assert_eq!(broken["lastCollection"]["status"], "PASSWORD_INCORRECT");
    assert!(!broken.to_string().contains("sealed"));
}

#[tokio::test]
async fn the_list_is_narrowed_and_paged() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let (id, _) = organization.connect(&app).await;
    let path = format!(
        "/v2.2/connection/company/{}",
        organization.client.company.id
    );
    let count = async |query: &str| {
        organization.get(&format!("{path}?{query}")).await.1["totalConnections"].clone()
    };
    let (site, nowhere) = (organization.client.site.id, SiteId::from_random(fresh()));
    for (query, expected) in [
        (String::new(), 1),
        ("status=PENDING".into(), 1),
        ("status=CONNECTED,PENDING".into(), 1),
        ("status=CONNECTED".into(), 0),
        ("connectionOwnerEmail=owner@client.example".into(), 1),
        ("connectionOwnerEmail=Owner@CLIENT.example".into(), 1),
        ("connectionOwnerEmail=owner%2Bx@client.example".into(), 0),
        (format!("sites={nowhere},{site}"), 1),
        (format!("sites={nowhere}"), 0),
    ] {
        assert_eq!(count(&query).await, json!(expected), "{query}");
    }
    let (_, list) = organization.get(&format!("{path}?limit=1")).await;
    let page = json!({ "totalConnections": 1, "perPage": 1, "totalPages": 1, "currentPage": 1, "hasNext": false, "hasPrevious": false });
    for (name, value) in page.as_object().expect("an object") {
        assert_eq!(&list[name], value, "{name}");
    }
    assert_eq!(list["connections"][0]["id"], json!(id));
    let (_, beyond) = organization.get(&format!("{path}?page=7")).await;
    assert_eq!(
        (
            &beyond["connections"],
            &beyond["hasNext"],
            &beyond["hasPrevious"]
        ),
        (&json!([]), &json!(false), &json!(true))
    );

    let wrong = organization
        .get(&format!(
            "{path}?status=GOOD&sites=x&connectionOwnerEmail=y&limit=900&order=up"
        ))
        .await;
    let mut fields = wrong_fields(&wrong);
    fields.sort();
    assert_eq!(
        fields,
        [
            "connectionOwnerEmail",
            "limit",
            "order",
            "sites[0]",
            "status[0]"
        ]
    );
    assert_ne!(list["connections"][0]["username"], Value::Null);

    // Filters and pages go together, newest first.
    let client = &organization.client;
    let link = app.test.link(organization.id, client.company.id).await;
    let newer = FinishInput {
        link: link.id,
        now: NOW.plus(2000),
        ..finish_input(client)
    };
    let finished = app.test.store.tx("test", |tx| Box::pin(finish(tx, &newer)));
    finished.await.expect("finish");
    let narrowed =
        format!("status=PENDING&connectionOwnerEmail=owner@client.example&sites={site}&limit=1");
    for (number, expected) in [(1, newer.connection), (2, id)] {
        let (_, list) = organization
            .get(&format!("{path}?{narrowed}&page={number}"))
            .await;
        assert_eq!(list["connections"][0]["id"], json!(expected), "{number}");
        let about = json!([
            list["totalConnections"],
            list["hasNext"],
            list["hasPrevious"]
        ]);
        assert_eq!(about, json!([2, number == 1, number == 2]));
    }
}
