//! Forms that answer with another page.

use crate::{
    Ends,
    hand::Do,
    makes,
    parts::{WRONG, form},
    site::{USERNAME, page, redirect, text},
};

makes! {
    list_of_errors_above_the_fields(request) {
        if request.post { page("<h1>Login</h1><p>Enter your credentials.</p><form method=post action=/login><table><tr><td colspan=2><ul class='errorlist nonfield'><li>Please enter a correct username and password. Note that both fields may be case-sensitive.</li></ul></td></tr>
            <tr><th>Username:</th><td><input name=user value='ada@example.com' autocomplete=username></td></tr><tr><th>Password:</th><td><input name=password type=password></td></tr></table><button>Next</button></form>") } else { form("") }
    }, WRONG => Ends::Rejected("Please enter a correct username");

    ok_with_an_error_page(request) {
        if request.post { page("<h1>Incorrect username or password.</h1><a href=/>Try again</a>") } else { form("") }
    }, WRONG => Ends::Rejected("Incorrect");

    back_to_the_form_with_a_message(request) {
        match (request.post, request.value("e")) {
            (true, _) => redirect("/?e=1"),
            (_, "1") => form("<div class=error>We didn't recognize that email and password.</div>"),
            _ => form(""),
        }
    }, WRONG => Ends::Rejected("recognize");

    back_to_the_form_in_silence(request) { if request.post { redirect("/") } else { form("") } },
        WRONG => Ends::Rejected("");

    text_alone(request) { if request.post { text("Login failed") } else { form("") } },
        WRONG => Ends::Rejected("Login failed");

    text_that_says_nothing(request) { if request.post { text("0") } else { form("") } },
        WRONG => Ends::Unproven;

    status_401(request) { if request.post { page("<h1>Sorry</h1>").status(401) } else { form("") } },
        WRONG => Ends::Rejected("");

    status_403(request) { if request.post { page("<h1>Forbidden</h1>").status(403) } else { form("") } },
        WRONG => Ends::Unproven;

    status_500(request) { if request.post { page("<h1>Internal Server Error</h1>").status(500) } else { form("") } },
        WRONG => Ends::Down;

    status_503_for_maintenance(request) { if request.post { page("<h1>Down for maintenance</h1>").status(503) } else { form("") } },
        WRONG => Ends::Down;

    status_429(request) { if request.post { page("<h1>Slow down</h1>").status(429) } else { form("") } },
        WRONG => Ends::Locked;

    wrong_csrf_token(request) { if request.post { page("<h1>Page expired</h1><p>CSRF token mismatch.</p>").status(419) } else { form("") } },
        WRONG => Ends::Unproven;

    locked_out(request) {
        if request.post { page("<h1>Account locked</h1><p>Your account has been locked. Please call us.</p>") } else { form("") }
    }, WRONG => Ends::Locked;

    session_expired(request) {
        if request.post { page("<h1>Your session has expired</h1><a href=/>Sign in again</a>") } else { form("") }
    }, WRONG => Ends::Unproven;

    home_page_still_signed_out(request) {
        match request.path.as_str() {
            "/login" => redirect("/home"),
            "/home" => page("<nav><a href=/bills>Bills</a> <a href=/a>My account</a> <a href=/>Log in</a></nav><h1>Energy for all</h1>"),
            _ => form(""),
        }
    }, WRONG => Ends::Unproven;

    home_page_with_the_way_in_hidden(request) {
        match request.path.as_str() {
            "/login" => redirect("/home"),
            "/home" => page("<nav><a href=/bills>Pay bill</a> <a href=/a>My account</a> <a href=/u>Usage</a> <a href=/p>Profile</a>
                             <div hidden><a href=/>Log in</a><a href=/logout>Log out</a></div></nav><h1>Welcome to Energy</h1>"),
            _ => form(""),
        }
    }, WRONG => Ends::Unproven;

    frame_of_another_origin(request) {
        match (request.path.as_str(), request.post) {
            ("/", _) => page(format!("<h1>Energy</h1><iframe width=600 height=400 src='http://localhost:{}/frame'></iframe>", request.port)),
            (_, true) => form("<p>That user name and password do not match.</p>"),
            _ => form(""),
        }
    }, WRONG => Ends::Rejected("do not match");

    two_steps_wrong_name(request) {
        if request.post {
            return page("<form method=post action=/name><p role=alert>We couldn't find an account with that email.</p>
                         <input name=user autocomplete=username><button>Next</button></form>");
        }
        page("<form method=post action=/name><input name=user autocomplete=username><button>Next</button></form>")
    }, &[Do::Type("[name=user]", "nobody@example.com"), Do::Click("form button")] => Ends::Rejected("couldn't find");

    two_steps_wrong_password(request) {
        match request.path.as_str() {
            "/name" => page("<form method=post action=/password><p>ada@example.com</p><input name=password type=password><button>Log in</button></form>"),
            "/password" => page("<form method=post action=/password><p>Your password is incorrect.</p><input name=password type=password><button>Log in</button></form>"),
            _ => page("<form method=post action=/name><input name=user autocomplete=username><button>Next</button></form>"),
        }
    }, &[Do::Type("[name=user]", USERNAME), Do::Click("form button"), Do::Type("[name=password]", "wrong 1"), Do::Press("Enter")] => Ends::Rejected("incorrect");

    maintenance_page(request) {
        if request.post { page("<h1>Scheduled maintenance</h1><p>We will be back shortly.</p>") } else { form("") }
    }, WRONG => Ends::Down;

    cookies_blocked(request) {
        if request.post { form("<p class=notice>Cookies are disabled. Enable cookies and try again.</p>") } else { form("") }
    }, WRONG => Ends::Unproven;

    marketing_page_with_a_button(request) {
        if request.post { page("<header><button>Log in</button></header><h1>Switch to us</h1><p>Bills, usage, payments: all in one app.</p>") } else { form("") }
    }, WRONG => Ends::Unproven;

    german(request) { if request.post { form("<p>Benutzername oder Passwort ist falsch.</p>") } else { form("") } },
        WRONG => Ends::Rejected("falsch");

    french(request) { if request.post { page("<h1>Échec de la connexion</h1><p>Identifiant ou mot de passe incorrect.</p>") } else { form("") } },
        WRONG => Ends::Rejected("");

    spanish(request) { if request.post { form("<p>La contraseña no es correcta.</p>") } else { form("") } },
        WRONG => Ends::Rejected("no es correcta");

    japanese(request) { if request.post { page("<p>パスワードが正しくありません</p>") } else { form("") } },
        WRONG => Ends::Rejected("正しくありません");

    language_that_nobody_wrote_down(request) {
        if request.post { page("<h1>Hüüdnimi puudub</h1><p>Kahjuks ei õnnestunud.</p><a href=/logout>Välju</a>") } else { form("") }
    }, WRONG => Ends::Unproven;

    blank_page(request) { if request.post { page("") } else { form("") } },
        WRONG => Ends::Unproven;

    way_out_always_there(request) {
        let nav = "<nav><a href=/account>My account</a> <a href=/logout>Logout</a></nav>";
        if request.post { page(format!("{nav}<h1>Sorry</h1><p>That did not go as planned.</p>")) } else { form(nav) }
    }, WRONG => Ends::Unproven;

    no_right_to_enter(request) {
        if request.post { page("<h1>You do not have access to this application</h1><a href=/logout>Log out</a>") } else { form("") }
    }, WRONG => Ends::Unproven;

    sent_to_registration(request) {
        match request.path.as_str() {
            "/login" => redirect("/register"),
            "/register" => page("<h1>Create your account</h1><form method=post class=register><input name=email type=email><input type=password name=password>
                                 <input type=password name=confirm><button>Create account</button></form>"),
            _ => form(""),
        }
    }, WRONG => Ends::NotIn;

    form_sent_by_get(request) {
        if request.value("user").is_empty() {
            return page("<form><input name=user><input name=password type=password><button>Log in</button></form>");
        }
        page("<form><p>Unknown user or wrong password</p><input name=user><input name=password type=password><button>Log in</button></form>")
    }, WRONG => Ends::Rejected("wrong password");

    slow_refusal(request) { if request.post { form("<p class=error>Invalid password</p>").after(3000) } else { form("") } },
        WRONG => Ends::Rejected("Invalid password");

    refused_twice_in_the_same_words(request) {
        if request.post { form("<p class=error>Invalid password</p>") } else { form("") }
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button"), Do::Refused,
         Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 2"), Do::Press("Enter")] => Ends::Rejected("Invalid password");

    window_that_closes_unsuccessfully(request) {
        match request.path.as_str() {
            "/" => page("<h1>Energy</h1><button id=o onclick=\"open('/sso', 'w', 'width=400,height=400')\">Sign in with Grid</button><p id=m></p>"),
            "/sso" => form(""),
            _ => page("<script>opener.document.getElementById('m').textContent = 'Sign-in was cancelled'; close();</script>"),
        }
    }, &[Do::Click("#o"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button")] => Ends::NotIn;
}
