//! Manual entry through the flow's door: what is sealed in the page reaches the website, and nothing else does.

use shared::{
    entry::{EntryValue, EntryView, SealedEntry},
    sealing::SealingKey,
    status::{CodeChannel, EntryProblem, ErrorCode, FieldKind, Phase, Step},
    wire::{FlowAction, StartedFlow},
};
use zeroize::Zeroizing;

use super::{
    test_env::{TestEnv, at_sign_in},
    website::{CODE, CODE_USER, PASSWORD, USER, Website, type_in, until_there},
};

/// What the page sends for these values: sealed with a fresh key.
fn sealed(
    flow: &StartedFlow,
    entry: &EntryView,
    seed: u8,
    name: &str,
    password: &str,
) -> FlowAction {
    let values = entry.fields.iter().map(|field| EntryValue {
        id: field.id,
        text: Zeroizing::new(
            match field.kind {
                FieldKind::Password => password,
                _ => name,
            }
            .to_owned(),
        ),
    });
    let plain = serde_json::to_vec(&SealedEntry {
        number: entry.number,
        values: values.collect(),
    });
    let key = SealingKey::from_random(&[seed; 32]).expect("a key");
    let mut sealer = key
        .sealer(&entry.public_key, flow.flow_ref)
        .expect("a public key");
    let (_, sealed) = sealer
        .seal(&plain.expect("JSON"))
        .expect("the first message");
    FlowAction::Enter {
        public_key: key.public(),
        sealed,
    }
}

async fn entry_until(
    env: &TestEnv,
    flow: &StartedFlow,
    wanted: impl Fn(&EntryView) -> bool,
) -> EntryView {
    let sign_in = env
        .sign_in_until(flow, |view| {
            view.entry.as_ref().is_some_and(|entry| wanted(entry))
        })
        .await;
    *sign_in.entry.expect("there is one")
}

#[tokio::test]
async fn client_enters_signs_in_and_picks_sites() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    env.act(&flow, FlowAction::EnterManually { manual: true })
        .await;
    // User name and password are asked for at once, before the website's form is found.
    let first = entry_until(&env, &flow, |entry| entry.fields.len() == 2).await;
    let act = sealed(&flow, &first, 1, USER, "");
    env.act(&flow, act).await;
    let told = entry_until(&env, &flow, |entry| entry.problem.is_some()).await;
    assert_eq!(told.problem, Some(EntryProblem::Incomplete));

    env.act(&flow, sealed(&flow, &told, 2, USER, "wrong")).await;
    let refused = env
        .sign_in_until(&flow, |view| {
            view.error_code.is_some() && view.entry.is_some()
        })
        .await;
    assert_eq!(refused.error_code, Some(ErrorCode::CredentialsInvalid));
    assert!(refused.manual);
    let entry = *refused.entry.expect("asked again");
    // What was sealed for an earlier question is not taken.
    env.act(&flow, sealed(&flow, &first, 3, USER, PASSWORD))
        .await;
    let stale = entry_until(&env, &flow, |entry| entry.problem.is_some()).await;
    assert_eq!(stale.problem, Some(EntryProblem::Unreadable));
    assert_eq!(stale.number, entry.number, "and changes nothing");

    env.act(&flow, sealed(&flow, &entry, 4, USER, PASSWORD))
        .await;
    env.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn who_goes_over_to_the_website_at_once_is_told_what_was_not_sent_and_the_rest_is() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    let switch = |manual| FlowAction::EnterManually { manual };
    let view = at_sign_in(env.act(&flow, switch(true)).await);
    let entry = view.entry.expect("user name and password are asked for");
    env.act(&flow, sealed(&flow, &entry, 1, USER, PASSWORD))
        .await;
    // The website's form was not found yet.
    let view = at_sign_in(env.act(&flow, switch(false)).await);
    assert!(view.not_sent);
    let view = at_sign_in(env.act(&flow, switch(true)).await);
    assert!(!view.not_sent);

    // The website's own fields have labels.
    let is_found = |entry: &EntryView| entry.fields.iter().all(|field| !field.label.is_empty());
    let entry = entry_until(&env, &flow, is_found).await;
    env.act(&flow, sealed(&flow, &entry, 2, USER, PASSWORD))
        .await;
    let view = at_sign_in(env.act(&flow, switch(false)).await);
    assert!(!view.not_sent && view.phase == Phase::Submitting);
    env.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn after_a_new_code_was_asked_for_nothing_is_said_of_the_old_one() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    let manual = FlowAction::EnterManually { manual: true };
    let entry = at_sign_in(env.act(&flow, manual).await).entry;
    let entry = entry.expect("user name and password are asked for at once");
    env.act(&flow, sealed(&flow, &entry, 1, CODE_USER, PASSWORD))
        .await;
    let entry = entry_until(&env, &flow, |entry| entry.code.is_some()).await;
    env.act(&flow, sealed(&flow, &entry, 2, "111111", "")).await;
    let refused = env.sign_in_until(&flow, |view| {
        view.error_code == Some(ErrorCode::CodeInvalid) && view.site_message.is_some()
    });
    let number = refused.await.entry.expect("asked again").number;
    env.act(&flow, FlowAction::Choose { number, id: 0 }).await;
    let view = env.sign_in_until(&flow, |view| {
        let code = view.entry.as_ref().and_then(|entry| entry.code.as_ref());
        code.is_some_and(|code| code.asked_anew)
    });
    let view = view.await;
    assert_eq!(view.error_code, None);
    let message = view.site_message.unwrap_or_default();
    assert!(!message.contains("incorrect"), "{message}");
    let entry = *view.entry.expect("a code is asked for");
    env.act(&flow, sealed(&flow, &entry, 3, CODE, "")).await;
    env.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn page_waits_for_changes_until_the_flow_ends() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    env.sign_in_until(&flow, |view| view.live).await;
    let view = env
        .act(&flow, FlowAction::EnterManually { manual: true })
        .await;
    let seen = view.version;
    assert!(at_sign_in(view).manual);
    let waiting = env.flows.state(&flow.secret, seen);
    let change = env
        .flows
        .act(&flow.secret, FlowAction::EnterManually { manual: false });
    let (state, changed) = tokio::join!(waiting, change);
    assert!(state.expect("it lives").version > seen);
    assert!(!at_sign_in(changed.expect("it lives")).manual);
    env.flows.act(&flow.secret, FlowAction::Leave).await;
    env.all_gone().await;
    assert!(env.flows.state(&flow.secret, 0).await.is_none());
}

