//! Pages that many of the websites have.

use crate::{
    hand::Do,
    site::{Answer, PASSWORD, Request, USERNAME, page, redirect},
};

/// Types a wrong password into the ordinary form and sends it.
pub const WRONG: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", "wrong 1"),
    Do::Click("form button"),
];

/// Types what is right into the ordinary form and sends it.
pub const RIGHT: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
];

/// The form that most of the websites have. `then` stands after it.
#[must_use]
pub fn form(then: &str) -> Answer {
    page(format!(
        "<body><h1>Sign in to your account</h1><form method=post action=/login>
         <label>Email <input name=user type=email></label>
         <label>Password <input name=password type=password></label>
         <button>Sign in</button></form><a href=/forgot>Forgot password?</a>{then}"
    ))
}

/// The form, sent by a script that then does `then` with the answer (`reply`, already JSON).
#[must_use]
pub fn script_form(then: &str) -> Answer {
    page(scripted(then))
}

/// The same form of an app that asks for its texts at `/api/texts` before anybody has signed in.
#[must_use]
pub fn app_form(then: &str) -> Answer {
    page(format!(
        "<script>fetch('/api/texts');</script>{}",
        scripted(then)
    ))
}

fn scripted(then: &str) -> String {
    format!(
        "<body><main id=app><h1>Sign in</h1><form id=f>
         <input name=user placeholder='User name'><input name=password type=password placeholder=Password>
         <p id=message class=error></p><button>Log in</button></form></main>
         <script>f.addEventListener('submit', async (event) => {{
           event.preventDefault();
           const answer = await fetch('/api/login', {{method: 'POST', headers: {{'content-type': 'application/json'}},
             body: JSON.stringify({{user: f.user.value, password: f.password.value}})}});
           const reply = await answer.json().catch(() => ({{}}));
           const app = document.getElementById('app');
           {then}
         }});</script>"
    )
}

/// A menu in words that nobody wrote down.
pub const BASQUE_MENU: &str = "<nav><a href=/fakturak>Fakturak</a> <a href=/kontsumoa>Kontsumoa</a> <a href=/kontratuak>Kontratuak</a> <a href=/datuak>Datuak</a> <a href=/irten>Joan</a></nav>";

/// What a client sees once signed in.
pub const DASHBOARD: &str = "<header><nav><a href=/bills>Bills</a> <a href=/usage>Usage</a> <a href=/profile>My profile</a>
    <form method=post action=/logout style='display:inline'><button>Sign out</button></form></nav></header>
    <main><h1>Welcome back, Ada</h1><p>Your next bill is due on 3 December.</p><p>Account number 12-3456</p></main>";

/// The ordinary answer: a dashboard behind a cookie.
#[must_use]
pub fn enter(request: &Request, else_show: Answer) -> Option<Answer> {
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
