//! Makes the locators by which a recipe finds an element again, the surest first.

use url::Url;

use super::{
    recipe::{Locator, Locators},
    report::{Control, Field},
};

/// The locators of a text field.
#[must_use]
pub fn field_locators(field: &Field) -> Locators {
    let mut locators = Vec::new();
    if field.ac.len() > 3 && field.ac != "off" && field.ac != "false" {
        locators.push(Locator::Autocomplete(field.ac.clone()));
    }
    push_names(&mut locators, &field.id, &field.name);
    if !field.label.is_empty() {
        locators.push(Locator::Label(field.label.clone()));
    }
    if !field.pos.is_empty() {
        locators.push(Locator::Position(field.pos.clone()));
    }
    Locators(locators)
}

/// The locators of a button or link.
#[must_use]
pub fn control_locators(control: &Control) -> Locators {
    let mut locators = Vec::new();
    push_names(&mut locators, &control.id, &control.name);
    if !control.label.is_empty() {
        locators.push(Locator::Label(control.label.clone()));
    }
    if !control.pos.is_empty() {
        locators.push(Locator::Position(control.pos.clone()));
    }
    Locators(locators)
}

fn push_names(locators: &mut Vec<Locator>, id: &str, name: &str) {
    if lasting(id) {
        locators.push(Locator::Id(id.to_owned()));
    }
    if lasting(name) {
        locators.push(Locator::Name(name.to_owned()));
    }
}

/// Frameworks make ids anew for each page: `:r1:`, `ember1234`, `field-8f3a9c01`.
fn lasting(name: &str) -> bool {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let hex_run = name
        .split(|c: char| !c.is_ascii_hexdigit())
        .any(|run| run.len() >= 8 && run.chars().any(|c| c.is_ascii_digit()));
    !name.is_empty()
        && name.len() < 80
        && !name.contains(':')
        && digits < 4
        && !hex_run
        && !name.starts_with("ember")
}

/// A query longer than this is not kept.
const QUERY_LIMIT: usize = 1_000;

/// The parameters of a URL that a page may need again, as they were written: without those whose values look made for
/// one visit (sessions, one-time states).
#[must_use]
pub fn lasting_query(url: &Url) -> Option<String> {
    let lasting = |parameter: &&str| {
        let (_, value) = decoded(parameter);
        value.len() <= 200
            && !value
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(is_random)
    };
    let kept: Vec<&str> = url.query()?.split('&').filter(lasting).collect();
    let query = kept.join("&");
    (!query.is_empty() && query.len() <= QUERY_LIMIT).then_some(query)
}

/// The parameters without those that carry one of these values, or have one of these names. `None` when none is left.
#[must_use]
pub fn query_without(query: &str, values: &[&str], names: &[&str]) -> Option<String> {
    let clean = |parameter: &&str| {
        let (name, value) = decoded(parameter);
        let value = value.to_lowercase();
        let carries = |typed: &&str| !typed.is_empty() && value.contains(&typed.to_lowercase());
        !names.contains(&name.as_str()) && !values.iter().any(carries)
    };
    let kept: Vec<&str> = query.split('&').filter(clean).collect();
    (!kept.is_empty()).then(|| kept.join("&"))
}

fn decoded(parameter: &str) -> (String, String) {
    let mut pairs = url::form_urlencoded::parse(parameter.as_bytes());
    pairs
        .next()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .unwrap_or_default()
}

/// Letters and digits mixed for long, as in identifiers of sessions.
fn is_random(run: &str) -> bool {
    let letters = run.bytes().any(|byte| byte.is_ascii_alphabetic());
    let digits = run.bytes().any(|byte| byte.is_ascii_digit());
    run.len() >= 12 && letters && digits || run.len() >= 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_keeps_what_lasts_and_nothing_that_was_typed() {
        let url = "https://a.test/in?tenant=north&customer=10023456&back=%2Faccount&sid=8f3a9c0b71d24e&q=Ada%40a.test&user=x";
        let url: Url = url.parse().expect("a URL");
        let query = lasting_query(&url).expect("a query");
        assert_eq!(
            query,
            "tenant=north&customer=10023456&back=%2Faccount&q=Ada%40a.test&user=x"
        );
        let clean = query_without(&query, &["ada@a.test"], &["user"]);
        assert_eq!(
            clean.as_deref(),
            Some("tenant=north&customer=10023456&back=%2Faccount")
        );
        assert_eq!(query_without("user=x", &[], &["user"]), None);
    }

    #[test]
    fn generated_names_are_left_out() {
        for name in ["username", "user-name", "field_2", "Decade"] {
            assert!(lasting(name), "{name}");
        }
        for name in ["", ":r1:", "ember77", "input-20481", "f-8f3a9c0b"] {
            assert!(!lasting(name), "{name}");
        }
        let field = Field {
            id: ":r3:".into(),
            name: "user".into(),
            ac: "username".into(),
            pos: "text/0".into(),
            ..Field::default()
        };
        let expected = [
            Locator::Autocomplete("username".into()),
            Locator::Name("user".into()),
            Locator::Position("text/0".into()),
        ];
        assert_eq!(field_locators(&field).0, expected);
    }
}
