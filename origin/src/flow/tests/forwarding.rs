//! FORWARDING: how codes reach us from now on.

use shared::{
    api_key::ApiKeyEnvironment,
    entry::{EntryValue, SealedEntry},
    forwarding::{ChannelState, ForwardingView, UnreadQrCode, WebsiteWindow},
    id::{ConnectionId, WebhookEndpointId},
    live::EndReason,
    proof::Proof,
    sealing::SealingKey,
    status::{CodeAnswerer, CodeChannel, ConnectionStatus, EntryProblem, Step, UnattendedReason},
    webhook::WebhookEventType,
    wire::{FlowAction, FlowView, StartedFlow, StepView},
};
use tokio::time::{Duration, Instant};
use zeroize::Zeroizing;

use super::{
    proof::{Runs, shown},
    test_env::{TestEnv, pass, step_of},
    website::{CODE, CODE_USER, PASSWORD, SECRET, Website, open_picture, type_code, type_in},
};
use crate::{
    clock::Clock as _,
    codes::Authenticator,
    flow::{ViewerSession, timers::Timers},
    store::{
        Page,
        testing::fresh,
        webhook_endpoints::{SealedWebhookSecrets, WebhookEndpoint},
    },
};

const DEADLINE: Duration = Duration::from_secs(20);

fn forwarding(view: FlowView) -> ForwardingView {
    match view.step {
        StepView::Forwarding(forwarding) => *forwarding,
        _ => panic!("at {}", step_of(&view)),
    }
}

/// A flow whose client gave a code, and has a connection now.
pub(super) async fn at_forwarding(env: &TestEnv, website: &Website) -> StartedFlow {
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, CODE_USER, PASSWORD).await;
    type_code(&browser, CODE).await;
    drop(browser);
    env.step_until(&flow, Step::Sites).await;
    assert_eq!(session.ended(), Some(EndReason::Finished));
    env.act(&flow, env.pick()).await;
    flow
}

fn connection(view: &ForwardingView) -> ConnectionId {
    view.connection_id
}

/// What the page sends for a secret: sealed with a fresh key.
fn secret(flow: &StartedFlow, view: &ForwardingView, text: &str) -> FlowAction {
    let plain = serde_json::to_vec(&SealedEntry {
        number: view.number,
        values: vec![EntryValue {
            id: 0,
            text: Zeroizing::new(text.to_owned()),
        }],
    });
    let key = SealingKey::from_random(&[9; 32]).expect("a key");
    let mut sealer = key
        .sealer(&view.public_key, flow.flow_ref)
        .expect("a public key");
    let (_, sealed) = sealer.seal(&plain.expect("JSON")).expect("sealed");
    FlowAction::Enter {
        public_key: key.public(),
        sealed,
    }
}

fn state_of(view: &ForwardingView, kind: CodeAnswerer) -> Option<ChannelState> {
    let mut channels = view.channels.iter();
    channels.find(|channel| channel.kind == kind)?.state
}

