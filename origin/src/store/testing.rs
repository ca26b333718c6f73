//! Store tests run on both engines.

use std::sync::atomic::{AtomicU64, Ordering};

use bill_reader::bill::{BillContent, Usage};
use rust_decimal::Decimal;
use shared::{
    id::{
        BillId, CodeRequestId, CompanyId, ConnectionId, FlowRef, JobId, LinkId, OrganizationId,
        PublicCompanyId, SiteId,
    },
    status::{CodeRequestStatus, ConnectionStatus, LinkKind, UtilityType},
    time::UnixMillis,
};
use sqlx::{AssertSqlSafe, Row as _};

use super::{
    Store, StoreError, Tx,
    bills::{NewAccount, NewBill},
    code_requests::{AskedCode, CodeRequest},
    collections::CollectionOutcome,
    companies::Company,
    finish::{FinishError, FinishInput},
    jobs::{Job, KnownKind, NewJob},
    links::Link,
    organizations::Organization,
    sites::Site,
    test_databases::on_both_migrated,
};

/// The moment at which test rows are made.
pub(crate) const NOW: UnixMillis = UnixMillis(1_760_000_000_000);

/// An empty database, and short ways to fill it.
pub(crate) struct TestStore {
    pub(crate) store: Store,
}

/// An organization with a company, a site and a link.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) organization: OrganizationId,
    pub(crate) company: Company,
    pub(crate) site: Site,
    pub(crate) link: Link,
}

/// Runs `body` on a new SQLite file, then on a new PostgreSQL database.
pub(crate) async fn on_both(body: impl AsyncFn(&TestStore)) {
    on_both_migrated(async |store| {
        let test = TestStore { store };
        body(&test).await;
        test.store.close().await;
    })
    .await;
}

/// A number that no other call in this process gets.
fn next() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// 16 bytes that no other call in this process gets.
pub(crate) fn fresh() -> [u8; 16] {
    u128::from(next()).to_be_bytes()
}

impl TestStore {
    /// How many rows a table has, all organizations together.
    pub(crate) async fn rows(&self, table: &str) -> i64 {
        sqlx::query(AssertSqlSafe(format!(
            "SELECT COUNT(*) AS total FROM {table}"
        )))
        .fetch_one(&self.store.pool)
        .await
        .expect("count")
        .get("total")
    }

    /// A new organization with one client.
    pub(crate) async fn client(&self) -> Client {
        let organization = Organization {
            id: OrganizationId::from_random(fresh()),
            name: "Acme Energy".into(),
            created_at: NOW,
        };
        self.store
            .tx("test", |tx| Box::pin(tx.add_organization(&organization)))
            .await
            .expect("organization");
        let company = self.company(organization.id).await;
        let site = self.site(company.id).await;
        let link = self.link(organization.id, company.id).await;
        Client {
            organization: organization.id,
            company,
            site,
            link,
        }
    }

    pub(crate) async fn company(&self, organization: OrganizationId) -> Company {
        let company = Company {
            id: CompanyId::from_random(fresh()),
            public_id: PublicCompanyId::from_random(fresh()),
            organization,
            name: "Blue Bakery".into(),
            external_id: None,
            environment: shared::api_key::ApiKeyEnvironment::Production,
            created_at: NOW,
        };
        self.store
            .tx("test", |tx| Box::pin(tx.add_company(&company)))
            .await
            .expect("company");
        company
    }

    pub(crate) async fn site(&self, company: CompanyId) -> Site {
        let site = Site {
            id: SiteId::from_random(fresh()),
            company,
            name: "Main shop".into(),
            address: Some("1 High Street".into()),
            created_at: NOW,
        };
        self.store
            .tx("test", |tx| Box::pin(tx.add_site(&site)))
            .await
            .expect("site");
        site
    }

    pub(crate) async fn link(&self, organization: OrganizationId, company: CompanyId) -> Link {
        let link = new_link(company);
        assert!(
            self.store
                .tx("test", |tx| Box::pin(tx.add_link(organization, &link)))
                .await
                .expect("link")
        );
        link
    }

    /// Finishes the client's link and returns the connection.
    pub(crate) async fn connect(&self, client: &Client) -> ConnectionId {
        let input = finish_input(client);
        self.store
            .tx("test", |tx| Box::pin(finish(tx, &input)))
            .await
            .expect("finish");
        input.connection
    }
}

/// The kinds of jobs that the tests queue.
pub(crate) const KINDS: [KnownKind; 1] = [KnownKind {
    name: "COLLECT",
    version: 1,
}];

