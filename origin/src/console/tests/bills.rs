//! Bills of all companies at the console.

use reqwest::header;
use shared::member::MemberRole;

use super::{TestConsole, on_both_consoles};
use crate::store::{
    StoreError,
    bills::NewBill,
    connection_removal::BillsAfter,
    testing::{Client, new_bill},
};
use bill_reader::bill::Flag;

async fn stored(console: &TestConsole<'_>, bill: NewBill) -> NewBill {
    let added = console.test.store.tx("test", |tx| {
        let bill = &bill;
        Box::pin(async move { tx.add_bill(bill).await })
    });
    let added: Result<_, StoreError> = added.await;
    added.expect("a bill");
    bill
}

/// A bill of January of a new connection of the client.
async fn bill_of(console: &TestConsole<'_>, client: &Client, number: u8) -> NewBill {
    let connection = console.test.connect(client).await;
    new_bill(client.company.id, connection, number)
}

#[tokio::test]
async fn bills_of_all_companies_are_listed_narrowed_down_and_exported() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let other = console.test.client().await;
        let second = console.test.company(client.organization).await;
        let second = Client {
            link: console.test.link(client.organization, second.id).await,
            site: console.test.site(second.id).await,
            company: second,
            ..client.clone()
        };
        let owner = console
            .visitor(client.organization, MemberRole::Owner)
            .await;
        let empty = owner.get("/console/bills").await.text;
        assert!(empty.contains("No bills yet"), "{empty}");

        let first = stored(console, bill_of(console, &client, 3).await).await;
        let mut flagged = bill_of(console, &second, 7).await;
        flagged.content.flag(Flag::NoPeriod);
        flagged.content.invoice_id = Some("=1+1".into());
        let flagged = stored(console, flagged).await;
        let mut undated = new_bill(client.company.id, first.account.connection, 9);
        undated.content.bill_date = None;
        let undated = stored(console, undated).await;
        let theirs = stored(console, bill_of(console, &other, 5).await).await;
        let shown = async |query: &str| {
            let list = owner.get(&format!("/console/bills?{query}")).await;
            assert_eq!(list.status, 200, "{query}");
            assert!(!list.text.contains(&theirs.id.to_string()), "{query}");
            [&first, &flagged, &undated]
                .map(|bill| list.text.contains(&format!("/console/bills/{}\"", bill.id)))
        };
        assert_eq!(shown("").await, [true, true, true]);
        assert_eq!(shown("flagged=yes").await, [false, true, false]);
        assert_eq!(shown("from=2026-01-04").await, [false, true, false]);
        assert_eq!(shown("to=2026-01-04").await, [true, false, false]);
        assert_eq!(shown("utilityType=WATER").await, [false; 3]);
        let company = format!("company={}", second.company.id);
        assert_eq!(shown(&company).await, [false, true, false]);
        let site = format!("{company}&site={}", second.site.id);
        assert_eq!(shown(&site).await, [false, true, false]);
        // A site stays in the address when another company is chosen: it counts no more.
        let stale = format!("company={}&site={}", client.company.id, second.site.id);
        assert_eq!(shown(&stale).await, [true, false, true]);
        let list = owner.get(&format!("/console/bills?{stale}")).await.text;
        assert!(!list.contains(&second.site.id.to_string()), "{list}");
        let file = owner.get(&format!("/console/bills/export?{stale}")).await;
        assert_eq!(file.text.lines().count(), 3, "{}", file.text);
        // The list goes on after any row of it.
        let after = format!("after=2026-01-07_{}", flagged.id);
        assert_eq!(shown(&after).await, [true, false, true]);
        let after = format!("after=2026-01-03_{}", first.id);
        assert_eq!(shown(&after).await, [false, false, true]);
        let wrong = owner.get("/console/bills?from=tomorrow").await.text;
        assert!(wrong.contains("Enter a day") && wrong.contains("value=\"tomorrow\""));
        let foreign = format!("/console/bills?company={}", other.company.id);
        assert_eq!(owner.get(&foreign).await.status, 404);
        let foreign = format!("/console/bills/export?company={}", other.company.id);
        assert_eq!(owner.get(&foreign).await.status, 404);

        let file = owner.get("/console/bills/export?flagged=yes").await.text;
        let lines: Vec<_> = file.lines().collect();
        assert_eq!(lines.len(), 2, "{file}");
        assert!(
            lines[0].starts_with("\u{feff}companyId,company,provider,id,"),
            "{file}"
        );
        assert!(lines[1].contains(",'=1+1,"), "no formula: {file}");
        let whole = owner.get("/console/bills/export").await.text;
        assert_eq!(whole.lines().count(), 4, "{whole}");
        let log = owner.get("/console/audit-log").await.text;
        assert!(
            log.contains("Exported bills") && log.contains("flagged=yes"),
            "{log}"
        );
    })
    .await;
}

