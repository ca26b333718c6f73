//! What a field is for, and what a form is for: `autocomplete` first, then structure, then names.

use super::{
    form_words::Said,
    report::{Field, Group, State},
    words::says,
};

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A password that exists.
    Password,
    /// A password to be set.
    NewPassword,
    /// A one-time code.
    Code,
    /// By its own words a user name.
    Username,
    /// A text that may be anything.
    Text,
    /// Surely no part of a sign-in.
    Other,
}

/// What a group of fields is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A password, perhaps with a user name.
    Login,
    /// A user name whose password comes later.
    UsernameStep,
    /// A one-time code.
    Code,
    /// A password is set or changed.
    NewPassword,
    /// Registration, search, newsletter and all else.
    Other,
}

const CODE_TOKENS: &[&str] = &[
    "otp",
    "totp",
    "mfa",
    "2fa",
    "otc",
    "tan",
    "hotp",
    "twofa",
    "vcode",
    "onetimecode",
    "smscode",
];

/// `userName-2` is the tokens `user`, `name`, `2`.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut token = String::new();
    let mut lower_before = false;
    for c in text.chars() {
        let starts = c.is_uppercase() && lower_before;
        if (!c.is_alphanumeric() || starts) && !token.is_empty() {
            found.push(std::mem::take(&mut token));
        }
        lower_before = c.is_lowercase() || c.is_numeric();
        if c.is_alphanumeric() {
            token.extend(c.to_lowercase());
        }
    }
    if !token.is_empty() {
        found.push(token);
    }
    found
}

/// What one field is for, looked at alone.
#[must_use]
pub fn role(field: &Field) -> Role {
    let autocomplete = field.ac.split_whitespace().last().unwrap_or("");
    match autocomplete {
        "one-time-code" => return Role::Code,
        "current-password" => return Role::Password,
        "new-password" if field.pw => return Role::NewPassword,
        "username" | "email" | "webauthn" if !field.pw => return Role::Username,
        other if other.starts_with("cc-") || other.contains("postal-code") => return Role::Other,
        _ => {}
    }
    let own = format!("{} {}", field.id, field.name);
    let label = field.label.to_lowercase();
    let joined: String = format!("{own} {label}")
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    if says(&joined, "other names") || field.kind == "search" {
        return Role::Other;
    }
    if !field.pw && is_again(field) {
        return Role::Other;
    }
    let codelike = tokens(&own)
        .iter()
        .any(|token| CODE_TOKENS.contains(&token.as_str()))
        || says(&joined, "code names")
        || says(&label, "code");
    if codelike && !joined.contains("username") {
        // A list of ways to prove who one is takes no code.
        return if field.list { Role::Other } else { Role::Code };
    }
    if field.pw {
        return if says(&joined, "new password names") {
            Role::NewPassword
        } else {
            Role::Password
        };
    }
    let short_number = (4..=8).contains(&field.max) && field.mode == "numeric";
    if short_number
        && tokens(&format!("{own} {label}"))
            .iter()
            .any(|token| ["code", "token", "pin", "sms"].contains(&token.as_str()))
    {
        return Role::Code;
    }
    if field.kind == "email" || says(&joined, "username names") {
        return Role::Username;
    }
    Role::Text
}

/// Whether it asks who a person is beyond an account: name, address, day of birth. `autocomplete` first, then its names.
fn is_personal(field: &Field) -> bool {
    let autocomplete = field.ac.split_whitespace().last().unwrap_or("");
    let told = [
        "given-name",
        "family-name",
        "additional-name",
        "honorific",
        "bday",
        "sex",
        "street-address",
        "address-",
        "postal-code",
        "country",
        "organization",
    ];
    if told.iter().any(|token| autocomplete.starts_with(token)) {
        return true;
    }
    let all = format!("{} {} {}", field.id, field.name, field.label).to_lowercase();
    let joined: String = all.chars().filter(|c| c.is_alphanumeric()).collect();
    says(&joined, "personal names")
}