#[tokio::test]
async fn code_is_entered_above_the_picture_and_asked_no_more_once_it_was_sent() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/login")).await;
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    type_in(&browser, CODE_USER, PASSWORD).await;
    drop(browser);
    let asked = env.sign_in_until(&flow, |view| view.entry.is_some()).await;
    assert!(asked.live && !asked.manual);
    let entry = *asked.entry.expect("it is asked");
    let source = entry.code.clone().expect("a code");
    assert_eq!(source.channel, Some(CodeChannel::Sms));
    assert_eq!(source.target.as_deref(), Some("***-***-0199"));
    assert_eq!(entry.minutes_left, None, "the picture has no such time");
    let viewer = session.state().sign_in.expect("at SIGN_IN");
    assert!(viewer.entry.is_some(), "the viewer is told as well");
    let view = env.act(&flow, sealed(&flow, &entry, 1, CODE, "")).await;
    assert_eq!(at_sign_in(view).entry, None);
    env.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn challenge_is_answered_above_the_picture_or_not_at_all() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/members")).await;
    let asks = |entry: &EntryView| entry.challenged_by.is_some();
    let first = entry_until(&env, &flow, asks).await;
    assert_eq!(first.challenged_by.as_deref(), Some("127.0.0.1"));
    assert_eq!(first.fields.len(), 2);
    let mut session = env.viewer_session(&flow).await;
    let browser = env.browser(&mut session).await;
    let number = first.number;
    env.act(&flow, FlowAction::Choose { number, id: 0 }).await;
    until_there(&browser, "#strangers").await;
    browser.reload().await.expect("asked again");
    let again = entry_until(&env, &flow, |entry| asks(entry) && entry.number != number).await;
    env.act(&flow, sealed(&flow, &again, 1, USER, "wrong"))
        .await;
    let refused = env
        .sign_in_until(&flow, |view| {
            view.error_code.is_some() && view.entry.is_some()
        })
        .await;
    assert_eq!(refused.error_code, Some(ErrorCode::CredentialsInvalid));
    let entry = *refused.entry.expect("asked again");
    drop(browser);
    env.act(&flow, sealed(&flow, &entry, 2, USER, PASSWORD))
        .await;
    env.step_until(&flow, Step::Sites).await;
}

#[tokio::test]
async fn values_that_were_entered_early_answer_the_challenge() {
    let website = Website::open().await;
    let env = TestEnv::with_browser(&website.host).await;
    let link = env.link(None).await;
    let flow = env.start(&link, &website.url("/members")).await;
    let manual = FlowAction::EnterManually { manual: true };
    let entry = at_sign_in(env.act(&flow, manual).await).entry;
    let entry = entry.expect("user name and password are asked for at once");
    env.act(&flow, sealed(&flow, &entry, 1, USER, PASSWORD))
        .await;
    env.step_until(&flow, Step::Sites).await;
}