/// An endpoint of the organization, to which nothing is delivered here.
async fn listen(env: &TestEnv) -> WebhookEndpointId {
    let now = env.clock.now();
    let endpoint = WebhookEndpoint {
        id: WebhookEndpointId::from_random(fresh()),
        organization: env.organization,
        environment: ApiKeyEnvironment::Production,
        url: "https://hooks.example.com/".parse().expect("an address"),
        description: None,
        event_types: Vec::new(),
        secrets: SealedWebhookSecrets {
            current: Vec::new(),
            previous: None,
        },
        disabled: None,
        failing_since: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let added = env
        .store
        .tx("test", |tx| Box::pin(tx.add_webhook_endpoint(&endpoint)));
    added.await.expect("an endpoint");
    endpoint.id
}

#[tokio::test]
async fn a_sign_in_with_a_code_leads_to_forwarding_which_can_wait() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let flow = at_forwarding(&env, &website).await;
    let view = forwarding(env.view(&flow).await);
    assert_eq!(view.channel, Some(CodeChannel::Sms));
    assert_eq!(env.connections().await, 1, "it exists already");
    let kinds: Vec<_> = view.channels.iter().map(|channel| channel.kind).collect();
    // Nothing receives text messages here.
    assert_eq!(kinds, [CodeAnswerer::Authenticator, CodeAnswerer::Email]);
    assert_eq!(state_of(&view, CodeAnswerer::Authenticator), None);

    let done = env.act(&flow, FlowAction::LeaveForwarding).await;
    assert_eq!(step_of(&done), Step::Done);
    assert!(shown(&env, &flow).await.code_was_asked);
    // Not now is not never: also once the proof is missing for want of a code.
    let runs = Runs {
        env: &env,
        connection: connection(&view),
    };
    let run = runs.begin().await;
    let reason = UnattendedReason::CodeNeeded;
    runs.end(&run, ConnectionStatus::MfaTokenExpired, 0, Some(reason))
        .await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(shown(&env, &flow).await.proof, Proof::Missing { reason });
    let again = forwarding(env.act(&flow, FlowAction::SetUpCodes).await);
    assert_eq!(again.website, WebsiteWindow::Gone, "that browser is closed");
    assert_eq!(again.proof, Proof::Missing { reason });
    let endpoint = listen(&env).await;
    // A run that begins now proves what is set up.
    let tried = forwarding(env.act(&flow, FlowAction::TryCodes).await);
    assert_eq!(tried.proof, Proof::Waiting);
    let told = env.store.read("test", |tx| {
        Box::pin(tx.webhook_deliveries(env.organization, endpoint, Page::FIRST))
    });
    let told = told.await.expect("a store").rows;
    let types: Vec<_> = told.iter().map(|row| row.event.event_type).collect();
    assert_eq!(types, [WebhookEventType::ConnectionUpdated]);
    runs.begin().await;
    pass(Duration::from_secs(1)).await;
    assert_eq!(forwarding(env.view(&flow).await).proof, Proof::SigningIn);
}

#[tokio::test]
async fn the_secret_of_an_authenticator_is_entered_and_makes_codes() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let flow = at_forwarding(&env, &website).await;
    let view = forwarding(env.view(&flow).await);
    let entered = env.act(&flow, secret(&flow, &view, "my password?")).await;
    let refused = forwarding(entered);
    assert_eq!(refused.problem, Some(EntryProblem::NotASecret));
    assert_eq!(state_of(&refused, CodeAnswerer::Authenticator), None);

    let spaced = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq";
    let taken = forwarding(env.act(&flow, secret(&flow, &refused, spaced)).await);
    assert_eq!(taken.problem, None);
    let waiting = Some(ChannelState::Waiting);
    assert_eq!(state_of(&taken, CodeAnswerer::Authenticator), waiting);

    let shown = forwarding(env.act(&flow, FlowAction::ShowCode).await);
    let code = shown.code.expect("a code");
    let authenticator = Authenticator::parse(SECRET).expect("a secret");
    let step = authenticator.time_step(env.clock.now());
    assert_eq!(code.code, *authenticator.code(step));
    // It is used now: no other one is shown before its time.
    let again = forwarding(env.act(&flow, FlowAction::ShowCode).await);
    assert_eq!(again.code, Some(code));
    env.clock.advance(30_000);
    pass(Duration::from_secs(1)).await;
    assert_eq!(forwarding(env.view(&flow).await).code, None);
    let next = forwarding(env.act(&flow, FlowAction::ShowCode).await);
    let next = next.code.expect("the next code").code;
    assert_eq!(next, *authenticator.code(step + 1));

    let kind = CodeAnswerer::Authenticator;
    let removed = env.act(&flow, FlowAction::RemoveCodeChannel { kind }).await;
    assert_eq!(state_of(&forwarding(removed), kind), None);
}

