//! Security questions and choices.

use crate::{
    Ends, makes,
    parts::{RIGHT, form, script_form},
    site::{Answer, Request, json, page, redirect},
};

fn then(request: &Request, html: &str) -> Answer {
    match request.path.as_str() {
        "/login" => redirect("/challenge"),
        "/challenge" => page(html),
        _ => form(""),
    }
}

makes! {
    maiden_name(request) {
        then(request, "<h1>Verify your identity</h1><form method=post action=/answer><p>Please answer your security question.</p>
            <p><label for=ans>What is your mother's maiden name?</label></p><input id=ans name=answer type=text autocomplete=off><label><input type=checkbox> Remember this computer</label>
            <button type=submit>Continue</button></form>")
    }, RIGHT => Ends::Question;

    first_pet_in_a_password_field(request) {
        then(request, "<h2>Additional verification</h2><form method=post action=/answer><div class=q>Security question: What was the name of your first pet?</div>
            <input type=password name=challengeAnswer aria-label=Answer><button>Submit</button></form>")
    }, RIGHT => Ends::Question;

    question_in_german(request) {
        then(request, "<h1>Sicherheitsfrage</h1><p>Wie lautet der Geburtsname Ihrer Mutter?</p><form method=post action=/a><input name=antwort><button>Weiter</button></form>")
    }, RIGHT => Ends::Question;

    question_in_spanish(request) {
        then(request, "<h1>Pregunta de seguridad</h1><form method=post action=/a><label>¿En qué ciudad nació? <input name=respuesta></label><button>Continuar</button></form>")
    }, RIGHT => Ends::Question;

    question_in_an_app(request) {
        if request.post { return json(200, r#"{"next":"question"}"#); }
        script_form("app.innerHTML = '<h2>Security question</h2><p>What street did you grow up on?</p><input name=answer aria-label=Answer><button>Next</button>';")
    }, RIGHT => Ends::Question;

    question_in_french(request) {
        then(request, "<h1>Question secrète</h1><form method=post action=/a><label for=r>Quel est le nom de jeune fille de votre mère ?</label><input id=r name=reponse><button>Valider</button></form>")
    }, RIGHT => Ends::Question;

    account_to_pick(request) {
        then(request, "<a href=/logout>Log out</a><h1>Select an account</h1><form method=post action=/pick>
            <label><input type=radio name=a value=1 checked> Home, 0012-3456</label><label><input type=radio name=a value=2> Office, 0099-1111</label>
            <button>Continue</button></form>")
    }, RIGHT => Ends::Choice;

    contract_to_pick_in_german(request) {
        then(request, "<h2>Bitte wählen Sie einen Vertrag</h2><form method=post action=/pick><button name=v value=1>Strom 4711</button><button name=v value=2>Gas 4712</button></form>")
    }, RIGHT => Ends::Choice;

    tiles_of_ways(request) {
        then(request, "<div id=idDiv_SAOTCS_Title role=heading aria-level=1>Verify your identity</div><div class=table role=list>
            <div role=button tabindex=0 class=tile>Text +X XXX-XXX-XX47</div><div role=button tabindex=0 class=tile>Call +X XXX-XXX-XX47</div></div>
            <p>Are your verification methods current? Check at <a href=#>security info</a></p>")
    }, RIGHT => Ends::Choice;

    list_of_factors(request) {
        then(request, "<h2>Verify it's you with a security method</h2><p>Select from the following options</p><ul class=authenticator-list>
            <li><h3>Email</h3><p>a***a@example.com</p><button>Select email authenticator.</button></li>
            <li><h3>Phone</h3><p>+1 XXX-XXX-4711</p><button>Select phone (SMS) authenticator.</button></li></ul><a href=/signout>Back to sign in</a>")
    }, RIGHT => Ends::Choice;

    radios_in_german(request) {
        then(request, "<h1>Bestätigungscode anfordern</h1><p>Wie möchten Sie den Sicherheitscode erhalten?</p><form method=post action=/send>
            <label><input type=radio name=m value=s checked> Per SMS an ****4711</label><label><input type=radio name=m value=e> Per E-Mail an a***@example.com</label><button>Code senden</button></form>")
    }, RIGHT => Ends::Choice;

    radios_in_french(request) {
        then(request, "<h1>Vérification</h1><p>Comment souhaitez-vous recevoir votre code de sécurité ?</p><form method=post action=/send>
            <input type=radio id=a name=m><label for=a>Par SMS au ** ** ** 47</label><input type=radio id=b name=m><label for=b>Par e-mail</label><button>Envoyer</button></form>")
    }, RIGHT => Ends::Choice;

    links_of_ways(request) {
        then(request, "<h1>Choose how to verify</h1><p>We need to send you a verification code.</p><ul><li><a class=way href=/send?m=sms>Text message to (•••) •••-4711</a></li>
            <li><a class=way href=/send?m=mail>Email to a•••@example.com</a></li><li><a class=way href=/send?m=call>Phone call to (•••) •••-4711</a></li></ul>")
    }, RIGHT => Ends::Choice;

    send_code_button_with_one_way(request) {
        then(request, "<h1>Verify your account</h1><p>We will send a verification code to your mobile ***-***-4711.</p><form method=post action=/send><button>Text me a code</button></form>")
    }, RIGHT => Ends::Choice;
}
