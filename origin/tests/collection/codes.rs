//! A website that asks for a code: the owner gives it on a page, while the run waits.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::State,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use browser::Launcher;
use origin::{
    clock::{Clock as _, SystemRandom},
    codes::{ChannelCodes, CodePages, Delivered},
    collection::collect_job,
    link_url::code_token,
    store::{
        code_channels::CodeChannelRow, code_requests::CodeRequest, proposed_credentials::Renewal,
    },
};
use serde::Deserialize;
use shared::{
    code_page::{CodeAction, CodePage, CodeView},
    entry::{EntryValue, SealedEntry},
    id::{CodeChannelId, ConnectionId},
    sealing::SealingKey,
    status::{
        CodeAnswerer, CodeChannel, CodeRequestStatus, ConnectionStatus, ErrorCode, UnattendedReason,
    },
};
use tokio::task::JoinHandle;

use crate::{
    browser_config::{browser_config, turn},
    renewals::{mails, renew},
    test_env::{DAY, TestEnv, run, until},
};

const USER: &str = "ada@example.com";
const PASSWORD: &str = "open sesame";
const CODE: &str = "493021";

/// How a website asks for a code, and which one it takes.
#[derive(Clone)]
pub(crate) struct Asks {
    pub words: &'static str,
    pub takes: Arc<dyn Fn(&str) -> bool + Send + Sync>,
}

impl Asks {
    fn by_text_message() -> Self {
        Self {
            words: "We sent a 6-digit verification code by text message to ***-***-0199.",
            takes: Arc::new(|code| code == CODE),
        }
    }
}

/// A website that asks for a code after the password, and whose account has no bills.
async fn website(asks: Asks) -> String {
    let routes = Router::new()
        .route("/login", get(login).post(sign_in))
        .route("/code", get(code_form).post(code))
        .route("/account", get(account))
        .with_state(asks);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    host
}

async fn login() -> Html<&'static str> {
    Html(
        "<!doctype html><title>Sign in</title><h1>Sign in</h1><form method=post action=/login>
         <label>Email <input id=email name=email type=email></label>
         <label>Password <input id=password name=password type=password></label>
         <button>Sign in</button></form>",
    )
}

async fn sign_in() -> Redirect {
    Redirect::to("/code")
}

async fn code_form(State(asks): State<Asks>) -> Html<String> {
    ask(&asks, "")
}

fn ask(asks: &Asks, message: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><title>Enter your code</title><h1>Enter the code</h1>{message}
         <p>{}</p><form method=post action=/code>
         <label>Verification code <input id=code name=code inputmode=numeric autocomplete=one-time-code maxlength=6></label>
         <button>Verify</button></form>",
        asks.words
    ))
}

#[derive(Deserialize)]
struct Typed {
    code: String,
}

async fn code(State(asks): State<Asks>, Form(typed): Form<Typed>) -> Response {
    if (asks.takes)(&typed.code) {
        return Redirect::to("/account").into_response();
    }
    let message = "<p role=alert>That code is incorrect. Please try again.</p>";
    ask(&asks, message).into_response()
}

async fn account() -> Html<&'static str> {
    Html(
        "<!doctype html><title>My account</title><h1>My account</h1><p>Welcome back, Ada</p>
         <p>Signed in as ada@example.com</p><a href=/logout>Sign out</a>",
    )
}

/// A connection at a website that asks so.
pub(crate) async fn connected(mut env: TestEnv, asks: Asks) -> (TestEnv, ConnectionId) {
    let host = website(asks).await;
    env.collector.launcher = Launcher::new(browser_config(&host));
    let start = format!("http://{host}/login");
    let id = env.connect_to(&start, USER, PASSWORD, None).await;
    (env, id)
}

/// A connection at the website, and a run of it that goes on by itself.
pub(crate) struct Running {
    pub env: Arc<TestEnv>,
    pub id: ConnectionId,
    pages: CodePages,
    pub run: JoinHandle<()>,
}

/// A channel of the connection that has brought codes before.
async fn add_channel(env: &TestEnv, id: ConnectionId) {
    let channel = CodeChannelRow {
        id: CodeChannelId::from_random([7; 16]),
        company: env.company,
        connection: id,
        kind: CodeAnswerer::Email,
        address: Some("k7m2".to_owned()),
        secret: None,
        last_time_step: None,
        created_at: env.clock.now(),
        proven_at: Some(env.clock.now()),
        waits_until: env.clock.now(),
        confirmation: None,
    };
    let put = env
        .collector
        .store
        .tx("test", |tx| Box::pin(tx.put_code_channel(&channel)));
    assert!(put.await.expect("a store"));
}

impl Running {
    async fn start() -> Self {
        let (env, id) = connected(TestEnv::new().await, Asks::by_text_message()).await;
        Self::begin(env, id).await
    }

