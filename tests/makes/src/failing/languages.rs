//! A wrong password, in the languages of utilities.

use crate::{
    Ends, makes,
    parts::{WRONG, script_form},
    site::{Answer, Request, json, page},
};

/// The website's form in its own language, with this above it after the password.
fn says(request: &Request, labels: [&str; 3], error: &str) -> Answer {
    let [name, password, button] = labels;
    let error = if request.post { error } else { "" };
    page(format!(
        "<div class=container><h1>{button}</h1>{error}<form method=post action=/login><div><label for=u>{name}</label><input id=u name=user></div>
         <div><label for=p>{password}</label><input id=p name=password type=password></div><button>{button}</button></form></div>"
    ))
}

makes! {
    italian(request) { says(request, ["Nome utente", "Password", "Accedi"], "<div class=msg>Credenziali non valide. Riprova.</div>") }, WRONG => Ends::Rejected("non valide");
    dutch(request) { says(request, ["E-mailadres", "Wachtwoord", "Inloggen"], "<p>De combinatie van e-mailadres en wachtwoord is onjuist.</p>") }, WRONG => Ends::Rejected("onjuist");
    portuguese(request) { says(request, ["Utilizador", "Palavra-passe", "Entrar"], "<p class=text-danger>Utilizador ou palavra-passe incorretos.</p>") }, WRONG => Ends::Rejected("incorretos");
    brazilian(request) { says(request, ["CPF", "Senha", "Entrar"], "<div>CPF ou senha inválidos</div>") }, WRONG => Ends::Rejected("inválidos");
    swedish(request) { says(request, ["Användarnamn", "Lösenord", "Logga in"], "<div role=alert>Fel användarnamn eller lösenord.</div>") }, WRONG => Ends::Rejected("Fel");
    danish(request) { says(request, ["Brugernavn", "Adgangskode", "Log ind"], "<p>Forkert brugernavn eller adgangskode</p>") }, WRONG => Ends::Rejected("Forkert");
    norwegian(request) { says(request, ["Brukernavn", "Passord", "Logg inn"], "<p>Feil brukernavn eller passord.</p>") }, WRONG => Ends::Rejected("Feil");
    finnish(request) { says(request, ["Käyttäjätunnus", "Salasana", "Kirjaudu"], "<p>Käyttäjätunnus tai salasana on väärin.</p>") }, WRONG => Ends::Rejected("väärin");
    polish(request) { says(request, ["Login", "Hasło", "Zaloguj się"], "<span>Nieprawidłowy login lub hasło.</span>") }, WRONG => Ends::Rejected("Nieprawidłowy");
    czech(request) { says(request, ["E-mail", "Heslo", "Přihlásit se"], "<p>Přihlášení se nezdařilo. Zkontrolujte zadané údaje.</p>") }, WRONG => Ends::Rejected("nezdařilo");
    hungarian(request) { says(request, ["Felhasználónév", "Jelszó", "Bejelentkezés"], "<p>Hibás felhasználónév vagy jelszó!</p>") }, WRONG => Ends::Rejected("Hibás");
    romanian(request) { says(request, ["Utilizator", "Parolă", "Autentificare"], "<p>Utilizator sau parolă incorectă.</p>") }, WRONG => Ends::Rejected("incorect");
    turkish(request) { says(request, ["Kullanıcı adı", "Şifre", "Giriş"], "<p>Kullanıcı adı veya şifre hatalı.</p>") }, WRONG => Ends::Rejected("hatalı");
    russian(request) { says(request, ["Логин", "Пароль", "Войти"], "<p>Неверный логин или пароль</p>") }, WRONG => Ends::Rejected("Неверный");
    ukrainian(request) { says(request, ["Логін", "Пароль", "Увійти"], "<p>Невірний логін або пароль.</p>") }, WRONG => Ends::Rejected("Невірний");
    greek(request) { says(request, ["Όνομα χρήστη", "Κωδικός", "Είσοδος"], "<p>Λάθος όνομα χρήστη ή κωδικός.</p>") }, WRONG => Ends::Rejected("Λάθος");
    chinese(request) { says(request, ["用户名", "密码", "登录"], "<p>用户名或密码错误，请重新输入。</p>") }, WRONG => Ends::Rejected("错误");
    korean(request) { says(request, ["아이디", "비밀번호", "로그인"], "<p>아이디 또는 비밀번호가 일치하지 않습니다.</p>") }, WRONG => Ends::Rejected("일치하지");
    croatian(request) { says(request, ["Korisničko ime", "Lozinka", "Prijava"], "<p>Pogrešno korisničko ime ili lozinka.</p>") }, WRONG => Ends::Rejected("Pogrešno");
    catalan_of_an_app(request) {
        if request.post { return json(401, "{}"); }
        script_form("message.textContent = 'Usuari o contrasenya incorrectes.';")
    }, WRONG => Ends::Rejected("incorrectes");
    german_of_an_app(request) {
        if request.post { return json(401, r#"{"fehler":"Die Anmeldung ist fehlgeschlagen. Bitte prüfen Sie Ihre Zugangsdaten."}"#); }
        script_form("app.insertAdjacentHTML('afterbegin', '<div class=hinweis>' + reply.fehler + '</div>');")
    }, WRONG => Ends::Rejected("fehlgeschlagen");
}
