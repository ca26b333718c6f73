//! A user name and a password are typed, and the page is left without sending them: nothing was refused.

use std::time::Duration;

use origin::signin::Verdict;

use makes::{
    parts::{DASHBOARD, form},
    site::{Answer, PASSWORD, Request, Server, USERNAME, page, redirect},
};

use crate::person::{BROWSERS, Do, Person};

/// A form that stands there untouched is judged within this time, if it is judged at all.
const JUDGED: Duration = Duration::from_secs(5);

const TYPE: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
];

/// The link answers late: it is not the click that tells.
fn site(request: &Request) -> Answer {
    match request.path.as_str() {
        "/login" if request.right() => redirect("/home"),
        "/home" => page(DASHBOARD),
        "/tariffs" => form("<h2>Tariffs</h2>").after(2500),
        _ => form("<a id=tariffs href=/tariffs><img alt='' width=40 height=20></a>"),
    }
}

async fn is_no_attempt(leave: impl AsyncFn(&mut Person)) {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let mut person = Person::at(&server.url()).await;
    person.act(TYPE).await;
    leave(&mut person).await;
    assert_eq!(person.verdict(JUDGED).await, None, "nothing was sent");
    person.act(TYPE).await;
    person.act(&[Do::Click("form button")]).await;
    assert_eq!(
        person.verdict(Duration::from_secs(20)).await,
        Some(Verdict::SignedIn)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_is_no_attempt() {
    is_no_attempt(async |person| person.browser.reload().await.expect("reloads")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_followed_is_no_attempt() {
    is_no_attempt(async |person| person.act(&[Do::Click("#tariffs"), Do::See("h2")]).await).await;
}
