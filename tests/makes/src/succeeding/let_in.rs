//! Inside there is neither a greeting nor a word of an account: the website lets somebody in, and that is all there is.

use crate::{
    Ends,
    hand::Do,
    makes,
    parts::{BASQUE_MENU, RIGHT, app_form, form, script_form},
    site::{PASSWORD, USERNAME, json, page, redirect},
};

/// What fills a page that is none of the steps before it.
const ROWS: &str = "<p>Heat pump in the cellar: nothing to report</p>";

makes! {
    editor_with_a_way_out_in_a_menu(request) {
        match request.path.as_str() {
            "/api/login" => if request.right() { json(200, r#"{"token":"abc"}"#) } else { json(401, "{}") },
            "/api/settings" => json(if request.authorization == "Bearer abc" { 200 } else { 401 }, "{}"),
            _ => script_form("if (answer.ok && (await fetch('/api/settings', {headers: {authorization: 'Bearer ' + reply.token}})).ok)
                app.innerHTML = '<input placeholder=\"filter meters\"><button type=button>Deploy</button><ul style=\"display:none\"><li><a href=#>Log out</a></li></ul><p>Meters</p><p>Inputs</p>';
                else message.textContent = 'Login failed';"),
        }
    }, RIGHT => Ends::In;

    form_that_stays_hidden_and_a_way_out_that_flashes_beside_it(request) {
        if request.is("/api/list") { return json(if request.basic() { 200 } else { 401 }, "{}"); }
        page("<nav id=top>Collections <a href=#>Logout</a></nav><section id=start style='display:none'><h1>Sign in</h1><form id=f><input name=user placeholder=User><input name=password type=password placeholder=Password>
            <button>Next</button></form></section><script>
            setTimeout(() => { top_.style.display = 'none'; start.style.display = ''; }, 300);
            const top_ = document.getElementById('top');
            f.onsubmit = (e) => { e.preventDefault(); start.style.display = 'none'; top_.style.display = '';
              fetch('/api/list', {headers: {authorization: 'Basic ' + btoa(f.user.value + ':' + f.password.value)}}).then((a) => { if (!a.ok) { top_.style.display = 'none'; start.style.display = ''; } }); };</script>".to_owned() + &ROWS.repeat(40))
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;

    way_back_from_an_identity_provider_to_a_way_out_in_a_menu(request) {
        match (request.at_other_host(), request.path.as_str()) {
            (true, "/authorize") => form(""),
            (true, "/login") if request.right() => redirect(&request.here("/callback?code=1")),
            (true, _) => form("<p class=error>Login failed.</p>"),
            (false, "/callback") => redirect("/home").cookie("in=1"),
            (false, "/home") if request.has_cookie("in") => page("<nav><ul style='display:none'><li><a href=/home>Home</a></li><li><a href=/out>Logout</a></li></ul></nav><h1>Nothing is running</h1><a href=/start>Start</a>".to_owned() + &ROWS.repeat(40)),
            _ => page(format!("<h1>Energy lab</h1><a id=in href='{}'>Sign in with Energy ID</a>", request.there("/authorize"))),
        }
    }, &[Do::Click("#in"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;

    address_that_led_to_the_form(request) {
        match request.path.as_str() {
            "/" if request.has_cookie("in") => page(ROWS.repeat(40) + "<header><ul style='display:none'><li><a href=/out>Logout</a></li></ul></header><h1>Connection</h1><p>State: operational</p>
                <div style='display:none'><form><input name=u><input type=password name=p><button>OK</button></form></div>"),
            "/" => redirect("/login?next=%2F"),
            _ if request.post && request.right() => redirect("/").cookie("in=1"),
            _ => form(""),
        }
    }, RIGHT => Ends::In;

    overview_in_unknown_words_that_asks_who_is_anonymous(request) {
        match request.path.as_str() {
            "/" => page("<h1>Elektrizitatea</h1><a id=in href=/sartu>Nire eremua</a>"),
            "/ikuspegia" if request.has_cookie("in") => page(format!("{BASQUE_MENU}<h1>Ikuspegi orokorra</h1>{}", ROWS.repeat(40))),
            "/ikuspegia" => redirect("/sartu?next=ikuspegia"),
            _ if request.post && request.right() => redirect("/ikuspegia").cookie("in=1"),
            _ => form(""),
        }
    }, &[Do::Click("#in"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;

    app_in_unknown_words_that_asks_who_is_anonymous(request) {
        if request.is("/api/login") {
            return json(if request.right() { 200 } else { 401 }, "{}");
        }
        page(format!("<main id=app></main><script>
            const forms = '<h1>Sign in</h1><form id=f><input name=user placeholder=User><input name=password type=password placeholder=Password><button>Sartu</button></form>';
            const route = () => {{
              const known = localStorage.getItem('known');
              if (!known && location.hash !== '#/sartu') {{ location.hash = '#/sartu'; return; }}
              app.innerHTML = known ? `{BASQUE_MENU}<h1>Ikuspegia</h1>{}` : forms;
              if (known) return;
              f.onsubmit = async (e) => {{ e.preventDefault();
                const answer = await fetch('/api/login', {{method: 'POST', headers: {{'content-type': 'application/json'}}, body: JSON.stringify({{user: f.user.value, password: f.password.value}})}});
                if (answer.ok) {{ localStorage.setItem('known', '1'); location.hash = '#/ikuspegia'; }} }};
            }};
            addEventListener('hashchange', route); route();</script>", ROWS.repeat(40)))
    }, RIGHT => Ends::In;

    editor_full_of_buttons_with_a_way_out_in_a_menu(request) {
        match request.path.as_str() {
            "/api/login" => if request.right() { json(200, r#"{"token":"abc"}"#) } else { json(401, "{}") },
            "/api/parts" => json(if request.authorization == "Bearer abc" { 200 } else { 401 }, "{}"),
            _ => script_form("if (answer.ok && (await fetch('/api/parts', {headers: {authorization: 'Bearer ' + reply.token}})).ok)
                app.innerHTML = '<button type=button>+</button>'.repeat(24) + '<ul style=\"display:none\"><li><a href=#>Log out</a></li></ul><p>Flow 1</p>';
                else message.textContent = 'Login failed';"),
        }
    }, RIGHT => Ends::In;

    panel_with_hidden_forms_and_both_ways_in_a_closed_menu(request) {
        match request.path.as_str() {
            "/" if request.has_cookie("in") => page(format!("<nav><ul style='display:none'><li><a href=/login>Log in</a></li><li><a href=/out>Log out</a></li></ul></nav><h2>State</h2>{}
                <div style='display:none'><form><input name=u><input type=password name=p><button>OK</button></form></div>", "<button type=button>+</button>".repeat(24))),
            "/" => redirect("/login?next=%2F"),
            _ if request.post && request.right() => redirect("/").cookie("in=1"),
            _ => form(""),
        }
    }, RIGHT => Ends::In;

    picture_of_an_account_in_the_place_of_the_way_in(request) {
        match request.path.as_str() {
            "/api/login" => if request.right() { json(200, r#"{"token":"abc"}"#) } else { json(401, "{}") },
            "/api/list" => json(if request.authorization == "Bearer abc" { 200 } else { 401 }, "{}"),
            _ => page(format!("<header id=top><button type=button id=in>Log in</button></header><main>{}</main><dialog id=d><form id=f method=dialog><input name=user placeholder='User name'><input name=password type=password placeholder=Password><p id=m class=error></p><button>Log in</button></form></dialog><script>
                document.getElementById('in').onclick = () => d.showModal();
                f.onsubmit = async (e) => {{ e.preventDefault();
                  const answer = await fetch('/api/login', {{method: 'POST', headers: {{'content-type': 'application/json'}}, body: JSON.stringify({{user: f.user.value, password: f.password.value}})}});
                  if (!answer.ok) {{ m.textContent = 'Unable to sign in'; return; }}
                  await fetch('/api/list', {{headers: {{authorization: 'Bearer ' + (await answer.json()).token}}}});
                  d.close(); f.remove();
                  document.getElementById('top').innerHTML = '<button type=button aria-haspopup=true aria-label=\"Account menu\" style=\"width:40px;height:40px\"><svg width=20 height=20></svg></button>'; }};</script>", ROWS.repeat(40))),
        }
    }, &[Do::Click("#in"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("dialog form button")] => Ends::In;

    console_that_asks_again_for_what_was_refused(request) {
        match request.path.as_str() {
            "/api/login" => if request.right() { json(200, "{}").cookie("in=1") } else { json(401, "{}") },
            "/api/texts" => json(if request.has_cookie("in") { 200 } else { 403 }, "{}"),
            _ => app_form("if (answer.ok && (await fetch('/api/texts')).ok) { history.pushState({}, '', '/content');
                app.innerHTML = '<aside><a href=/content>&#9783;</a><a href=/users>&#9786;</a><a href=/files>&#9782;</a></aside><h1>Content</h1><p>There are no collections yet.</p><button type=button>Create collection</button>'; }
                else message.textContent = 'Wrong user name or password';"),
        }
    }, RIGHT => Ends::In;

    address_that_a_script_led_to_the_form(request) {
        match request.path.as_str() {
            "/authorize" if request.post && request.right() => redirect("/?code=1").cookie("in=1"),
            "/authorize" => page("<h1>Welcome home!</h1><form method=post action=/authorize><input name=user><input name=password type=password><button>Log in</button></form>"),
            _ if request.has_cookie("in") => page("<script>history.replaceState({}, '', '/overview');</script><nav><a href=/overview>&#9783;</a><a href=/energy>&#9889;</a><a href=/map>&#9872;</a><div class=user-badge>ada@example.com</div></nav><p>21 °C</p>"),
            _ => page("<script>location.replace('/authorize');</script>"),
        }
    }, RIGHT => Ends::In;
}
