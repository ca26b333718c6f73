//! Terms to accept, and identity providers that ask for a consent.

use crate::{
    Ends, makes,
    parts::{RIGHT, form, script_form},
    site::{Answer, Request, json, page, redirect},
};

fn then(request: &Request, html: &str) -> Answer {
    match request.path.as_str() {
        "/login" => redirect("/next"),
        "/next" => page(html),
        _ => form(""),
    }
}

/// The provider's form is at an identity provider of another host, which then asks this.
fn identity_provider(request: &Request, consent: &str) -> Answer {
    match (request.at_other_host(), request.path.as_str()) {
        (false, "/") => page(format!(
            "<header><a href='{}'>Log in</a></header><h1>Energy</h1><p>Power for your home.</p>",
            request.there("/authorize")
        )),
        (true, "/login") => redirect("/consent"),
        (true, "/consent") => page(consent),
        _ => form(""),
    }
}

const THROUGH: &[crate::hand::Do] = &[
    crate::hand::Do::Click("header a"),
    crate::hand::Do::Type("[name=user]", crate::site::USERNAME),
    crate::hand::Do::Type("[name=password]", crate::site::PASSWORD),
    crate::hand::Do::Click("form button"),
];

makes! {
    application_that_asks_in_other_words(request) {
        identity_provider(request, "<h2>Energy Hub would be able to see this:</h2><p>Info about yourself, such as your name.</p><p>Your e-mail address.</p><p>You are logged in as Ada</p>
            <form method=post action=/consent><button name=answer value=deny>Deny</button><button name=answer value=logout>Switch user</button><button name=answer value=accept>Accept</button></form>")
    }, THROUGH => Ends::Consent;

    updated_terms(request) {
        then(request, "<h1>We've updated our Terms of Service</h1><div class=scroll style='height:160px;overflow:auto'><p>These terms apply to your use of the online portal. Section 1 ...</p></div>
            <form method=post action=/accept><label><input type=checkbox name=agree> I have read and agree to the terms</label><button>Accept and continue</button></form>")
    }, RIGHT => Ends::Consent;

    terms_below_the_menu_of_the_portal(request) {
        then(request, "<nav><a href=/bills>Bills</a> <a href=/a>My account</a> <a href=/logout>Log out</a></nav><h1>Welcome, Ada</h1><h2>Please accept our terms of use</h2>
            <form method=post action=/accept><button name=ok>I accept</button> <button name=no>Decline</button></form>")
    }, RIGHT => Ends::Consent;

    terms_in_german(request) {
        then(request, "<h1>Aktualisierte Nutzungsbedingungen</h1><p>Bitte stimmen Sie unseren Nutzungsbedingungen und der Datenschutzerklärung zu, um fortzufahren.</p>
            <form method=post action=/ok><label><input type=checkbox> Ich stimme den AGB zu</label><button>Zustimmen</button></form><a href=/logout>Abmelden</a>")
    }, RIGHT => Ends::Consent;

    terms_in_french(request) {
        then(request, "<h1>Conditions générales d'utilisation</h1><p>Nos conditions ont changé. Vous devez les accepter pour accéder à votre espace client.</p>
            <form method=post action=/ok><label><input type=checkbox> J'accepte les conditions générales</label><button>Continuer</button></form>")
    }, RIGHT => Ends::Consent;

    terms_in_spanish(request) {
        then(request, "<h1>Términos y condiciones</h1><p>Hemos actualizado nuestra política de privacidad.</p><form method=post action=/ok><button>Aceptar y continuar</button></form>")
    }, RIGHT => Ends::Consent;

    terms_in_an_app(request) {
        if request.post { return json(200, r#"{"tos":false}"#); }
        script_form("app.innerHTML = '<h2>Terms and conditions</h2><p>Please review and accept the terms to continue.</p><label><input type=checkbox> I agree</label><button disabled>Continue</button>';")
    }, RIGHT => Ends::Consent;

    consent_of_an_identity_provider(request) {
        identity_provider(request, "<div class=oauth><h1>Energy would like to access your account</h1><p>Signed in as ada@example.com</p><ul><li>View your basic profile</li><li>View your email address</li></ul>
            <form method=post action=/grant><button name=allow>Allow</button><button name=deny>Deny</button></form><a href=/logout>Sign out</a></div>")
    }, THROUGH => Ends::Consent;

    grant_of_an_identity_provider(request) {
        identity_provider(request, "<div id=kc-oauth class=content-area><h1>Grant Access to Energy</h1><h3>Do you grant these access privileges?</h3><ul><li><span>User profile</span></li><li><span>Email address</span></li></ul>
            <form class=form-actions action=/grant method=POST><input type=hidden name=code value=x><div><input class=btn name=accept type=submit value=Yes><input class=btn name=cancel type=submit value=No></div></form></div>")
    }, THROUGH => Ends::Consent;

    consent_in_german(request) {
        identity_provider(request, "<h1>Zugriff erlauben</h1><p>Stadtwerke möchte auf folgende Daten zugreifen: Name, E-Mail-Adresse.</p><form method=post action=/grant><button>Erlauben</button><button>Ablehnen</button></form>")
    }, THROUGH => Ends::Consent;

    permissions_requested(request) {
        identity_provider(request, "<div role=heading aria-level=1>Permissions requested</div><p>Energy Portal</p><p>This app would like to:</p><ul><li>Sign you in and read your profile</li><li>Maintain access to data you have given it access to</li></ul>
            <p>Accepting these permissions means that you allow this app to use your data as specified in their terms of service and privacy statement.</p><form method=post action=/grant><button>Cancel</button><button>Accept</button></form>")
    }, THROUGH => Ends::Consent;

    stay_signed_in(request) {
        then(request, "<div id=lightbox><div class=identity>ada@example.com</div><div role=heading>Stay signed in?</div><p>Do this to reduce the number of times you are asked to sign in.</p>
            <label><input type=checkbox name=DontShowAgain> Don't show this again</label><form method=post action=/kmsi><input type=button id=idBtn_Back value=No><input type=submit value=Yes></form></div>")
    }, RIGHT => Ends::Consent;
}
