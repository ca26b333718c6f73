//! An organization with a company and links, and a node that runs their flows.

use std::{sync::Arc, time::Duration};

use browser::{Browser, BrowserConfig, Launcher};
use shared::{
    id::{CompanyId, ConnectionId, LinkId, OrganizationId, PublicCompanyId, SiteId},
    status::{LinkEventKind, LinkKind, Phase, Step, UtilityType},
    time::UnixMillis,
    token::{self, Claims, KeyRing, TokenKey},
    wire::{
        ConfirmedProvider, FlowAction, FlowView, SignInView, SitesView, StartFlow, StartedFlow,
        StepView,
    },
};
use tokio::time::{Instant, timeout};

use super::website::{PASSWORD, USER, Website, type_in};

use crate::{
    clock::{SystemRandom, TestClock, bytes},
    codes::InboundAddresses,
    collection::PdfReader,
    config::{SandboxConfig, Secret32, VaultKey},
    flow::{Flows, Services, Timers, ViewerSession},
    store::{
        Page, Store, companies::Company, connections::ConnectionFilter, links::Link,
        organizations::Organization, sites, test_databases::migrated_sqlite, testing::TestStore,
    },
    vault::Vault,
};

/// Far longer than anything takes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
const PACE: Duration = Duration::from_millis(10);

/// When the tests happen.
pub(crate) const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

pub(crate) struct TestEnv {
    pub flows: Flows,
    pub store: Store,
    pub clock: Arc<TestClock>,
    pub organization: OrganizationId,
    pub company: CompanyId,
    pub public_company: PublicCompanyId,
    pub sites: [SiteId; 2],
    _folder: tempfile::TempDir,
}

/// What a test makes a link with.
pub(crate) struct NewLink {
    pub id: LinkId,
    pub token: String,
}

pub(crate) fn ring() -> KeyRing {
    KeyRing::new(vec![TokenKey::new(1, &[7; 16])]).expect("one key")
}

/// The step where a flow stands.
pub(crate) fn step_of(view: &FlowView) -> Step {
    match &view.step {
        StepView::Provider(_) | StepView::Refused(_) => Step::Provider,
        StepView::SignIn(_) => Step::SignIn,
        StepView::Sites(_) => Step::Sites,
        StepView::Forwarding(_) => Step::Forwarding,
        StepView::Done(_) => Step::Done,
    }
}

/// The sign-in of a flow at SIGN_IN.
pub(crate) fn at_sign_in(view: FlowView) -> SignInView {
    match view.step {
        StepView::SignIn(sign_in) => sign_in,
        _ => panic!("at {}", step_of(&view)),
    }
}

/// What can be ticked in a flow at SITES.
pub(crate) fn at_sites(view: FlowView) -> SitesView {
    match view.step {
        StepView::Sites(sites) => sites,
        _ => panic!("at {}", step_of(&view)),
    }
}

/// The connection that a flow at DONE has made.
pub(crate) fn connection_of(view: FlowView) -> ConnectionId {
    match view.step {
        StepView::Done(done) => done.connection_id,
        _ => panic!("at {}", step_of(&view)),
    }
}

/// Lets all timers run for this long, at once.
pub(crate) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

fn random<const N: usize>() -> [u8; N] {
    bytes(&SystemRandom)
}

impl TestEnv {
    /// A node whose browsers never start.
    pub async fn without_browser() -> Self {
        Self::build(BrowserConfig {
            executable: "/nonexistent/chromium".into(),
            warm: 0,
            ..BrowserConfig::default()
        })
        .await
    }

    /// A node of which others use all browsers.
    pub async fn without_free_browser() -> Self {
        Self::build(BrowserConfig {
            most: 0,
            warm: 0,
            ..BrowserConfig::default()
        })
        .await
    }

    /// A node whose browsers may visit one host on this machine beside the public internet.
    pub async fn with_browser(host: &str) -> Self {
        Self::build(BrowserConfig {
            warm: 0,
            allowed_private_hosts: vec![host.to_owned()],
            ..BrowserConfig::default()
        })
        .await
    }