    /// The run of a connection that is due.
    pub async fn begin(env: TestEnv, id: ConnectionId) -> Self {
        let pages = CodePages {
            store: env.collector.store.clone(),
            token_keys: Arc::clone(&env.collector.token_keys),
            clock: env.clock.clone(),
            random: Arc::new(SystemRandom),
            sign_in_again: Arc::new(|job, found, now| {
                let request = &found.request;
                let (company, connection) = (request.company, request.connection);
                collect_job(job, company, connection, &found.provider_url, now, now)
            }),
        };
        let env = Arc::new(env);
        let run = Self::run_of(&env).await;
        Self {
            env,
            id,
            pages,
            run,
        }
    }

    pub async fn run_of(env: &Arc<TestEnv>) -> JoinHandle<()> {
        let job = env.claim().await.expect("a job is due");
        let env = Arc::clone(env);
        tokio::spawn(async move { run(&env, job).await })
    }

    pub async fn request(&self) -> Option<CodeRequest> {
        let found = self.env.collector.store.read("test", |tx| {
            Box::pin(tx.last_code_request(self.env.company, self.id))
        });
        found.await.expect("a store")
    }

    /// The page, once the run asks under this number.
    pub async fn asked(&self, number: u32) -> (CodePage, CodeView) {
        until("the question", async || {
            let request = self.request().await;
            request.is_some_and(|request| {
                request.number == number && request.status == CodeRequestStatus::Waiting
            })
        })
        .await;
        self.page().await
    }

    /// The page of the newest request.
    async fn page(&self) -> (CodePage, CodeView) {
        let request = self.request().await.expect("asked");
        let env = &self.env;
        let company = env.public_company().await;
        let keys = &env.collector.token_keys;
        let connection = env.connection(self.id).await;
        let token = code_token(keys, company, &request, &connection).expect("a token");
        let page = CodePage {
            public_company_id: company,
            token,
        };
        let view = self.pages.view(&page).await.expect("a store");
        (page, view.expect("a page"))
    }

    /// Enters a code as the page does.
    async fn enter(&self, page: &CodePage, view: &CodeView, code: &str) -> CodeView {
        let entry = view.entry.as_ref().expect("something to enter");
        let key = SealingKey::from_random(&[7; 32]).expect("a key");
        let mut sealer = key.sealer(&entry.public_key, view.request).expect("sealer");
        let plain = serde_json::to_vec(&SealedEntry {
            number: entry.number,
            values: vec![EntryValue {
                id: entry.fields[0].id,
                text: code.to_owned().into(),
            }],
        });
        let sealed = sealer.seal(&plain.expect("JSON")).expect("sealed");
        let action = CodeAction::Enter {
            public_key: key.public(),
            sealed: sealed.1,
        };
        let done = self.pages.act(page, action).await.expect("a store");
        done.expect("a page")
    }
}

#[tokio::test]
async fn the_owner_gives_the_code_while_the_run_waits() {
    let _turn = turn().await;
    let mut running = Running::start().await;
    let (page, view) = running.asked(1).await;
    let entry = view.entry.as_ref().expect("a box");
    let code = entry.code.as_ref().expect("where it comes from");
    assert_eq!(code.channel, Some(CodeChannel::Sms));
    assert!(
        code.target
            .as_deref()
            .is_some_and(|to| to.ends_with("0199"))
    );
    assert!(entry.fields[0].numeric && view.refused.is_none());
    let [mail] = mails(&running.env).await.try_into().expect("one mail");
    let mail = mail.replace("=\r\n", "");
    assert!(mail.contains("/p/code/") && mail.contains("To: owner@client.example"));

    let tried = running.enter(&page, &view, "111111").await;
    assert_eq!(
        (tried.status, tried.entry),
        (CodeRequestStatus::Trying, None)
    );
    let (page, view) = running.asked(2).await;
    assert_eq!(view.refused, Some(ErrorCode::CodeInvalid));
    running.enter(&page, &view, CODE).await;
    (&mut running.run).await.expect("the run ends");

    let env = &running.env;
    let connection = env.connection(running.id).await;
    assert_eq!(connection.status, ConnectionStatus::NoAccountsFound);
    let works = connection.works_unattended.expect("it was tried");
    assert_eq!(works.reason, Some(UnattendedReason::CodeNeeded));
    let request = running.pages.view(&page).await.expect("a store");
    assert_eq!(request.expect("a page").status, CodeRequestStatus::Accepted);
    let request = running.request().await.expect("the request").id;
    let answers = env.collector.store.tx("test", |tx| {
        Box::pin(tx.take_code_answer(env.company, request))
    });
    assert_eq!(answers.await.expect("a store"), None, "no code is kept");
}

