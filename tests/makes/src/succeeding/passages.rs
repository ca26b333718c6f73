//! Sign-ins of more than one page: identity providers, codes, consents, questions.

use crate::{
    Ends,
    hand::Do,
    makes,
    parts::{DASHBOARD, RIGHT, form},
    site::{Answer, PASSWORD, Request, USERNAME, json, page, redirect},
};

/// The password leads to this page under `/step`; what is sent there leads to the dashboard.
fn step(request: &Request, html: &str) -> Answer {
    match request.path.as_str() {
        "/login" if request.right() => redirect("/step").cookie("half=1"),
        "/step" if request.has_cookie("half") => page(html),
        "/done" if request.has_cookie("half") => redirect("/home").cookie("in=1"),
        "/home" if request.has_cookie("in") => page(DASHBOARD),
        _ => form(""),
    }
}

/// The form is at an identity provider of another host, which then shows this, or goes back at once.
fn identity_provider(request: &Request, consent: Option<&str>, home: &str) -> Answer {
    match (request.at_other_host(), request.path.as_str()) {
        (true, "/login") if request.right() => match consent {
            Some(_) => redirect("/consent"),
            None => redirect(&request.here("/callback?code=4711&state=x")),
        },
        (true, "/consent") => page(consent.unwrap_or("")),
        (true, "/grant") => redirect(&request.here("/callback?code=4711&state=x")),
        (true, _) => form(""),
        (false, "/callback") => redirect("/home").cookie("in=1"),
        (false, "/home") if request.has_cookie("in") => page(home),
        (false, _) => page(format!(
            "<header><a id=in href='{}'>Log in</a></header><h1>Energy</h1><p>Power for your home.</p>",
            request.there("/authorize")
        )),
    }
}

const PORTAL: &str = "<header><a href=/bills>Bills</a> <a href=/usage>Usage</a> <a href=/profile>My profile</a></header><h1>Overview</h1><p>Contract 2207</p>";

const THROUGH: &[Do] = &[
    Do::Click("#in"),
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
];

const THROUGH_CONSENT: &[Do] = &[
    Do::Click("#in"),
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
    Do::Click("#allow"),
];

const CODE: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
    Do::Refused,
    Do::Type("#code", "123456"),
    Do::Click("#go"),
];

const STEP: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
    Do::Click("#go"),
];

