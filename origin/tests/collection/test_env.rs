//! What the tests run in: one browser at a time, a store, a vault.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use browser::Launcher;
use origin::{
    blobs::{self, Blobs},
    clock::{SystemRandom, TestClock, bytes},
    collection::{CollectBills, Collector, TIME_LIMIT, collect_job, pdf_process::PdfReader},
    config::{BlobConfig, Secret32, VaultKey},
    jobs::{Registry, Settings, WaitingRuns, Worker},
    signin::{
        Credentials, Recipe,
        recipe::{
            CredentialKind, FrameLocation, Locator, Locators, MfaKind, Step, SuccessMarks, VERSION,
        },
    },
    store::{
        Page, Store,
        bills::Bill,
        collections::Collection,
        companies::Company,
        connections::Connection,
        credentials,
        finish::{FinishError, FinishInput},
        jobs::{Job, KnownKind},
        links::Link,
        organizations::Organization,
    },
    vault::{self, Vault},
};
use shared::{
    id::{CompanyId, ConnectionId, FlowRef, JobId, LinkId, OrganizationId, PublicCompanyId},
    status::{ConnectionStatus, LinkKind, StatusDetail, UtilityType},
    time::UnixMillis,
};
use tokio::{sync::watch, time::Instant};
use utility::Options;

use crate::browser_config::browser_config;

/// The kind of job that the tests claim.
const COLLECT: KnownKind = KnownKind {
    name: "COLLECT",
    version: 1,
};

/// The time at which the tests take place.
pub const NOW: UnixMillis = UnixMillis(1_795_000_000_000);

pub const DAY: i64 = 24 * 3_600_000;
/// A customer of the sample utility, with the right password.
pub const JORDAN: (&str, &str) = ("jordan@example.com", "correct horse battery");

/// Another customer, who has accounts of their own.
pub const SAM: (&str, &str) = ("sam@example.com", "violet anchor 42");

/// A node with a company whose client connected to the sample utility.
pub struct TestEnv {
    pub collector: Collector,
    pub clock: Arc<TestClock>,
    pub company: CompanyId,
    pub organization: OrganizationId,
    pub options: Options,
    pub host: String,
    /// Who is asked for codes of the connections that are made from now on.
    pub owner: Option<String>,
    /// What the next connections are for; empty for whatever there is.
    pub utility_types: Vec<UtilityType>,
    folder: tempfile::TempDir,
}

/// The folder of blobs, in the folder of the test.
const BLOBS: &str = "blobs";

pub fn random<const N: usize>() -> [u8; N] {
    bytes(&SystemRandom)
}

