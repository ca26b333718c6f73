use shared::{id::SiteId, status::UtilityType};

use crate::store::{
    Page, StoreError,
    bill_lists::{BillFilter, BillsOf},
    testing::{fresh, new_bill, on_both},
};

#[tokio::test]
async fn a_companys_bills_come_once_each_newest_first_those_without_a_date_last() {
    on_both(async |test| {
        let (client, other) = (test.client().await, test.client().await);
        let (organization, company) = (client.organization, client.company.id);
        let connection = test.connect(&client).await;
        let theirs = test.connect(&other).await;
        let stored = test.store.tx("test", |tx| {
            Box::pin(async move {
                for day in [3, 1, 2] {
                    let mut bill = new_bill(company, connection, day);
                    if day == 2 {
                        bill.content.bill_date = None;
                    }
                    tx.add_bill(&bill).await?;
                }
                let strange = new_bill(other.company.id, theirs, 4);
                tx.add_bill(&strange).await.map(|_| ())
            })
        });
        stored.await.expect("stored");
        let read = async |filter: BillFilter| {
            let filter = &filter;
            let of = BillsOf::Company(company);
            let found = test.store.read("test", |tx| {
                Box::pin(async move {
                    let page = tx.bills_of_company(organization, company, filter, Page::FIRST);
                    let page = page.await?;
                    let (mut one_by_one, mut after) = (Vec::new(), None);
                    loop {
                        let next = tx.bills_after(organization, of, filter, (after.as_ref(), 1));
                        let Some(next) = next.await?.pop() else { break };
                        after = Some(next.place());
                        one_by_one.push(next.bill);
                    }
                    Ok::<_, StoreError>((page, one_by_one))
                })
            });
            let (page, one_by_one) = found.await.expect("read");
            assert_eq!(page.rows, one_by_one);
            assert_eq!(page.total, i64::try_from(one_by_one.len()).expect("few"));
            let day =
                |bill: &crate::store::bills::Bill| bill.content.bill_date.map(time::Date::day);
            one_by_one.iter().map(day).collect::<Vec<_>>()
        };
        assert_eq!(read(BillFilter::default()).await, [Some(3), Some(1), None]);
        let day = |day: &str| Some(format!("2026-01-{day}"));
        for (filter, expected) in [
            (
                BillFilter {
                    from: day("02"),
                    ..BillFilter::default()
                },
                vec![Some(3)],
            ),
            (
                BillFilter {
                    to: day("01"),
                    ..BillFilter::default()
                },
                vec![Some(1)],
            ),
            (
                BillFilter {
                    site: Some(client.site.id),
                    utility_type: Some(UtilityType::Electricity),
                    ..BillFilter::default()
                },
                vec![Some(3), Some(1), None],
            ),
            (
                BillFilter {
                    site: Some(SiteId::from_random(fresh())),
                    ..BillFilter::default()
                },
                vec![],
            ),
            (
                BillFilter {
                    utility_type: Some(UtilityType::Gas),
                    ..BillFilter::default()
                },
                vec![],
            ),
        ] {
            assert_eq!(read(filter.clone()).await, expected, "{filter:?}");
        }
    })
    .await;
}
