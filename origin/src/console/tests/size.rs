//! No page is large, so that it is there at once on a phone as well.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use shared::member::MemberRole;

use super::on_both_consoles;
use crate::store::{
    StoreError,
    links::Link,
    testing::{new_bill, new_link},
};

/// What a page may have with its scripts and styles, in bytes that are sent.
const MOST: usize = 50_000;

fn sent(text: &str) -> usize {
    let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(text.as_bytes()).expect("memory");
    zipped.finish().expect("memory").len()
}

#[tokio::test]
async fn a_full_page_is_small_with_all_that_it_loads() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let (organization, company) = (client.organization, client.company.id);
        let connection = console.test.connect(&client).await;
        let filling = console.test.store.tx("test", |tx| {
            Box::pin(async move {
                for number in 0..60_u8 {
                    let link = Link {
                        owner_email: Some(format!("owner-{number}@client.example")),
                        ..new_link(company)
                    };
                    tx.add_link(organization, &link).await?;
                    let mut bill = new_bill(company, connection, number % 28 + 1);
                    bill.natural_key = format!("A-100|{number}");
                    bill.content_hash = [number; 32];
                    bill.content.flags = vec![bill_reader::bill::Flag::SumMismatch];
                    tx.add_bill(&bill).await?;
                }
                Ok::<_, StoreError>(())
            })
        });
        filling.await.expect("filled");
        let owner = console.visitor(organization, MemberRole::Owner).await;
        let pages = [
            "/console/connections".to_owned(),
            format!("/console/connections/{connection}"),
            "/console/links".to_owned(),
            format!("/console/links/new?company={company}"),
            "/console/bills".to_owned(),
            "/console/companies".to_owned(),
            format!("/console/companies/{company}"),
            format!("/console/companies/{company}/edit"),
            format!("/console/connections/{connection}/edit"),
            "/console/links/batch".to_owned(),
            "/console/companies/import".to_owned(),
            "/console/brand".to_owned(),
            "/console/redirects".to_owned(),
            "/console/notifications".to_owned(),
            "/console/webhooks".to_owned(),
            "/console/sandbox".to_owned(),
            "/console/mail".to_owned(),
            "/console/team".to_owned(),
            "/console/keys".to_owned(),
            "/console/account".to_owned(),
            "/console/account/authenticator".to_owned(),
            "/console/audit-log".to_owned(),
        ];
        for page in pages {
            let shown = owner.get(&page).await;
            assert_eq!(shown.status, 200, "{page}");
            let html = shown.text;
            let mut loaded = sent(&html);
            let (_, assets) = html.split_once("/console/assets/").expect("assets");
            let version = assets.split('/').next().expect("a version");
            for name in ["console.css", "console.js", "live.js", "batch.js"] {
                let asset = owner
                    .get(&format!("/console/assets/{version}/{name}"))
                    .await;
                assert_eq!(asset.status, 200, "{name}");
                loaded += sent(&asset.text);
            }
            assert!(loaded < MOST, "{page}: {loaded} bytes");
        }
    })
    .await;
}
