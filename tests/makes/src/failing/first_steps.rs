//! The password was right, and something more is asked for: in few words, below menus, in unknown ones.

use crate::{
    Channel, Ends, makes,
    parts::{BASQUE_MENU, WRONG, form},
    site::{page, redirect},
};

makes! {
    captcha_page(request) {
        if !request.post { return form(""); }
        page("<h1>One more step</h1><p>Type the characters you see.</p><form><img id=captcha-image width=200 height=60 alt=x style='background:#ccc'>
              <input name=captcha><button>Continue</button></form><a href=/logout>Sign out</a>")
    }, WRONG => Ends::Captcha;

    one_time_code(request) {
        if !request.post { return form(""); }
        page("<nav><a href=/account>My account</a> <a href=/logout>Sign out</a></nav><h1>Check it is you</h1>
              <p>We sent a text message with a verification code to ***-***-4711</p>
              <form method=post action=/code><input name=otp inputmode=numeric autocomplete=one-time-code><button>Verify</button></form>")
    }, WRONG => Ends::Code(Some(Channel::Sms));

    one_time_code_in_boxes(request) {
        if !request.post { return form(""); }
        let boxes = "<input maxlength=1 size=1>".repeat(6);
        page(format!("<a href=/logout>Log out</a><h1>Enter the numbers</h1><form method=post>{boxes}<button>OK</button></form>"))
    }, WRONG => Ends::Code(None);

    new_password_demanded(request) {
        if !request.post { return form(""); }
        page("<nav><a href=/account>My account</a> <a href=/logout>Log out</a></nav><h1>Your password has expired</h1><form method=post>
              <input type=password name=old placeholder='Current password'><input type=password name=new1 placeholder='New password'>
              <input type=password name=new2 placeholder='Repeat'><button>Save</button></form>")
    }, WRONG => Ends::NewPassword;

    security_question(request) {
        if !request.post { return form(""); }
        page("<a href=/logout>Log out</a><h1>Security question</h1><form><label>Name of your first pet <input name=a1></label><button>Continue</button></form>")
    }, WRONG => Ends::Question;

    choice_of_ways(request) {
        if !request.post { return form(""); }
        page("<a href=/logout>Log out</a><h1>How should we send your verification code?</h1><form>
              <label><input type=radio name=w> Text message to ***4711</label><label><input type=radio name=w> Email to a***@example.com</label>
              <button>Send code</button></form>")
    }, WRONG => Ends::Choice;

    terms_to_accept(request) {
        if !request.post {
            return form("");
        }
        page("<nav><a href=/bills>Bills</a> <a href=/a>My account</a> <a href=/logout>Log out</a></nav>
              <h1>Please accept the terms and conditions</h1><form method=post><label><input type=checkbox> I agree</label><button>Continue</button></form>")
    }, WRONG => Ends::Consent;

    unknown_step_below_the_whole_menu(request) {
        if !request.post {
            return form("");
        }
        page("<nav><a href=/bills>Bills</a> <a href=/u>Usage</a> <a href=/a>My account</a> <a href=/logout>Log out</a></nav>
              <h1>Sisesta kinnituse number</h1><form method=post><input name=kinnitus><button>Edasi</button></form>")
    }, WRONG => Ends::Unproven;

    unknown_approval_below_the_whole_menu_that_asks_who_is_anonymous(request) {
        match request.path.as_str() {
            "/baieztatu" if request.has_cookie("half") => page(format!("{BASQUE_MENU}<h1>Begiratu telefonoa</h1><p>Onartu eskaera aplikazioan.</p><button type=button>Berriro</button>")),
            "/baieztatu" => redirect("/login"),
            _ if request.post => redirect("/baieztatu").cookie("half=1"),
            _ => form(""),
        }
    }, WRONG => Ends::Unproven;

    unknown_terms_below_the_whole_menu_that_ask_who_is_anonymous(request) {
        match request.path.as_str() {
            "/baldintzak" if request.has_cookie("half") => page(format!("{BASQUE_MENU}<h1>Baldintza berriak</h1>{}<form method=post action=/bai><button>Ados</button></form>", "<p>Zerbitzuaren baldintza orokorrak aldatu dira.</p>".repeat(60))),
            "/baldintzak" => redirect("/login"),
            _ if request.post => redirect("/baldintzak").cookie("half=1"),
            _ => form(""),
        }
    }, WRONG => Ends::Unproven;

    failure_on_a_page_of_its_own_that_everybody_is_shown(request) {
        match request.path.as_str() {
            "/akatsa" => page(format!("{BASQUE_MENU}<h1>Ezin izan da</h1>{}", "<p>Zerbitzuaren berri orokorrak.</p>".repeat(60))),
            _ if request.post => redirect("/akatsa"),
            _ => form(""),
        }
    }, WRONG => Ends::Unproven;
}
