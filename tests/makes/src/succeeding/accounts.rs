//! What a signed-in client sees, as portals of many makes show it.

use crate::{
    Ends,
    hand::Do,
    makes,
    parts::{RIGHT, form, script_form},
    site::{Answer, PASSWORD, Request, USERNAME, json, page, redirect},
};

/// A form, and this page behind a cookie.
fn home(request: &Request, html: &str) -> Answer {
    match (request.post, request.path.as_str()) {
        (true, _) if request.right() => redirect("/home").cookie("in=1"),
        (false, "/home") if request.has_cookie("in") => page(html),
        (false, "/home") => redirect("/"),
        _ => form(""),
    }
}

/// The website's form in its own language, and this page behind a cookie.
fn in_language(request: &Request, labels: [&str; 3], html: &str) -> Answer {
    let [name, password, button] = labels;
    match (request.post, request.path.as_str()) {
        (true, _) if request.right() => redirect("/home").cookie("in=1"),
        (false, "/home") if request.has_cookie("in") => page(html),
        (false, "/home") => redirect("/"),
        _ => page(format!("<div class=container><h1>{button}</h1><form method=post action=/login><div><label for=u>{name}</label><input id=u name=user></div>
            <div><label for=p>{password}</label><input id=p name=password type=password></div><button>{button}</button></form></div>")),
    }
}

makes! {
    dropdown_with_the_user_name(request) {
        home(request, "<nav class=navbar><a class=navbar-brand href=/>Energy</a><ul class=nav><li><a href=/bills>Bills</a></li><li><a href=/usage>Usage</a></li></ul>
            <div class=dropdown><button class=dropdown-toggle>ada@example.com</button><ul class=dropdown-menu style='display:none'><li><a href=/profile>Profile</a></li><li><a href=/logout>Log out</a></li></ul></div></nav>
            <main><h2>Latest bill</h2><p>$84.20 due 3 December</p></main>")
    }, RIGHT => Ends::In;

    user_name_without_a_way_out(request) {
        home(request, "<header><span class=brand>Wasserwerk</span><span class=account-name>ada@example.com ▾</span></header><main><h1>Overview</h1><table><tr><th>Period</th><th>m³</th></tr><tr><td>2025-10</td><td>9</td></tr></table></main>")
    }, RIGHT => Ends::In;

    signed_in_as(request) {
        home(request, "<div id=top>Signed in as <b>ada@example.com</b> | <a href=/help>Help</a></div><h1>Customer services</h1><ul><li><a href=/m>Submit a reading</a></li><li><a href=/c>Contact us</a></li></ul>")
    }, RIGHT => Ends::In;

    icon_with_a_title(request) {
        home(request, "<header class=toolbar><h3>Grid</h3><a href=/bills title=Bills><svg width=24 height=24></svg></a><a href=/exit title='Sign out'><svg width=24 height=24><path d='M0 0h24v24'/></svg></a></header><h1>Your invoices</h1><p>Invoice 7 of 3 November</p>")
    }, RIGHT => Ends::In;

    icon_of_an_icon_font(request) {
        home(request, "<nav><a href=/invoices>Invoices</a> <a href=/consumption>Consumption</a> <a href=/session/end class=icon-only style='display:inline-block;width:24px;height:24px'><i class='fa fa-sign-out' aria-hidden=true></i></a></nav><h1>October 2025</h1><p>245 kWh</p>")
    }, RIGHT => Ends::In;

    icon_of_a_material_font(request) {
        home(request, "<style>.material-icons{font-size:24px}</style><nav><a href=/bills>My bills</a><button class=mat-icon-button aria-label='Logout'><span class=material-icons>logout</span></button></nav><mat-card><h2>Balance</h2><p>€ 0.00</p></mat-card>")
    }, RIGHT => Ends::In;

    avatar_whose_menu_is_not_there_yet(request) {
        home(request, "<header><a href=/>Bright</a><button class=avatar aria-haspopup=menu aria-label='Account menu for Ada Lovelace'>AL</button></header><main><h1>Hi Ada</h1><section><h2>Account 0012-3456</h2><p>Amount due $84.20</p><a href=/pay>Pay bill</a></section></main>")
    }, RIGHT => Ends::In;

    off_canvas_menu(request) {
        home(request, "<button aria-label=Menu>☰</button><aside style='transform:translateX(-300px);position:fixed;left:-320px;width:300px'><a href=/bills>Billing history</a><a href=/logout>Log out</a></aside><main><h1>Good morning, Ada</h1><h2>Billing history</h2><p>November</p></main>")
    }, RIGHT => Ends::In;

    end_session_and_last_login(request) {
        home(request, "<div class=status>Last login: 12.11.2025 14:03 &nbsp; <a href=/end>End session</a></div><h1>Customer 4711</h1><p>Contract account 2207</p><a href=/inv>Invoices</a>")
    }, RIGHT => Ends::In;

    web_forms_login_view(request) {
        home(request, "<form id=aspnetForm method=post action=/home><div class=loginDisplay>Welcome <span class=bold>ada@example.com</span>! [ <a href=\"javascript:__doPostBack('ctl00')\">Log Out</a> ]</div><h2>Account summary</h2></form>")
    }, RIGHT => Ends::In;

    sign_out_as_a_form_button(request) {
        home(request, "<h1>Your statements</h1><form method=post action=/session><input type=hidden name=_method value=delete><input type=submit value='Sign out'></form><table><tr><td>Statement 10/2025</td></tr></table>")
    }, RIGHT => Ends::In;

    account_menu_on_the_marketing_page(request) {
        home(request, "<header><nav><a href=/plans>Plans</a><a href=/outages>Outages</a></nav><div class=user-menu>Ada <a href=/account>My account</a> <a href=/logout>Log out</a></div></header><h1>Power for everyone</h1><p>Switch today and save.</p>")
    }, RIGHT => Ends::In;

    way_in_of_another_service_in_the_footer(request) {
        home(request, "<header><nav><a href=/bills>Bills</a><a href=/usage>Usage</a></nav><a href=/logout>Log out</a></header><h1>Welcome back, Ada</h1><footer><h4>Business</h4><a href=https://business.example/>Log in</a></footer>")
    }, RIGHT => Ends::In;

    form_left_hidden_in_a_dialog(request) {
        home(request, "<header><a href=/account>My account</a> <a href=/logout>Log out</a></header><h1>Welcome, Ada</h1><p>Your balance is $0.00</p><div class=modal style='display:none'><form action=/login method=post><input name=user><input name=password type=password><button>Log in</button></form></div>")
    }, RIGHT => Ends::In;

    slow_dashboard_with_placeholders(request) {
        if request.is("/data") { return json(200, r#"{"due":"84.20"}"#).after(2500); }
        home(request, "<header><a href=/logout>Sign out</a></header><main id=m aria-busy=true><div class=skeleton>&nbsp;</div></main><script>fetch('/data').then((a) => a.json()).then((d) => { m.removeAttribute('aria-busy'); m.innerHTML = '<h1>My bills</h1><p>Amount due ' + d.due + '</p>'; });</script>")
    }, RIGHT => Ends::In;

    account_in_a_frame(request) {
        match request.path.as_str() {
            "/main" => page("<h2>Billing</h2><p>Your latest bill</p><a href=/pdf>View bill</a>"),
            _ => home(request, "<div class=top><a href=/logout target=_top>Logout</a></div><iframe src=/main width=700 height=400></iframe>"),
        }
    }, RIGHT => Ends::In;

    no_account_words_at_all(request) {
        home(request, "<header><a href=/logout>Log out</a></header><h1>Documents</h1><ul><li><a href=/d/1>2025-10.pdf</a></li><li><a href=/d/2>2025-09.pdf</a></li></ul>")
    }, RIGHT => Ends::In;

    german_signed_in_as(request) {
        in_language(request, ["Benutzername", "Passwort", "Anmelden"], "<div class=meta>Angemeldet als: ada@example.com</div><nav><a href=/r>Meine Rechnungen</a><a href=/z>Zählerstand melden</a></nav><h1>Übersicht</h1><a href=/logout>Abmelden</a>")
    }, RIGHT => Ends::In;

    french(request) {
        in_language(request, ["Adresse e-mail", "Mot de passe", "Se connecter"], "<header><span>Bonjour Ada LOVELACE</span><a href=/deconnexion>Déconnexion</a></header><h1>Mon espace client</h1><a href=/f>Mes factures</a>")
    }, RIGHT => Ends::In;

    spanish(request) {
        in_language(request, ["Usuario", "Contraseña", "Iniciar sesión"], "<header>Hola, Ada <a href=/salir>Cerrar sesión</a></header><h1>Mis facturas</h1><p>Última factura: 54,20 €</p>")
    }, RIGHT => Ends::In;

    italian_with_the_way_out_in_a_menu(request) {
        in_language(request, ["Nome utente", "Password", "Accedi"], "<header><button aria-haspopup=true>Ada Lovelace</button><ul hidden><li><a href=/esci>Esci</a></li></ul></header><h1>Ciao Ada</h1><h2>Le tue bollette</h2><p>Codice cliente 2207</p>")
    }, RIGHT => Ends::In;

    dutch(request) {
        in_language(request, ["E-mailadres", "Wachtwoord", "Inloggen"], "<nav><a href=/n>Mijn facturen</a><a href=/v>Mijn verbruik</a><a href=/uit>Uitloggen</a></nav><h1>Welkom terug, Ada</h1>")
    }, RIGHT => Ends::In;

    polish(request) {
        in_language(request, ["Login", "Hasło", "Zaloguj się"], "<nav><a href=/f>Faktury</a><a href=/w>Wyloguj</a></nav><h1>Witaj, Ada</h1><p>Saldo: 0,00 zł</p>")
    }, RIGHT => Ends::In;

    swedish(request) {
        in_language(request, ["Användarnamn", "Lösenord", "Logga in"], "<nav><a href=/f>Fakturor</a><a href=/f2>Förbrukning</a><a href=/ut>Logga ut</a></nav><h1>Mina sidor</h1>")
    }, RIGHT => Ends::In;

    finnish(request) {
        in_language(request, ["Käyttäjätunnus", "Salasana", "Kirjaudu"], "<nav><a href=/l>Laskut</a><a href=/k>Kulutus</a><a href=/ulos>Kirjaudu ulos</a></nav><h1>Tervetuloa Ada</h1>")
    }, RIGHT => Ends::In;

    danish(request) {
        in_language(request, ["Brugernavn", "Adgangskode", "Log ind"], "<nav><a href=/r>Regninger</a><a href=/ud>Log ud</a></nav><h1>Min side</h1>")
    }, RIGHT => Ends::In;

    portuguese(request) {
        in_language(request, ["E-mail", "Palavra-passe", "Entrar"], "<header>Olá, Ada <a href=/sair>Terminar sessão</a></header><h1>As minhas faturas</h1>")
    }, RIGHT => Ends::In;

    japanese(request) {
        in_language(request, ["ユーザーID", "パスワード", "ログイン"], "<header><a href=/logout>ログアウト</a></header><h1>マイページ</h1><p>今月の使用量 245kWh</p><p>ご請求額 8,420円</p>")
    }, RIGHT => Ends::In;

    language_with_few_words_known(request) {
        in_language(request, ["Notandanafn", "Lykilorð", "Innskráning"], "<header><span>ada@example.com</span> <a href=/logout>Útskráning</a></header><h1>Yfirlit</h1><p>Reikningar</p>")
    }, RIGHT => Ends::In;

    app_with_a_token(request) {
        match request.path.as_str() {
            "/api/login" => if request.right() { json(200, r#"{"token":"eyJhbGciOi"}"#) } else { json(401, "{}") },
            "/api/me" => if request.authorization.starts_with("Bearer ") { json(200, r#"{"meter":"AX-7"}"#) } else { json(401, "{}") },
            _ => script_form("if (answer.ok) { const me = await (await fetch('/api/me', {headers: {authorization: 'Bearer ' + reply.token}})).json();
                app.innerHTML = '<div class=chart style=\"width:500px;height:200px;background:#eee\"></div><p>Meter ' + me.meter + '</p>'; history.pushState({}, '', '/app'); }"),
        }
    }, RIGHT => Ends::In;

    app_with_a_token_and_a_greeting(request) {
        match request.path.as_str() {
            "/api/login" => if request.right() { json(200, r#"{"access_token":"abc"}"#) } else { json(401, "{}") },
            "/api/profile" => json(200, r#"{"name":"Ada"}"#),
            _ => script_form("if (answer.ok) { localStorage.setItem('t', reply.access_token); const me = await (await fetch('/api/profile', {headers: {authorization: 'Bearer ' + reply.access_token}})).json();
                app.innerHTML = '<h1>Hi ' + me.name + '</h1><div class=tile>Usage this month</div><div class=tile>Next bill</div>'; location.hash = '#/dashboard'; }"),
        }
    }, RIGHT => Ends::In;

    account_as_a_picture(request) {
        if request.is("/api/login") { return json(if request.right() { 200 } else { 401 }, "{}"); }
        script_form("if (answer.ok) { history.pushState({}, '', '/home');
            document.body.innerHTML = '<header><button type=button id=header-button-account style=\"width:40px;height:40px\"><svg width=20 height=20></svg></button></header><main><h1>Hi Ada</h1><h2>Usage</h2></main>'; }")
    }, RIGHT => Ends::In;

    app_in_a_shadow_root(request) {
        if request.post { return json(if request.right() { 200 } else { 401 }, "{}"); }
        page("<e-app></e-app><script>customElements.define('e-app', class extends HTMLElement { connectedCallback() { const root = this.attachShadow({mode: 'open'});
            root.innerHTML = '<form><input name=user placeholder=User><input name=password type=password placeholder=Password><button>Sign in</button></form>';
            root.querySelector('form').onsubmit = async (e) => { e.preventDefault(); const f = e.target;
              const a = await fetch('/api', {method: 'POST', body: JSON.stringify({user: f.user.value, password: f.password.value})});
              if (a.ok) root.innerHTML = '<nav><a href=#b>Bills</a><a href=#u>Usage</a><button>Sign out</button></nav><h1>Hello Ada</h1>'; }; } });</script>")
    }, RIGHT => Ends::In;

    boxes_without_a_form(request) {
        if request.post { return json(200, if request.right() { r#"{"success":true}"# } else { r#"{"success":false}"# }).cookie("in=1"); }
        if request.is("/portal") && request.has_cookie("in") { return page("<div id=hd><span class=usr>Lovelace, Ada</span> <a class=lnk href=javascript:void(0)>LOGOUT</a></div><div id=menu><a href=/i>INVOICES</a><a href=/m>METERS</a></div>"); }
        page("<div class=panel><input id=uid><input id=pw type=password><span class=btn id=go style='display:inline-block;padding:8px;background:#ddd'>LOGIN</span></div><script>
            go.onclick = async () => { const a = await (await fetch('/ajax', {method: 'POST', body: JSON.stringify({user: uid.value, password: pw.value})})).json(); if (a.success) location.replace('/portal'); };</script>")
    }, &[Do::Type("#uid", USERNAME), Do::Type("#pw", PASSWORD), Do::Click("#go")] => Ends::In;

    modal_that_changes_the_header(request) {
        if request.post { return json(if request.right() { 200 } else { 401 }, "{}"); }
        page("<nav id=nav><a href=#>Plans</a><a id=open href=#>Login</a></nav><h1>Bright Energy</h1><p>Green power since 1998.</p><div id=modal style='display:none'><form id=f><input name=user><input name=password type=password><button>Login</button></form></div><script>
            document.getElementById('open').onclick = () => { modal.style.display = 'block'; };
            f.onsubmit = async (e) => { e.preventDefault(); const a = await fetch('/login', {method: 'POST', body: JSON.stringify({user: f.user.value, password: f.password.value})});
              if (a.ok) { modal.remove(); nav.innerHTML = '<a href=#>Plans</a><a href=/account>My account</a><a href=/logout>Logout</a>'; } };</script>")
    }, &[Do::Click("#open"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;

    basic_authentication_by_a_script(request) {
        if request.is("/api/session") { return if request.basic() { json(200, "{}").cookie("in=1") } else { json(401, "{}") }; }
        if request.is("/home") && request.has_cookie("in") { return page("<h1>Meter gateway</h1><table><tr><th>Reading</th><th>kWh</th></tr><tr><td>1.8.0</td><td>4711</td></tr></table><a href=/logout>Logout</a>"); }
        page("<h1>Meter gateway</h1><form id=f><input name=user placeholder=Username><input name=password type=password placeholder=Password><button>Login</button></form><script>
            f.onsubmit = async (e) => { e.preventDefault();
              const a = await fetch('/api/session', {headers: {authorization: 'Basic ' + btoa(f.user.value + ':' + f.password.value)}}); if (a.ok) location.href = '/home'; };</script>")
    }, RIGHT => Ends::In;
}
