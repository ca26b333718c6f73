//! Companies and sites by the API.

use reqwest::Method;
use serde_json::{Value, json};

use super::{TestApp, app::wrong_fields};
use crate::store::companies::Company;

#[tokio::test]
async fn a_company_and_its_sites_are_added_and_read() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let body = json!({ "name": "  Green Grocer ", "externalId": "g-1" });
    let (status, company) = organization.post("/v2.2/company", body).await;
    assert_eq!((status, &company["name"]), (201, &json!("Green Grocer")));
    assert_ne!(company["id"], company["publicCompanyId"]);
    let unseen = json!({ "name": "\u{200b}" });
    let unseen = organization.post("/v2.2/company", unseen).await;
    assert_eq!(wrong_fields(&unseen), ["name"]);
    let id = company["id"].as_str().expect("an id");
    let (status, again) = organization.get(&format!("/v2.2/company/{id}")).await;
    assert_eq!((status, again), (200, company.clone()));
    let (_, list) = organization.get("/v2.2/company?limit=1&page=2").await;
    assert_eq!(
        (&list["totalCompanies"], &list["companies"]),
        (&json!(2), &json!([company]))
    );

    let sites = format!("/v2.2/site/company/{id}");
    let (status, site) = organization
        .post(&sites, json!({ "name": "Shop", "address": null }))
        .await;
    assert_eq!(
        (status, &site["companyId"], &site["address"]),
        (201, &json!(id), &Value::Null)
    );
    let (_, list) = organization.get(&sites).await;
    assert_eq!(
        (&list["totalSites"], &list["sites"]),
        (&json!(1), &json!([site]))
    );
}

#[tokio::test]
async fn your_id_means_one_company_of_an_environment() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let ours = &organization.client.company;
    let add = json!({ "name": "Green Grocer", "externalId": "g-1" });
    let (_, company) = organization.post("/v2.2/company", add.clone()).await;
    let taken = organization.post("/v2.2/company", add.clone()).await;
    assert_eq!(wrong_fields(&taken), ["externalId"]);
    let path = format!("/v2.2/company/{}", ours.id);
    let change = Some(json!({ "externalId": "g-1" }));
    let taken = organization.send(Method::PATCH, &path, change).await;
    assert_eq!(wrong_fields(&taken), ["externalId"]);
    assert_eq!(other.post("/v2.2/company", add).await.0, 201);
    let (_, found) = organization.get("/v2.2/company?externalId=g-1").await;
    assert_eq!(
        (&found["totalCompanies"], &found["companies"]),
        (&json!(1), &json!([company]))
    );
    let (_, none) = organization.get("/v2.2/company?externalId=g").await;
    assert_eq!(
        (&none["totalCompanies"], &none["hasNext"]),
        (&json!(0), &json!(false))
    );
    let id = company["id"].as_str().expect("an id");
    let path = format!("/v2.2/company/{id}");
    // One that has the same id from before goes on.
    let twin = Company {
        external_id: Some("g-1".into()),
        ..ours.clone()
    };
    let storing = app
        .test
        .store
        .tx("test", |tx| Box::pin(tx.change_company(ours, &twin)));
    storing.await.expect("stored");
    let change = Some(json!({ "name": "Grocer", "externalId": "g-1" }));
    assert_eq!(organization.send(Method::PATCH, &path, change).await.0, 200);
}

#[tokio::test]
async fn a_company_and_a_site_are_changed_only_as_the_caller_knows_them() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let (company, site) = (
        &organization.client.company.id,
        &organization.client.site.id,
    );
    for (path, body, expected) in [
        (
            format!("/v2.2/company/{company}"),
            json!({ "name": "Green Grocer", "externalId": "g-1" }),
            json!({ "externalId": null }),
        ),
        (
            format!("/v2.2/site/{site}"),
            json!({ "name": "Shop", "address": "12 Meadow Lane" }),
            json!({ "address": null }),
        ),
    ] {
        let read = organization.request(Method::GET, &path).send().await;
        let tag = read.expect("an answer").headers()["etag"].clone();
        let patch = |body: &Value| {
            let request = organization.request(Method::PATCH, &path).json(body);
            request.header("If-Match", &tag).send()
        };
        assert_eq!(patch(&body).await.expect("an answer").status(), 200);
        assert_eq!(
            patch(&body).await.expect("an answer").status(),
            412,
            "{path}"
        );
        let cleared = Some(expected.clone());
        let (status, changed) = organization.send(Method::PATCH, &path, cleared).await;
        assert_eq!((status, &changed["name"]), (200, &body["name"]));
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(&changed[name], value, "{path}");
        }
        assert_eq!(organization.get(&path).await.1, changed);
        let nothing = Some(json!({ "name": null, "id": "x" }));
        let mut wrong = wrong_fields(&organization.send(Method::PATCH, &path, nothing).await);
        wrong.sort();
        assert_eq!(wrong, ["id", "name"]);
        let theirs = other.send(Method::PATCH, &path, Some(body)).await;
        assert_eq!(theirs.0, 404);
    }
}

