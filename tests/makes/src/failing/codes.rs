//! A one-time code is asked for after the password.

use crate::{
    Channel, Ends,
    hand::Do,
    makes,
    parts::{RIGHT, form, script_form},
    site::{Answer, PASSWORD, Request, USERNAME, json, page, redirect},
};

/// The password is right, and this page follows under an address of its own.
fn then(request: &Request, html: &str) -> Answer {
    match request.path.as_str() {
        "/login" => redirect("/verify"),
        "/verify" => page(html),
        _ => form(""),
    }
}

/// A field for a code joins the password; what is in it was refused.
const BESIDE: &str = "if (reply.code === 'INVALID_OTP') {
      if (document.getElementById('otp')) message.textContent = 'The code is wrong. Please enter a new code.';
      else document.querySelector('form button').insertAdjacentHTML('beforebegin', '<input id=otp name=otp autocomplete=one-time-code placeholder=\"One-time password\">');
    }";

const SMS: &[Do] = &[
    Do::Type("[name=user]", USERNAME),
    Do::Type("[name=password]", PASSWORD),
    Do::Click("form button"),
    Do::Refused,
    Do::Type("#code", "111111"),
    Do::Click("#verify"),
];

makes! {
    sms_to_a_masked_number(request) {
        then(request, "<div class=login-pf-page><header><h1 id=kc-page-title>Two-step verification</h1></header>
            <p>We have sent a text message to your phone number ending in 47. Enter the 6-digit code below.</p>
            <form id=kc-sms-code-login-form action=/verify2 method=post><div class=form-group><label for=code>Code</label>
            <input tabindex=1 id=code name=code type=text class=pf-c-form-control autofocus></div>
            <input class='pf-c-button pf-m-primary' type=submit value=Submit></form><a href=/>Restart login</a></div>")
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    mail_code_of_an_identity_service(request) {
        then(request, "<div id=api><div class=intro><p>Verification is necessary. Please click Send button.</p></div>
            <div class=attr><p role=alert aria-live=polite>Verification code has been sent to your inbox. Please copy it to the input box below.</p>
            <label for=VerificationCode>Verification code</label><input id=VerificationCode class=textInput type=text placeholder='Verification code'></div>
            <button type=button class=verifyButton>Verify code</button> <button type=button class=sendNew>Send new code</button><button type=button>Cancel</button></div>")
    }, RIGHT => Ends::Code(None);

    mail_code_with_masked_address(request) {
        then(request, "<main class='MuiContainer-root'><h2>Check your e-mail</h2><p>We e-mailed a code to a••@e••••••.com. It is valid for 10 minutes.</p>
            <form method=post action=/v2><div class=MuiFormControl-root><label for=c>Enter code</label><input id=c name=emailCode inputmode=numeric maxlength=6></div>
            <button class=MuiButton-root>Continue</button></form><button class=link>Resend code</button></main>")
    }, RIGHT => Ends::Code(Some(Channel::Email));

    authenticator_code_below_a_list_of_ways(request) {
        then(request, "<form method=post action=/v2><label for=way>Authentication method</label>
            <div><span>Authenticator app</span><input id=way role=combobox aria-autocomplete=list aria-haspopup=true aria-label='Authenticator app'></div>
            <input type=hidden name=method value=authenticator><input name=code autocomplete=off placeholder='Enter code'><button>Validate</button></form>")
    }, RIGHT => Ends::Code(Some(Channel::Totp));

    phone_call(request) {
        then(request, "<h1>We're calling you</h1><p>An automated phone call to •••-•••-4711 will read you a security code. Please type it here.</p>
            <form method=post action=/v2><input name=voice_code type=tel maxlength=8 aria-label='Security code'><button>Verify</button></form>
            <p><a href=/call-again>Call me again</a></p>")
    }, RIGHT => Ends::Code(Some(Channel::Call));

    authenticator_app(request) {
        then(request, "<div class=card-pf><header><h1>Energy Portal</h1></header><form id=kc-otp-login-form action=/otp method=post>
            <div class=form-group><label for=otp>One-time code</label><input id=otp name=otp autocomplete=off type=text autofocus aria-invalid=''></div>
            <p>Open your authenticator app to see your code.</p><input name=login id=kc-login type=submit value='Sign In'></form></div>")
    }, RIGHT => Ends::Code(Some(Channel::Totp));

    authenticator_in_german(request) {
        then(request, "<section><h1>Zwei-Faktor-Authentifizierung</h1><p>Bitte geben Sie den sechsstelligen Code aus Ihrer Authentifizierungs-App ein.</p>
            <form action=/2fa_check method=post><label for=_auth_code>Code</label><input id=_auth_code name=_auth_code type=text inputmode=numeric pattern='[0-9]*' autocomplete=one-time-code>
            <label><input type=checkbox name=_trusted> Diesem Gerät vertrauen</label><button>Anmelden</button></form><a href=/logout>Abbrechen</a></section>")
    }, RIGHT => Ends::Code(Some(Channel::Totp));

    six_boxes(request) {
        let boxes: String = (1..=6).map(|n| format!("<input aria-label='Digit {n}' inputmode=numeric maxlength=1 class=otp__digit>")).collect();
        then(request, &format!("<h1>Enter the code</h1><p>Sent by SMS to +1 ***-***-4711</p><div class=otp>{boxes}</div><button class=otp__submit disabled>Verify</button><p>Didn't get it? <a href=#>Resend in 0:27</a></p>"))
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    six_boxes_in_the_same_document(request) {
        if request.post { return json(200, r#"{"next":"otp"}"#); }
        script_form("app.innerHTML = '<h2>Verification</h2><p>Please enter the 6-digit code we sent to your phone.</p><div id=boxes></div><button>Submit</button>';
            for (let i = 0; i < 6; i++) boxes.insertAdjacentHTML('beforeend', '<input type=tel maxlength=1 size=1 name=d' + i + '>');")
    }, RIGHT => Ends::Code(None);

    remember_this_device(request) {
        then(request, "<div id=auth-container><h1>Two-Step Verification</h1><p>For added security, please enter the One Time Password (OTP) that has been sent to a phone number ending in 211</p>
            <form method=post action=/ap/mfa><label for=auth-mfa-otpcode>Enter OTP:</label><input type=tel id=auth-mfa-otpcode name=otpCode maxlength=20>
            <label><input type=checkbox name=rememberDevice> Don't require OTP on this browser</label><input type=submit id=auth-signin-button value='Sign in'></form>
            <a href=/ap/help>Didn't receive the OTP?</a></div>")
    }, RIGHT => Ends::Code(None);

    resend_with_a_countdown(request) {
        then(request, "<h1>Confirm it's you</h1><p>Enter the confirmation code we texted to (***) ***-**47.</p><form method=post action=/v2>
            <input name=pin type=text inputmode=numeric autocomplete=one-time-code><button>Confirm</button></form><p>Send a new code in <span id=s>60</span> s</p>
            <script>setInterval(() => { s.textContent = Math.max(0, s.textContent - 1); }, 1000);</script>")
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    wrong_code(request) {
        let ask = |error: &str| page(format!("<h1>Verification code</h1>{error}<p>Enter the code we sent by text message.</p><form method=post action=/code>
            <input id=code name=code autocomplete=one-time-code><button id=verify>Verify</button></form>"));
        match request.path.as_str() {
            "/login" => ask(""),
            "/code" => ask("<div class='alert alert-danger'>The code you entered is incorrect. Please try again.</div>"),
            _ => form(""),
        }
    }, SMS => Ends::CodeRefused("code you entered is incorrect");

    wrong_code_in_an_app(request) {
        if request.is("/api/otp") { return json(400, r#"{"error":"Invalid code"}"#); }
        if request.post { return json(200, "{}"); }
        script_form("app.innerHTML = '<h2>Enter code</h2><p>We sent a 6-digit code to your mobile.</p><form id=o><input id=code inputmode=numeric autocomplete=one-time-code><span id=e class=field-error></span><button id=verify>Verify</button></form>';
            o.onsubmit = async (e2) => { e2.preventDefault(); const a = await fetch('/api/otp', {method: 'POST', body: JSON.stringify({code: code.value})});
              if (!a.ok) { document.getElementById('e').textContent = (await a.json()).error; } };")
    }, SMS => Ends::CodeRefused("Invalid code");

    code_expired(request) {
        let ask = |error: &str| page(format!("<h1>Verification code</h1>{error}<p>Enter the code we e-mailed you.</p><form method=post action=/code>
            <input id=code name=code autocomplete=one-time-code><button id=verify>Verify</button></form><a href=/resend>Send a new code</a>"));
        match request.path.as_str() {
            "/login" => ask(""),
            "/code" => ask("<p class=error>This code has expired. Request a new one.</p>"),
            _ => form(""),
        }
    }, SMS => Ends::CodeRefused("expired");

    code_wrong_in_german(request) {
        let ask = |error: &str| page(format!("<h1>Sicherheitscode</h1>{error}<p>Bitte geben Sie den Code ein, den wir Ihnen per SMS geschickt haben.</p><form method=post action=/code>
            <input id=code name=tan inputmode=numeric><button id=verify>Bestätigen</button></form>"));
        match request.path.as_str() {
            "/login" => ask(""),
            "/code" => ask("<div class=meldung-fehler role=alert>Der eingegebene Code ist ungültig.</div>"),
            _ => form(""),
        }
    }, SMS => Ends::CodeRefused("ungültig");

    code_wrong_in_french(request) {
        let ask = |error: &str| page(format!("<h1>Code de vérification</h1>{error}<p>Saisissez le code reçu par e-mail.</p><form method=post action=/code>
            <input id=code name=otp><button id=verify>Valider</button></form>"));
        match request.path.as_str() {
            "/login" => ask(""),
            "/code" => ask("<p class=erreur>Le code saisi est incorrect ou a expiré.</p>"),
            _ => form(""),
        }
    }, SMS => Ends::CodeRefused("incorrect");

    too_many_codes(request) {
        match request.path.as_str() {
            "/login" => page("<h1>Verification code</h1><form method=post action=/code><input id=code name=code autocomplete=one-time-code><button id=verify>Verify</button></form>"),
            "/code" => page("<h1>Too many attempts</h1><p>You have entered too many incorrect codes. Your account has been locked for 30 minutes.</p><a href=/>Back to start</a>"),
            _ => form(""),
        }
    }, SMS => Ends::Locked;

    below_the_whole_menu_of_the_portal(request) {
        then(request, "<header class=site><a href=/>Energy</a><nav><a href=/bills>Bills</a><a href=/usage>Usage</a><a href=/payments>Payments</a></nav>
            <div class=user>Hi, Ada <a href=/logout>Sign out</a></div></header><main><h1>Let's verify it's you</h1>
            <p>For your security we've sent a one-time passcode to your email a***@example.com</p>
            <form method=post action=/v2><label>Passcode <input name=passcode maxlength=6></label><button>Verify</button></form></main>")
    }, RIGHT => Ends::Code(Some(Channel::Email));

    tan_in_german(request) {
        then(request, "<div class=portlet><h2>TAN-Eingabe</h2><p>Zu Ihrer Sicherheit haben wir eine SMS mit einer Einmal-TAN an die Nummer ****4711 geschickt.</p>
            <form method=post action=/tan><label for=tan>TAN</label><input id=tan name=tan><button class='btn btn-primary'>Weiter</button></form></div>")
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    french_sms(request) {
        then(request, "<h1>Vérification en deux étapes</h1><p>Un code à 6 chiffres vient de vous être envoyé par SMS au 06 ** ** ** 47.</p>
            <form method=post action=/v2><input name=codeSms inputmode=numeric placeholder='Code reçu'><button>Valider</button></form><a href=#>Renvoyer le code</a>")
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    spanish_mail(request) {
        then(request, "<h2>Verifica tu identidad</h2><p>Te hemos enviado un código de verificación al correo a***@example.com.</p>
            <form method=post action=/v2><label for=cod>Código</label><input id=cod name=codigo><button>Verificar</button></form>")
    }, RIGHT => Ends::Code(Some(Channel::Email));

    italian_otp(request) {
        then(request, "<h2>Accesso sicuro</h2><p>Inserisci il codice OTP che ti abbiamo inviato via SMS.</p><form method=post action=/v2>
            <input name=otp type=password maxlength=6><button>Conferma</button></form>")
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    dutch_sms(request) {
        then(request, "<h1>Verificatiecode invoeren</h1><p>We hebben een sms gestuurd naar 06 ****4711.</p><form method=post action=/v2>
            <input name=verificatieCode inputmode=numeric><button>Bevestigen</button></form>")
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    japanese_mail(request) {
        then(request, "<h1>認証コードの入力</h1><p>ご登録のメールアドレスに認証コードを送信しました。</p><form method=post action=/v2>
            <label>認証コード <input name=authCode maxlength=6></label><button>送信</button></form>")
    }, RIGHT => Ends::Code(Some(Channel::Email));

    polish_sms(request) {
        then(request, "<h1>Potwierdź logowanie</h1><p>Wpisz kod SMS wysłany na numer *** *** 471.</p><form method=post action=/v2>
            <label>Kod weryfikacyjny <input name=kodSms maxlength=6></label><button>Zatwierdź</button></form>")
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    portuguese_mail(request) {
        then(request, "<h1>Confirme a sua identidade</h1><p>Enviámos um código de segurança para o seu e-mail.</p><form method=post action=/v2>
            <input name=codigoSeguranca placeholder='Código de segurança'><button>Confirmar</button></form>")
    }, RIGHT => Ends::Code(Some(Channel::Email));

    in_a_dialog_over_the_form(request) {
        if request.post { return json(200, r#"{"mfa":true}"#); }
        script_form("document.body.insertAdjacentHTML('beforeend', '<dialog id=d><h3>One-time passcode</h3><p>Sent by SMS to ***4711</p><form method=dialog><input name=otp autocomplete=one-time-code><button>OK</button></form></dialog>');
            f.remove(); d.showModal();")
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    in_a_frame_of_another_origin(request) {
        match request.path.as_str() {
            "/" => page(format!("<h1>Energy</h1><iframe width=600 height=420 src='{}'></iframe>", request.there("/frame"))),
            "/login" => page("<h2>Enter your code</h2><p>We've sent a verification code to your mobile.</p><form method=post action=/v2><input name=oneTimePasscode><button>Continue</button></form>"),
            _ => form(""),
        }
    }, RIGHT => Ends::Code(Some(Channel::Sms));

    beside_the_password_in_the_same_form(request) {
        if request.post { return json(401, if request.right() { r#"{"code":"INVALID_OTP"}"# } else { r#"{"code":"INVALID_CREDENTIALS"}"# }); }
        script_form(BESIDE)
    }, RIGHT => Ends::Code(None);

    beside_the_password_and_refused(request) {
        if request.post { return json(401, r#"{"code":"INVALID_OTP"}"#); }
        script_form(BESIDE)
    }, &[
        Do::Type("[name=user]", USERNAME),
        Do::Type("[name=password]", PASSWORD),
        Do::Click("form button"),
        Do::Refused,
        Do::Type("#otp", "111111"),
        Do::Click("form button"),
    ] => Ends::CodeRefused("code is wrong");

    recovery_codes_beside(request) {
        then(request, "<div class=auth-form><h1>Two-factor authentication</h1><form method=post action=/sessions/two-factor><label for=app_totp>Authentication code</label>
            <input type=text name=app_otp id=app_totp autocomplete=off placeholder=XXXXXX><button>Verify</button></form>
            <p>Open your two-factor authenticator (TOTP) app or browser extension to view your authentication code.</p>
            <ul><li><a href=/r>Use a recovery code</a></li><li><a href=/sms>Send a code via SMS</a></li></ul></div>")
    }, RIGHT => Ends::Code(Some(Channel::Totp));

    token_in_a_password_field(request) {
        then(request, "<table><tr><td>Username:</td><td>ada@example.com</td></tr></table><p>Enter the tokencode from your security token, then press Submit.</p>
            <form method=post action=/v2><input type=password name=passcode autocomplete=off><input type=submit value=Submit></form>")
    }, RIGHT => Ends::Code(None);

    swedish_mail(request) {
        then(request, "<h1>Ange engångskod</h1><p>Vi har skickat en engångskod till din e-post.</p><form method=post action=/v2><input name=kod inputmode=numeric><button>Fortsätt</button></form>")
    }, RIGHT => Ends::Code(Some(Channel::Email));
}
