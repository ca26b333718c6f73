//! What a website's sentence means. Whole phrases in the languages that utilities speak; a language
//! that is missing makes a verdict less sure, never a false "signed in".

use std::sync::LazyLock;

/// The things that one text of a page can mean for a sign-in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meaning {
    /// User name or password refused.
    pub rejected: bool,
    /// The account is locked, or too many attempts.
    pub locked: bool,
    /// Prove that you are human.
    pub captcha: bool,
    /// Whether it speaks of a one-time code.
    pub code: bool,
    /// Whether it asks to choose a new password.
    pub new_password: bool,
    /// Whether it is a security question.
    pub question: bool,
    /// Whether it asks which of several accounts is wanted.
    pub which_account: bool,
    /// Approve it on another device.
    pub push: bool,
    /// A code was refused, or came too late.
    pub code_refused: bool,
    /// Terms, or a consent, are to be accepted.
    pub consent: bool,
    /// The website does not want this browser.
    pub unsupported_browser: bool,
    /// Something else went wrong: session, cookies, tokens, rights.
    pub trouble: bool,
    /// Whether it says that the website is down for maintenance.
    pub down: bool,
}

impl Meaning {
    /// What several texts say together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            rejected: self.rejected || other.rejected,
            locked: self.locked || other.locked,
            captcha: self.captcha || other.captcha,
            code: self.code || other.code,
            new_password: self.new_password || other.new_password,
            question: self.question || other.question,
            which_account: self.which_account || other.which_account,
            push: self.push || other.push,
            code_refused: self.code_refused || other.code_refused,
            consent: self.consent || other.consent,
            unsupported_browser: self.unsupported_browser || other.unsupported_browser,
            trouble: self.trouble || other.trouble,
            down: self.down || other.down,
        }
    }
}

/// Looks for the phrases of all known languages in one text.
#[must_use]
pub fn meaning(text: &str) -> Meaning {
    let text = text.to_lowercase().replace('\u{2019}', "'");
    let has = |section: &str| says(&text, section);
    let plain = has("rejected") || (has("refused things") && has("refusals"));
    let (code, push, new_password) = (has("code"), has("push"), has("new password"));
    // "Check your email" for a code, or for a link, asks for something else.
    let request = !(code || push || new_password) && asks_to_check(&text);
    Meaning {
        rejected: (plain || request) && !has("excuses"),
        locked: has("locked") && !has("not yet locked"),
        captcha: has("captcha"),
        code,
        new_password,
        question: has("question"),
        which_account: has("which account"),
        push,
        code_refused: has("code things") && (has("refusals") || has("expired")),
        consent: has("consent"),
        unsupported_browser: has("unsupported browser"),
        trouble: has("trouble"),
        down: has("down"),
    }
}

/// Characters of a text that says no more than that the page is at work.
const WAITING_LENGTH: usize = 80;

/// Whether a lower-case text asks to check what was sent: a refusal that is phrased as a request.
fn asks_to_check(text: &str) -> bool {
    let has = |section: &str| says(text, section);
    has("check requests") && (has("credential words") || (has("sent things") && has("again")))
}

/// Whether a text says only that the page is at work ("Loading…"): no answer, and nothing to quote.
#[must_use]
pub fn is_waiting(text: &str) -> bool {
    if text.chars().count() > WAITING_LENGTH {
        return false;
    }
    let lower = text.to_lowercase();
    let waits = says(&lower, "waiting") || !lower.chars().any(char::is_alphanumeric);
    waits && meaning(text) == Meaning::default()
}

/// Whether a lower-case text has a phrase of this section of `words.txt`.
pub(super) fn says(text: &str, section: &str) -> bool {
    // So that a blank tells a whole word at the ends as well.
    let text = format!(" {text} ");
    WORDS
        .iter()
        .filter(|(name, _)| *name == section)
        .any(|(_, phrases)| phrases.iter().any(|phrase| text.contains(phrase.as_str())))
}