#[tokio::test]
async fn an_address_of_its_own_is_made_once() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let flow = at_forwarding(&env, &website).await;
    let add = |kind| FlowAction::AddCodeChannel { kind };
    let address = |view: &ForwardingView| {
        let mut channels = view.channels.iter();
        let mail = channels.find(|channel| channel.kind == CodeAnswerer::Email);
        mail.and_then(|channel| channel.address.clone())
    };
    let none = env.act(&flow, add(CodeAnswerer::Sms)).await;
    assert_eq!(address(&forwarding(none)), None, "nothing receives those");
    let made = forwarding(env.act(&flow, add(CodeAnswerer::Email)).await);
    let first = address(&made).expect("an address");
    assert!(first.ends_with("@in.example.org"), "{first}");
    assert!(first.len() > 30, "{first}");
    let again = forwarding(env.act(&flow, add(CodeAnswerer::Email)).await);
    assert_eq!(address(&again), Some(first), "the same");
}

/// A viewer's session at FORWARDING, and the browser that it shows.
async fn window(
    env: &TestEnv,
    flow: &StartedFlow,
) -> (ViewerSession, std::sync::Arc<browser::Browser>) {
    let mut session = env.viewer_session(flow).await;
    assert_eq!(session.ended(), None);
    let browser = session.state().browser.expect("a browser");
    (session, browser)
}

#[tokio::test]
async fn the_qr_code_is_read_from_the_website_that_the_client_shows() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let flow = at_forwarding(&env, &website).await;
    let hidden = forwarding(env.view(&flow).await);
    assert_eq!(hidden.website, WebsiteWindow::Hidden);
    let ticket = env
        .flows
        .ticket(&flow.secret)
        .await
        .expect("the flow lives");
    assert!(ticket.is_none(), "there is nothing to look at");

    let show = FlowAction::ShowWebsite { shown: true };
    let shown = forwarding(env.act(&flow, show).await);
    assert_eq!(shown.website, WebsiteWindow::Shown);
    let (session, browser) = window(&env, &flow).await;
    let none = forwarding(env.act(&flow, FlowAction::ReadQrCode).await);
    assert_eq!(none.unread, Some(UnreadQrCode::NoQrCode));
    open_picture(&browser, &website.url("/app")).await;
    let other = forwarding(env.act(&flow, FlowAction::ReadQrCode).await);
    assert_eq!(other.unread, Some(UnreadQrCode::NotSupported));
    open_picture(&browser, &website.url("/security")).await;
    let read = forwarding(env.act(&flow, FlowAction::ReadQrCode).await);
    assert_eq!((read.unread, read.problem), (None, None));
    let waiting = Some(ChannelState::Waiting);
    assert_eq!(state_of(&read, CodeAnswerer::Authenticator), waiting);
    let code = forwarding(env.act(&flow, FlowAction::ShowCode).await).code;
    let authenticator = Authenticator::parse(SECRET).expect("a secret");
    let step = authenticator.time_step(env.clock.now());
    assert_eq!(code.expect("a code").code, *authenticator.code(step));

    drop(browser);
    let hide = FlowAction::ShowWebsite { shown: false };
    let hidden = forwarding(env.act(&flow, hide).await);
    assert_eq!(hidden.website, WebsiteWindow::Hidden);
    assert_eq!(session.ended(), Some(EndReason::Finished));
}

#[tokio::test]
async fn the_window_closes_when_nobody_uses_it() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let flow = at_forwarding(&env, &website).await;
    let show = FlowAction::ShowWebsite { shown: true };
    env.act(&flow, show).await;
    pass(Timers::default().browser_idle).await;
    let end = Instant::now() + DEADLINE;
    while forwarding(env.view(&flow).await).website != WebsiteWindow::Gone {
        assert!(Instant::now() < end, "the window stays");
        tokio::task::yield_now().await;
    }
}