    async fn build(browser: BrowserConfig) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = migrated_sqlite(folder.path()).await;
        let clock = Arc::new(TestClock::at(NOW));
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
        let company = Company {
            id: CompanyId::from_random(random()),
            public_id: PublicCompanyId::from_random(random()),
            organization,
            name: "Blue Bakery".into(),
            external_id: None,
            environment: shared::api_key::ApiKeyEnvironment::Production,
            created_at: NOW,
        };
        store
            .tx("test", |tx| Box::pin(tx.add_company(&company)))
            .await
            .expect("a company");
        let mut sites = [SiteId::from_random(random()), SiteId::from_random(random())];
        sites.sort();
        for (id, name) in sites.into_iter().zip(["Main shop", "Mill"]) {
            let site = sites::Site {
                id,
                company: company.id,
                name: name.into(),
                address: None,
                created_at: NOW,
            };
            store
                .tx("test", |tx| Box::pin(tx.add_site(&site)))
                .await
                .expect("a site");
        }
        let vault = Vault::new(&[VaultKey {
            id: 1,
            key: Secret32::new([5; 32]),
        }]);
        let services = Services {
            node: 3,
            store: store.clone(),
            vault: Arc::new(vault),
            launcher: Launcher::new(browser),
            token_keys: Arc::new(ring()),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            timers: Timers::default(),
            // Nothing here has bills.
            reader: PdfReader::new("/bin/false".into()),
            inbound: InboundAddresses {
                mail_domain: Some("in.example.org".into()),
                phone_number: None,
            },
            sandbox: SandboxConfig {
                hosts: vec!["*.sandbox.example".into()],
                ..SandboxConfig::default()
            },
        };
        Self {
            flows: Flows::new(services),
            store,
            clock,
            organization,
            company: company.id,
            public_company: company.public_id,
            sites,
            _folder: folder,
        }
    }

    /// A company link, which expires at `expires`.
    pub async fn link(&self, expires: Option<UnixMillis>) -> NewLink {
        self.link_for(expires, 1).await
    }

    /// A link for so many uses.
    pub async fn link_for(&self, expires: Option<UnixMillis>, max_uses: i64) -> NewLink {
        self.make_link(expires, max_uses, None).await
    }

    /// A link that leads back to this address.
    pub async fn link_back_to(&self, redirect_url: &str) -> NewLink {
        self.make_link(None, 1, Some(redirect_url.to_owned())).await
    }

    /// Puts these origins in the place of those that links may lead to.
    pub async fn list_redirect_origins(&self, origins: &[String]) {
        let set = self.store.tx("test", |tx| {
            Box::pin(tx.set_redirect_origins(self.organization, origins))
        });
        set.await.expect("the store");
    }

    async fn make_link(
        &self,
        expires: Option<UnixMillis>,
        max_uses: i64,
        redirect_url: Option<String>,
    ) -> NewLink {
        let id = LinkId::from_random(random());
        let nonce = random();
        let claims = Claims {
            link: id,
            expires,
            provider: None,
            country: None,
        };
        let kind = LinkKind::Company;
        let token =
            token::seal(&ring(), kind, &self.public_company, nonce, &claims).expect("a token");
        let link = Link {
            id,
            company: self.company,
            kind,
            connection: None,
            key_id: 1,
            nonce,
            provider_url: None,
            country: None,
            expires_at: expires,
            revoked_at: None,
            revoked_reason: None,
            fulfilled_at: None,
            fulfilled_flow: None,
            max_uses,
            use_count: 0,
            initial_sites: vec![self.sites[0]],
            utility_types: vec![UtilityType::Electricity],
            owner_email: None,
            data_collection_start_date: None,
            redirect_url,
            external_id: None,
            locale: None,
            created_at: NOW,
        };
        let added = self
            .store
            .tx("test", |tx| Box::pin(tx.add_link(self.organization, &link)))
            .await;
        assert!(added.expect("a link"), "the company is the organization's");
        NewLink { id, token }
    }

    /// A link that repairs the connection, and the POST of a client who opens it.
    pub async fn update_link(&self, connection: ConnectionId) -> (NewLink, StartFlow) {
        let id = LinkId::from_random(random());
        let row = self.store.read("test", |tx| {
            Box::pin(tx.connection_of_company(self.company, connection))
        });
        let row = row.await.expect("a store").expect("a connection");
        let link = Link::for_update(id, &row, 1, random(), NOW);
        let added = self
            .store
            .tx("test", |tx| Box::pin(tx.add_link(self.organization, &link)))
            .await;
        assert!(added.expect("a link"), "the company is the organization's");
        let token = crate::link_url::token(&ring(), self.public_company, &link).expect("a token");
        let start = StartFlow {
            public_company_id: self.public_company,
            kind: LinkKind::ConnectionUpdate,
            token: token.clone(),
            provider: None,
            accept_language: None,
        };
        (NewLink { id, token }, start)
    }

    /// The first POST of a client who confirmed this website.
    pub fn start_of(&self, token: &str, provider: &str) -> StartFlow {
        StartFlow {
            public_company_id: self.public_company,
            kind: LinkKind::Company,
            token: token.to_owned(),
            provider: Some(ConfirmedProvider {
                url: provider.parse().expect("an address"),
                country: "US".parse().expect("a country"),
            }),
            accept_language: Some("en-US,en;q=0.9".into()),
        }
    }

    pub async fn start(&self, link: &NewLink, provider: &str) -> StartedFlow {
        let start = self.start_of(&link.token, provider);
        self.flows.start(start).await.expect("the link is good")
    }

    pub async fn view(&self, flow: &StartedFlow) -> FlowView {
        self.flows.view(&flow.secret).await.expect("the flow lives")
    }

    pub async fn act(&self, flow: &StartedFlow, act: FlowAction) -> FlowView {
        self.flows
            .act(&flow.secret, act)
            .await
            .expect("the flow lives")
    }

    /// Kinds and details of the link's log, without its first line.
    pub async fn log(&self, link: &NewLink) -> Vec<(LinkEventKind, Option<String>)> {
        let events = self
            .store
            .read("test", |tx| {
                Box::pin(tx.link_events(self.organization, link.id))
            })
            .await
            .expect("the log");
        let kinds = events.into_iter().map(|event| (event.kind, event.detail));
        kinds.skip(1).collect()
    }

    /// How many connections exist.
    pub async fn connections(&self) -> usize {
        let filter = ConnectionFilter::default();
        let found = self
            .store
            .read("test", |tx| {
                Box::pin(tx.connections(self.organization, self.company, &filter, Page::FIRST))
            })
            .await;
        found.expect("connections").rows.len()
    }

    /// A ticket, as soon as there is something to look at.
    pub async fn ticket(&self, flow: &StartedFlow) -> String {
        let ticket = self
            .flows
            .ticket(&flow.secret)
            .await
            .expect("the flow lives");
        ticket.expect("at SIGN_IN").ticket
    }

    pub async fn viewer_session(&self, flow: &StartedFlow) -> ViewerSession {
        let ticket = self.ticket(flow).await;
        self.flows
            .open_viewer_session(&flow.secret, &ticket)
            .await
            .expect("a good ticket")
    }

    /// The browser of the session, once the website's form is there.
    pub async fn browser(&self, session: &mut ViewerSession) -> Arc<Browser> {
        let wait = async {
            loop {
                assert_eq!(session.ended(), None);
                let state = session.state();
                let ready = state
                    .sign_in
                    .is_some_and(|view| view.phase == Phase::AwaitingInput);
                if let (Some(browser), true) = (state.browser, ready) {
                    return browser;
                }
                session.changed().await;
            }
        };
        timeout(DEADLINE, wait).await.expect("a browser")
    }

    pub async fn sign_in_until(
        &self,
        flow: &StartedFlow,
        wanted: impl Fn(&SignInView) -> bool,
    ) -> SignInView {
        let end = Instant::now() + DEADLINE;
        loop {
            let sign_in = at_sign_in(self.view(flow).await);
            if wanted(&sign_in) {
                return sign_in;
            }
            assert!(Instant::now() < end, "{sign_in:?}");
            tokio::time::sleep(PACE).await;
        }
    }

    pub async fn step_until(&self, flow: &StartedFlow, step: Step) -> FlowView {
        let wait = async {
            loop {
                let view = self.view(flow).await;
                if step_of(&view) == step {
                    return view;
                }
                tokio::time::sleep(PACE).await;
            }
        };
        timeout(DEADLINE, wait).await.expect("the flow gets there")
    }

    /// A flow whose client has signed in.
    pub async fn at_sites(&self, link: &NewLink, website: &Website) -> StartedFlow {
        let flow = self.start(link, &website.url("/login")).await;
        let mut session = self.viewer_session(&flow).await;
        let browser = self.browser(&mut session).await;
        type_in(&browser, USER, PASSWORD).await;
        drop(browser);
        self.step_until(&flow, Step::Sites).await;
        flow
    }

    /// Waits until no flow lives.
    pub async fn all_gone(&self) {
        let wait = async {
            while self.flows.count() > 0 {
                tokio::time::sleep(PACE).await;
            }
        };
        timeout(DEADLINE, wait).await.expect("all flows end");
    }

    /// Rows of a table.
    pub async fn rows(&self, table: &str) -> i64 {
        let store = self.store.clone();
        TestStore { store }.rows(table).await
    }
}
