//! Sign-ins of the common kinds, page by page or by script.

use crate::{
    Ends,
    hand::Do,
    makes,
    parts::{DASHBOARD, RIGHT, enter, form, script_form},
    site::{PASSWORD, USERNAME, json, page, redirect},
};

const FORMLESS: &str = "<body><h1>Sign in</h1><div class=card><div><input id=u placeholder=Username></div><div><input id=p type=password placeholder=Password></div>
    <div role=button tabindex=0 id=b>Log in</div></div><script>b.onclick = async () => {
      const answer = await fetch('/api', {method: 'POST', body: JSON.stringify({user: u.value, password: p.value})});
      if (answer.ok) location.href = '/home'; };</script>";

const SHADOW: &str = "<body><h1>Energy</h1><sign-in></sign-in><script>customElements.define('sign-in', class extends HTMLElement {
      connectedCallback() { const root = this.attachShadow({mode: 'MODE'});
        root.innerHTML = '<form method=post action=/login><input name=user placeholder=Username><input name=password type=password><button>Log in</button></form>'; }
    });</script>";

makes! {
    plain_form_and_redirect(request) { enter(request, form("")).unwrap_or_else(|| form("")) }, RIGHT => Ends::In;

    enter_key(request) { enter(request, form("")).unwrap_or_else(|| form("")) },
        &[Do::Type("[name=user]", USERNAME), Do::Press("Tab"), Do::Keys(PASSWORD), Do::Press("Enter")] => Ends::In;

    script_and_history(request) {
        if request.post { return json(if request.right() { 200 } else { 401 }, "{}"); }
        script_form(&format!("if (answer.ok) {{ history.pushState({{}}, '', '/home'); app.innerHTML = `{DASHBOARD}`; }}"))
    }, RIGHT => Ends::In;

    sign_out_that_was_hidden_before(request) {
        if request.post { return json(if request.right() { 200 } else { 401 }, "{}"); }
        page("<main id=account hidden><a href=/logout>Log out</a><h1>Your energy</h1><a href=/bills>Bills</a> <a href=/usage>Usage</a></main>
              <form id=f><input name=user><input name=password type=password><button>Log in</button></form>
              <script>f.addEventListener('submit', async (event) => {
                event.preventDefault();
                const answer = await fetch('/api', {method: 'POST', body: JSON.stringify({user: f.user.value, password: f.password.value})});
                if (answer.ok) { f.remove(); account.hidden = false; }
              });</script>")
    }, RIGHT => Ends::In;

    script_in_the_same_place(request) {
        if request.post { return json(if request.right() { 200 } else { 401 }, "{}"); }
        script_form(&format!("if (answer.ok) setTimeout(() => {{ document.body.innerHTML = `{DASHBOARD}`; }}, 800);"))
    }, RIGHT => Ends::In;

    two_pages(request) {
        match request.path.as_str() {
            "/name" => page("<form method=post action=/login><p>ada@example.com</p><input name=password type=password><button>Log in</button></form>"),
            "/login" if request.value("password") == PASSWORD => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => page("<form method=post action=/name><input name=user autocomplete=username><button>Next</button></form>"),
        }
    }, &[Do::Type("[name=user]", USERNAME), Do::Click("form button"), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;

    name_kept_after_a_refusal(request) {
        let again = page(format!("<p role=alert>Wrong password.</p><form id=again method=post action=/login><input name=user type=email value='{USERNAME}'>
            <input name=password type=password><button>Log in</button></form>"));
        enter(request, again).unwrap_or_else(|| form(""))
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "not this one"), Do::Click("form button"),
        Do::Type("#again [name=password]", PASSWORD), Do::Press("Enter")] => Ends::In;

    name_known_to_the_website(request) {
        let known = page(format!("<form method=post action=/login><input name=user value='{USERNAME}'><input name=password type=password><button>Log in</button></form>"));
        enter(request, form("")).unwrap_or(known)
    }, &[Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;

    two_steps_on_one_page(request) {
        if request.post || request.is("/home") { return enter(request, json(401, "{}")).unwrap_or_else(|| page("")); }
        page("<form id=f method=post action=/login><div id=a><input name=user type=email><button type=button id=next>Next</button></div>
              <div id=b hidden><input name=password type=password><button id=go>Sign in</button></div></form>
              <script>next.onclick = () => setTimeout(() => { a.hidden = true; b.hidden = false; }, 300);</script>")
    }, &[Do::Type("[name=user]", USERNAME), Do::Click("#next"), Do::Type("[name=password]", PASSWORD), Do::Click("#go")] => Ends::In;

    frame_of_another_origin(request) {
        match (request.path.as_str(), request.post) {
            ("/", _) => page(format!("<h1>Energy</h1><iframe width=600 height=400 src='http://localhost:{}/frame'></iframe>", request.port)),
            (_, true) if request.right() => page(format!("<script>top.location = 'http://127.0.0.1:{}/home'</script>", request.port)),
            ("/home", _) => page(DASHBOARD),
            _ => form(""),
        }
    }, RIGHT => Ends::In;

    password_shown(request) {
        enter(request, form("")).unwrap_or_else(|| page("<form method=post action=/login><input name=user><input name=password type=password id=p>
            <button type=button id=eye onclick=\"p.type = p.type === 'text' ? 'password' : 'text'\">Show</button><button id=go>Log in</button></form>"))
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("#p", "correct"), Do::Click("#eye"), Do::Click("#p"), Do::Press("End"), Do::Keys(" horse 1"), Do::Click("#go")] => Ends::In;

    sent_by_a_script_without_event(request) {
        enter(request, form("")).unwrap_or_else(|| page("<form id=f method=post action=/login><input name=user><input name=password type=password>
            <div id=go onclick='f.submit()' style='width:80px;height:30px'>&rarr;</div></form>"))
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("#go")] => Ends::In;

    no_form_at_all(request) {
        if request.post { return if request.right() { json(200, "{}").cookie("in=1") } else { json(401, "{}") }; }
        if request.is("/home") && request.has_cookie("in") { page(DASHBOARD) } else { page(FORMLESS) }
    }, &[Do::Type("#u", USERNAME), Do::Type("#p", PASSWORD), Do::Click("#b")] => Ends::In;

    open_shadow_root(request) { enter(request, form("")).unwrap_or_else(|| page(SHADOW.replace("MODE", "open"))) },
        &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;

    closed_shadow_root(request) { enter(request, form("")).unwrap_or_else(|| page(SHADOW.replace("MODE", "closed"))) },
        &[Do::See("sign-in"), Do::Press("Tab"), Do::Keys(USERNAME), Do::Press("Tab"), Do::Keys(PASSWORD), Do::Press("Enter")] => Ends::In;

    window_of_another_origin(request) {
        match (request.path.as_str(), request.post) {
            ("/", _) if request.has_cookie("in") => page(DASHBOARD),
            ("/", _) => page(format!("<h1>Energy</h1><button id=o onclick=\"open('http://localhost:{}/sso', 'w', 'width=500,height=500')\">Sign in</button>
                <script>addEventListener('message', () => location.reload())</script>", request.port)),
            (_, true) if request.right() => redirect(&format!("http://127.0.0.1:{}/back", request.port)),
            ("/back", _) => page("<script>opener.postMessage(1, '*'); close();</script>").cookie("in=1"),
            _ => form(""),
        }
    }, &[Do::Click("#o"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;

    slow_answer(request) { enter(request, form("")).map(|answer| if request.post { answer.after(3000) } else { answer }).unwrap_or_else(|| form("")) }, RIGHT => Ends::In;

    wrong_first_then_right(request) { enter(request, form("<p class=error>Invalid password</p>")).unwrap_or_else(|| form("")) },
        &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button"), Do::Refused,
          Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;

    modal_dialog(request) {
        enter(request, form("")).unwrap_or_else(|| page("<nav><a href=/bills>Bills</a></nav><button id=open>Log in</button>
            <dialog id=d><form method=post action=/login><input name=user><input name=password type=password><button id=go>Log in</button></form></dialog>
            <script>document.getElementById('open').onclick = () => d.showModal();</script>"))
    }, &[Do::Click("#open"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("#go")] => Ends::In;

    among_other_forms(request) {
        enter(request, form("")).unwrap_or_else(|| page("<form action=/search><input name=q type=search placeholder=Search><button>Search</button></form>
            <form method=post action=/login><input name=user type=text><input name=password type=password><button id=go>Log in</button></form>
            <form action=/news><input name=email type=email placeholder='Your email'><button>Subscribe to our newsletter</button></form>"))
    }, &[Do::Type("[name=q]", "outage"), Do::Type("[name=email]", "other@example.com"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("#go")] => Ends::In;

    in_german_with_the_way_out_in_a_menu(request) {
        if request.is("/home") {
            return page("<nav><a href=/r>Rechnungen</a> <a href=/v>Verbrauch</a> <a href=/k>Mein Konto</a><button>Menü</button>
                         <div hidden><a href=/abmelden>Abmelden</a></div></nav><h1>Guten Tag, Ada Lovelace</h1>");
        }
        enter(request, form("")).unwrap_or_else(|| page("<form method=post action=/login><label>E-Mail-Adresse <input name=user></label>
            <label>Passwort <input name=password type=password></label><button>Anmelden</button></form>"))
    }, RIGHT => Ends::In;

    behind_a_cookie_banner_and_a_link(request) {
        match request.path.as_str() {
            "/" => page("<div id=banner style='position:fixed;inset:0;background:#eee'><p>We use cookies</p><button id=ok onclick='banner.remove()'>Accept all</button></div>
                         <a id=in href=/login>Customer login</a>"),
            _ => enter(request, form("")).unwrap_or_else(|| form("")),
        }
    }, &[Do::Click("#ok"), Do::Click("#in"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;
}