impl TestEnv {
    /// Makes an environment in which the sample utility is running.
    pub async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let options = Options::default();
        tokio::spawn(utility::serve(listener, options.clone()));
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&format!(
            "sqlite:{}",
            folder.path().join("test.db").display()
        ))
        .await
        .expect("a store");
        store.migrate().await.expect("the schema");
        let organization = OrganizationId::from_random(random());
        let row = Organization {
            id: organization,
            name: "Watt Advice".into(),
            created_at: NOW,
        };
        store
            .tx("test", |tx| Box::pin(tx.add_organization(&row)))
            .await
            .expect("an organization");
        let company = CompanyId::from_random(random());
        let row = Company {
            id: company,
            public_id: PublicCompanyId::from_random(random()),
            organization,
            name: "Blue Bakery".into(),
            external_id: None,
            environment: shared::api_key::ApiKeyEnvironment::Production,
            created_at: NOW,
        };
        store
            .tx("test", |tx| Box::pin(tx.add_company(&row)))
            .await
            .expect("a company");
        let clock = Arc::new(TestClock::at(NOW));
        let vault = Arc::new(Vault::new(&[VaultKey {
            id: 1,
            key: Secret32::new([5; 32]),
        }]));
        let blobs = BlobConfig::Folder(folder.path().join(BLOBS));
        let objects = blobs::open(&blobs).expect("a folder");
        let collector = Collector {
            store,
            blobs: Blobs::new(
                objects,
                Arc::clone(&vault),
                clock.clone(),
                Arc::new(SystemRandom),
            ),
            vault,
            launcher: Launcher::new(browser_config(&host)),
            reader: PdfReader::new(PathBuf::from(env!("CARGO_BIN_EXE_origin"))),
            token_keys: Arc::new("1:000102030405060708090a0b0c0d0e0f".parse().expect("a key")),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            time_limit: TIME_LIMIT,
        };
        Self {
            collector,
            clock,
            company,
            organization,
            options,
            host,
            owner: Some("owner@client.example".into()),
            utility_types: Vec::new(),
            folder,
        }
    }

    /// The folder with the files of bills.
    pub fn blob_folder(&self) -> PathBuf {
        self.folder.path().join(BLOBS)
    }

    /// The folder of the test, with its database.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How many files of bills are stored.
    pub fn blob_count(&self) -> usize {
        let company = self.blob_folder().join(self.company.to_string());
        std::fs::read_dir(company).expect("its blobs").count()
    }

    /// What a finished flow leaves: a connection and its first job.
    pub async fn connect(&self, email: &str, password: &str, since: Option<&str>) -> ConnectionId {
        self.connect_to(
            &format!("http://{}/login", self.host),
            email,
            password,
            since,
        )
        .await
    }

    /// The same for a sign-in form elsewhere.
    pub async fn connect_to(
        &self,
        start: &str,
        email: &str,
        password: &str,
        since: Option<&str>,
    ) -> ConnectionId {
        self.connect_by(&recipe(start), email, password, since)
            .await
    }

    /// The same for any other way to sign in.
    pub async fn connect_by(
        &self,
        recipe: &Recipe,
        email: &str,
        password: &str,
        since: Option<&str>,
    ) -> ConnectionId {
        let (store, connection) = (&self.collector.store, ConnectionId::from_random(random()));
        let link = LinkId::from_random(random());
        let mut row = link_row(link, self.company);
        row.data_collection_start_date = since.map(str::to_owned);
        row.owner_email = self.owner.clone();
        store
            .tx("test", |tx| Box::pin(tx.add_link(self.organization, &row)))
            .await
            .expect("a link");
        let input = FinishInput {
            company: self.company,
            link,
            flow_ref: FlowRef::from_random(random()),
            connection,
            sealed: self.sealed(connection, email, password),
            recipe: recipe.to_json().expect("a recipe"),
            provider_url: recipe.start.as_str().parse().expect("a provider URL"),
            country: "US".parse().expect("a country"),
            username_masked: None,
            sites: Vec::new(),
            utility_types: self.utility_types.clone(),
            now: NOW,
        };
        let job = collect_job(
            JobId::from_random(random()),
            self.company,
            connection,
            &input.provider_url,
            NOW,
            NOW,
        )
        .expect("a job");
        let (input, job) = (&input, &job);
        let finished = store.tx("test", |tx| {
            Box::pin(async move {
                tx.finish(input).await?;
                Ok::<_, FinishError>(tx.enqueue(job).await?)
            })
        });
        finished.await.expect("a connection");
        connection
    }

    /// The company's id in the URLs of its links.
    pub async fn public_company(&self) -> PublicCompanyId {
        let company = self.collector.store.read("test", |tx| {
            Box::pin(tx.company(self.organization, self.company))
        });
        company
            .await
            .expect("a store")
            .expect("the company")
            .public_id
    }

    /// Credentials as the vault seals them for the connection.
    pub fn sealed(&self, connection: ConnectionId, email: &str, password: &str) -> Vec<u8> {
        let signed = Credentials {
            username: email.to_owned().into(),
            password: password.to_owned().into(),
            others: Vec::new(),
        };
        let plain = serde_json::to_vec(&signed).expect("plain strings");
        let associated = vault::AssociatedData {
            table: credentials::TABLE,
            row: &connection.to_string(),
            owner: self.company.into(),
        };
        let vault = &self.collector.vault;
        let sealed = vault.seal(&SystemRandom, associated, &plain);
        sealed.expect("a vault key").bytes
    }

    /// Claims the next collection that is due.
    pub async fn claim(&self) -> Option<Job> {
        self.claim_of(COLLECT).await
    }

    /// Claims the next job of this kind that is due.
    pub async fn claim_of(&self, kind: KnownKind) -> Option<Job> {
        use origin::clock::Clock as _;
        let kinds = &[kind];
        self.collector
            .store
            .tx("test", |tx| {
                Box::pin(tx.claim_job(kinds, self.clock.now(), 600_000, "test"))
            })
            .await
            .expect("a store")
    }

    /// When the connection's password may be sent again, if it must rest.
    pub async fn lockout(&self, id: ConnectionId) -> Option<UnixMillis> {
        self.collector
            .store
            .read("test", |tx| Box::pin(tx.lockout(self.company, id)))
            .await
            .expect("a store")
    }

    /// Reads the connection from the database.
    pub async fn connection(&self, id: ConnectionId) -> Connection {
        self.collector
            .store
            .read("test", |tx| {
                Box::pin(tx.connection_of_company(self.company, id))
            })
            .await
            .expect("a store")
            .expect("the connection")
    }

    /// The last run of the connection, if there was one.
    pub async fn last_run(&self, id: ConnectionId) -> Option<Collection> {
        self.collector
            .store
            .read("test", |tx| Box::pin(tx.last_collection(self.company, id)))
            .await
            .expect("a store")
    }

    /// The bills of the connection, newest first.
    pub async fn bills(&self, id: ConnectionId) -> Vec<Bill> {
        let page = Page {
            limit: Page::MAX_LIMIT,
            ..Page::FIRST
        };
        self.collector
            .store
            .read("test", |tx| Box::pin(tx.bills(self.organization, id, page)))
            .await
            .expect("a store")
            .rows
    }
}

