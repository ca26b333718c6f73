//! Accounts: listed over a company, and put at a site.

use reqwest::Method;
use serde_json::json;

use super::{TestApp, app::wrong_fields};

#[tokio::test]
async fn an_account_is_put_at_a_site_and_its_bills_with_it() {
    let app = TestApp::start().await;
    let (organization, other) = (app.organization().await, app.organization().await);
    let (connection, bill) = organization.connect(&app).await;
    let company = organization.client.company.id;
    let list = format!("/v2.2/account/company/{company}");
    let (_, page) = organization.get(&list).await;
    assert_eq!(page["totalAccounts"], 1, "{page}");
    let account = &page["accounts"][0];
    assert_eq!(account["connectionId"], connection.to_string());
    assert_eq!(account["siteId"], json!(null));

    let sites = format!("/v2.2/site/company/{company}");
    let (_, site) = organization.post(&sites, json!({ "name": "Depot" })).await;
    let site = &site["id"];
    let path = format!("/v2.2/account/{}", account["id"].as_str().expect("an id"));
    let put = async |site| {
        let body = json!({ "siteId": site });
        organization.send(Method::PATCH, &path, Some(body)).await
    };
    let bills_at = async |site: &serde_json::Value| {
        let site = site.as_str().expect("an id");
        let bills = format!("/v2.2/bill/company/{company}?site={site}");
        let (_, found) = organization.get(&bills).await;
        found["bills"].as_array().expect("bills").len()
    };
    assert_eq!(bills_at(site).await, 0);
    let (status, moved) = put(site.clone()).await;
    assert_eq!((status, &moved["siteId"]), (200, site));
    assert_eq!(bills_at(site).await, 1, "{bill} is at the site now");
    let first = organization.client.site.id.to_string();
    assert_eq!(bills_at(&json!(first)).await, 0, "and nowhere else");
    let filtered = format!("{list}?site={first}");
    assert_eq!(organization.get(&filtered).await.1["totalAccounts"], 0);

    let foreign = put(json!(other.client.site.id)).await;
    assert_eq!(wrong_fields(&foreign), ["siteId"]);
    assert_eq!(put(json!(null)).await.1["siteId"], json!(null));
}
