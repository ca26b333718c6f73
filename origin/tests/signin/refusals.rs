//! Sign-ins that fail, each in its own way: not one may end as signed in.

use std::time::Duration;

use origin::signin::{CodeChannel, Verdict};

use crate::{
    person::{BROWSERS, Do, Person},
    sites::{
        Answer, Request, Server, USERNAME, Website, form, json, page, redirect, script_form, text,
    },
};

/// The first verdict comes within this time.
const BOUND: Duration = Duration::from_secs(18);
/// And none after it that says otherwise, for this long.
const AFTER: Duration = Duration::from_millis(1300);

const TYPE: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", "wrong 1"),
    Do::Click("form button"),
];

async fn fails(site: Website, steps: &[Do], expected: fn(&Verdict, &str) -> bool) {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await;
    let mut person = Person::at(&server.url()).await;
    person.act(steps).await;
    let first = person
        .verdict(BOUND)
        .await
        .expect("a verdict within the bound");
    // The words may follow the verdict by a moment.
    let later = person.verdict(AFTER).await;
    let message = person.message.clone().unwrap_or_default();
    assert!(
        expected(&first, &message),
        "{first:?}, then {later:?}; the site said {message:?}"
    );
    assert_ne!(later, Some(Verdict::SignedIn));
    assert!(
        person.watch.captured().is_none(),
        "nothing is captured before success"
    );
}

fn rejected(verdict: &Verdict, says: &str) -> bool {
    matches!(verdict, Verdict::Rejected { message: Some(message) } if message.contains(says))
}

macro_rules! fails {
    ($($name:ident($request:ident) $answer:block, $steps:expr, $verdict:ident, $message:ident => $expected:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            fn site($request: &Request) -> Answer $answer
            fails(site, $steps, |$verdict, $message| $expected).await;
        }
    )*};
}

