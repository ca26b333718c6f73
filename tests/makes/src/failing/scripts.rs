//! Forms that a script sends and whose answer a script shows.

use crate::{
    Ends,
    hand::Do,
    makes,
    parts::{WRONG, script_form},
    site::{USERNAME, json, page},
};

makes! {
    form_hidden_afterwards(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("f.style.display = 'none'; app.insertAdjacentHTML('beforeend', '<p>Wrong password.</p>');")
    }, WRONG => Ends::Rejected("Wrong password");

    form_hidden_without_words(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("f.style.display = 'none'; app.insertAdjacentHTML('beforeend', '<p>Nope.</p>');")
    }, WRONG => Ends::Unproven;

    script_shows_an_error(request) {
        if request.post { return json(401, r#"{"error":"The password is not correct."}"#); }
        script_form("message.textContent = reply.error;")
    }, WRONG => Ends::Rejected("not correct");

    script_gets_a_server_error(request) {
        if request.post { return json(502, "{}"); }
        script_form("")
    }, WRONG => Ends::Down;

    error_that_disappears(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("const toast = document.createElement('div'); toast.setAttribute('role', 'alert'); toast.textContent = 'Sign-in failed';
                     document.body.append(toast); setTimeout(() => toast.remove(), 700);")
    }, WRONG => Ends::Rejected("Sign-in failed");

    modal_dialog(request) {
        if request.post { return json(200, "{}"); }
        page("<h1>Energy</h1><button id=open>Log in</button><dialog id=d><form id=f><input name=user><input name=password type=password>
              <span id=m></span><button>Log in</button></form></dialog><script>
              document.getElementById('open').onclick = () => d.showModal();
              f.onsubmit = async (e) => { e.preventDefault(); await fetch('/api', {method: 'POST', body: '{}'}); m.textContent = 'Invalid credentials'; };</script>")
    }, &[Do::Click("#open"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button")] => Ends::Rejected("Invalid credentials");

    hash_route_of_an_app(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("location.hash = '#/login-failed'; app.innerHTML = '<h1>Sign in failed</h1><a href=\"#/login\">Back</a>';")
    }, WRONG => Ends::Rejected("failed");

    hash_route_that_shows_nothing(request) {
        if request.post { return json(200, r#"{"ok":"no"}"#); }
        script_form("location.hash = '#/home'; app.innerHTML = '';")
    }, WRONG => Ends::Unproven;

    spinner_without_end(request) {
        if request.post { return json(200, "{}"); }
        script_form("app.innerHTML = '<div class=spinner style=\"width:40px;height:40px\">...</div>';")
    }, WRONG => Ends::Unproven;

    alert_dialog(request) {
        if request.post { return json(200, "{}"); }
        script_form("alert('User name or password is wrong'); f.reset();")
    }, WRONG => Ends::Rejected("is wrong");

    form_emptied_in_silence(request) {
        if request.post { return json(200, "{}"); }
        script_form("f.reset();")
    }, WRONG => Ends::Rejected("");

    invalid_field_alone(request) {
        if request.post { return json(200, "{}"); }
        script_form("f.password.setAttribute('aria-invalid', 'true');")
    }, WRONG => Ends::Rejected("");

    form_still_there_below_a_way_out(request) {
        if request.post {
            return json(200, "{}");
        }
        script_form("f.hidden = true; app.insertAdjacentHTML('beforeend', '<h2>Hm.</h2><a href=/logout>Log out</a><a href=/a>My account</a>');")
    }, WRONG => Ends::Unproven;
}
