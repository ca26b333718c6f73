//! What a website's sentence means. Whole phrases in the languages that utilities speak; a language
//! that is missing makes a verdict less sure, never a false "signed in".

use std::sync::LazyLock;

/// What one text says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meaning {
    /// User name or password refused.
    pub rejected: bool,
    /// The account is locked, or too many attempts.
    pub locked: bool,
    /// Prove that you are human.
    pub captcha: bool,
    /// A one-time code.
    pub code: bool,
    /// Choose a new password.
    pub new_password: bool,
    /// A security question.
    pub question: bool,
    /// Approve it on another device.
    pub push: bool,
    /// Something else went wrong: session, cookies, tokens, rights.
    pub trouble: bool,
    /// Maintenance.
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
            push: self.push || other.push,
            trouble: self.trouble || other.trouble,
            down: self.down || other.down,
        }
    }
}

/// Reads one text.
#[must_use]
pub fn meaning(text: &str) -> Meaning {
    let text = text.to_lowercase().replace('\u{2019}', "'");
    let has = |section: &str| says(&text, section);
    Meaning {
        rejected: (has("rejected") || (has("refused things") && has("refusals")))
            && !has("excuses"),
        locked: has("locked") && !has("not yet locked"),
        captcha: has("captcha"),
        code: has("code"),
        new_password: has("new password"),
        question: has("question"),
        push: has("push"),
        trouble: has("trouble"),
        down: has("down"),
    }
}

/// Whether a lower-case text has a phrase of this section of `words.txt`.
pub(super) fn says(text: &str, section: &str) -> bool {
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