/// Sections of `words.txt`.
static WORDS: LazyLock<Vec<(&str, Vec<String>)>> = LazyLock::new(|| {
    let mut sections: Vec<(&str, Vec<String>)> = Vec::new();
    for line in include_str!("words.txt").lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            sections.push((name, Vec::new()));
        } else if let Some((_, phrases)) = sections.last_mut() {
            // An underscore stands for a blank that matters.
            phrases.extend(
                line.split('|')
                    .map(|phrase| phrase.trim().replace('_', " ")),
            );
        }
    }
    sections
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_in_many_languages() {
        for text in [
            "The username or password you entered is incorrect.",
            "We didn't recognize that.",
            "Login failed",
            "Benutzername oder Passwort ist falsch.",
            "Identifiant ou mot de passe incorrect.",
            "El usuario o la contraseña no son correctos.",
            "Nome utente o password errati",
            "Gebruikersnaam of wachtwoord is onjuist",
            "Nieprawidłowy login lub hasło",
            "Неверный логин или пароль",
            "ユーザーIDまたはパスワードが正しくありません",
            "用户名或密码错误",
            "아이디 또는 비밀번호가 올바르지 않습니다",
        ] {
            assert!(meaning(text).rejected, "{text}");
        }
        for text in [
            "Your last payment failed.",
            "Welcome back, Ada",
            "Your bill for October is ready",
            "We could not find any bills for your account",
        ] {
            assert!(!meaning(text).rejected, "{text}");
        }
    }

    #[test]
    fn a_request_to_check_what_was_sent_is_a_refusal_in_many_languages() {
        for text in [
            "Please check your details and try again.",
            "Please check the information you entered.",
            "Please double-check your username and password",
            "Make sure your user ID and password are typed as on your card.",
            "Bitte überprüfen Sie Ihre Angaben und versuchen Sie es erneut.",
            "Bitte prüfen Sie Ihre Eingaben.",
            "Veuillez vérifier vos informations et réessayer.",
            "Vérifiez votre identifiant et votre mot de passe.",
            "Compruebe sus datos e inténtelo de nuevo.",
            "Por favor, revise los datos introducidos.",
            "Controlla i tuoi dati e riprova.",
            "Controleer uw gegevens en probeer het opnieuw.",
            "Verifique os seus dados e tente novamente.",
            "Kontrollera dina uppgifter och försök igen.",
            "Kontroller dine oplysninger, og prøv igen.",
            "Sjekk opplysningene og prøv på nytt.",
            "Tarkista tiedot ja yritä uudelleen.",
            "Sprawdź wprowadzone dane i spróbuj ponownie.",
            "Zkontrolujte zadané údaje a zkuste to znovu.",
            "Ellenőrizze az adatait, és próbálja újra.",
            "Verificați datele și încercați din nou.",
            "Lütfen bilgilerinizi kontrol edin ve tekrar deneyin.",
            "Проверьте введённые данные и попробуйте ещё раз.",
            "Ελέγξτε τα στοιχεία σας και δοκιμάστε ξανά.",
            "入力内容をご確認のうえ、もう一度お試しください。",
            "请检查您的信息，然后重试。",
            "입력하신 정보를 확인해 주세요.",
        ] {
            assert!(meaning(text).rejected, "{text}");
        }
        for text in [
            "Check your email for a verification code.",
            "Please check your email to continue",
            "We sent you a link. Check your inbox and try again if nothing comes.",
            "Please check your meter readings.",
            "Please verify your contact details.",
            "Bitte prüfen Sie Ihr Postfach.",
            "Review your bill",
            "Check your usage",
            "Make sure you never miss a bill: sign up for reminders.",
            "Your session has expired. Please check your details and try again.",
        ] {
            assert!(!meaning(text).rejected, "{text}");
        }
    }

    #[test]
    fn what_a_page_says_while_it_works_is_no_answer() {
        for text in [
            "Loading…",
            "Please wait",
            "Please wait while we sign you in",
            "Signing in...",
            "Bitte warten",
            "Einen Moment bitte …",
            "Chargement en cours",
            "Veuillez patienter",
            "Cargando…",
            "Caricamento",
            "Even geduld",
            "A carregar…",
            "Laddar",
            "Ładowanie",
            "Загрузка…",
            "読み込み中",
            "请稍候",
            "잠시만 기다려 주세요",
            "…",
        ] {
            assert!(is_waiting(text), "{text}");
        }
        for text in [
            "Wrong password, please wait and try again",
            "Please wait 10 minutes: too many attempts",
            "Unknown user",
            "Nope.",
            "Welcome back, Ada",
        ] {
            assert!(!is_waiting(text), "{text}");
        }
    }

    #[test]
    fn every_section_that_is_asked_for_exists() {
        assert!(WORDS.iter().all(|(_, phrases)| phrases.len() > 5));
        assert!(
            WORDS
                .iter()
                .flat_map(|(_, phrases)| phrases)
                .all(|p| p.chars().count() > 1 && p.to_lowercase() == *p)
        );
        for text in [
            "captcha",
            "wartungsarbeiten",
            "csrf",
            "check your phone",
            "maiden name",
            "nouveau mot de passe",
            "mtan",
        ] {
            assert_ne!(meaning(text), Meaning::default(), "{text}");
        }
    }

    #[test]
    fn a_threat_of_a_lock_is_no_lock() {
        assert!(meaning("Your account has been locked.").locked);
        assert!(meaning("Ihr Konto wurde gesperrt.").locked);
        let threat = meaning(
            "Wrong password. Your account will be locked after 2 more attempts; too many attempts lock it.",
        );
        assert!(threat.rejected && !threat.locked);
    }
}
