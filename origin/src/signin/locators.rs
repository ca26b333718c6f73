//! Makes the locators by which a recipe finds an element again, the surest first.

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

#[cfg(test)]
mod tests {
    use super::*;

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