/// Makes the worker of a node that collects.
pub fn worker(env: &TestEnv) -> Worker {
    let collector = env.collector.clone();
    let (store, clock) = (collector.store.clone(), collector.clock.clone());
    let registry = Registry::new(clock.clone(), collector.random.clone());
    Worker {
        store,
        clock,
        registry: Arc::new(registry.with(CollectBills(collector))),
        settings: Settings::new(2, "node".into()),
        waiting: WaitingRuns::default(),
    }
}

/// Runs a claimed job to its end.
pub async fn run(env: &TestEnv, job: Job) {
    let (_running, stop) = watch::channel(false);
    worker(env).work(job, stop).await;
}

/// Claims the due job and runs it.
pub async fn run_next(env: &TestEnv) {
    let job = env.claim().await.expect("a job is due");
    run(env, job).await;
}

/// The status of the connection and its detail.
pub async fn status(env: &TestEnv, id: ConnectionId) -> (ConnectionStatus, Option<StatusDetail>) {
    let connection = env.connection(id).await;
    (connection.status, connection.status_detail)
}

/// Waits until it is there; fails after a deadline.
pub async fn until<There: Future<Output = bool>>(what: &str, there: impl Fn() -> There) {
    let deadline = Instant::now() + Duration::from_secs(240);
    while !there().await {
        assert!(Instant::now() < deadline, "waited for: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn recipe(start: &str) -> Recipe {
    let start: url::Url = start.parse().expect("a URL");
    let at = FrameLocation {
        origin: start.origin().ascii_serialization(),
        path: start.path().to_owned(),
        query: None,
        main: true,
    };
    let fill = |what, names: &[&str]| Step::Fill {
        at: at.clone(),
        what,
        target: Locators(
            names
                .iter()
                .map(|name| Locator::Name((*name).into()))
                .collect(),
        ),
    };
    Recipe {
        version: VERSION,
        start,
        steps: vec![
            fill(CredentialKind::Username, &["email", "user"]),
            fill(CredentialKind::Password, &["password"]),
            Step::Submit {
                at: at.clone(),
                target: Some(Locators(vec![Locator::Label("Sign in".into())])),
            },
        ],
        success: SuccessMarks {
            url: Some(format!("{}/account", at.origin)),
            sign_out: true,
            ..SuccessMarks::default()
        },
        mfa: MfaKind::None,
    }
}

fn link_row(id: LinkId, company: CompanyId) -> Link {
    Link {
        id,
        company,
        kind: LinkKind::Company,
        connection: None,
        key_id: 1,
        nonce: random(),
        provider_url: None,
        country: None,
        expires_at: None,
        revoked_at: None,
        revoked_reason: None,
        fulfilled_at: None,
        fulfilled_flow: None,
        max_uses: 1,
        use_count: 0,
        initial_sites: Vec::new(),
        utility_types: Vec::new(),
        owner_email: None,
        data_collection_start_date: None,
        redirect_url: None,
        external_id: None,
        locale: None,
        created_at: NOW,
    }
}
