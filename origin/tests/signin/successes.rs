//! Sign-ins that succeed, each in its own way: recognised, captured, and repeated from the recipe.

use origin::signin::{Recipe, Verdict, replay};

use crate::{
    person::{BROWSERS, Do, Person, nothing_to_note, open},
    sites::{
        Answer, DASHBOARD, PASSWORD, Request, Server, USERNAME, Website, form, json, page,
        redirect, script_form,
    },
};

const TYPE: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
];

/// Signs in by hand, then again from the recipe in a fresh browser.
async fn succeeds(site: Website, steps: &[Do], password: &str, again: Option<Verdict>) {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await;
    let mut person = Person::at(&server.url()).await;
    person.act(steps).await;
    let captured = match person.success().await {
        Ok(captured) => captured,
        Err(verdicts) => panic!(
            "not signed in: {verdicts:?}, the site said {:?}",
            person.message
        ),
    };
    assert_eq!(captured.credentials.username.as_str(), USERNAME);
    assert_eq!(captured.credentials.password.as_str(), password);
    drop(person);
    let json = captured.recipe.to_json().expect("serializes");
    assert!(
        !json.contains(PASSWORD) && !json.contains(USERNAME),
        "no secret in {json}"
    );
    let Some(again) = again else { return };
    let recipe = Recipe::from_json(&json).expect("own output");
    let browser = open(server.address.port()).await;
    let verdict = replay(&browser, &recipe, &captured.credentials, nothing_to_note)
        .await
        .expect("replays");
    assert_eq!(verdict, again, "{json}");
}

/// The ordinary answer: a dashboard behind a cookie.
fn enter(request: &Request, else_show: Answer) -> Option<Answer> {
    if request.post && request.right() {
        return Some(redirect("/home").cookie("in=1"));
    }
    if request.post {
        return Some(else_show);
    }
    (request.is("/home")).then(|| {
        if request.has_cookie("in") {
            page(DASHBOARD)
        } else {
            redirect("/")
        }
    })
}

macro_rules! succeeds {
    ($($name:ident($request:ident) $answer:block, $steps:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            fn site($request: &Request) -> Answer $answer
            succeeds(site, $steps, PASSWORD, Some(Verdict::SignedIn)).await;
        }
    )*};
}

const FORMLESS: &str = "<body><h1>Sign in</h1><div class=card><div><input id=u placeholder=Username></div><div><input id=p type=password placeholder=Password></div>
    <div role=button tabindex=0 id=b>Log in</div></div><script>b.onclick = async () => {
      const answer = await fetch('/api', {method: 'POST', body: JSON.stringify({user: u.value, password: p.value})});
      if (answer.ok) location.href = '/home'; };</script>";

const SHADOW: &str = "<body><h1>Energy</h1><sign-in></sign-in><script>customElements.define('sign-in', class extends HTMLElement {
      connectedCallback() { const root = this.attachShadow({mode: 'MODE'});
        root.innerHTML = '<form method=post action=/login><input name=user placeholder=Username><input name=password type=password><button>Log in</button></form>'; }
    });</script>";

