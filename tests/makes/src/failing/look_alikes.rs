//! Pages after the password that look like an account, and are none: in languages and words that nobody wrote down.

use crate::{
    Ends,
    hand::Do,
    makes,
    parts::{RIGHT, WRONG, app_form, form, script_form},
    site::{Answer, PASSWORD, Request, USERNAME, json, page, redirect},
};

fn then(request: &Request, html: &str) -> Answer {
    match request.path.as_str() {
        "/login" => redirect("/next"),
        "/next" => page(html),
        _ => form(""),
    }
}

/// The form is at an identity provider of another host, which sends back to this page of the website.
fn returns(request: &Request, back: &str) -> Answer {
    match (request.at_other_host(), request.path.as_str()) {
        (true, "/login") => redirect(&request.here("/back?error=x")),
        (true, _) => form(""),
        (false, "/back") => page(back),
        (false, _) => page(format!(
            "<header><a href=/plans>Plans</a> <a id=in href='{}'>Log in</a></header><h1>Energy</h1>",
            request.there("/authorize")
        )),
    }
}

const THROUGH: &[Do] = &[
    Do::Click("#in"),
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
];

makes! {
    number_to_match_in_an_unknown_language(request) {
        then(request, "<div class=identity>ada@example.com</div><h1>Kinnita sisselogimine</h1><p>Ava äpp ja sisesta number.</p><div style='font-size:40px'>42</div><a href=/muu>Muu viis</a>")
    }, RIGHT => Ends::NotIn;

    consent_in_an_unknown_language(request) {
        then(request, "<div class=user-box>ada@example.com</div><h1>Kas lubad juurdepääsu?</h1><ul><li>Nimi</li><li>Aadress</li></ul><form method=post action=/ok><button>Luban</button><button>Keeldun</button></form><a href=/logout>Välju</a>")
    }, RIGHT => Ends::NotIn;

    link_sent_in_an_unknown_language(request) {
        then(request, "<h1>Peaaegu valmis</h1><p>Saatsime lingi aadressile ada@example.com</p><a href=/logout>Välju</a>")
    }, RIGHT => Ends::NotIn;

    profile_to_complete(request) {
        then(request, "<header>Hi Ada <a href=/logout>Log out</a></header><h1>Complete your registration</h1><p>Link your customer number to see your bills.</p><form method=post action=/link><label>Customer number <input name=cn></label><label>Postcode <input name=pc></label><button>Link account</button></form>")
    }, RIGHT => Ends::NotIn;

    help_for_who_cannot_sign_in(request) {
        then(request, "<nav><a href=/bills>Understanding your bill</a><a href=/usage>Usage tips</a><a href=/account>My account help</a><a href=/payments>Payments</a></nav><h1>Trouble signing in?</h1><p>Here is what you can do.</p>")
    }, WRONG => Ends::NotIn;

    shop_of_the_same_company(request) {
        returns(request, "<header><a href=/plans>Plans</a><a href=/bills>Bills explained</a><a href=/usage>Usage</a><a href=/in>Log in</a></header><h1>Energy</h1>")
    }, THROUGH => Ends::NotIn;

    error_page_back_at_the_provider(request) {
        returns(request, "<header><a href=/bills>Bills</a><a href=/usage>Usage</a></header><h1>Something went wrong</h1><p>We could not complete your request. (invalid_state)</p>")
    }, THROUGH => Ends::NotIn;

    error_page_back_at_the_provider_in_an_unknown_language(request) {
        returns(request, "<header><a href=/a>Arved</a></header><h1>Viga</h1><p>Sisselogimine katkes. (invalid_state)</p>")
    }, THROUGH => Ends::NotIn;

    token_of_a_second_factor(request) {
        match request.path.as_str() {
            "/api/login" => json(200, r#"{"mfa_token":"x"}"#),
            "/api/factors" => json(200, r#"["push"]"#),
            _ => script_form("await fetch('/api/factors', {headers: {authorization: 'Bearer ' + reply.mfa_token}});
                app.innerHTML = '<div class=identity>ada@example.com</div><h1>Kinnita telefonis</h1><p>Ootame kinnitust…</p>';"),
        }
    }, RIGHT => Ends::NotIn;

    token_of_a_second_factor_with_a_way_out(request) {
        match request.path.as_str() {
            "/api/login" => json(200, r#"{"mfa_token":"x"}"#),
            "/api/factors" => json(200, r#"["push"]"#),
            _ => script_form("await fetch('/api/factors', {headers: {authorization: 'Bearer ' + reply.mfa_token}});
                app.innerHTML = '<h1>Approve the sign-in on your phone</h1><p>We sent a notification to your phone.</p><a href=#>Log out</a>';"),
        }
    }, RIGHT => Ends::Approval;

    token_of_a_second_factor_with_a_field_and_a_way_out(request) {
        match request.path.as_str() {
            "/api/login" => json(200, r#"{"mfa_token":"x"}"#),
            "/api/factors" => json(200, r#"["sms"]"#),
            _ => script_form("await fetch('/api/factors', {headers: {authorization: 'Bearer ' + reply.mfa_token}});
                app.innerHTML = '<h1>Sisesta arv</h1><input id=k><button type=button>Edasi</button><a href=#>Log out</a>';"),
        }
    }, RIGHT => Ends::NotIn;

    token_of_a_second_factor_to_set_up_with_a_way_out(request) {
        match request.path.as_str() {
            "/api/login" => json(200, r#"{"mfa_token":"x"}"#),
            "/mfa/methods" => json(200, r#"["totp"]"#),
            _ => script_form("await fetch('/mfa/methods', {headers: {authorization: 'Bearer ' + reply.mfa_token}});
                app.innerHTML = '<h1>Protect your account</h1><p>Choose how.</p><button type=button>App</button><button type=button>Key</button><a href=#>Log out</a>';"),
        }
    }, RIGHT => Ends::NotIn;

    address_that_led_to_the_form_wants_a_confirmation_in_an_unknown_language(request) {
        match request.path.as_str() {
            "/" if request.has_cookie("in") => page("<header><a href=/out>Log out</a></header><h1>Kinnita oma aadress</h1><p>Saatsime sulle kirja.</p><button type=button>Saada uuesti</button>"),
            "/" => redirect("/login"),
            _ if request.post && request.right() => redirect("/").cookie("in=1"),
            _ => form(""),
        }
    }, RIGHT => Ends::NotIn;

    address_that_led_to_the_form_shows_a_picture_of_an_account(request) {
        let picture = "style='display:inline-block;width:40px;height:40px'><svg width=20 height=20></svg>";
        match request.path.as_str() {
            "/" if request.has_cookie("seen") => page(format!("<header><a href=/in class=user-icon {picture}</a><button class=account-menu {picture}</button></header><h1>Energy</h1>")),
            "/" => redirect("/login?first"),
            _ if request.post => redirect("/").cookie("seen=1"),
            _ => form(""),
        }
    }, WRONG => Ends::NotIn;

    address_that_led_to_the_form_draws_a_keyboard_for_a_code_in_an_unknown_language(request) {
        match request.path.as_str() {
            "/" if request.has_cookie("in") => page(format!("<nav><ul style='display:none'><li><a href=/out>Log out</a></li></ul></nav><h2>Sisesta arv</h2><input id=k>{}", "<button type=button>k</button>".repeat(24))),
            "/" => redirect("/login"),
            _ if request.post && request.right() => redirect("/").cookie("in=1"),
            _ => form(""),
        }
    }, RIGHT => Ends::NotIn;

    address_that_led_to_the_form_draws_a_keyboard_for_a_field_that_nobody_types_into(request) {
        match request.path.as_str() {
            "/" if request.has_cookie("in") => page(format!("<nav><ul style='display:none'><li><a href=/out>Log out</a></li></ul></nav><h2>Sisesta arv</h2><input id=k readonly>{}", "<button type=button>k</button>".repeat(24))),
            "/" => redirect("/login"),
            _ if request.post && request.right() => redirect("/").cookie("in=1"),
            _ => form(""),
        }
    }, RIGHT => Ends::NotIn;

    token_of_a_second_factor_with_a_keyboard_and_a_way_out(request) {
        match request.path.as_str() {
            "/api/login" => json(200, r#"{"mfa_token":"x"}"#),
            "/api/factors" => json(200, r#"["characters"]"#),
            _ => script_form("await fetch('/api/factors', {headers: {authorization: 'Bearer ' + reply.mfa_token}});
                app.innerHTML = '<h1>Enter characters 2, 5 and 7 of your security code</h1><input readonly>' + '<button type=button>k</button>'.repeat(36) + '<a href=#>Log out</a>';"),
        }
    }, RIGHT => Ends::NotIn;

    address_that_led_to_the_form_shows_a_page_for_everybody_full_of_buttons(request) {
        match request.path.as_str() {
            "/" if request.has_cookie("seen") => page(format!("<nav><ul style='display:none'><li><a href=/login>Log in</a></li></ul></nav><h1>Energy</h1>{}", "<button type=button>+</button>".repeat(24))),
            "/" => redirect("/login?first"),
            _ if request.post => redirect("/").cookie("seen=1"),
            _ => form(""),
        }
    }, WRONG => Ends::NotIn;

    token_of_a_second_factor_with_a_picture_in_the_place_of_the_way_in(request) {
        match request.path.as_str() {
            "/api/login" => json(200, r#"{"mfa_token":"x"}"#),
            "/api/factors" => json(200, r#"["push"]"#),
            _ => script_form("await fetch('/api/factors', {headers: {authorization: 'Bearer ' + reply.mfa_token}});
                app.innerHTML = '<header><button type=button aria-haspopup=true aria-label=\"Account menu\" style=\"width:40px;height:40px\"><svg width=20 height=20></svg></button></header><h1>Kinnita telefonis</h1><p>Ootame kinnitust…</p>';"),
        }
    }, RIGHT => Ends::NotIn;

    address_that_led_to_the_form_shows_a_picture_that_leads_in(request) {
        match request.path.as_str() {
            "/" if request.has_cookie("seen") => page("<header><a href=/login class=user-icon style='display:inline-block;width:40px;height:40px'><svg width=20 height=20></svg></a></header><h1>Energy</h1><a href=/usage>Usage</a>"),
            "/" => redirect("/login?first"),
            _ if request.post => redirect("/").cookie("seen=1"),
            _ => form(""),
        }
    }, WRONG => Ends::NotIn;

    address_that_led_to_the_form_shows_what_everybody_sees(request) {
        match request.path.as_str() {
            "/" if request.has_cookie("seen") => page("<header><a href=/bills>Understanding your bill</a><a href=/in>Log in</a></header><h1>Energy</h1>"),
            "/" => redirect("/login?first"),
            _ if request.post => redirect("/").cookie("seen=1"),
            _ => form(""),
        }
    }, WRONG => Ends::NotIn;

    address_that_led_to_the_form_asks_for_something_in_an_unknown_language(request) {
        match request.path.as_str() {
            "/" if request.has_cookie("in") => page("<header><a href=/out>Log out</a></header><h1>Tingimused</h1><form method=post action=/ok><button>Edasi</button></form>"),
            "/" => redirect("/login"),
            _ if request.post && request.right() => redirect("/").cookie("in=1"),
            _ => form(""),
        }
    }, RIGHT => Ends::NotIn;

    session_that_another_page_ended(request) {
        then(request, "<header><a href=/bills>Bills</a> <a href=/usage>Usage</a> <a href=/out class=logout>Log out</a></header><div role=alert>You have been logged out because you signed in on another device. Please log in again.</div><h1>Goodbye, Ada</h1>")
    }, RIGHT => Ends::NotIn;

    own_name_kept_in_the_form_of_a_new_page(request) {
        if request.post { page("<header><span class=user-hint>ada@example.com</span></header><h1>Sign in</h1><p>That is not the right password, Ada.</p><form method=post action=/login><input type=hidden name=user value='ada@example.com'><input name=password type=password><button>Sign in</button></form><a href=/switch>Not you?</a>") } else { form("") }
    }, WRONG => Ends::Rejected("not the right password");

    closed_account(request) {
        then(request, "<header>Welcome Ada <a href=/logout>Sign out</a></header><h1>This account is closed</h1><p>We have no active service for this customer number. You no longer have access.</p>")
    }, RIGHT => Ends::NotIn;

    guest_with_a_balance(request) {
        then(request, "<header><a href=/>Home</a></header><h1>Hello Guest</h1><h2>Balance</h2><p>Enter your account to see the amount due.</p><h2>Payments</h2>")
    }, WRONG => Ends::NotIn;

    greeting_before_the_code_in_an_unknown_language(request) {
        then(request, "<header>Tere, Ada <a href=/logout>Välju</a></header><h1>Sisesta kood</h1><form method=post action=/c><input name=k maxlength=6><button>Edasi</button></form>")
    }, RIGHT => Ends::NotIn;

    step_of_an_app_in_an_unknown_language(request) {
        match request.path.as_str() {
            "/api/login" => json(200, "{}").cookie("half=1"),
            "/api/texts" => json(if request.has_cookie("half") { 200 } else { 403 }, "{}"),
            _ => app_form("await fetch('/api/texts'); history.pushState({}, '', '/step');
                app.innerHTML = '<h1>Kinnita sisselogimine</h1><p>Vali viis.</p><button type=button>Saada</button> <button type=button>Helista</button>';"),
        }
    }, RIGHT => Ends::NotIn;

    navigation_of_an_app_that_still_refuses(request) {
        match request.path.as_str() {
            "/api/login" => json(200, r#"{"ok":"no"}"#),
            "/api/texts" => json(403, "{}"),
            _ => app_form("await fetch('/api/texts'); history.pushState({}, '', '/home');
                app.innerHTML = '<nav><a href=/plans>Plans</a><a href=/help>Help</a><a href=/news>News</a></nav><h1>Energy</h1><p>Green since 1999.</p>';"),
        }
    }, WRONG => Ends::NotIn;

    guest_of_an_app_after_a_refusal(request) {
        match request.path.as_str() {
            "/api/login" => json(401, "{}").cookie("guest=1"),
            "/api/texts" => json(if request.has_cookie("guest") { 200 } else { 401 }, "{}"),
            _ => app_form("await fetch('/api/texts'); history.pushState({}, '', '/home');
                app.innerHTML = '<nav><a href=/plans>Plans</a><a href=/help>Help</a><a href=/news>News</a></nav><h1>Energy</h1><p>Green since 1999.</p>';"),
        }
    }, WRONG => Ends::NotIn;

    address_that_was_left_for_the_form_by_a_click(request) {
        match request.path.as_str() {
            "/in" if request.post => redirect("/").cookie("tried=1"),
            "/in" => page("<form method=post action=/in><input name=user><input name=password type=password><button>OK</button></form>"),
            _ if request.has_cookie("tried") => page("<nav><a href=/plans>Plans</a><a href=/help>Help</a><a href=/news>News</a><div class=user-hint>ada@example.com</div></nav><p>Green since 1999.</p>"),
            _ => page("<h1>Energy</h1><button id=in onclick=\"location.href = '/in'\">Customers</button>"),
        }
    }, &[Do::Click("#in"), Do::Type("[name=user]", USERNAME), Do::Type("[name=password]", "wrong 1"), Do::Click("form button")] => Ends::NotIn;
}
