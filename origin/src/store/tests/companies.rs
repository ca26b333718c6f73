//! What goes with a company or a site, and what stays.

use futures_util::future::join_all;
use shared::{
    id::{ConnectionId, MailId, SiteId, WebhookEventId},
    webhook::WebhookEventType,
};
use sqlx::Row as _;

use crate::store::{
    Engine, Page, StoreError, Tx,
    accounts::AccountFilter,
    company_removal::{CompanyContents, OF_COMPANY},
    connection_removal::BillsAfter,
    links::Link,
    outgoing_mails::{MailContent, OutgoingMail},
    testing::{Client, NOW, TestStore, fresh, new_bill, new_link, on_both},
    webhook_events::{WebhookEvent, WebhookStream},
};
/// What stays when a company goes, without pointing at it.
const KEPT: [&str; 3] = ["batch_rows", "outgoing_mails", "webhook_events"];

/// The names of all tables whose rows belong to companies.
async fn tables_of_companies(test: &TestStore) -> Vec<String> {
    let statement = match test.store.engine {
        Engine::Sqlite => {
            "SELECT m.name AS name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND c.name = 'company_id' ORDER BY 1"
        }
        Engine::Postgres => {
            "SELECT CAST(table_name AS TEXT) AS name FROM information_schema.columns \
             WHERE table_schema = current_schema() AND column_name = 'company_id' ORDER BY 1"
        }
    };
    let rows = sqlx::query(statement).fetch_all(&test.store.pool).await;
    let rows = rows.expect("tables");
    rows.iter().map(|row| row.get("name")).collect()
}

async fn rows_of(test: &TestStore, client: &Client, table: &str) -> i64 {
    let rows = format!("{table} WHERE company_id = '{}'", client.company.id);
    test.rows(&rows).await
}

/// What tells that a link of the client was taken back, and the mail that brought it.
async fn tell_and_mail(test: &TestStore, client: &Client) {
    let event = &WebhookEvent {
        id: WebhookEventId::from_random(fresh()),
        organization: client.organization,
        event_type: WebhookEventType::LinkRevoked,
        company: Some(client.company.id),
        connection: None,
        link: Some(client.link.id),
        code_request: None,
        payload: "{}".into(),
        created_at: NOW,
    };
    let mail = &OutgoingMail {
        id: MailId::from_random(fresh()),
        organization: client.organization,
        content: MailContent::Link {
            company: client.company.id,
            link: client.link.id,
            connection: None,
        },
        recipient: "owner@client.example".into(),
        created_at: NOW,
    };
    let stream = WebhookStream::OfLink(client.link.id);
    let written = test.store.tx("test", |tx| {
        Box::pin(async move {
            tx.add_webhook_event(event, stream, &[]).await?;
            tx.add_outgoing_mail(mail).await
        })
    });
    written.await.expect("written");
}

/// A connection of the client with a bill.
async fn connected(test: &TestStore, client: &Client) -> ConnectionId {
    let id = test.connect(client).await;
    let bill = &new_bill(client.company.id, id, 1);
    let added = test.store.tx("test", |tx| Box::pin(tx.add_bill(bill)));
    added.await.expect("bill");
    id
}

async fn remove(tx: &mut Tx<'_>, client: &Client) -> Result<Option<CompanyContents>, StoreError> {
    let (organization, id) = (client.organization, client.company.id);
    if tx.lock_company(organization, id).await?.is_none() {
        return Ok(None);
    }
    let contents = tx.company_contents(id).await?;
    tx.remove_company(id, NOW.plus(1)).await?;
    Ok(Some(contents))
}

#[tokio::test]
async fn every_table_whose_rows_belong_to_companies_is_thought_of() {
    on_both(async |test| {
        let mut known: Vec<&str> = OF_COMPANY.into_iter().chain(KEPT).collect();
        known.sort_unstable();
        assert_eq!(tables_of_companies(test).await, known);
    })
    .await;
}