/// What a group is for. Hidden fields count only once the person typed into them.
#[must_use]
pub fn purpose(state: &State, group: i64) -> Purpose {
    let members: Vec<&Field> = state
        .fields
        .iter()
        .filter(|f| f.group == group && (f.vis || f.typed))
        .collect();
    let context = state.groups.iter().find(|g| g.group == group);
    let said = context.map_or_else(|| Said::of(&Group::default()), Said::of);
    let roles: Vec<Role> = members.iter().map(|field| role(field)).collect();
    let count = |wanted: Role| roles.iter().filter(|role| **role == wanted).count();
    let personal = members.iter().filter(|field| is_personal(field)).count();
    // A surname or a postcode beside the password may be part of who signs in; a name and an address are no part.
    let introduces = !said.signs_in && (personal > 1 || (personal > 0 && !said.about_signing_in));
    let registers =
        said.registers || introduces || (!said.about_signing_in && names_an_account(&members));
    match (count(Role::Password), count(Role::NewPassword)) {
        (0, 0) => {}
        // Sites write new-password on a login to keep password managers away.
        (0, 1) if said.about_signing_in && !registers => return Purpose::Login,
        (1, 0) if !registers => return Purpose::Login,
        // A password and a PIN, or one of them a decoy.
        (2, 0) if said.signs_in => return Purpose::Login,
        _ if registers => return Purpose::Other,
        _ => return Purpose::NewPassword,
    }
    if count(Role::Code) > 0 || code_boxes(&members) {
        return Purpose::Code;
    }
    if said.writes_to || registers {
        return Purpose::Other;
    }
    let usable = roles
        .iter()
        .filter(|role| matches!(role, Role::Username | Role::Text))
        .count();
    let named = members
        .iter()
        .any(|field| field.ac.contains("username") || field.ac.contains("webauthn"));
    let calls = |field: &&Field| field.kind == "tel" || field.ac.starts_with("tel");
    // Address and telephone number together say where somebody is reached.
    let reaches =
        !said.about_signing_in && usable == 2 && members.iter().copied().any(|f| calls(&f));
    let goes_on = (said.signs_in || said.goes_on) && !reaches;
    if count(Role::Username) == 1 && usable <= 2 && (goes_on || named) {
        return Purpose::UsernameStep;
    }
    let [only] = members.as_slice() else {
        return Purpose::Other;
    };
    // The password comes into sight once the name is typed.
    let hides_password = state
        .fields
        .iter()
        .any(|f| f.group == group && !f.vis && role(f) == Role::Password && f.pw);
    let no_button = context.is_none_or(|group| group.buttons.is_empty());
    // A form that hides its password together with its button asks for an address alone: a guest may go on there.
    let is_step = if hides_password {
        group < 0 && no_button
    } else {
        said.sent_by_enter
    };
    if role(only) == Role::Username && is_step {
        return Purpose::UsernameStep;
    }
    Purpose::Other
}

/// An e-mail address and a name to be known by, each in a field of its own, or an address to be typed twice: an account
/// is made, since a login asks for one of them once.
fn names_an_account(members: &[&Field]) -> bool {
    let named = |field: &Field, names: &[&str]| {
        let own = tokens(&format!("{} {}", field.id, field.name)).concat();
        names.iter().any(|name| own.contains(name))
    };
    let texts = || members.iter().filter(|field| role(field) == Role::Username);
    let mail = |field: &Field| field.kind == "email" || named(field, &["email"]);
    let known_by =
        |field: &Field| named(field, &["username", "nickname", "displayname"]) && !mail(field);
    let both = texts().any(|field| mail(field)) && texts().any(|field| known_by(field));
    both || members.iter().any(|field| !field.pw && is_again(field))
}

/// Whether it takes what was typed before once more ("confirm your e-mail address").
fn is_again(field: &Field) -> bool {
    let all = format!("{} {} {}", field.id, field.name, field.label).to_lowercase();
    let joined: String = all.chars().filter(|c| c.is_alphanumeric()).collect();
    says(&joined, "again names")
}

/// The field for the user name among those that a form shows: by `autocomplete` first, then the nearest before the
/// password whose words say so (a user name or an address before the number of a customer or contract), then the nearest text before it, then what its words say after it. The only text
/// before the password is taken whatever its words say ("card number"). `before` tells whether a field stands before
/// the password; everything does where there is none.
pub fn identifier<'a>(fields: &[&'a Field], before: impl Fn(&Field) -> bool) -> Option<&'a Field> {
    let texts = || fields.iter().copied().filter(|field| !field.pw);
    let fits = |field: &&Field| matches!(role(field), Role::Username | Role::Text);
    let account = |field: &&Field| {
        (role(field) == Role::Username || names_a_contract(field)) && !is_personal(field)
    };
    let told = |token: &'static str| {
        texts()
            .filter(fits)
            .find(move |field| field.ac.contains(token))
    };
    let earlier = || texts().filter(|field| before(field));
    let only = || {
        let mut all = earlier().filter(|field| role(field) != Role::Code && !is_captcha(field));
        all.next().filter(|_| all.next().is_none())
    };
    told("username")
        .or_else(|| told("email"))
        .or_else(|| earlier().filter(|f| account(f) && names_a_user(f)).last())
        .or_else(|| earlier().filter(account).last())
        .or_else(|| {
            earlier()
                .filter(|field| fits(field) && !is_personal(field))
                .last()
        })
        .or_else(|| texts().find(account))
        .or_else(only)
        .or_else(|| texts().find(fits))
}

/// Whether it takes the number of a contract: beside other numbers that is the one to sign in with.
fn names_a_contract(field: &Field) -> bool {
    let all = format!("{} {} {}", field.id, field.name, field.label).to_lowercase();
    role(field) == Role::Text && says(&all, "contract names")
}

