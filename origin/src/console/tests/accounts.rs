//! Accounts of a connection at the console, and the sites that they are at.

use bill_reader::bill::Flag;
use shared::member::MemberRole;

use super::on_both_consoles;
use crate::store::{StoreError, testing::new_bill};

#[tokio::test]
async fn who_says_at_which_site_an_account_is_settles_its_bills() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let stranger = console.test.client().await;
        let second = console.test.site(client.company.id).await;
        let connection = console.test.connect(&client).await;
        let mut bill = new_bill(client.company.id, connection, 3);
        bill.content.flag(Flag::NoSite);
        let mut doubtful = new_bill(client.company.id, connection, 4);
        doubtful.content.flag(Flag::NoSite);
        doubtful.content.flag(Flag::NoPeriod);
        let bills = &[&bill, &doubtful];
        let added = console.test.store.tx("test", |tx| {
            Box::pin(async move {
                for bill in bills {
                    tx.add_bill(bill).await?;
                }
                Ok(())
            })
        });
        let added: Result<(), StoreError> = added.await;
        added.expect("bills");

        let owner = console
            .visitor(client.organization, MemberRole::Owner)
            .await;
        let here = format!("/console/bills/{}", bill.id);
        let page = owner.get(&here).await.text;
        let account = bill.account.id;
        let accounts = format!("/console/connections/{connection}?account={account}#accounts");
        assert!(page.contains(&accounts), "{page}");
        let form = format!("/console/accounts/{}/site", bill.account.id);
        let page = format!("/console/connections/{connection}?account={account}");
        let text = owner.get(&page).await.text;
        assert!(text.contains(&form) && text.contains("As the connection"));
        let all = format!("/console/connections/{connection}");
        let text = owner.get(&all).await.text;
        let change = format!("?account={account}#accounts");
        assert!(!text.contains(&form) && text.contains(&change), "{text}");
        let put = owner.post(&form, &[("site", &second.id.to_string())]).await;
        assert_eq!(put.status, 303, "{}", put.text);
        let text = owner.get(&page).await.text;
        let chosen = format!("value=\"{}\" selected", second.id);
        assert!(text.contains(&chosen), "{text}");

        let text = owner.get(&here).await.text;
        assert!(!text.contains("To be checked"), "{text}");
        assert!(text.contains(&second.name), "the site is named: {text}");
        let other = format!("/console/bills/{}", doubtful.id);
        let text = owner.get(&other).await.text;
        assert!(text.contains("To be checked") && !text.contains(&accounts));
        let file = owner.get("/console/bills/export").await.text;
        let line = format!("ELECTRICITY,{}", second.name);
        assert_eq!(file.matches(&line).count(), 2, "{file}");
        let log = owner.get("/console/audit-log").await.text;
        assert!(log.contains("A-100"), "{log}");

        let wrong = stranger.site.id.to_string();
        let refused = owner.post(&form, &[("site", &wrong)]).await;
        assert_ne!(refused.status, 303, "another company's site");
        let foreign = console
            .visitor(stranger.organization, MemberRole::Owner)
            .await;
        assert_eq!(foreign.post(&form, &[("site", "")]).await.status, 404);
        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        let text = reader.get(&page).await.text;
        assert!(text.contains(&second.name) && !text.contains(&form));
        assert_eq!(reader.post(&form, &[("site", "")]).await.status, 403);
        assert_eq!(owner.post(&form, &[("site", "")]).await.status, 303);
        assert!(!owner.get(&page).await.text.contains(&chosen));
    })
    .await;
}