/// The first collection of a connection that a finish makes. Its id follows from the connection's.
pub(crate) fn first_job(input: &FinishInput) -> NewJob {
    NewJob {
        id: JobId::from_random(*input.connection.as_bytes()),
        kind: "COLLECT",
        version: 1,
        dedupe_key: format!("COLLECT:{}", input.connection),
        exclusion_key: None,
        company: Some(input.company),
        payload: format!("{{\"connection\":\"{}\"}}", input.connection),
        run_at: input.now,
        now: input.now,
    }
}

/// What a flow does at its end: everything that a finish writes, and the first collection's job.
pub(crate) async fn finish(tx: &mut Tx<'_>, input: &FinishInput) -> Result<(), FinishError> {
    if tx.finish(input).await?.is_some() {
        tx.enqueue(&first_job(input)).await?;
    }
    Ok(())
}

/// What a run does at its end: its results and the job's end, or nothing when the claim was lost.
pub(crate) async fn end_run(
    tx: &mut Tx<'_>,
    job: &Job,
    connection: ConnectionId,
    outcome: &CollectionOutcome,
) -> Result<bool, StoreError> {
    let Some(company) = job.company else {
        return Ok(false);
    };
    let ours = tx.holds_job(job).await?
        && tx
            .end_collection(company, connection, outcome)
            .await?
            .is_some();
    match outcome.next_at {
        _ if !ours => Ok(false),
        None => tx.complete_job(job).await,
        Some(at) if outcome.found.status == ConnectionStatus::Connected => {
            tx.repeat_job(job, at).await
        }
        Some(at) => tx.retry_job(job, at).await,
    }
}

/// A link that nobody stored.
pub(crate) fn new_link(company: CompanyId) -> Link {
    Link {
        id: LinkId::from_random(fresh()),
        company,
        kind: LinkKind::Company,
        connection: None,
        key_id: 3,
        nonce: [9; 12],
        provider_url: "https://utility.example/login".parse().ok(),
        country: "GB".parse().ok(),
        expires_at: None,
        revoked_at: None,
        revoked_reason: None,
        fulfilled_at: None,
        fulfilled_flow: None,
        max_uses: 1,
        use_count: 0,
        initial_sites: Vec::new(),
        utility_types: vec![UtilityType::Gas],
        owner_email: Some("owner@client.example".into()),
        data_collection_start_date: Some("2025-01-01".into()),
        redirect_url: None,
        external_id: Some("their-7".into()),
        locale: None,
        created_at: NOW,
    }
}

/// What a flow of this client's link would leave behind.
pub(crate) fn finish_input(client: &Client) -> FinishInput {
    FinishInput {
        company: client.company.id,
        link: client.link.id,
        flow_ref: FlowRef::from_random(fresh()),
        connection: ConnectionId::from_random(fresh()),
        sealed: vec![1, 2, 3],
        recipe: "{}".into(),
        provider_url: "https://utility.example/login".parse().expect("an address"),
        country: "GB".parse().expect("a country"),
        username_masked: Some("j***@client.example".into()),
        sites: vec![client.site.id],
        utility_types: vec![UtilityType::Electricity],
        now: NOW.plus(1000),
    }
}

/// A code that a sign-in of the connection has waited for since `at`, for ten minutes at most.
pub(crate) fn waiting_code_request(
    company: CompanyId,
    connection: ConnectionId,
    at: UnixMillis,
) -> CodeRequest {
    CodeRequest {
        id: CodeRequestId::from_random(fresh()),
        company,
        connection,
        key_id: 3,
        nonce: [9; 12],
        public_key: "key".into(),
        status: CodeRequestStatus::Waiting,
        asked: AskedCode {
            channel: None,
            target: None,
            numeric: true,
            refused: None,
        },
        number: 1,
        version: 1,
        created_at: at,
        waits_until: at.plus(600_000),
        answered_by: None,
    }
}

/// A bill that nobody stored; `number` makes it this one and no other.
pub(crate) fn new_bill(company: CompanyId, connection: ConnectionId, number: u8) -> NewBill {
    let day = time::Date::from_calendar_date(2026, time::Month::January, number)
        .expect("a day of January");
    NewBill {
        id: BillId::from_random(fresh()),
        account: NewAccount {
            id: shared::id::AccountId::from_random(fresh()),
            company,
            connection,
            account_number: "A-100".into(),
            utility_types: vec![UtilityType::Electricity],
            meters: vec!["M1".into()],
            now: NOW,
        },
        natural_key: format!("A-100|{number}"),
        content_hash: [number; 32],
        content: BillContent {
            bill_date: Some(day),
            total_charges: Some(Decimal::new(12_345, 2)),
            usage_data: vec![Usage {
                end_date: Some(day),
                quantity: Some(Decimal::new(1, 1)),
                ..Usage::default()
            }],
            ..BillContent::default()
        },
        file_name: format!("bill-{number}.pdf"),
        blob: format!("{company}/{}", format!("{number:02x}").repeat(32)),
    }
}
