//! Which form, fields and button are recognised in small pages in a real browser: a page for each rule.

use std::collections::HashMap;

use super::{PageReader, RecognisedLogin};
use crate::odd_documents::Pages;

/// A page, and the ids of identifier, password and button that are recognised; none when no form to sign in is.
struct Case {
    name: &'static str,
    html: &'static str,
    wanted: Option<[Option<&'static str>; 3]>,
}

const fn login(name: &'static str, html: &'static str, wanted: [Option<&'static str>; 3]) -> Case {
    Case {
        name,
        html,
        wanted: Some(wanted),
    }
}

const fn no_login(name: &'static str, html: &'static str) -> Case {
    Case {
        name,
        html,
        wanted: None,
    }
}

const USUAL: [Option<&str>; 3] = [Some("who"), Some("secret"), Some("send")];

const CASES: &[Case] = &[
    login(
        "autocomplete_wins_over_a_search_type",
        "<form><input id=who type=search autocomplete=username><input id=secret type=password><button id=send>Sign in</button></form>",
        USUAL,
    ),
    login(
        "the_only_text_before_the_password_is_taken_whatever_it_says",
        "<form><label>Card number <input id=who name=cardNumber></label><input id=secret type=password><button id=send>Sign in</button></form>",
        USUAL,
    ),
    login(
        "number_of_the_contract_among_others_before_the_password",
        "<form><label>Branch <input name=branch type=tel></label><label>Account number <input name=account type=tel></label>
         <label>ご契約番号 <input id=who name=no type=tel></label><input id=secret type=password><button id=send>Log in</button></form>",
        USUAL,
    ),
    login(
        "name_alone_that_is_sent_by_enter",
        "<form action='/as/authorization.ping'><label>E-mail or user name <input id=who name=subject></label></form>",
        [Some("who"), None, None],
    ),
    login(
        "name_alone_that_a_link_sends",
        "<form action='/as/authorization.ping'><label>E-mail or user name <input id=who name=subject></label><a id=send onclick='go()'>Next</a></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_whose_password_comes_into_sight_later",
        "<input id=who type=email name=email><div style='display:none'><input type=password name=password></div><a role=button href='#'>Forgot password?</a>",
        [Some("who"), None, None],
    ),
    login(
        "code_beside_the_password",
        "<form action='/login'><input id=who name=username><input id=secret type=password name=password><input name=otp type=tel><button id=send>Log in</button></form>",
        USUAL,
    ),
    no_login(
        "password_of_a_form_that_leads_to_another_to_sign_in",
        "<form><input name=email type=email autocomplete=username><input type=password autocomplete=current-password><button></button>
         Already a customer? <a href='/members/login'>Sign in</a></form>",
    ),
    no_login(
        "address_of_a_guest_in_a_form_that_hides_its_password_and_button",
        "<form class=form-login><input type=email name=username><div style='display:none'><input type=password name=password><button>Login</button></div></form>",
    ),
    no_login(
        "address_alone_that_is_sent_by_enter",
        "<form action='/news'><input name=email type=email></form>",
    ),
    no_login(
        "comment_with_name_and_address",
        "<form><label>Name <input name=userName></label><label>E-mail <input name=userEmail type=email></label><textarea name=body></textarea><button>Send</button></form>",
    ),
    login(
        "nearest_name_before_the_password",
        "<form><label>Contract number <input id=contract name=contractAccount></label><label>User <input id=who name=user></label>
         <input id=secret type=password><label>Site <input id=site name=userSite></label><button id=send>Log in</button></form>",
        USUAL,
    ),
    login(
        "new_password_in_a_form_that_is_named_a_login",
        "<form id=login-form><input id=who name=employee><input id=secret type=password autocomplete=new-password><input id=send type=submit value=Submit></form>",
        USUAL,
    ),
    login(
        "new_password_under_a_heading_to_sign_in",
        "<div><h1>Sign in</h1><input id=who name=account><input id=secret type=password autocomplete=new-password></div>",
        [Some("who"), Some("secret"), None],
    ),
    login(
        "password_that_is_shown_from_the_start",
        "<form><input id=who name=email><input id=secret name=password><button id=hide type=button>Hide</button><button id=send>Sign in</button></form>",
        USUAL,
    ),
    login(
        "disabled_until_the_scripts_of_the_page_run",
        "<form><input id=who name=username disabled><input id=secret type=password><button id=send>Log in</button></form>",
        USUAL,
    ),
    login(
        "second_form_of_the_same_shape_is_told_from_the_first",
        "<form><input id=who name=acct><input id=secret name=pw type=password><input id=send type=submit value=login></form>
         <form><input name=acct><input name=pw type=password><input type=submit value='create account'></form>",
        USUAL,
    ),
    login(
        "the_second_of_the_same_shape_is_the_login",
        "<form><input name=acct><input name=pw type=password><input type=submit value='create account'></form>
         <form><input id=who name=acct><input id=secret name=pw type=password><input id=send type=submit value=login></form>",
        USUAL,
    ),
    login(
        "form_with_a_password_comes_before_a_name_alone",
        "<div><input id=filter name=userFilter><button>Log in</button></div>
         <form><input id=who name=loginName><input id=secret type=password><button id=send>Log in</button></form>",
        USUAL,
    ),
    login(
        "button_that_a_script_sends_with",
        "<form><input id=who name=user><input id=secret type=password><input id=send type=button value='ログインする'></form>",
        USUAL,
    ),
    login(
        "button_that_shows_the_password_is_not_the_main_one",
        "<form><input id=who name=user><input id=secret type=password><button id=show>Show password</button><button id=send aria-label='Log in'></button></form>",
        USUAL,
    ),
    login(
        "a_second_button_to_register_does_not_decide",
        "<form><input id=who name=user><input id=secret type=password><button id=register>Register</button><button id=send type=submit>Log in</button></form>",
        USUAL,
    ),
    login(
        "decoy_before_the_name",
        "<form><input id=decoy type=password><input id=who name=memberNumber><input id=secret type=password><button id=send>Log in</button></form>",
        USUAL,
    ),
    login(
        "surname_beside_number_and_pin",
        "<form><input id=who name=memberId><input id=surname name=lastName><input id=secret type=password><button id=send>Log in</button></form>",
        USUAL,
    ),
    no_login(
        "name_and_surname_with_a_button_that_says_nothing",
        "<form><input name=email><input name=first autocomplete=given-name><input name=last autocomplete=family-name>
         <input type=password autocomplete=current-password><button>Continue</button></form>",
    ),
    no_login(
        "main_button_makes_an_account",
        "<form><label>Name <button>Sign in</button><input name=nickname></label><input name=email><input type=password><button type=submit>Register</button></form>",
    ),
    no_login(
        "address_and_name_to_be_known_by",
        "<form><input name=email><input name=username><input type=password></form>",
    ),
    no_login(
        "address_to_be_typed_twice",
        "<form><input name=email><input name=confirm_email><input name=password><button>Continue</button></form>",
    ),
    login(
        "a_code_that_may_come_by_mail_is_no_address",
        "<form><input id=who name=userName><input id=secret type=password><input name=codeByEmail autocomplete=one-time-code></form>",
        [Some("who"), Some("secret"), None],
    ),
    no_login(
        "password_is_to_be_created",
        "<form><input name=email><label>Create a password <input type=password name=p></label><button>Continue</button></form>",
    ),
    no_login(
        "security_code_of_a_card",
        "<form><input name=cardNumber><label>CSC <input type=password name=cardSecurityNumber></label><button>Continue</button></form>",
    ),
    no_login(
        "newsletter_whose_button_is_that_of_a_login_elsewhere",
        "<form><h2>Abonnieren Sie unseren Newsletter</h2><input type=email name=email><button>Anmelden</button></form>",
    ),
    no_login(
        "first_step_of_a_registration",
        "<h1>Create account</h1><form><input type=email name=email><button>Next</button></form>",
    ),
    login(
        "box_with_a_label_beside_its_field",
        "<h2>Login/Register</h2><div><div><div class=label>Email or mobile number <span>Please fill out this field*</span></div><div class=h><input type=text id=who></div></div><div><input type=button value=Continue id=send></div></div><div><div>Enter OTP</div><div><input maxlength=1><input maxlength=1><input maxlength=1><input maxlength=1></div><input type=button value='Verify OTP'></div><div><div>Name</div><div><input></div><div>Email</div><div><input type=email></div><textarea></textarea><input type=button value=Submit></div>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "box_beside_others_that_ask_for_a_code_and_a_message",
        "<div class=x><div class=y>E-Mail-Adresse oder Kundennummer</div><div class=z><input id=who></div><div><button id=send>Weiter</button></div></div><div class=x><div>Bitte geben Sie den Code ein</div><div><input maxlength=1><input maxlength=1><input maxlength=1><input maxlength=1></div><button>Bestätigen</button></div><div class=x><p>Ihre Nachricht</p><input><textarea></textarea><button>Absenden</button></div>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "box_that_a_link_sends_beside_a_newsletter",
        "<section><p>Usuario o correo electrónico</p><p><input id=who></p><p><a role=button href='#' id=send>Siguiente</a></p></section><section><p>Suscríbete a nuestro boletín</p><p><input type=email></p><button>Enviar</button></section><section><p>Código</p><p><input maxlength=1><input maxlength=1><input maxlength=1><input maxlength=1></p><button>Confirmar</button></section>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "box_beside_one_that_makes_an_account",
        "<div><div>Adres e-mail</div><div><input id=who></div><div><button id=send>Dalej</button></div></div><div><div>Imię</div><div><input></div><div>Nazwisko</div><div><input></div><div>Hasło</div><div><input type=password></div><div>Powtórz hasło</div><div><input type=password></div><button>Zarejestruj się</button></div>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "label_in_a_box_of_its_own",
        "<form><div class=r><div>Zákaznické číslo</div><div><input name=x1 id=who></div></div><button id=send>Pokračovat</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "label_in_a_cell_beside",
        "<form><table><tr><td>Korisničko ime</td><td><input name=i1 id=who></td></tr></table><button id=send>Nastavi</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_greek",
        "<form><label for=who>Όνομα χρήστη</label><input name=x1 id=who><button id=send>Συνέχεια</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_arabic",
        "<form dir=rtl><label for=who>اسم المستخدم أو البريد الإلكتروني</label><input name=x1 id=who><button id=send>التالي</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_hebrew",
        "<form dir=rtl><label for=who>שם משתמש</label><input name=x1 id=who><button id=send>המשך</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_thai",
        "<form><label for=who>ชื่อผู้ใช้</label><input name=x1 id=who><button id=send>ถัดไป</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_vietnamese",
        "<form><label for=who>Tên đăng nhập</label><input name=x1 id=who><button id=send>Tiếp tục</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_korean",
        "<form><label for=who>아이디 또는 이메일</label><input name=x1 id=who><button id=send>계속</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_chinese",
        "<form><label for=who>邮箱/手机号</label><input name=x1 id=who><button id=send>下一步</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_persian",
        "<form><label>نام کاربری <input name=i1 id=who></label><button id=send>ادامه</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_hindi",
        "<form><label for=who>ईमेल या मोबाइल नंबर</label><input name=x1 id=who><button id=send>आगे बढ़ें</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "name_in_bulgarian",
        "<form><label>Потребителско име <input name=i1 id=who></label><button id=send>Напред</button></form>",
        [Some("who"), None, Some("send")],
    ),
    login(
        "link_that_sends",
        "<form><input name=user id=who><input name=pass type=password id=secret><a href='javascript:void(0)' onclick='go()' id=send>Log in</a></form>",
        USUAL,
    ),
    login(
        "box_that_sends_with_a_script",
        "<div><input name=user id=who><input name=pass type=password id=secret><div class='btn btn-primary' onclick='go()' id=send>Sign in</div></div>",
        USUAL,
    ),
    login(
        "button_in_an_unknown_language",
        "<form><input name=user id=who><div><input name=pass type=password id=secret><button type=button aria-label=eye>👁</button></div><button type=button id=send>Hyr brenda</button></form>",
        USUAL,
    ),
    login(
        "password_hidden_by_its_style",
        "<form><input name=userid id=who><input name=secretword type=text style='-webkit-text-security:disc' placeholder=Password id=secret><button id=send>Log in</button></form>",
        USUAL,
    ),
    login(
        "name_hidden_by_its_style_beside_a_password",
        "<form><input name=userid style='-webkit-text-security:disc' id=who><input type=password name=pw id=secret><button id=send>Login</button></form>",
        USUAL,
    ),
    login(
        "new_password_with_a_button_in_thai",
        "<form><input name=u id=who><input type=password autocomplete=new-password name=x id=secret><button id=send>เข้าสู่ระบบ</button></form>",
        USUAL,
    ),
    login(
        "heading_after_the_form_is_not_its_own",
        "<form><input name=user id=who><input type=password name=pw id=secret><button id=send>OK</button></form><h1>Registrierung von Domains</h1>",
        USUAL,
    ),
    login(
        "names_that_say_both_to_sign_in_and_to_register",
        "<form id=loginOrRegister><input type=email name=email id=who><button id=send>Continue</button></form>",
        [Some("who"), None, Some("send")],
    ),
    no_login(
        "forgotten_password",
        "<form><h1>Forgot your password?</h1><p>Enter your email address and we will send you a link.</p><input name=username id=who><button id=send>Continue</button></form>",
    ),
    no_login(
        "forgotten_password_in_german",
        "<form><h1>Passwort zurücksetzen</h1><label>Benutzername<input name=login id=who></label><button id=send>Weiter</button></form>",
    ),
    no_login(
        "forgotten_password_by_the_address_of_its_form",
        "<form action=/account/forgot-password><input name=email type=email><button id=send>Continue</button></form>",
    ),
    no_login(
        "step_of_an_order",
        "<form><h2>Contact</h2><input name=email type=email><button id=send>Continue to shipping</button></form>",
    ),
    no_login(
        "step_of_an_order_in_german",
        "<form><h2>Kontaktdaten</h2><input name=email type=email><button id=send>Weiter</button></form>",
    ),
    no_login(
        "address_and_telephone_number",
        "<form><h2>Sus datos</h2><input name=email type=email><input name=phone type=tel><button id=send>Continuar</button></form>",
    ),
    no_login(
        "newsletter_in_portuguese",
        "<form><h3>Receba as novidades</h3><input type=email name=email><button id=send>Continuar</button></form>",
    ),
    no_login(
        "registration_in_thai",
        "<form><h1>สมัครสมาชิก</h1><input type=email name=email><input type=password name=pw><button id=send>ถัดไป</button></form>",
    ),
    no_login(
        "registration_in_arabic",
        "<form><h1>إنشاء حساب</h1><input name=email><input type=password name=pw><button id=send>تسجيل</button></form>",
    ),
    no_login(
        "registration_in_swedish",
        "<form><h1>Skapa konto</h1><input name=email type=email><button id=send>Nästa</button></form>",
    ),
    no_login(
        "registration_whose_link_leads_to_the_login",
        "<div><h1>Konto erstellen</h1><div>E-Mail</div><div><input type=email></div><div>Passwort</div><div><input type=password></div><div><button id=send>Konto erstellen</button></div><p>Schon Kunde? <a>Anmelden</a></p></div>",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_finds_its_form() {
    let pages = CASES.iter().map(|case| {
        let html = format!("<!doctype html><title>x</title><body>{}", case.html);
        (format!("/{}", case.name), html)
    });
    let pages = Pages::of(pages.collect::<HashMap<_, _>>()).await;
    let describe = "function (element) { return element.id; }";
    let mut wrong = Vec::new();
    let first = pages.url("/");
    let mut reader = PageReader::open(&pages.browser, &first)
        .await
        .expect("a browser");
    for case in CASES {
        let url = pages.url(&format!("/{}", case.name));
        reader.turn_to(&url).await.expect("a browser");
        let found = reader.login(describe).await.expect("a browser");
        let wanted = case
            .wanted
            .map(|[identifier, password, submit]| RecognisedLogin {
                identifier: identifier.map(Into::into),
                password: password.map(Into::into),
                submit: submit.map(Into::into),
            });
        if found != wanted {
            wrong.push(format!("{}: {found:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