succeeds! {
    plain_form_and_redirect(request) { enter(request, form("")).unwrap_or_else(|| form("")) }, TYPE;

    enter_key(request) { enter(request, form("")).unwrap_or_else(|| form("")) },
        &[Do::Type("[name=user]", USERNAME), Do::Press("Tab"), Do::Keys(PASSWORD), Do::Press("Enter")];

    script_and_history(request) {
        if request.post { return json(if request.right() { 200 } else { 401 }, "{}"); }
        script_form(&format!("if (answer.ok) {{ history.pushState({{}}, '', '/home'); app.innerHTML = `{DASHBOARD}`; }}"))
    }, TYPE;

    sign_out_that_was_hidden_before(request) {
        if request.post { return json(if request.right() { 200 } else { 401 }, "{}"); }
        page("<main id=account hidden><a href=/logout>Log out</a><h1>Your energy</h1><a href=/bills>Bills</a> <a href=/usage>Usage</a></main>
              <form id=f><input name=user><input name=password type=password><button>Log in</button></form>
              <script>f.addEventListener('submit', async (event) => {
                event.preventDefault();
                const answer = await fetch('/api', {method: 'POST', body: JSON.stringify({user: f.user.value, password: f.password.value})});
                if (answer.ok) { f.remove(); account.hidden = false; }
              });</script>")
    }, TYPE;

    script_in_the_same_place(request) {
        if request.post { return json(if request.right() { 200 } else { 401 }, "{}"); }
        script_form(&format!("if (answer.ok) setTimeout(() => {{ document.body.innerHTML = `{DASHBOARD}`; }}, 800);"))
    }, TYPE;

    two_pages(request) {
        match request.path.as_str() {
            "/name" => page("<form method=post action=/login><p>ada@example.com</p><input name=password type=password><button>Log in</button></form>"),
            "/login" if request.value("password") == PASSWORD => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => page("<form method=post action=/name><input name=user autocomplete=username><button>Next</button></form>"),
        }
    }, &[Do::Type("[name=user]", USERNAME), Do::Click("form button"), Do::Type("[name=password]", PASSWORD), Do::Click("form button")];

    name_kept_after_a_refusal(request) {
        let again = page(format!("<p role=alert>Wrong password.</p><form id=again method=post action=/login><input name=user type=email value='{USERNAME}'>
            <input name=password type=password><button>Log in</button></form>"));
        enter(request, again).unwrap_or_else(|| form(""))
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "not this one"), Do::Click("form button"),
        Do::Type("#again [name=password]", PASSWORD), Do::Press("Enter")];

    name_known_to_the_website(request) {
        let known = page(format!("<form method=post action=/login><input name=user value='{USERNAME}'><input name=password type=password><button>Log in</button></form>"));
        enter(request, form("")).unwrap_or(known)
    }, &[Do::Type("[name=password]", PASSWORD), Do::Click("form button")];

    two_steps_on_one_page(request) {
        if request.post || request.is("/home") { return enter(request, json(401, "{}")).unwrap_or_else(|| page("")); }
        page("<form id=f method=post action=/login><div id=a><input name=user type=email><button type=button id=next>Next</button></div>
              <div id=b hidden><input name=password type=password><button id=go>Sign in</button></div></form>
              <script>next.onclick = () => setTimeout(() => { a.hidden = true; b.hidden = false; }, 300);</script>")
    }, &[Do::Type("[name=user]", USERNAME), Do::Click("#next"), Do::Type("[name=password]", PASSWORD), Do::Click("#go")];

    frame_of_another_origin(request) {
        match (request.path.as_str(), request.post) {
            ("/", _) => page(format!("<h1>Energy</h1><iframe width=600 height=400 src='http://localhost:{}/frame'></iframe>", request.port)),
            (_, true) if request.right() => page(format!("<script>top.location = 'http://127.0.0.1:{}/home'</script>", request.port)),
            ("/home", _) => page(DASHBOARD),
            _ => form(""),
        }
    }, TYPE;

    password_shown(request) {
        enter(request, form("")).unwrap_or_else(|| page("<form method=post action=/login><input name=user><input name=password type=password id=p>
            <button type=button id=eye onclick=\"p.type = p.type === 'text' ? 'password' : 'text'\">Show</button><button id=go>Log in</button></form>"))
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("#p", "correct"), Do::Click("#eye"), Do::Click("#p"), Do::Press("End"), Do::Keys(" horse 1"), Do::Click("#go")];

    sent_by_a_script_without_event(request) {
        enter(request, form("")).unwrap_or_else(|| page("<form id=f method=post action=/login><input name=user><input name=password type=password>
            <div id=go onclick='f.submit()' style='width:80px;height:30px'>&rarr;</div></form>"))
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("#go")];

    no_form_at_all(request) {
        if request.post { return if request.right() { json(200, "{}").cookie("in=1") } else { json(401, "{}") }; }
        if request.is("/home") && request.has_cookie("in") { page(DASHBOARD) } else { page(FORMLESS) }
    }, &[Do::Type("#u", USERNAME), Do::Type("#p", PASSWORD), Do::Click("#b")];

    open_shadow_root(request) { enter(request, form("")).unwrap_or_else(|| page(SHADOW.replace("MODE", "open"))) },
        &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")];

    closed_shadow_root(request) { enter(request, form("")).unwrap_or_else(|| page(SHADOW.replace("MODE", "closed"))) },
        &[Do::See("sign-in"), Do::Press("Tab"), Do::Keys(USERNAME), Do::Press("Tab"), Do::Keys(PASSWORD), Do::Press("Enter")];

    window_of_another_origin(request) {
        match (request.path.as_str(), request.post) {
            ("/", _) if request.has_cookie("in") => page(DASHBOARD),
            ("/", _) => page(format!("<h1>Energy</h1><button id=o onclick=\"open('http://localhost:{}/sso', 'w', 'width=500,height=500')\">Sign in</button>
                <script>addEventListener('message', () => location.reload())</script>", request.port)),
            (_, true) if request.right() => redirect(&format!("http://127.0.0.1:{}/back", request.port)),
            ("/back", _) => page("<script>opener.postMessage(1, '*'); close();</script>").cookie("in=1"),
            _ => form(""),
        }
    }, &[Do::Click("#o"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")];

    slow_answer(request) { enter(request, form("")).map(|answer| if request.post { answer.after(3000) } else { answer }).unwrap_or_else(|| form("")) }, TYPE;

    wrong_first_then_right(request) { enter(request, form("<p class=error>Invalid password</p>")).unwrap_or_else(|| form("")) },
        &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button"), Do::Refused,
          Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")];

    modal_dialog(request) {
        enter(request, form("")).unwrap_or_else(|| page("<nav><a href=/bills>Bills</a></nav><button id=open>Log in</button>
            <dialog id=d><form method=post action=/login><input name=user><input name=password type=password><button id=go>Log in</button></form></dialog>
            <script>document.getElementById('open').onclick = () => d.showModal();</script>"))
    }, &[Do::Click("#open"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("#go")];

    among_other_forms(request) {
        enter(request, form("")).unwrap_or_else(|| page("<form action=/search><input name=q type=search placeholder=Search><button>Search</button></form>
            <form method=post action=/login><input name=user type=text><input name=password type=password><button id=go>Log in</button></form>
            <form action=/news><input name=email type=email placeholder='Your email'><button>Subscribe to our newsletter</button></form>"))
    }, &[Do::Type("[name=q]", "outage"), Do::Type("[name=email]", "other@example.com"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("#go")];

    in_german_with_the_way_out_in_a_menu(request) {
        if request.is("/home") {
            return page("<nav><a href=/r>Rechnungen</a> <a href=/v>Verbrauch</a> <a href=/k>Mein Konto</a><button>Menü</button>
                         <div hidden><a href=/abmelden>Abmelden</a></div></nav><h1>Guten Tag, Ada Lovelace</h1>");
        }
        enter(request, form("")).unwrap_or_else(|| page("<form method=post action=/login><label>E-Mail-Adresse <input name=user></label>
            <label>Passwort <input name=password type=password></label><button>Anmelden</button></form>"))
    }, TYPE;

    behind_a_cookie_banner_and_a_link(request) {
        match request.path.as_str() {
            "/" => page("<div id=banner style='position:fixed;inset:0;background:#eee'><p>We use cookies</p><button id=ok onclick='banner.remove()'>Accept all</button></div>
                         <a id=in href=/login>Customer login</a>"),
            _ => enter(request, form("")).unwrap_or_else(|| form("")),
        }
    }, &[Do::Click("#ok"), Do::Click("#in"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")];
}

/// A code is asked for after the password: no part of what is kept.
#[tokio::test(flavor = "multi_thread")]
async fn one_time_code_is_no_part_of_the_recipe() {
    fn site(request: &Request) -> Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/code"),
            "/code" => page(
                "<h1>Enter your verification code</h1><form method=post action=/home><input name=otp autocomplete=one-time-code><button>Verify</button></form>",
            ),
            "/home" => page(DASHBOARD),
            _ => form(""),
        }
    }
    let steps = [
        TYPE,
        &[
            Do::Refused,
            Do::Type("[name=otp]", "123456"),
            Do::Click("form button"),
        ],
    ]
    .concat();
    let code = Verdict::CodeNeeded {
        channel: None,
        target: None,
        refused: None,
    };
    succeeds(site, &steps, PASSWORD, Some(code)).await;
}

/// The site demands a new password: that is the one to keep.
#[tokio::test(flavor = "multi_thread")]
async fn new_password_replaces_the_one_that_was_sent() {
    fn site(request: &Request) -> Answer {
        match request.path.as_str() {
            "/login" if request.right() => redirect("/renew"),
            "/renew" => page("<h1>Your password has expired</h1><form method=post action=/home><input name=n1 type=password placeholder='New password'>
                <input name=n2 type=password placeholder='Repeat new password'><button>Save</button></form>"),
            "/home" => page(DASHBOARD),
            _ => form(""),
        }
    }
    let steps = [
        TYPE,
        &[
            Do::Refused,
            Do::Type("[name=n1]", "fresh 2"),
            Do::Type("[name=n2]", "fresh 2"),
            Do::Click("form button"),
        ],
    ]
    .concat();
    succeeds(site, &steps, "fresh 2", None).await;
}

/// Nothing proves it: the client is asked, and what he says counts; the recipe then knows the marks.
#[tokio::test(flavor = "multi_thread")]
async fn unproven_sign_in_is_believed_when_the_client_says_so() {
    fn site(request: &Request) -> Answer {
        if request.is("/home") {
            return page(
                "<main><h1>Overview</h1><table><tr><th>Invoices</th><th>Balance</th></tr><tr><td>7</td><td>12.00</td></tr></table></main>",
            );
        }
        enter(request, form("")).unwrap_or_else(|| form(""))
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await;
    let mut person = Person::at(&server.url()).await;
    person.act(TYPE).await;
    assert_eq!(
        person.verdict(std::time::Duration::from_secs(15)).await,
        Some(Verdict::Unknown)
    );
    person.watch.client_says_signed_in(true);
    let captured = person.success().await.expect("believed");
    drop(person);
    let browser = open(server.address.port()).await;
    let verdict = replay(
        &browser,
        &captured.recipe,
        &captured.credentials,
        nothing_to_note,
    )
    .await
    .expect("replays");
    assert_eq!(verdict, Verdict::SignedIn);
}
