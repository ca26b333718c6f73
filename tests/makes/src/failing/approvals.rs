//! The sign-in has to be approved elsewhere: on a phone, or by a link in a mail.

use crate::{
    Ends, makes,
    parts::{RIGHT, form, script_form},
    site::{Answer, Request, json, page, redirect},
};

fn then(request: &Request, html: &str) -> Answer {
    match request.path.as_str() {
        "/login" => redirect("/approve"),
        "/approve" => page(html),
        "/poll" => json(200, r#"{"state":"PENDING"}"#),
        _ => form(""),
    }
}

makes! {
    push_to_an_app(request) {
        then(request, "<div class=base-body><h1>Check for a push notification</h1><p>Verify it's you by approving the notification sent to your phone.</p>
            <div class=row>Sent to “iOS” (••• ••• 4711)</div><button class=other>Other options</button><footer>Need help?</footer></div>")
    }, RIGHT => Ends::Approval;

    number_matching(request) {
        then(request, "<div id=lightbox><div class=identity>ada@example.com</div><div role=heading aria-level=1>Approve sign in request</div>
            <p>Open your Authenticator app, and enter the number shown to sign in.</p><div class=display-sign id=displaySign>42</div>
            <p>No numbers in your app? Make sure to upgrade to the latest version.</p><a href=#>I can't use my app right now</a></div>")
    }, RIGHT => Ends::Approval;

    push_that_an_app_polls_for(request) {
        if request.post { return json(200, "{}"); }
        if request.is("/poll") { return json(200, r#"{"state":"PENDING"}"#); }
        script_form("app.innerHTML = '<h2>Confirm on your phone</h2><p>We sent a notification to your phone. Tap Yes to sign in.</p><div class=spinner style=\"width:30px;height:30px\"></div><button>Resend</button>';
            setInterval(() => fetch('/poll'), 900);")
    }, RIGHT => Ends::Approval;

    push_with_a_trust_box(request) {
        then(request, "<main><h2>Get a push notification</h2><form><p>Push sent! Approve the request in the app on your device.</p>
            <label><input type=checkbox name=auto> Send push automatically</label><label><input type=checkbox name=rememberDevice> Do not challenge me on this device for the next 30 days</label></form>
            <a href=/signout>Back to sign in</a></main>")
    }, RIGHT => Ends::Approval;

    approval_in_german(request) {
        then(request, "<h1>Freigabe erforderlich</h1><p>Bitte bestätigen Sie die Anmeldung in Ihrer App auf Ihrem Smartphone.</p><p>Diese Seite aktualisiert sich automatisch.</p>
            <a href=/abbrechen>Abbrechen</a>")
    }, RIGHT => Ends::Approval;

    bank_identity_in_swedish(request) {
        then(request, "<h1>Legitimera dig</h1><p>Starta BankID-appen i din mobil och skriv in din säkerhetskod.</p><div class=qr style='width:120px;height:120px;background:#ccc'></div><button>Avbryt</button>")
    }, RIGHT => Ends::Approval;

    approval_in_french(request) {
        then(request, "<h1>Confirmez votre identité</h1><p>Une notification a été envoyée sur votre téléphone. Ouvrez-la pour approuver la connexion.</p><a href=#>Renvoyer</a>")
    }, RIGHT => Ends::Approval;

    approval_in_spanish(request) {
        then(request, "<h1>Aprueba el inicio de sesión</h1><p>Hemos enviado una notificación a tu móvil. Ábrela y pulsa Aprobar.</p>")
    }, RIGHT => Ends::Approval;

    link_in_a_mail(request) {
        then(request, "<div class=panel><h1>Check your inbox</h1><p>We've emailed a sign-in link to a***@example.com. Click the link in the email to finish signing in.</p>
            <button>Resend email</button> <a href=/>Use another account</a></div>")
    }, RIGHT => Ends::Approval;

    below_the_menu_of_the_portal(request) {
        then(request, "<header><nav><a href=/bills>Bills</a> <a href=/account>My account</a> <a href=/logout>Log out</a></nav></header><main><h1>One more step, Ada</h1>
            <p>Approve this request in the mobile app to continue.</p></main>")
    }, RIGHT => Ends::Approval;

    push_denied(request) {
        match request.path.as_str() {
            "/login" => page("<p>Login request denied.</p><p>The sign-in was not approved on your phone. Please try again.</p><a href=/>Try again</a>"),
            _ => form(""),
        }
    }, RIGHT => Ends::NotIn;
}
