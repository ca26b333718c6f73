//! A connection with a bill, written as a flow and a collection do.

use bill_reader::bill::BillContent;
use origin::{
    blobs::Blobs,
    clock::{Clock as _, SystemClock, SystemRandom, bytes},
    store::{
        Store, StoreError,
        bills::{NewAccount, NewBill},
        finish::FinishInput,
    },
};
use shared::{
    id::{AccountId, BillId, CompanyId, ConnectionId, FlowRef},
    status::UtilityType,
};
use time::{Date, Month};

/// What a client's flow and its first collection leave behind.
pub async fn connect(
    store: &Store,
    blobs: &Blobs,
    company: &str,
    link: &str,
) -> (ConnectionId, BillId) {
    let company: CompanyId = company.parse().expect("an id");
    let input = &FinishInput {
        company,
        link: link.parse().expect("an id"),
        flow_ref: FlowRef::from_random(bytes(&SystemRandom)),
        connection: ConnectionId::from_random(bytes(&SystemRandom)),
        sealed: vec![1, 2, 3],
        recipe: "{}".into(),
        provider_url: "https://utility.example/login".parse().expect("an address"),
        country: "GB".parse().expect("a country"),
        username_masked: Some("j***@client.example".into()),
        sites: Vec::new(),
        utility_types: vec![UtilityType::Electricity],
        now: SystemClock.now(),
    };
    let finished = store.tx("test", |tx| Box::pin(tx.finish(input)));
    finished.await.expect("connected");
    let blob = blobs.put(company, b"%PDF\x01").await.expect("a blob");
    let bill = &NewBill {
        id: BillId::from_random(bytes(&SystemRandom)),
        account: NewAccount {
            id: AccountId::from_random(bytes(&SystemRandom)),
            company,
            connection: input.connection,
            account_number: "A-100".into(),
            utility_types: vec![UtilityType::Electricity],
            meters: vec!["M1".into()],
            now: input.now,
        },
        natural_key: "A-100|1".into(),
        content_hash: [1; 32],
        content: BillContent {
            bill_date: Some(Date::from_calendar_date(2026, Month::January, 15).expect("a day")),
            ..BillContent::default()
        },
        file_name: "bill.pdf".into(),
        blob: blob.to_string(),
    };
    let stored = store.tx("test", |tx| {
        Box::pin(async move {
            tx.add_bill(bill).await?;
            Ok::<_, StoreError>(())
        })
    });
    stored.await.expect("stored");
    (input.connection, bill.id)
}
