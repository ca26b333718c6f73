//! The account is locked, or a new password is demanded.

use crate::{
    Ends, makes,
    parts::{RIGHT, WRONG, form, script_form},
    site::{Answer, Request, json, page, redirect},
};

fn then(request: &Request, html: &str) -> Answer {
    match request.path.as_str() {
        "/login" => redirect("/next"),
        "/next" => page(html),
        _ => form(""),
    }
}

makes! {
    locked_above_the_form(request) {
        if request.post { form("<div class='validation-summary-errors'><ul><li>Your account has been locked due to too many failed sign-in attempts.</li></ul></div>") } else { form("") }
    }, WRONG => Ends::Locked;

    locked_for_a_while(request) {
        then(request, "<h1>Account temporarily locked</h1><p>For your protection, online access is locked out. Try again in 30 minutes or reset your password.</p><a href=/reset>Reset password</a>")
    }, WRONG => Ends::Locked;

    locked_by_status(request) {
        if request.post { return json(423, r#"{"message":"This account is locked. Contact customer care."}"#); }
        script_form("message.textContent = reply.message;")
    }, WRONG => Ends::Locked;

    locked_in_german(request) {
        then(request, "<h1>Zugang gesperrt</h1><p>Ihr Benutzerkonto wurde nach mehreren Fehlversuchen gesperrt. Bitte wenden Sie sich an unseren Kundenservice.</p>")
    }, WRONG => Ends::Locked;

    locked_in_french(request) {
        if request.post { form("<p class=msg-erreur>Votre compte est bloqué suite à trop de tentatives infructueuses.</p>") } else { form("") }
    }, WRONG => Ends::Locked;

    locked_in_japanese(request) {
        then(request, "<h1>ログインできません</h1><p>アカウントがロックされました。30分後に再度お試しください。</p>")
    }, WRONG => Ends::Locked;

    locked_in_a_dialog_in_spanish(request) {
        if request.post { return json(403, "{}"); }
        script_form("app.insertAdjacentHTML('beforeend', '<div role=dialog class=modal><h4>Usuario bloqueado</h4><p>Ha superado el número máximo de intentos.</p><button>Aceptar</button></div>');")
    }, WRONG => Ends::Locked;

    account_disabled(request) {
        if request.post { form("<span class=error>This account is disabled. Please contact support.</span>") } else { form("") }
    }, RIGHT => Ends::Locked;

    too_many_requests_of_a_firewall(request) {
        if request.post { page("<h1>429 Too Many Requests</h1><p>You have sent too many requests in a given amount of time.</p>").status(429) } else { form("") }
    }, WRONG => Ends::Locked;

    old_and_two_new(request) {
        then(request, "<h1>Password expired</h1><p>Your password has expired and must be changed before you continue.</p><form method=post action=/change>
            <label>Current password <input type=password name=OldPassword></label><label>New password <input type=password name=NewPassword></label>
            <label>Confirm new password <input type=password name=ConfirmPassword></label><button>Change password</button></form>")
    }, RIGHT => Ends::NewPassword;

    two_new_after_a_policy(request) {
        then(request, "<div class=card-pf><h1>Update password</h1><div class=alert-warning>You need to change your password to activate your account.</div>
            <form id=kc-passwd-update-form method=post action=/change><label for=password-new>New Password</label><input type=password id=password-new name=password-new autocomplete=new-password>
            <label for=password-confirm>Confirm password</label><input type=password id=password-confirm name=password-confirm autocomplete=new-password><input type=submit value=Submit></form></div>")
    }, RIGHT => Ends::NewPassword;

    new_in_german(request) {
        then(request, "<h2>Passwort ändern</h2><p>Ihr Kennwort ist abgelaufen. Bitte vergeben Sie ein neues Passwort.</p><form method=post action=/change>
            <label>Neues Passwort <input type=password name=pw1></label><label>Neues Passwort wiederholen <input type=password name=pw2></label><button>Speichern</button></form>")
    }, RIGHT => Ends::NewPassword;

    behind_a_link(request) {
        then(request, "<h1>Time to update your password</h1><p>You must change your password before you can sign in.</p><a class='btn btn-primary' href=/change>Change password</a>")
    }, RIGHT => Ends::NewPassword;

    new_in_an_app(request) {
        if request.post { return json(200, r#"{"challenge":"NEW_PASSWORD_REQUIRED"}"#); }
        script_form("app.innerHTML = '<h2>Create a new password</h2><p>Your temporary password must be replaced.</p><input type=password placeholder=\"New password\" name=np><input type=password placeholder=\"Confirm\" name=np2><button>Save</button>';")
    }, RIGHT => Ends::NewPassword;

    new_in_french(request) {
        then(request, "<h1>Mot de passe expiré</h1><form method=post action=/change><p>Votre mot de passe a expiré. Veuillez en choisir un autre.</p>
            <input type=password name=nouveau placeholder='Nouveau mot de passe'><input type=password name=conf placeholder='Confirmer le nouveau mot de passe'><button>Enregistrer</button></form>")
    }, RIGHT => Ends::NewPassword;

    new_below_the_menu_of_the_portal(request) {
        then(request, "<nav><a href=/bills>Bills</a> <a href=/u>Usage</a> <a href=/account>My account</a> <a href=/logout>Log out</a></nav><h1>Hello Ada</h1><h2>Choose a new password</h2>
            <form method=post action=/change><input type=password name=p1 autocomplete=new-password><input type=password name=p2 autocomplete=new-password><div class=meter>Weak</div><button>Continue</button></form>")
    }, RIGHT => Ends::NewPassword;
}
