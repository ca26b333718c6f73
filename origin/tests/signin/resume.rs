//! Sessions that are restored to another browser, on websites of the test server.

use origin::signin::{Resumed, resume};

use makes::{
    parts::{DASHBOARD, form},
    site::{Answer, PASSWORD, Request, Server, USERNAME, json, page, redirect},
};

use crate::person::{BROWSERS, Do, Person, open};

const SIGN_IN: [Do; 3] = [
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
];

/// A page whose scripts keep a token, in this storage; the account is behind a call that shows it.
fn application(request: &Request, storage: &str) -> Answer {
    match request.path.as_str() {
        "/api/token" if request.right() => json(200, r#"{"token":"t1"}"#),
        "/api/me" if request.authorization == "Bearer t1" => json(200, r#"{"name":"Ada"}"#),
        "/api/token" | "/api/me" => json(401, r#"{"error":"Invalid password"}"#),
        _ => page(format!(
            "<main></main><script>
             const main = document.querySelector('main');
             async function show() {{
               const me = await fetch('/api/me', {{ headers: {{ authorization: 'Bearer ' + {storage}.getItem('token') }} }});
               if (!me.ok) return ask();
               history.replaceState(null, '', '/account');
               main.innerHTML = '<h1>Welcome back, Ada</h1><p>Balance due: 12.00</p><p>Your bills</p><button>Sign out</button>';
             }}
             function ask() {{
               main.innerHTML = '<form><input name=user autocomplete=username><input name=password type=password><button>Sign in</button></form>';
               document.querySelector('form').onsubmit = async (event) => {{
                 event.preventDefault();
                 const values = Object.fromEntries(new FormData(event.target));
                 const got = await fetch('/api/token', {{ method: 'POST', body: JSON.stringify(values) }});
                 {storage}.setItem('token', (await got.json()).token);
                 show();
               }};
             }}
             show();</script>"
        )),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_and_storage_bring_the_account_back() {
    fn in_storage(request: &Request) -> Answer {
        application(request, "localStorage")
    }
    fn in_the_tab(request: &Request) -> Answer {
        application(request, "sessionStorage")
    }
    fn by_cookie(request: &Request) -> Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    for (name, site) in [
        ("storage", in_storage as fn(&Request) -> Answer),
        ("tab", in_the_tab),
        ("cookie", by_cookie),
    ] {
        let server = Server::start(site).await.expect("listens");
        let mut person = Person::at(&server.url()).await;
        person.act(&SIGN_IN).await;
        let captured = person.success().await.expect("signed in");
        drop(person);
        let posts = server.posts.lock().expect("no panic").len();
        let browser = open(server.address.port()).await;
        let resumed = resume(
            &browser,
            &captured.recipe,
            &captured.credentials,
            &captured.session,
        );
        assert_eq!(resumed.await.expect("answers"), Resumed::SignedIn, "{name}");
        let posts_now = server.posts.lock().expect("no panic").len();
        assert_eq!(posts_now, posts, "{name}: nothing was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_see_as_well_proves_nothing() {
    /// Everybody sees an account of an example customer.
    fn for_everybody(request: &Request) -> Answer {
        match request.path.as_str() {
            "/" => form(""),
            _ => page(DASHBOARD).cookie("seen=1"),
        }
    }
    /// The session has ended.
    fn ended(request: &Request) -> Answer {
        match request.path.as_str() {
            "/login" => page(DASHBOARD),
            _ => form(""),
        }
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    for (site, expected) in [
        (for_everybody as fn(&Request) -> Answer, Resumed::Unproven),
        (ended, Resumed::Refused),
    ] {
        let server = Server::start(site).await.expect("listens");
        let mut person = Person::at(&server.url()).await;
        person.act(&SIGN_IN).await;
        let captured = person.success().await.expect("signed in");
        drop(person);
        let mut recipe = captured.recipe.clone();
        if expected == Resumed::Refused {
            recipe.success.url = Some(server.url().to_string());
        }
        let browser = open(server.address.port()).await;
        let resumed = resume(&browser, &recipe, &captured.credentials, &captured.session);
        assert_eq!(resumed.await.expect("answers"), expected);
    }
}