#[tokio::test]
async fn a_sign_in_without_a_good_code_is_tried_again_at_the_owners_hour() {
    let _turn = turn().await;
    let mut running = Running::start().await;
    let (page, _) = running.asked(1).await;
    let hour = "17".parse().ok();
    let chosen = running.pages.act(&page, CodeAction::ChooseHour { hour });
    let chosen = chosen.await.expect("a store").expect("a page");
    assert_eq!(chosen.hour, hour);
    for (number, code) in [(1, "111111"), (2, "222222"), (3, "333333")] {
        let (page, view) = running.asked(number).await;
        running.enter(&page, &view, code).await;
    }
    (&mut running.run).await.expect("the run ends");
    let connection = running.env.connection(running.id).await;
    assert_eq!(connection.status, ConnectionStatus::MfaTokenExpired);
    let next = connection.next_collection_at.expect("it is tried again");
    assert_eq!(next.0 % DAY, 17 * DAY / 24);
    assert!(next.since(running.env.clock.now()) <= DAY);

    // Who chooses another hour on the page, once it is over, is asked then.
    let (page, view) = running.page().await;
    assert_eq!(view.status, CodeRequestStatus::Over);
    let hour = "5".parse().ok();
    let chosen = running.pages.act(&page, CodeAction::ChooseHour { hour });
    chosen.await.expect("a store").expect("a page");
    assert!(running.env.claim().await.is_none(), "not before");
    running.env.clock.advance(DAY);
    assert!(running.env.claim().await.is_some());
}

#[tokio::test]
async fn a_message_gives_the_code_and_nobody_is_asked() {
    let _turn = turn().await;
    let (env, id) = connected(TestEnv::new().await, Asks::by_text_message()).await;
    add_channel(&env, id).await;
    let running = Running::begin(env, id).await;
    running.asked(1).await;
    let env = Arc::clone(&running.env);
    let codes = ChannelCodes {
        store: env.collector.store.clone(),
        vault: Arc::clone(&env.collector.vault),
        clock: env.clock.clone(),
        random: Arc::new(SystemRandom),
    };
    let open = codes.open_at(CodeAnswerer::Email, "k7m2").await;
    let delivered = codes.deliver(&open.expect("a store"), CODE, "").await;
    assert_eq!(delivered.expect("a store"), Delivered::Given);
    let (id, request) = (running.id, running.request().await.expect("a request"));
    assert!(request.answered_by.is_some());
    running.run.await.expect("the run ends");
    let connection = env.connection(id).await;
    assert_eq!(connection.status, ConnectionStatus::NoAccountsFound);
    let works = connection.works_unattended.expect("it was tried");
    assert_eq!(works.reason, None, "no person was needed");
    assert_eq!(mails(&env).await.len(), 0);
}

#[tokio::test]
async fn a_code_that_nobody_waits_for_can_be_asked_for_again_on_the_same_page() {
    let _turn = turn().await;
    let mut running = Running::start().await;
    let (page, _) = running.asked(1).await;
    running.run.abort();
    running.env.clock.advance(DAY / 24);
    let view = running.pages.view(&page).await.expect("a store");
    let view = view.expect("a page");
    assert_eq!((view.status, view.entry), (CodeRequestStatus::Over, None));
    let view = running.pages.act(&page, CodeAction::Again).await;
    let view = view.expect("a store").expect("a page");
    assert_eq!(view.status, CodeRequestStatus::Again);

    running.run = Running::run_of(&running.env).await;
    let (again, view) = running.asked(2).await;
    assert_eq!(again.token, page.token, "the same page");
    running.enter(&page, &view, CODE).await;
    running.run.await.expect("the run ends");
    let connection = running.env.connection(running.id).await;
    assert_eq!(connection.status, ConnectionStatus::NoAccountsFound);
    assert_eq!(
        mails(&running.env).await.len(),
        0,
        "who asked needs no mail"
    );
    running.env.clock.advance(DAY);
    let over = running.pages.view(&page).await.expect("a store");
    assert!(over.is_none(), "a page lives a day");
}

#[tokio::test]
async fn a_run_does_not_speak_for_credentials_that_came_while_it_waited() {
    let _turn = turn().await;
    let mut running = Running::start().await;
    let (page, view) = running.asked(1).await;
    let (env, id) = (Arc::clone(&running.env), running.id);
    let (renewal, _) = renew(&env, id, USER, PASSWORD).await;
    assert_eq!(renewal, Renewal::Replaced, "it never worked");
    running.enter(&page, &view, CODE).await;
    (&mut running.run).await.expect("the run ends");
    let run = env.last_run(id).await.expect("a run");
    assert_eq!(run.status, Some(ConnectionStatus::NoAccountsFound));
    let connection = env.connection(id).await;
    assert_eq!(
        connection.status,
        ConnectionStatus::Pending,
        "nothing is known of the new ones"
    );
    assert!(env.claim().await.is_some(), "which are tried at once");
    assert_eq!(env.lockout(id).await, None);
}
