//! What opens a link is shown to keys that may make links, and to no other.

use serde_json::{Value, json};
use shared::api_key::ApiKeyScope;

use super::TestApp;

#[tokio::test]
async fn what_opens_a_link_is_not_for_keys_that_only_read() {
    let app = TestApp::start().await;
    let organization = app.organization().await;
    let made = organization.make_link(json!({})).await;
    let secret = made["companyMagicLinkSecret"].as_str().expect("a token");
    let one = format!("/v2.2/link/{}", made["id"].as_str().expect("an id"));
    let list = format!("/v2.2/link/company/{}", organization.client.company.id);
    let scopes = [ApiKeyScope::Read, ApiKeyScope::Connections];
    let reader = organization.with_key(organization.new_key(&scopes).await);
    let scopes = [ApiKeyScope::Read, ApiKeyScope::Links];
    let sender = organization.with_key(organization.new_key(&scopes).await);
    for path in [one, list] {
        let (status, shown) = reader.get(&path).await;
        assert_eq!(status, 200, "{shown}");
        assert!(!shown.to_string().contains(secret), "{shown}");
        let link = shown["links"].get(0).unwrap_or(&shown);
        assert_eq!(link["magicLinkUrl"], Value::Null);
        assert_eq!(link.get("companyMagicLinkSecret"), None);
        let (_, shown) = sender.get(&path).await;
        assert!(shown.to_string().contains(secret), "{shown}");
    }
}
