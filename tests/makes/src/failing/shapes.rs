//! A wrong password, at forms of every shape.

use crate::{
    Ends,
    hand::Do,
    makes,
    parts::{DASHBOARD, WRONG, form},
    site::{PASSWORD, USERNAME, json, page, redirect, text},
};

const FRAMEWORK: &str = "<div id=root></div><script>
  const root = document.getElementById('root');
  root.innerHTML = `<div class='MuiPaper-root'><h5 class='MuiTypography-root'>Login</h5><form novalidate>
    <div class='MuiTextField-root'><label for=':r1:'>Email Address *</label><input id=':r1:' name=user type=email autocomplete=email></div>
    <div class='MuiTextField-root'><label for=':r3:'>Password *</label><input id=':r3:' name=password type=password autocomplete=current-password></div>
    <button type=submit class='MuiButton-root'>Sign in</button></form></div>`;
  root.querySelector('form').onsubmit = async (event) => {
    event.preventDefault();
    const data = Object.fromEntries(new FormData(event.target));
    const answer = await fetch('/api/v1/auth/login', {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(data)});
    const reply = await answer.json();
    SHOW
  };</script>";

makes! {
    identity_provider_on_another_host(request) {
        match (request.at_other_host(), request.path.as_str()) {
            (false, "/") => page(format!("<a id=in href='{}'>Log in</a><h1>Stadtwerk</h1>", request.there("/auth/realms/energy"))),
            (true, "/login") => page("<div class=card-pf><h1>Sign in to your account</h1><div class='alert alert-error'><span class=kc-feedback-text>Invalid username or password.</span></div>
                <form method=post action=/login><input id=username name=user value='ada@example.com'><input id=password name=password type=password><input type=submit value='Sign In'></form></div>"),
            _ => form(""),
        }
    }, &[Do::Click("#in"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button")] => Ends::Rejected("Invalid username");

    identity_provider_sends_back_denied(request) {
        match (request.at_other_host(), request.path.as_str()) {
            (false, "/") => page(format!("<a id=in href='{}'>Log in</a><h1>Energy</h1>", request.there("/authorize"))),
            (true, "/login") => redirect(&request.here("/callback?error=access_denied")),
            (false, "/callback") => page("<h1>Sign-in was not completed</h1><p>Access was denied by the identity provider.</p><a href=/>Log in</a>"),
            _ => form(""),
        }
    }, &[Do::Click("#in"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button")] => Ends::NotIn;

    identity_provider_session_lost(request) {
        match (request.at_other_host(), request.path.as_str()) {
            (false, "/") => page(format!("<a id=in href='{}'>Log in</a><h1>Energy</h1>", request.there("/authorize"))),
            (true, "/login") => page("<h1>We are sorry...</h1><p>Restart login cookie not found. It may have expired; it may have been deleted or cookies are disabled in your browser.</p>"),
            _ => form(""),
        }
    }, &[Do::Click("#in"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::Unproven;

    app_with_a_snackbar(request) {
        if request.post { return json(401, r#"{"message":"Incorrect email or password"}"#); }
        page(FRAMEWORK.replace("SHOW", "root.insertAdjacentHTML('beforeend', `<div class='MuiSnackbar-root'><div class='MuiAlert-root' role=alert>${reply.message}</div></div>`);
            setTimeout(() => root.querySelector('.MuiSnackbar-root').remove(), 2500);"))
    }, WRONG => Ends::Rejected("Incorrect email");

    app_with_errors_in_a_good_answer(request) {
        if request.post { return json(200, r#"{"error":"INVALID_LOGIN"}"#); }
        page(FRAMEWORK.replace("SHOW", "if (reply.error) root.querySelector('form').insertAdjacentHTML('afterbegin', `<p class='MuiFormHelperText-root Mui-error'>The email or password you entered is invalid.</p>`);"))
    }, WRONG => Ends::Rejected("invalid");

    app_that_finds_fault_with_a_field(request) {
        if request.post { return json(422, r#"{"errors":{"password":["These credentials do not match our records."]}}"#); }
        page(FRAMEWORK.replace("SHOW", "const p = root.querySelector('[name=password]'); p.setAttribute('aria-invalid', 'true'); p.setAttribute('aria-describedby', 'pe');
            p.insertAdjacentHTML('afterend', `<p id=pe>${reply.errors.password[0]}</p>`);"))
    }, WRONG => Ends::Rejected("do not match");

    app_that_keeps_no_token(request) {
        if request.post { return json(401, r#"{"message":"Bad credentials"}"#); }
        page(FRAMEWORK.replace("SHOW", "root.querySelector('h5').insertAdjacentHTML('afterend', `<div class=banner-error>Login failed: bad credentials</div>`); event.target.reset();"))
    }, WRONG => Ends::Rejected("Login failed");

    open_shadow_root(request) {
        if request.post { return json(401, "{}"); }
        page("<energy-login></energy-login><script>customElements.define('energy-login', class extends HTMLElement { connectedCallback() {
            const root = this.attachShadow({mode: 'open'});
            root.innerHTML = '<form><label>User <input name=user></label><label>Password <input name=password type=password></label><button>Log in</button><div id=err class=error hidden>Wrong user name or password.</div></form>';
            root.querySelector('form').onsubmit = async (e) => { e.preventDefault(); await fetch('/api', {method: 'POST', body: '{}'}); root.querySelector('#err').hidden = false; };
          } });</script>")
    }, WRONG => Ends::Rejected("Wrong user name");

    words_in_the_slot_of_an_alert(request) {
        if request.post { return json(200, r#"{"errors":{"base":"invalid_auth"}}"#); }
        page("<energy-login></energy-login><script>customElements.define('energy-alert', class extends HTMLElement { connectedCallback() {
            this.attachShadow({mode: 'open'}).innerHTML = '<div role=alert><slot name=icon></slot><div><slot></slot></div></div>'; } });
          customElements.define('energy-login', class extends HTMLElement { connectedCallback() {
            const root = this.attachShadow({mode: 'open'});
            root.innerHTML = '<h1>Welcome home!</h1><div id=m></div><form><label>User <input name=user></label><label>Password <input name=password type=password></label><button>Log in</button></form>';
            root.querySelector('form').onsubmit = async (e) => { e.preventDefault(); await fetch('/api', {method: 'POST', body: '{}'});
              root.querySelector('#m').innerHTML = '<energy-alert>Invalid username or password</energy-alert>'; };
          } });</script>")
    }, WRONG => Ends::Rejected("Invalid username or password");

    closed_shadow_root(request) {
        if request.post { return json(401, "{}"); }
        page("<energy-login tabindex=-1></energy-login><script>customElements.define('energy-login', class extends HTMLElement { connectedCallback() {
            const root = this.attachShadow({mode: 'closed'});
            root.innerHTML = '<form><label>User <input name=user autofocus></label><label>Password <input name=password type=password></label><button>Log in</button><div id=err role=alert></div></form>';
            root.querySelector('form').onsubmit = async (e) => { e.preventDefault(); await fetch('/api', {method: 'POST', body: '{}'}); root.querySelector('#err').textContent = 'The password is wrong.'; };
          } });</script>")
    }, &[Do::See("energy-login"), Do::Press("Tab"), Do::Keys(USERNAME), Do::Press("Tab"), Do::Keys("wrong 1"), Do::Press("Enter")] => Ends::Rejected("wrong");

    pop_up_window(request) {
        match request.path.as_str() {
            "/" => page(format!("<h1>Energy</h1><button id=o onclick=\"open('{}', 'sso', 'width=500,height=600')\">Sign in</button>", request.there("/sso"))),
            "/login" => form("<p class='error-message'>Your sign-in details are incorrect.</p>"),
            _ => form(""),
        }
    }, &[Do::Click("#o"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button")] => Ends::Rejected("incorrect");

    frame_that_a_script_fills(request) {
        match (request.path.as_str(), request.post) {
            ("/", _) => page(format!("<header><h1>Water</h1></header><iframe width=600 height=420 src='{}'></iframe>", request.there("/widget"))),
            (_, true) => json(401, "{}"),
            _ => page(FRAMEWORK.replace("SHOW", "root.querySelector('button').insertAdjacentHTML('beforebegin', '<p style=\"color:red\">Email or password is incorrect</p>');")),
        }
    }, WRONG => Ends::Rejected("incorrect");

    basic_authentication_by_a_script(request) {
        if request.is("/api/session") { return json(if request.basic() { 200 } else { 401 }, "{}"); }
        page("<h1>Meter gateway</h1><form id=f><input name=user placeholder=Username><input name=password type=password placeholder=Password><button>Login</button><p id=m></p></form><script>
            f.onsubmit = async (e) => { e.preventDefault();
              const a = await fetch('/api/session', {headers: {authorization: 'Basic ' + btoa(f.user.value + ':' + f.password.value)}});
              if (!a.ok) m.textContent = 'Login failed (401 Unauthorized)'; else location.href = '/home'; };</script>")
    }, WRONG => Ends::Rejected("Login failed");

    boxes_without_a_form(request) {
        if request.post { return json(200, r#"{"success":false,"msg":"User ID or PIN is not valid"}"#); }
        page("<div class=login-panel><div class=row><div class=lbl>User ID</div><div contenteditable=false><input id=uid name=user></div></div>
            <div class=row><div class=lbl>Password</div><input id=pw name=password type=password></div><a class=btnLogin id=go href='javascript:void(0)'>LOGIN</a><div id=msg></div></div><script>
            go.onclick = () => { const x = new XMLHttpRequest(); x.open('POST', '/ajax/login'); x.onload = () => { msg.innerHTML = JSON.parse(x.responseText).msg; }; x.send('{}'); };</script>")
    }, &[Do::Type("#uid", USERNAME), Do::Type("#pw", "wrong 1"), Do::Click("#go")] => Ends::Rejected("not valid");

    modal_with_a_toast(request) {
        if request.post { return json(400, "{}"); }
        page("<nav class=navbar><a href=#>Plans</a><a id=open href=# data-toggle=modal>Login</a></nav><h1>Bright Energy</h1><div id=modal class=modal style='display:none'><form id=f><input name=user placeholder=E-mail><input name=password type=password placeholder=Password>
            <button>Login</button></form></div><script>open = document.getElementById('open'); open.onclick = () => { modal.style.display = 'block'; };
            f.onsubmit = async (e) => { e.preventDefault(); await fetch('/login', {method: 'POST', body: '{}'});
              const t = document.createElement('div'); t.className = 'toast toast-error'; t.textContent = 'E-mail or password incorrect'; document.body.append(t); setTimeout(() => t.remove(), 3000); };</script>")
    }, &[Do::Click("#open"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button")] => Ends::Rejected("incorrect");

    web_forms_post_back(request) {
        let show = |error: &str| page(format!("<form method=post action=./Login.aspx id=aspnetForm><input type=hidden name=__VIEWSTATE value='/wEPDwUK'><table><tr><td><span id=ctl00_lblUser>User name:</span></td>
            <td><input name=user type=text id=ctl00_txtUser></td></tr><tr><td>Password:</td><td><input name=password type=password id=ctl00_txtPwd></td></tr><tr><td colspan=2 style='color:Red'>{error}</td></tr>
            <tr><td><button id=ctl00_btn>Log In</button></td></tr></table></form>"));
        show(if request.post { "Your login attempt was not successful. Please try again." } else { "" })
    }, WRONG => Ends::Rejected("not successful");

    old_frames_of_a_portal(request) {
        match request.path.as_str() {
            "/" => page("<frameset rows='60,*'><frame src=/top><frame src=/main></frameset>"),
            "/top" => page("<b>Municipal Utilities</b>"),
            "/login" => page("<font color=red>Invalid Account Number or PIN</font><br><a href=/main>Back</a>"),
            _ => form(""),
        }
    }, WRONG => Ends::Rejected("Invalid Account");

    basic_authentication_refused(request) {
        match request.path.as_str() {
            "/" => page("<h1>Utility archive</h1><form method=post action=/enter><input name=user><input name=password type=password><button>Enter</button></form>"),
            _ => text("401 Unauthorized").status(401),
        }
    }, WRONG => Ends::Rejected("");

    marketing_page_after_a_wrong_password(request) {
        match request.path.as_str() {
            "/login" => redirect("/welcome"),
            "/welcome" => page("<header><nav><a href=/plans>Plans</a><a href=/outages>Outages</a><a href=/pay>Pay my bill</a><a href=/>Sign in</a></nav></header><h1>Welcome to Bright Energy</h1><p>Manage your account online.</p>"),
            _ => form(""),
        }
    }, WRONG => Ends::Unproven;

    guest_payment_after_a_wrong_password(request) {
        match request.path.as_str() {
            "/login" => redirect("/quickpay"),
            "/quickpay" => page("<h1>Pay as a guest</h1><p>Enter your account number to view your balance and pay your bill.</p><form><input name=accountNumber placeholder='Account number'><button>Look up</button></form>"),
            _ => form(""),
        }
    }, WRONG => Ends::Unproven;

    own_name_in_a_refusal(request) {
        if request.post { page("<h1>Hello ada@example.com</h1><p>That password does not match our records.</p><a href=/>Try again</a> <a href=/logout>Not you? Sign out</a>") } else { form("") }
    }, WRONG => Ends::Rejected("does not match");

    own_name_on_a_page_to_register(request) {
        match request.path.as_str() {
            "/login" => redirect("/register"),
            "/register" => page("<h1>Finish creating your account</h1><p>We found no profile for ada@example.com. Link your account to go on.</p><form method=post action=/r><input name=accountNumber placeholder='Account number'>
                <input name=zip placeholder='ZIP code'><button>Create account</button></form>"),
            _ => form(""),
        }
    }, WRONG => Ends::NotIn;

    dashboard_in_a_demonstration(request) {
        match request.path.as_str() {
            "/login" => redirect("/demo"),
            "/demo" => page(format!("<div class=notice>Sign-in failed. You see a demonstration account.</div>{DASHBOARD}")),
            _ => form(""),
        }
    }, WRONG => Ends::NotIn;

    mail_to_confirm(request) {
        if request.post { page("<h1>Please verify your email</h1><p>We've sent a confirmation link to ada@example.com. Your account is not activated yet.</p><a href=/logout>Log out</a>") } else { form("") }
    }, WRONG => Ends::NotIn;

    signed_in_elsewhere(request) {
        if request.post { page("<h1>Already signed in</h1><p>This user is already logged in on another device. End that session?</p><form method=post action=/end><button>End other session</button></form><a href=/logout>Log out</a>") } else { form("") }
    }, WRONG => Ends::NotIn;

    token_that_the_next_call_refuses(request) {
        if request.is("/api/me") { return json(403, r#"{"message":"No contract"}"#); }
        if request.post { return json(200, r#"{"token":"x"}"#); }
        page(FRAMEWORK.replace("SHOW", "const me = await fetch('/api/me', {headers: {authorization: 'Bearer ' + reply.token}});
            if (!me.ok) root.innerHTML = '<h2>Access denied</h2><p>Your user has no access to this portal.</p><button>Log out</button>';"))
    }, WRONG => Ends::NotIn;
}