makes! {
    identity_provider_and_back(request) { identity_provider(request, None, DASHBOARD) }, THROUGH => Ends::In;

    identity_provider_and_back_without_a_way_out(request) { identity_provider(request, None, PORTAL) }, THROUGH => Ends::In;

    identity_provider_with_consent(request) {
        identity_provider(request, Some("<h1>Energy would like to access your account</h1><ul><li>View your basic profile</li></ul><form method=post action=/grant><button id=allow>Allow</button></form><a href=/logout>Sign out</a>"), DASHBOARD)
    }, THROUGH_CONSENT => Ends::In;

    identity_provider_with_consent_and_no_way_out(request) {
        identity_provider(request, Some("<h1>Grant Access to Energy</h1><h3>Do you grant these access privileges?</h3><form method=post action=/grant><input id=allow type=submit value=Yes><input type=submit value=No></form>"), PORTAL)
    }, THROUGH_CONSENT => Ends::In;

    answer_that_posts_itself_back(request) {
        match (request.at_other_host(), request.path.as_str()) {
            (true, "/login") if request.right() => page(format!("<body onload='document.forms[0].submit()'><form method=post action='{}'><input type=hidden name=SAMLResponse value=PHNhbWw><noscript><button>Continue</button></noscript></form>", request.here("/acs"))),
            (true, _) => form(""),
            (false, "/acs") => redirect("/home").cookie("in=1"),
            (false, "/home") if request.has_cookie("in") => page(DASHBOARD),
            (false, _) => page(format!("<a id=in href='{}'>Log in</a><h1>Energy</h1>", request.there("/sso"))),
        }
    }, THROUGH => Ends::In;

    page_that_goes_on_by_itself(request) {
        match request.path.as_str() {
            "/login" if request.right() => page("<meta http-equiv=refresh content='1;url=/home'><p>You are being redirected…</p>").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }, RIGHT => Ends::In;

    code_by_sms(request) {
        step(request, "<h1>Enter your code</h1><p>We sent a text message with a code to ***4711.</p><form method=post action=/done><input id=code name=code autocomplete=one-time-code><button id=go>Verify</button></form>")
    }, CODE => Ends::In;

    code_by_mail_on_a_trusted_device(request) {
        step(request, "<h1>Check your e-mail</h1><p>Enter the verification code that we e-mailed to a***@example.com.</p><form method=post action=/done><input id=code name=verificationCode><label><input type=checkbox name=trust> Remember this device</label><button id=go>Continue</button></form>")
    }, CODE => Ends::In;

    code_of_an_authenticator_that_sends_itself(request) {
        step(request, "<h1>Authenticator code</h1><form id=f method=post action=/done><input id=code name=totp inputmode=numeric autocomplete=one-time-code maxlength=6 oninput='if (this.value.length === 6) f.submit()'></form>")
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button"), Do::Refused, Do::Type("#code", "123456")] => Ends::In;

    code_in_six_boxes(request) {
        let boxes: String = (0..6).map(|n| format!("<input id=b{n} class=digit inputmode=numeric maxlength=1 aria-label='Digit {n}' oninput='this.nextElementSibling?.focus()'>")).collect();
        step(request, &format!("<h1>Verification code</h1><p>Enter the 6-digit code.</p><form method=post action=/done>{boxes}<button id=go>Verify</button></form>"))
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button"), Do::Refused, Do::Type("#b0", "123456"), Do::Click("#go")] => Ends::In;

    wrong_code_then_the_right_one(request) {
        let ask = |error: &str, id: &str| page(format!("<h1>Verification code</h1>{error}<form method=post action=/code><input id={id} name=code autocomplete=one-time-code><button id=go>Verify</button></form>"));
        match request.path.as_str() {
            "/login" if request.right() => ask("", "code"),
            "/code" if request.value("code") == "123456" => redirect("/home").cookie("in=1"),
            "/code" => ask("<p class=error>The code is not correct.</p>", "again"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button"), Do::Refused, Do::Type("#code", "111111"), Do::Click("#go"),
         Do::Type("#again", "123456"), Do::Click("#go")] => Ends::In;

    code_sent_again(request) {
        let ask = |note: &str| page(format!("<h1>Verification code</h1>{note}<form method=post action=/code><input id=code name=code autocomplete=one-time-code><button id=go>Verify</button></form><a id=resend href=/resend>Send a new code</a>"));
        match request.path.as_str() {
            "/login" if request.right() => ask(""),
            "/resend" => ask("<p id=sent class=notice>A new code has been sent.</p>"),
            "/code" => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button"), Do::Refused, Do::Click("#resend"), Do::See("#sent"), Do::Type("#code", "123456"), Do::Click("#go")] => Ends::In;

    way_chosen_then_a_code(request) {
        match request.path.as_str() {
            "/login" if request.right() => page("<h1>How should we send your verification code?</h1><form method=post action=/send><label><input type=radio name=m checked> Text message to ***4711</label><label><input type=radio name=m> Email to a***@example.com</label><button id=send>Send code</button></form>"),
            "/send" => page("<h1>Enter the code</h1><form method=post action=/code><input id=code name=otp autocomplete=one-time-code><button id=go>Verify</button></form>"),
            "/code" => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button"), Do::Refused, Do::Click("#send"), Do::Type("#code", "123456"), Do::Click("#go")] => Ends::In;

    approved_on_the_phone(request) {
        match request.path.as_str() {
            "/login" if request.right() => page("<h1>Approve sign in request</h1><p>Open your authenticator app and enter the number shown to sign in.</p><div>42</div><script>setTimeout(() => fetch('/poll').then(() => { location.href = '/in'; }), 3000);</script>"),
            "/poll" => json(200, r#"{"state":"APPROVED"}"#),
            "/in" => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(DASHBOARD),
            _ => form(""),
        }
    }, RIGHT => Ends::In;

    question_answered(request) {
        step(request, "<h1>Security question</h1><form method=post action=/done><label>What is your mother's maiden name? <input id=code name=answer></label><button id=go>Continue</button></form>")
    }, CODE => Ends::In;

    terms_accepted(request) {
        step(request, "<h1>We have updated our terms and conditions</h1><form method=post action=/done><label><input type=checkbox required checked> I agree</label><button id=go>Accept</button></form>")
    }, STEP => Ends::In;

    not_stay_signed_in(request) {
        step(request, "<div class=identity>ada@example.com</div><h1>Stay signed in?</h1><p>Do this to reduce the number of times you are asked to sign in.</p><form method=post action=/done><button id=go>No</button><button>Yes</button></form>")
    }, STEP => Ends::In;

    not_paperless_now(request) {
        step(request, "<h1>Go paperless, Ada</h1><p>Get your bills by e-mail and help the environment.</p><form method=post action=/done><button>Yes, go paperless</button><button id=go>Not now</button></form>")
    }, STEP => Ends::In;

    account_picked(request) {
        step(request, "<h1>Choose an account</h1><p>You have access to two accounts.</p><form method=post action=/done><button id=go>Home · 0012-3456</button><button>Office · 0099-1111</button></form>")
    }, STEP => Ends::In;

    new_password_chosen(request) {
        step(request, "<h1>Your password has expired</h1><form method=post action=/done><input id=n1 name=n1 type=password placeholder='New password'><input id=n2 name=n2 type=password placeholder='Repeat new password'><button id=go>Save</button></form>")
    }, &[Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", PASSWORD), Do::Click("form button"), Do::Refused, Do::Type("#n1", "fresh 2"), Do::Type("#n2", "fresh 2"), Do::Click("#go")] => Ends::In;

    window_that_tells_its_opener(request) {
        match (request.at_other_host(), request.path.as_str()) {
            (true, "/login") if request.right() => page("<script>opener.postMessage('signed-in', '*'); close();</script>"),
            (true, _) => form(""),
            (false, "/bills") => json(200, "{}"),
            (false, _) => page(format!("<header id=h><button id=in>Sign in</button></header><h1>Energy</h1><div id=c></div><script>
                document.getElementById('in').onclick = () => open('{}', 'sso', 'width=500,height=600');
                addEventListener('message', async () => {{ await fetch('/bills'); h.innerHTML = '<span>ada@example.com</span> <button>Sign out</button>'; c.innerHTML = '<h2>Your bills</h2><p>October 2025</p>'; }});</script>", request.there("/sso"))),
        }
    }, THROUGH => Ends::In;

    frame_that_tells_the_page_around_it(request) {
        match (request.at_other_host(), request.path.as_str()) {
            (true, "/login") if request.right() => page("<script>parent.postMessage('ok', '*')</script>"),
            (true, _) => form(""),
            (false, "/home") => page(DASHBOARD),
            (false, _) => page(format!("<h1>Energy</h1><iframe width=600 height=420 src='{}'></iframe><script>addEventListener('message', () => {{ location.href = '/home'; }});</script>", request.there("/widget"))),
        }
    }, RIGHT => Ends::In;

    user_name_on_a_page_of_its_own(request) {
        match request.path.as_str() {
            "/name" => page(format!("<div class=identity>{USERNAME}</div><form method=post action=/login><label>Password <input name=password type=password></label><button>Sign in</button></form>")),
            "/login" if request.value("password") == PASSWORD => redirect("/home").cookie("in=1"),
            "/home" if request.has_cookie("in") => page(format!("<header><span>{USERNAME}</span> <a href=/logout>Sign out</a></header><h1>Overview</h1>")),
            _ => page("<h1>Sign in</h1><form method=post action=/name><label>Email or phone <input name=user type=email autocomplete=username></label><button>Next</button></form>"),
        }
    }, &[Do::Type("[name=user]", USERNAME), Do::Click("form button"), Do::Type("[name=password]", PASSWORD), Do::Click("form button")] => Ends::In;
}