fails! {
    ok_with_an_error_page(request) {
        if request.post { page("<h1>Incorrect username or password.</h1><a href=/>Try again</a>") } else { form("") }
    }, TYPE, v, _m => rejected(v, "Incorrect");

    back_to_the_form_with_a_message(request) {
        match (request.post, request.value("e")) {
            (true, _) => redirect("/?e=1"),
            (_, "1") => form("<div class=error>We didn't recognize that email and password.</div>"),
            _ => form(""),
        }
    }, TYPE, v, _m => rejected(v, "recognize");

    back_to_the_form_in_silence(request) { if request.post { redirect("/") } else { form("") } },
        TYPE, v, _m => *v == Verdict::Rejected { message: None };

    form_hidden_afterwards(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("f.style.display = 'none'; app.insertAdjacentHTML('beforeend', '<p>Wrong password.</p>');")
    }, TYPE, v, _m => rejected(v, "Wrong password");

    form_hidden_without_words(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("f.style.display = 'none'; app.insertAdjacentHTML('beforeend', '<p>Nope.</p>');")
    }, TYPE, v, _m => *v == Verdict::Unknown;

    text_alone(request) { if request.post { text("Login failed") } else { form("") } },
        TYPE, v, _m => rejected(v, "Login failed");

    text_that_says_nothing(request) { if request.post { text("0") } else { form("") } },
        TYPE, v, _m => *v == Verdict::Unknown;

    status_401(request) { if request.post { page("<h1>Sorry</h1>").status(401) } else { form("") } },
        TYPE, v, _m => matches!(v, Verdict::Rejected { .. });

    status_403(request) { if request.post { page("<h1>Forbidden</h1>").status(403) } else { form("") } },
        TYPE, v, _m => *v == Verdict::Unknown;

    status_500(request) { if request.post { page("<h1>Internal Server Error</h1>").status(500) } else { form("") } },
        TYPE, v, _m => *v == Verdict::SiteDown;

    status_503_for_maintenance(request) { if request.post { page("<h1>Down for maintenance</h1>").status(503) } else { form("") } },
        TYPE, v, _m => *v == Verdict::SiteDown;

    status_429(request) { if request.post { page("<h1>Slow down</h1>").status(429) } else { form("") } },
        TYPE, v, _m => matches!(v, Verdict::Locked { .. });

    script_shows_an_error(request) {
        if request.post { return json(401, r#"{"error":"The password is not correct."}"#); }
        script_form("message.textContent = reply.error;")
    }, TYPE, v, _m => rejected(v, "not correct");

    script_gets_a_server_error(request) {
        if request.post { return json(502, "{}"); }
        script_form("")
    }, TYPE, v, _m => *v == Verdict::SiteDown;

    wrong_csrf_token(request) { if request.post { page("<h1>Page expired</h1><p>CSRF token mismatch.</p>").status(419) } else { form("") } },
        TYPE, v, _m => *v == Verdict::Unknown;

    locked_out(request) {
        if request.post { page("<h1>Account locked</h1><p>Your account has been locked. Please call us.</p>") } else { form("") }
    }, TYPE, v, _m => matches!(v, Verdict::Locked { message: Some(_) });

    captcha_page(request) {
        if !request.post { return form(""); }
        page("<h1>One more step</h1><p>Type the characters you see.</p><form><img id=captcha-image width=200 height=60 alt=x style='background:#ccc'>
              <input name=captcha><button>Continue</button></form><a href=/logout>Sign out</a>")
    }, TYPE, v, _m => *v == Verdict::Captcha;

    one_time_code(request) {
        if !request.post { return form(""); }
        page("<nav><a href=/account>My account</a> <a href=/logout>Sign out</a></nav><h1>Check it is you</h1>
              <p>We sent a text message with a verification code to ***-***-4711</p>
              <form method=post action=/code><input name=otp inputmode=numeric autocomplete=one-time-code><button>Verify</button></form>")
    }, TYPE, v, _m => matches!(v, Verdict::CodeNeeded { channel: Some(CodeChannel::Sms), target: Some(_) });

    one_time_code_in_boxes(request) {
        if !request.post { return form(""); }
        let boxes = "<input maxlength=1 size=1>".repeat(6);
        page(format!("<a href=/logout>Log out</a><h1>Enter the numbers</h1><form method=post>{boxes}<button>OK</button></form>"))
    }, TYPE, v, _m => matches!(v, Verdict::CodeNeeded { .. });

    new_password_demanded(request) {
        if !request.post { return form(""); }
        page("<nav><a href=/account>My account</a> <a href=/logout>Log out</a></nav><h1>Your password has expired</h1><form method=post>
              <input type=password name=old placeholder='Current password'><input type=password name=new1 placeholder='New password'>
              <input type=password name=new2 placeholder='Repeat'><button>Save</button></form>")
    }, TYPE, v, _m => *v == Verdict::NewPasswordNeeded;

    session_expired(request) {
        if request.post { page("<h1>Your session has expired</h1><a href=/>Sign in again</a>") } else { form("") }
    }, TYPE, v, _m => *v == Verdict::Unknown;

    home_page_still_signed_out(request) {
        match request.path.as_str() {
            "/login" => redirect("/home"),
            "/home" => page("<nav><a href=/bills>Bills</a> <a href=/a>My account</a> <a href=/>Log in</a></nav><h1>Energy for all</h1>"),
            _ => form(""),
        }
    }, TYPE, v, _m => *v == Verdict::Unknown;

    home_page_with_the_way_in_hidden(request) {
        match request.path.as_str() {
            "/login" => redirect("/home"),
            "/home" => page("<nav><a href=/bills>Pay bill</a> <a href=/a>My account</a> <a href=/u>Usage</a> <a href=/p>Profile</a>
                             <div hidden><a href=/>Log in</a><a href=/logout>Log out</a></div></nav><h1>Welcome to Energy</h1>"),
            _ => form(""),
        }
    }, TYPE, v, _m => *v == Verdict::Unknown;

    error_that_disappears(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("const toast = document.createElement('div'); toast.setAttribute('role', 'alert'); toast.textContent = 'Sign-in failed';
                     document.body.append(toast); setTimeout(() => toast.remove(), 700);")
    }, TYPE, v, _m => rejected(v, "Sign-in failed");

    modal_dialog(request) {
        if request.post { return json(200, "{}"); }
        page("<h1>Energy</h1><button id=open>Log in</button><dialog id=d><form id=f><input name=user><input name=password type=password>
              <span id=m></span><button>Log in</button></form></dialog><script>
              document.getElementById('open').onclick = () => d.showModal();
              f.onsubmit = async (e) => { e.preventDefault(); await fetch('/api', {method: 'POST', body: '{}'}); m.textContent = 'Invalid credentials'; };</script>")
    }, &[Do::Click("#open"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button")],
        v, _m => rejected(v, "Invalid credentials");

    frame_of_another_origin(request) {
        match (request.path.as_str(), request.post) {
            ("/", _) => page(format!("<h1>Energy</h1><iframe width=600 height=400 src='http://localhost:{}/frame'></iframe>", request.port)),
            (_, true) => form("<p>That user name and password do not match.</p>"),
            _ => form(""),
        }
    }, TYPE, v, _m => rejected(v, "do not match");

    two_steps_wrong_name(request) {
        if request.post {
            return page("<form method=post action=/name><p role=alert>We couldn't find an account with that email.</p>
                         <input name=user autocomplete=username><button>Next</button></form>");
        }
        page("<form method=post action=/name><input name=user autocomplete=username><button>Next</button></form>")
    }, &[Do::Type("[name=user]", "nobody@example.com"), Do::Click("form button")], v, _m => rejected(v, "couldn't find");

    two_steps_wrong_password(request) {
        match request.path.as_str() {
            "/name" => page("<form method=post action=/password><p>ada@example.com</p><input name=password type=password><button>Log in</button></form>"),
            "/password" => page("<form method=post action=/password><p>Your password is incorrect.</p><input name=password type=password><button>Log in</button></form>"),
            _ => page("<form method=post action=/name><input name=user autocomplete=username><button>Next</button></form>"),
        }
    }, &[Do::Type("[name=user]", USERNAME), Do::Click("form button"), Do::Type("[name=password]", "wrong 1"), Do::Press("Enter")],
        v, _m => rejected(v, "incorrect");

    hash_route_of_an_app(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("location.hash = '#/login-failed'; app.innerHTML = '<h1>Sign in failed</h1><a href=\"#/login\">Back</a>';")
    }, TYPE, v, _m => rejected(v, "failed");

    hash_route_that_shows_nothing(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("location.hash = '#/home'; app.innerHTML = '';")
    }, TYPE, v, _m => *v == Verdict::Unknown;

    maintenance_page(request) {
        if request.post { page("<h1>Scheduled maintenance</h1><p>We will be back shortly.</p>") } else { form("") }
    }, TYPE, v, _m => *v == Verdict::SiteDown;

    spinner_without_end(request) {
        if request.post { return json(200, "{}"); }
        script_form("app.innerHTML = '<div class=spinner style=\"width:40px;height:40px\">...</div>';")
    }, TYPE, v, _m => *v == Verdict::Unknown;

    cookies_blocked(request) {
        if request.post { form("<p class=notice>Cookies are disabled. Enable cookies and try again.</p>") } else { form("") }
    }, TYPE, v, _m => *v == Verdict::Unknown;

    alert_dialog(request) {
        if request.post { return json(200, "{}"); }
        script_form("alert('User name or password is wrong'); f.reset();")
    }, TYPE, v, _m => rejected(v, "is wrong");

    form_emptied_in_silence(request) {
        if request.post { return json(200, "{}"); }
        script_form("f.reset();")
    }, TYPE, v, _m => matches!(v, Verdict::Rejected { .. });

    marketing_page_with_a_button(request) {
        if request.post { page("<header><button>Log in</button></header><h1>Switch to us</h1><p>Bills, usage, payments: all in one app.</p>") } else { form("") }
    }, TYPE, v, _m => *v == Verdict::Unknown;

    invalid_field_alone(request) {
        if request.post { return json(200, "{}"); }
        script_form("f.password.setAttribute('aria-invalid', 'true');")
    }, TYPE, v, _m => matches!(v, Verdict::Rejected { .. });

    german(request) { if request.post { form("<p>Benutzername oder Passwort ist falsch.</p>") } else { form("") } },
        TYPE, v, _m => rejected(v, "falsch");

    french(request) { if request.post { page("<h1>Échec de la connexion</h1><p>Identifiant ou mot de passe incorrect.</p>") } else { form("") } },
        TYPE, v, _m => matches!(v, Verdict::Rejected { .. });

    spanish(request) { if request.post { form("<p>La contraseña no es correcta.</p>") } else { form("") } },
        TYPE, v, _m => rejected(v, "no es correcta");

    japanese(request) { if request.post { page("<p>パスワードが正しくありません</p>") } else { form("") } },
        TYPE, v, _m => rejected(v, "正しくありません");

    language_that_nobody_wrote_down(request) {
        if request.post { page("<h1>Hüüdnimi puudub</h1><p>Kahjuks ei õnnestunud.</p><a href=/logout>Välju</a>") } else { form("") }
    }, TYPE, v, _m => *v == Verdict::Unknown;

    blank_page(request) { if request.post { page("") } else { form("") } },
        TYPE, v, _m => *v == Verdict::Unknown;

    way_out_always_there(request) {
        let nav = "<nav><a href=/account>My account</a> <a href=/logout>Logout</a></nav>";
        if request.post { page(format!("{nav}<h1>Sorry</h1><p>That did not go as planned.</p>")) } else { form(nav) }
    }, TYPE, v, _m => *v == Verdict::Unknown;

    no_right_to_enter(request) {
        if request.post { page("<h1>You do not have access to this application</h1><a href=/logout>Log out</a>") } else { form("") }
    }, TYPE, v, _m => *v == Verdict::Unknown;

    security_question(request) {
        if !request.post { return form(""); }
        page("<a href=/logout>Log out</a><h1>Security question</h1><form><label>Name of your first pet <input name=a1></label><button>Continue</button></form>")
    }, TYPE, v, _m => *v == Verdict::Question;

    choice_of_ways(request) {
        if !request.post { return form(""); }
        page("<a href=/logout>Log out</a><h1>How should we send your verification code?</h1><form>
              <label><input type=radio name=w> Text message to ***4711</label><label><input type=radio name=w> Email to a***@example.com</label>
              <button>Send code</button></form>")
    }, TYPE, v, _m => *v == Verdict::ChoiceNeeded;

    terms_to_accept(request) {
        if !request.post {
            return form("");
        }
        page("<nav><a href=/bills>Bills</a> <a href=/a>My account</a> <a href=/logout>Log out</a></nav>
              <h1>Please accept the terms and conditions</h1><form method=post><label><input type=checkbox> I agree</label><button>Continue</button></form>")
    }, TYPE, v, _m => *v == Verdict::ConsentNeeded;

    unknown_step_below_the_whole_menu(request) {
        if !request.post {
            return form("");
        }
        page("<nav><a href=/bills>Bills</a> <a href=/u>Usage</a> <a href=/a>My account</a> <a href=/logout>Log out</a></nav>
              <h1>Sisesta kinnituse number</h1><form method=post><input name=kinnitus><button>Edasi</button></form>")
    }, TYPE, v, _m => *v == Verdict::Unknown;

    form_still_there_below_a_way_out(request) {
        if request.post {
            return json(200, "{}");
        }
        script_form("f.hidden = true; app.insertAdjacentHTML('beforeend', '<h2>Hm.</h2><a href=/logout>Log out</a><a href=/a>My account</a>');")
    }, TYPE, v, _m => *v == Verdict::Unknown;

    sent_to_registration(request) {
        match request.path.as_str() {
            "/login" => redirect("/register"),
            "/register" => page("<h1>Create your account</h1><form method=post class=register><input name=email type=email><input type=password name=password>
                                 <input type=password name=confirm><button>Create account</button></form>"),
            _ => form(""),
        }
    }, TYPE, v, _m => matches!(v, Verdict::Unknown | Verdict::Rejected { .. });

    form_sent_by_get(request) {
        if request.value("user").is_empty() {
            return page("<form><input name=user><input name=password type=password><button>Log in</button></form>");
        }
        page("<form><p>Unknown user or wrong password</p><input name=user><input name=password type=password><button>Log in</button></form>")
    }, TYPE, v, _m => rejected(v, "wrong password");

    slow_refusal(request) { if request.post { form("<p class=error>Invalid password</p>").after(3000) } else { form("") } },
        TYPE, v, _m => rejected(v, "Invalid password");

    refused_twice_in_the_same_words(request) {
        if request.post { form("<p class=error>Invalid password</p>") } else { form("") }
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button"), Do::Refused,
         Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 2"), Do::Press("Enter")],
        v, _m => rejected(v, "Invalid password");

    window_that_closes_unsuccessfully(request) {
        match request.path.as_str() {
            "/" => page("<h1>Energy</h1><button id=o onclick=\"open('/sso', 'w', 'width=400,height=400')\">Sign in with Grid</button><p id=m></p>"),
            "/sso" => form(""),
            _ => page("<script>opener.document.getElementById('m').textContent = 'Sign-in was cancelled'; close();</script>"),
        }
    }, &[Do::Click("#o"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button")],
        v, _m => matches!(v, Verdict::Unknown | Verdict::Rejected { .. });
}