#[tokio::test]
async fn names_are_checked() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let sites = format!("/v2.2/site/company/{}", organization.client.company.id);
    for (path, body, fields) in [
        ("/v2.2/company", json!({}), vec!["name"]),
        (
            "/v2.2/company",
            json!({ "name": null, "id": 1 }),
            vec!["name", "id"],
        ),
        (
            "/v2.2/company",
            json!({ "name": " ", "externalId": "" }),
            vec!["name", "externalId"],
        ),
        (
            "/v2.2/company",
            json!({ "name": "x".repeat(201) }),
            vec!["name"],
        ),
        ("/v2.2/company", json!({ "name": ["x"] }), vec!["name"]),
        (
            &sites,
            json!({ "name": "a\u{0}b", "address": 5 }),
            vec!["name", "address"],
        ),
        (
            &sites,
            json!({ "name": "a\u{202e}b", "address": "a\u{2066}b" }),
            vec!["name", "address"],
        ),
    ] {
        let mut found = wrong_fields(&organization.post(path, body.clone()).await);
        found.sort();
        let mut fields = fields;
        fields.sort_unstable();
        assert_eq!(found, fields, "{body}");
    }
}

#[tokio::test]
async fn a_company_is_deleted_once_its_clients_gave_nothing_that_is_left() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let (connection, bill) = organization.connect(&app).await;
    let company = organization.client.company.id;
    let path = format!("/v2.2/company/{company}");
    let delete = async |path: &str| organization.send(Method::DELETE, path, None).await;
    assert_eq!(other.send(Method::DELETE, &path, None).await.0, 404);
    let (status, problem) = delete(&path).await;
    assert_eq!(status, 409);
    let told = problem["detail"].as_str().expect("a sentence");
    assert!(told.contains("delete each of them first"), "{told}");
    let named = json!({ "externalId": "g-1" });
    organization.send(Method::PATCH, &path, Some(named)).await;
    assert_eq!(
        delete(&format!("/v2.2/connection/{connection}")).await.0,
        204
    );
    let (status, problem) = delete(&path).await;
    assert_eq!(status, 409);
    let told = problem["detail"].as_str().expect("a sentence");
    assert!(told.contains("bills=delete"), "{told}");
    assert_eq!(
        wrong_fields(&delete(&format!("{path}?bills=burn")).await),
        ["bills"]
    );
    assert_eq!(organization.get(&format!("/v2.2/bill/{bill}")).await.0, 200);

    let stale = organization.request(Method::DELETE, &format!("{path}?bills=delete"));
    let stale = stale.header("If-Match", "\"0\"").send().await;
    assert_eq!(stale.expect("an answer").status(), 412);
    assert_eq!(delete(&format!("{path}?bills=delete")).await.0, 204);
    for gone in [
        path.clone(),
        format!("/v2.2/site/company/{company}"),
        format!("/v2.2/site/{}", organization.client.site.id),
        format!("/v2.2/link/{}", organization.link_id()),
        format!("/v2.2/link/company/{company}"),
        format!("/v2.2/connection/company/{company}"),
        format!("/v2.2/bill/company/{company}"),
        format!("/v2.2/bill/{bill}"),
    ] {
        assert_eq!(organization.get(&gone).await.0, 404, "{gone}");
    }
    assert_eq!(delete(&path).await.0, 404);
    let (_, companies) = organization.get("/v2.2/company").await;
    assert_eq!(companies["totalCompanies"], 0);
    // Its id is free again.
    let again = json!({ "name": "Green Grocer", "externalId": "g-1" });
    assert_eq!(organization.post("/v2.2/company", again).await.0, 201);
}

#[tokio::test]
async fn a_site_is_deleted_and_nothing_names_it_any_more() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let (webhook, _) = organization.webhook().await;
    let (connection, bill) = organization.connect(&app).await;
    let (company, site) = (organization.client.company.id, organization.client.site.id);
    let link = organization
        .make_link(json!({ "initialSites": [site] }))
        .await;
    let link = format!("/v2.2/link/{}", link["id"].as_str().expect("an id"));
    let connection = format!("/v2.2/connection/{connection}");
    let named = async || {
        let (link, connection) = (organization.get(&link), organization.get(&connection));
        let link = link.await.1["prefill"]["initialSites"].clone();
        (link, connection.await.1["initialSites"].clone())
    };
    assert_eq!(named().await, (json!([site]), json!([site])));
    let path = format!("/v2.2/site/{site}");
    assert_eq!(other.send(Method::DELETE, &path, None).await.0, 404);
    let stale = organization.request(Method::DELETE, &path);
    let stale = stale.header("If-Match", "\"0\"").send().await;
    assert_eq!(stale.expect("an answer").status(), 412);
    let deliveries = format!("/v2.2/webhook/{webhook}/deliveries");
    let told = async || {
        let told = organization.get(&deliveries).await.1["deliveries"].to_string();
        told.matches("\"eventType\":\"connection.updated\"").count()
    };
    let before = told().await;
    assert_eq!(organization.send(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(told().await, before + 1);
    assert_eq!(organization.get(&path).await.0, 404);
    assert_eq!(organization.send(Method::DELETE, &path, None).await.0, 404);
    assert_eq!(named().await, (json!([]), json!([])));
    let (_, accounts) = organization
        .get(&format!("/v2.2/account/company/{company}"))
        .await;
    assert_eq!(accounts["accounts"][0]["siteId"], Value::Null);
    assert_eq!(organization.get(&format!("/v2.2/bill/{bill}")).await.0, 200);
}
