//! Captchas, maintenance and websites that do not want this browser.

use crate::{
    Ends, makes,
    parts::{RIGHT, WRONG, form, script_form},
    site::{Answer, Request, json, page, redirect},
};

fn then(request: &Request, html: &str) -> Answer {
    match request.path.as_str() {
        "/login" => redirect("/next"),
        "/next" => page(html),
        "/recaptcha/api2/anchor" => page("<label><input type=checkbox> I'm not a robot</label>"),
        _ => form(""),
    }
}

makes! {
    box_of_a_captcha_service(request) {
        if request.is("/recaptcha/api2/anchor") { return page("<div>I'm not a robot</div>"); }
        if request.post { form("<p>Please complete the security check.</p><div class=g-recaptcha><iframe title=reCAPTCHA width=304 height=78 src=/recaptcha/api2/anchor?k=x></iframe></div>") } else { form("") }
    }, RIGHT => Ends::Captcha;

    checking_the_browser(request) {
        then(request, "<div class=main-wrapper><h1 class=zone-name>energy.example</h1><h2>Verify you are human by completing the action below.</h2>
            <div style='width:300px;height:65px;border:1px solid'><label><input type=checkbox> Verify you are human</label></div><p>energy.example needs to review the security of your connection before proceeding.</p></div>")
    }, RIGHT => Ends::Captcha;

    characters_of_an_image(request) {
        then(request, "<h1>Security check</h1><form method=post action=/c><img src=/captcha.jpg width=180 height=50 alt='captcha image'><label>Type the characters you see in this image <input name=captchaText></label><button>Submit</button></form>")
    }, RIGHT => Ends::Captcha;

    puzzle_in_german(request) {
        then(request, "<h1>Sicherheitsabfrage</h1><p>Bitte bestätigen Sie, dass Sie kein Roboter sind.</p><div class=frc-captcha style='width:300px;height:70px'><button>Hier klicken zur Bestätigung</button></div>")
    }, RIGHT => Ends::Captcha;

    slider_in_chinese(request) {
        if request.post { return json(200, r#"{"need":"captcha"}"#); }
        script_form("app.innerHTML = '<div class=geetest_panel style=\"width:300px;height:200px\"><p>请完成安全验证</p><p>拖动滑块完成拼图，进行人机验证</p><div class=geetest_slider style=\"width:280px;height:40px\"></div></div>';")
    }, RIGHT => Ends::Captcha;

    unusual_traffic(request) {
        then(request, "<h1>Are you a robot?</h1><p>We have detected unusual traffic from your network. To continue, please confirm that you are not a robot.</p><button>Start puzzle</button>")
    }, RIGHT => Ends::Captcha;

    maintenance_in_words(request) {
        then(request, "<h1>We'll be back soon</h1><p>Our online account system is currently undergoing scheduled maintenance. We apologize for the inconvenience.</p>")
    }, RIGHT => Ends::Down;

    maintenance_in_german(request) {
        then(request, "<h1>Wartungsarbeiten</h1><p>Unser Kundenportal ist wegen Wartungsarbeiten vorübergehend nicht verfügbar.</p>")
    }, RIGHT => Ends::Down;

    maintenance_in_french(request) {
        then(request, "<h1>Service momentanément indisponible</h1><p>Votre espace client est en maintenance. Merci de réessayer plus tard.</p>").status(if request.is("/next") { 503 } else { 303 })
    }, RIGHT => Ends::Down;

    maintenance_of_an_app(request) {
        if request.post { return json(503, r#"{"message":"Service Unavailable"}"#); }
        script_form("app.innerHTML = '<h2>Sorry</h2><p>The service is temporarily unavailable. Please come back later.</p>';")
    }, RIGHT => Ends::Down;

    bad_gateway(request) {
        if request.post { page("<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>").status(502) } else { form("") }
    }, RIGHT => Ends::Down;

    closed_at_night(request) {
        then(request, "<h1>Online services are not available at this time</h1><p>The system is down for nightly processing between 11 p.m. and 1 a.m.</p>")
    }, RIGHT => Ends::Down;

    maintenance_in_spanish(request) {
        then(request, "<h1>En mantenimiento</h1><p>El área de clientes no está disponible en este momento por tareas de mantenimiento.</p>")
    }, RIGHT => Ends::Down;

    browser_not_supported(request) {
        then(request, "<h1>Your browser is not supported</h1><p>Please use the latest version of Chrome, Firefox, Edge or Safari to access your account.</p><ul><li><a href=#>Chrome</a></li><li><a href=#>Firefox</a></li></ul>")
    }, RIGHT => Ends::UnsupportedBrowser;

    browser_out_of_date(request) {
        then(request, "<div class=upgrade><h2>Update your browser</h2><p>You are using an outdated browser. Please upgrade your browser to continue.</p></div>")
    }, RIGHT => Ends::UnsupportedBrowser;

    browser_in_german(request) {
        then(request, "<h1>Ihr Browser wird nicht unterstützt</h1><p>Bitte verwenden Sie einen aktuellen Browser.</p>")
    }, RIGHT => Ends::UnsupportedBrowser;

    browser_in_french(request) {
        then(request, "<h1>Navigateur non pris en charge</h1><p>Votre navigateur n'est pas compatible avec l'espace client. Mettez à jour votre navigateur.</p>")
    }, RIGHT => Ends::UnsupportedBrowser;

    browser_in_spanish(request) {
        then(request, "<h1>Navegador no compatible</h1><p>Su navegador no es compatible con esta aplicación.</p>")
    }, RIGHT => Ends::UnsupportedBrowser;

    captcha_wrong_beside_the_form(request) {
        let ask = |error: &str| form(&format!("{error}<img id=captcha_img width=160 height=50 alt=captcha><input name=captcha_code placeholder='Enter the characters above'>"));
        if request.post { ask("<div class=error>The username or password you entered is incorrect.</div>") } else { form("") }
    }, WRONG => Ends::Rejected("incorrect");
}
