//! The channel that a one-time code travels by (SMS, mail, …), read from the website's own words.

use super::verdict::CodeChannel;

/// The channel and the masked target (`j***@example.com`) that these texts about a code name.
#[must_use]
pub fn source(texts: &[&str]) -> (Option<CodeChannel>, Option<String>) {
    let target = texts.iter().find_map(|text| masked(text));
    let by_target = target.as_ref().map(|target| {
        if target.contains('@') {
            CodeChannel::Email
        } else {
            CodeChannel::Sms
        }
    });
    let by_words = texts.iter().find_map(|text| channel(&text.to_lowercase()));
    (by_words.or(by_target), target)
}

/// The channel that a text about a code names. The text must be lower case.
#[must_use]
pub fn channel(text: &str) -> Option<CodeChannel> {
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if any(&[
        "authenticator",
        "totp",
        "authentifizierungs-app",
        "application d'authentification",
        "autenticador",
    ]) {
        return Some(CodeChannel::Totp);
    }
    if any(&[
        "sms",
        "text message",
        "text me",
        "by text",
        "textnachricht",
        "mensaje de texto",
        "message texte",
        "mobile",
        "text (",
        "text +",
        "to a phone",
        "to your phone",
        "phone number ending",
    ]) {
        return Some(CodeChannel::Sms);
    }
    if any(&[
        "e-mail",
        "email",
        "e-post",
        "courriel",
        "correo",
        "メール",
        "邮箱",
    ]) {
        return Some(CodeChannel::Email);
    }
    any(&[
        "call me",
        "call +",
        "call (",
        "calling you",
        "phone call",
        "voice",
        "anruf",
        "appel",
        "llamada",
    ])
    .then_some(CodeChannel::Call)
}

/// `j***@example.com`, `•••• 4711`: a word with a mask in it.
fn masked(text: &str) -> Option<String> {
    let mask = |c: char| matches!(c, '*' | '•' | '●' | '·');
    let word = text.split_whitespace().find(|word| {
        word.chars().filter(|c| mask(*c)).count() >= 2 || word.contains('@') && word.contains('*')
    })?;
    let word = word.trim_matches(|c: char| matches!(c, '.' | ',' | ':' | ';' | '(' | ')' | '"'));
    let rest = text.split(word).nth(1).unwrap_or("").trim_start();
    let digits: String = rest
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '-' || mask(*c))
        .collect();
    let whole = if digits.is_empty() || word.chars().any(|c| c.is_ascii_digit() || c == '@') {
        word.to_owned()
    } else {
        format!("{word} {digits}")
    };
    Some(whole.chars().take(80).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_and_masked_target_are_read_from_the_text() {
        assert_eq!(
            masked("We sent it to j***@example.com."),
            Some("j***@example.com".into())
        );
        assert_eq!(masked("Ends in •••• 4711, now"), Some("•••• 4711".into()));
        assert_eq!(masked("Enter the code"), None);
        assert_eq!(channel("we sent a text message"), Some(CodeChannel::Sms));
    }
}