#[tokio::test]
async fn a_company_goes_with_all_that_it_has_and_nothing_else_goes() {
    on_both(async |test| {
        let (client, other) = (test.client().await, test.client().await);
        let id = connected(test, &client).await;
        connected(test, &other).await;
        tell_and_mail(test, &client).await;
        tell_and_mail(test, &other).await;
        let company = client.company.id;
        let contents = async || {
            let reading = test
                .store
                .read("test", |tx| Box::pin(tx.company_contents(company)));
            reading.await.expect("read")
        };
        let has = |connections, bills| CompanyContents { connections, bills };
        assert_eq!(contents().await, has(1, 1));
        let job = format!("COLLECT:{id}");
        let removed = test.store.tx("test", |tx| {
            Box::pin(tx.remove_connection(company, id, &job, BillsAfter::Keep, NOW))
        });
        removed.await.expect("removed");
        assert_eq!(contents().await, has(0, 1));
        let mut before = Vec::new();
        for table in OF_COMPANY {
            before.push(rows_of(test, &other, table).await);
        }

        let removed = test.store.tx("test", |tx| Box::pin(remove(tx, &client)));
        assert_eq!(removed.await.expect("removed"), Some(has(0, 1)));
        for table in tables_of_companies(test).await {
            assert_eq!(rows_of(test, &client, &table).await, 0, "{table}");
        }
        let mut after = Vec::new();
        for table in OF_COMPANY {
            after.push(rows_of(test, &other, table).await);
        }
        assert_eq!(before, after);
        for table in ["companies", "link_events", "webhook_events"] {
            let left = test.rows(table).await;
            assert!(left > 0, "{table}");
        }
        assert_eq!(test.rows("companies").await, 1);
        assert_eq!(
            test.rows("webhook_events").await,
            2,
            "what was told is told"
        );
        let dropped = "outgoing_mails WHERE dropped_at IS NOT NULL AND link_id IS NULL";
        assert_eq!(test.rows(dropped).await, 1, "it is not sent any more");
        let organization = client.organization;
        let sent = test.store.read("test", |tx| {
            let to = "Owner@client.example";
            Box::pin(tx.link_mails_to_since(organization, to, NOW.plus(-1)))
        });
        assert_eq!(sent.await.expect("read"), [NOW], "it still counts");
        let again = test.store.tx("test", |tx| Box::pin(remove(tx, &client)));
        assert_eq!(again.await.expect("nothing"), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_added_to_a_company_that_goes_goes_with_it_or_is_refused() {
    on_both(async |test| {
        let client = test.client().await;
        let (organization, company) = (client.organization, client.company.id);
        let add = async || {
            let link = &new_link(company);
            let adding = test
                .store
                .tx("test", |tx| Box::pin(tx.add_link(organization, link)));
            adding.await
        };
        let removing = async || {
            let removing = test.store.tx("test", |tx| Box::pin(remove(tx, &client)));
            removing.await
        };
        let (added, removed, late) = tokio::join!(
            join_all((0..6).map(|_| add())),
            removing(),
            join_all((0..6).map(|_| add()))
        );
        removed.expect("removed").expect("it was there");
        for added in added.into_iter().chain(late) {
            added.expect("a yes or a no");
        }
        assert_eq!(rows_of(test, &client, "links").await, 0);
        assert_eq!(test.rows("link_events").await, 0);
        assert!(!add().await.expect("a no"));
    })
    .await;
}

#[tokio::test]
async fn a_site_goes_from_accounts_connections_and_links() {
    on_both(async |test| {
        let client = test.client().await;
        let (organization, company) = (client.organization, client.company.id);
        let mut sites = vec![client.site.clone()];
        for _ in 0..2 {
            sites.push(test.site(company).await);
        }
        let id = connected(test, &client).await;
        let [gone, second, third] = &*sites else {
            panic!("three");
        };
        let named = |sites: &[SiteId]| Link {
            initial_sites: sites.to_vec(),
            ..new_link(company)
        };
        let links = &[
            named(&[gone.id]),
            named(&[gone.id, second.id]),
            named(&[second.id, gone.id, third.id]),
            named(&[third.id, gone.id]),
            named(&[third.id]),
        ];
        let prepared = test.store.tx("test", |tx| {
            Box::pin(async move {
                for link in links {
                    tx.add_link(organization, link).await?;
                }
                let filter = &AccountFilter::default();
                let accounts = tx.accounts_of_company(organization, company, filter, Page::FIRST);
                let account = accounts.await?.rows.remove(0);
                tx.set_account_site(&account, Some(gone.id)).await?;
                tx.connections_of_site(gone).await
            })
        });
        assert_eq!(prepared.await.expect("prepared"), [id]);
        let remove = async || {
            let removing = test.store.tx("test", |tx| Box::pin(tx.remove_site(gone)));
            removing.await.expect("removed")
        };
        assert!(remove().await && !remove().await);
        let site = format!("sites WHERE id = '{}'", gone.id);
        assert_eq!(test.rows(&site).await, 0);
        for table in ["accounts", "connection_sites"] {
            let rows = format!("{table} WHERE site_id = '{}'", gone.id);
            assert_eq!(test.rows(&rows).await, 0, "{table}");
        }
        assert_eq!(test.rows("accounts").await, 1);
        for (link, left) in links.iter().zip([
            vec![],
            vec![second.id],
            vec![second.id, third.id],
            vec![third.id],
            vec![third.id],
        ]) {
            let reading = test
                .store
                .read("test", |tx| Box::pin(tx.link(organization, link.id)));
            let found = reading.await.expect("read").expect("a link").link;
            assert_eq!(found.initial_sites, left);
        }
    })
    .await;
}