#[tokio::test]
async fn bills_of_a_deleted_connection_are_still_there() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let bill = stored(console, bill_of(console, &client, 3).await).await;
        let (company, connection) = (client.company.id, bill.account.connection);
        let removing = console.test.store.tx("test", |tx| {
            Box::pin(async move {
                let job = &format!("COLLECT:{connection}");
                let keep = BillsAfter::Keep;
                tx.lock_connection(company, connection).await?;
                let now = super::NOW;
                tx.remove_connection(company, connection, job, keep, now)
                    .await
            })
        });
        let removing: Result<_, StoreError> = removing.await;
        removing.expect("removed");
        let reader = console
            .visitor(client.organization, MemberRole::ReadOnly)
            .await;
        let list = reader.get("/console/bills").await.text;
        assert!(list.contains("connection deleted"), "{list}");
        let gone = format!("/console/connections/{connection}");
        assert!(!list.contains(&gone), "no way to what is gone: {list}");
        let page = reader.get(&format!("/console/bills/{}", bill.id)).await;
        assert!(page.text.contains("Deleted since"), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn a_bill_stands_beside_its_file_and_who_gets_the_file_is_written_down() {
    on_both_consoles(async |console| {
        let client = console.test.client().await;
        let content = b"%PDF-1.7 of a bill";
        let blob = console.blobs.put(client.company.id, content).await;
        let mut bill = NewBill {
            blob: blob.expect("a blob").to_string(),
            ..bill_of(console, &client, 1).await
        };
        bill.content.flag(Flag::SumMismatch);
        let bill = stored(console, bill).await;
        let owner = console
            .visitor(client.organization, MemberRole::Owner)
            .await;
        let here = format!("/console/bills/{}", bill.id);
        let page = owner.get(&here).await.text;
        assert!(page.contains("123.45"), "{page}");
        assert!(page.contains("do not add up"), "{page}");
        assert!(
            page.contains(&format!("<iframe src=\"{here}/file?shown=yes\"")),
            "{page}"
        );
        let get = async |query: &str| {
            let path = format!("{}{here}/file{query}", console.base);
            let request = console.http.get(path).header(header::COOKIE, &owner.cookie);
            let file = request.send().await.expect("an answer");
            let said = |name| file.headers()[name].to_str().expect("a text").to_owned();
            assert_eq!(said(header::CONTENT_TYPE), "application/pdf");
            let how = (
                said(header::CONTENT_SECURITY_POLICY),
                said(header::CONTENT_DISPOSITION),
            );
            assert_eq!(&file.bytes().await.expect("a body")[..], content);
            how
        };
        let (policy, disposition) = get("").await;
        assert_eq!(policy, "default-src 'none'; sandbox");
        assert!(disposition.starts_with("attachment"), "{disposition}");
        let (policy, disposition) = get("?shown=yes").await;
        assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(disposition.starts_with("inline"), "{disposition}");
        let log = owner.get("/console/audit-log").await.text;
        assert_eq!(log.matches("Downloaded a bill").count(), 2, "each: {log}");
        assert!(log.contains("bill-1.pdf"), "{log}");
    })
    .await;
}
