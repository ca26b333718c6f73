//! What there is to try, in words: for `--help` and for `docs/sandbox.md`, from the same data that the website runs on.

use std::fmt::Write as _;

use crate::{customers::CUSTOMERS, faults::FAULTS, makes::MAKES};

/// Port and host where `cargo xtask up` and the program itself serve the website.
pub const BASE: &str = "localhost:7400";

/// The tables of makes, customers and faults, in Markdown.
#[must_use]
pub fn tables() -> String {
    let mut text = String::new();
    text.push_str("## Makes\n\n| make | address | the page to sign in |\n|---|---|---|\n");
    for make in MAKES {
        let (name, address) = (make.name, make.address(BASE));
        let _ = writeln!(text, "| {name} | <{address}> | {} |", make.what);
    }
    text.push_str(
        "\n## Test users\n\n| user | password | what happens | verdicts, when the client answers | status of an unattended connection |\n|---|---|---|---|---|\n",
    );
    for person in CUSTOMERS {
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} | {} | {} |",
            person.email, person.password, person.shows, person.verdict, person.status
        );
    }
    text.push_str("\n## Faults\n\n| fault | what it does |\n|---|---|\n");
    for (_, name, what) in FAULTS {
        let _ = writeln!(text, "| `{name}` | {what} |");
    }
    text
}

/// The makes and customers, for a terminal.
#[must_use]
pub fn help() -> String {
    let mut text = String::from("Where (at port 7400):\n");
    for make in MAKES {
        let _ = writeln!(text, "  {:44} {}", make.address(BASE), make.what);
    }
    text.push_str("\nWho can sign in:\n");
    for person in CUSTOMERS {
        let (email, password, shows) = (person.email, person.password, person.shows);
        let _ = writeln!(text, "  {email:26} {password:22}  {shows}");
    }
    let _ = writeln!(
        text,
        "\nMakes, users, faults to switch on, and the codes that were sent: http://{BASE}/sandbox"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_these_tables() {
        let page = include_str!("../../../docs/sandbox.md");
        assert!(
            page.contains(&tables()),
            "docs/sandbox.md is not up to date: cargo run -p utility -- --tables prints what it should have:\n{}",
            tables()
        );
    }

    #[test]
    fn everybody_has_a_name_of_their_own() {
        let mut emails: Vec<_> = CUSTOMERS.iter().map(|person| person.email).collect();
        emails.sort_unstable();
        emails.dedup();
        assert_eq!(emails.len(), CUSTOMERS.len());
        let own = CUSTOMERS.iter();
        // Whose accounts are those of another one.
        let own = own.filter(|person| person.email != "morgan@example.com");
        let accounts = own.flat_map(|person| person.accounts);
        let mut accounts: Vec<_> = accounts.map(|account| account.number).collect();
        let count = accounts.len();
        accounts.sort_unstable();
        accounts.dedup();
        assert_eq!(accounts.len(), count);
    }
}