fn is_captcha(field: &Field) -> bool {
    let own = format!("{} {} {}", field.id, field.name, field.label).to_lowercase();
    own.contains("captcha") || field.kind == "textarea"
}

/// Whether its own words say that it takes a user name or an address, and not some other number of the client's.
#[must_use]
pub fn names_a_user(field: &Field) -> bool {
    let all = format!("{} {} {}", field.id, field.name, field.label).to_lowercase();
    let joined: String = all.chars().filter(|c| c.is_alphanumeric()).collect();
    let told = field.ac.contains("username") || field.ac.contains("email");
    told || field.kind == "email" || says(&joined, "user names")
}

/// Whether it takes a value that belongs to who signs in, beside user name and password: the number of a contract, a
/// postcode, a day of birth.
#[must_use]
pub fn is_further(field: &Field) -> bool {
    let is_postcode = field.ac.contains("postal-code") && {
        let mut unsaid = field.clone();
        unsaid.ac.clear();
        role(&unsaid) == Role::Text
    };
    let fits = matches!(role(field), Role::Username | Role::Text) || is_postcode;
    fits && field.vis && !field.pw && !is_captcha(field)
}

/// One box for each digit.
fn code_boxes(members: &[&Field]) -> bool {
    let boxes = members.iter().filter(|field| field.max == 1).count();
    (4..=8).contains(&boxes)
}

/// The group that context is needed for, by its number.
#[must_use]
pub fn group_numbers(state: &State) -> Vec<i64> {
    let mut numbers: Vec<i64> = state.fields.iter().map(|field| field.group).collect();
    numbers.dedup();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use super::super::report::Group;
    use super::*;

    fn field(kind: &str, name: &str, ac: &str) -> Field {
        Field {
            kind: kind.into(),
            pw: kind == "password",
            name: name.into(),
            ac: ac.into(),
            vis: true,
            group: 1,
            ..Field::default()
        }
    }

    fn form(fields: Vec<Field>, button: &str) -> State {
        State {
            fields,
            groups: vec![Group {
                group: 1,
                submit: button.into(),
                buttons: vec![button.into()],
                ..Group::default()
            }],
            ..State::default()
        }
    }

    #[test]
    fn roles_by_autocomplete_and_name() {
        for (kind, name, ac, wanted) in [
            ("text", "x", "username", Role::Username),
            ("text", "x", "section-a one-time-code", Role::Code),
            ("text", "otpCode", "", Role::Code),
            ("tel", "verification_code", "", Role::Code),
            ("password", "otp", "", Role::Code),
            ("password", "pw", "", Role::Password),
            ("password", "newPassword", "", Role::NewPassword),
            ("password", "a", "new-password", Role::NewPassword),
            ("text", "customerNumber", "", Role::Username),
            ("text", "hotpoint", "", Role::Text),
            ("text", "captcha", "", Role::Other),
            ("search", "q", "", Role::Other),
        ] {
            assert_eq!(role(&field(kind, name, ac)), wanted, "{kind} {name} {ac}");
        }
    }

    #[test]
    fn a_list_of_ways_to_get_a_code_takes_none() {
        let mut ways = field("text", "", "");
        ways.label = "Authenticator app".into();
        assert_eq!(role(&ways), Role::Code);
        ways.list = true;
        assert_eq!(role(&ways), Role::Other);
    }

    #[test]
    fn only_logins_are_logins() {
        let user = || field("text", "username", "");
        let password = || field("password", "password", "");
        let cases = [
            (vec![user(), password()], "Log in", Purpose::Login),
            (vec![password()], "Weiter", Purpose::Login),
            (
                vec![user(), password(), field("password", "confirmPassword", "")],
                "Create account",
                Purpose::Other,
            ),
            (vec![user(), password()], "Sign up", Purpose::Other),
            (
                vec![
                    password(),
                    field("password", "new-password", ""),
                    field("password", "repeat", ""),
                ],
                "Save",
                Purpose::NewPassword,
            ),
            (
                vec![field("email", "email", "")],
                "Subscribe",
                Purpose::Other,
            ),
            (
                vec![field("email", "email", "")],
                "Next",
                Purpose::UsernameStep,
            ),
            (vec![field("search", "q", "")], "Search", Purpose::Other),
            (vec![field("text", "totp", "")], "Verify", Purpose::Code),
            (
                vec![
                    field("text", "u", ""),
                    field("password", "p", "new-password"),
                ],
                "Log in",
                Purpose::Login,
            ),
        ];
        for (fields, button, wanted) in cases {
            let state = form(fields, button);
            assert_eq!(
                purpose(&state, 1),
                wanted,
                "{button}: {:?}",
                state
                    .fields
                    .iter()
                    .map(|f| f.name.as_str())
                    .collect::<Vec<_>>()
            );
        }
        let boxes = (0..6)
            .map(|_| Field {
                max: 1,
                ..field("tel", "d", "")
            })
            .collect();
        assert_eq!(purpose(&form(boxes, "Verify"), 1), Purpose::Code);
    }
}
