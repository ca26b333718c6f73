//! Looks for accounts in the client's own browser, before anything is connected: nothing is stored, and nothing of the
//! account is changed.

use std::{sync::Arc, time::Duration};

use bill_reader::comparable;
use browser::Browser;
use shared::{country::Country, status::UtilityType};
use tokio::{sync::watch, time::Instant};

use super::{
    discover::{FileReceiver, FoundFile, Limits, Receipt, Wanted, discover},
    pdf_process::{PDF_BYTES_MAX, PdfReader},
    read_only::ReadOnlyGuard,
};

/// How long a client is kept from nothing, but browser and website are busy.
const TIME: Duration = Duration::from_secs(20);
const PAGES_MAX: usize = 12;
const FILES_MAX: usize = 60;
/// Lines that are kept of all bills of one account.
const LINES_MAX: usize = 120;

/// An account that bills were seen of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenAccount {
    /// Its number as printed.
    pub number: String,
    /// What its bills are for.
    pub utility_types: Vec<UtilityType>,
    /// Lines of its bills that may be the address of the service.
    pub address_lines: Vec<String>,
}

impl SeenAccount {
    /// Whether this is its number, however it is printed.
    #[must_use]
    pub fn has_number(&self, number: &str) -> bool {
        comparable(&self.number) == comparable(number)
    }
}

/// Looks for accounts from where the browser is, for twenty seconds at most, and tells of them as they are found. May be
/// dropped at any moment; `guard` must be lifted before anybody uses the browser again.
pub async fn look_up_accounts(
    browser: &Browser,
    guard: &Arc<ReadOnlyGuard>,
    reader: &PdfReader,
    country: Country,
    found: &watch::Sender<Vec<SeenAccount>>,
) {
    let until = Instant::now() + TIME;
    if browser.filter_requests(guard.clone()).await.is_err() {
        return;
    }
    let limits = Limits {
        pages: PAGES_MAX,
        files: FILES_MAX,
        file_bytes: PDF_BYTES_MAX,
        until,
    };
    let wanted = Wanted {
        country: country.as_str(),
        since: None,
    };
    let mut receiver = AccountReceiver {
        reader,
        country,
        found,
    };
    match discover(browser, guard, wanted, limits, &mut receiver).await {
        Ok(discovery) => {
            tracing::info!(bills = discovery.bills, accounts = found.borrow().len(), ended = ?discovery.ended, "looked for accounts");
        }
        Err(error) => tracing::warn!(%error, "accounts were not looked for"),
    }
}

/// Keeps the accounts of bills, and nothing else of them.
struct AccountReceiver<'a> {
    reader: &'a PdfReader,
    country: Country,
    found: &'a watch::Sender<Vec<SeenAccount>>,
}

impl FileReceiver for AccountReceiver<'_> {
    async fn receive(&mut self, file: FoundFile) -> Option<Receipt> {
        let Ok(reading) = self.reader.read(&file.bytes, self.country).await else {
            return Some(Receipt::NotABill);
        };
        let (Some(number), true) = (reading.account_number.clone(), reading.is_bill()) else {
            return Some(Receipt::NotABill);
        };
        let seen = SeenAccount {
            number,
            utility_types: reading.utility_type().into_iter().collect(),
            address_lines: reading.address_lines,
        };
        let is_new = self.found.send_if_modified(|accounts| add(accounts, seen));
        Some(if is_new { Receipt::New } else { Receipt::Known })
    }
}

/// Adds what was seen of an account. True when it tells something new.
fn add(accounts: &mut Vec<SeenAccount>, seen: SeenAccount) -> bool {
    let Some(known) = accounts
        .iter_mut()
        .find(|known| known.number == seen.number)
    else {
        accounts.push(seen);
        return true;
    };
    let before = known.clone();
    for kind in seen.utility_types {
        if !known.utility_types.contains(&kind) {
            known.utility_types.push(kind);
        }
    }
    for line in seen.address_lines {
        if known.address_lines.len() < LINES_MAX && !known.address_lines.contains(&line) {
            known.address_lines.push(line);
        }
    }
    *known != before
}

/// Words for kinds of streets, which are written in many ways and tell none from another.
const STREETS: [&str; 44] = [
    "road",
    "street",
    "avenue",
    "ave",
    "lane",
    "drive",
    "boulevard",
    "blvd",
    "way",
    "court",
    "place",
    "square",
    "highway",
    "rue",
    "chemin",
    "route",
    "allée",
    "quai",
    "impasse",
    "via",
    "viale",
    "corso",
    "piazza",
    "calle",
    "avenida",
    "plaza",
    "paseo",
    "carrer",
    "rua",
    "travessa",
    "straße",
    "strasse",
    "str",
    "weg",
    "platz",
    "gasse",
    "allee",
    "straat",
    "laan",
    "gatan",
    "vägen",
    "vej",
    "gade",
    "ulica",
];

/// Whether one of these lines is this address: the same house number, and every name beside it.
#[must_use]
pub fn is_address(lines: &[String], address: &str) -> bool {
    // Town and post code stand behind a comma; bills often have them on a line of their own.
    let mut parts = address.split([',', '\n']).map(words);
    let Some(street) = parts.find(|words| words.iter().any(|word| !is_number(word))) else {
        return false;
    };
    // "12, rue de la Paix"
    let all = words(address);
    let Some(number) = all.iter().find(|word| is_number(word)) else {
        return false;
    };
    let is_name = |word: &&String| {
        word.chars().count() >= 3 && !is_number(word) && !STREETS.contains(&word.as_str())
    };
    let names: Vec<&String> = street.iter().filter(is_name).collect();
    !names.is_empty()
        && lines.iter().any(|line| {
            let words = words(line);
            words.contains(number) && names.iter().all(|name| words.contains(name))
        })
}

fn words(text: &str) -> Vec<String> {
    text.split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn is_number(word: &str) -> bool {
    word.starts_with(|char: char| char.is_ascii_digit()) && word.chars().count() <= 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_by_street_and_house_number() {
        let lines = |line: &str| vec!["Total 12".to_owned(), line.to_owned()];
        for (line, address) in [
            ("128 WEIR ROAD, RIVERTOWN OH 45010", "128 Weir Road"),
            ("128 Weir Rd", "128 Weir Road, Rivertown, OH 45010"),
            ("Hauptstraße 12a", "Hauptstraße 12a, 10115 Berlin"),
            ("12 rue de la Paix", "12, rue de la Paix, Paris"),
            ("4 Mill St", "4 Mill Street"),
        ] {
            assert!(is_address(&lines(line), address), "{line}: {address}");
        }
        for (line, address) in [
            ("129 Weir Road", "128 Weir Road"),
            ("128 Mill Road", "128 Weir Road"),
            ("12 rue de Rivoli", "12, rue de la Paix, Paris"),
            ("Weir Road", "128 Weir Road"),
            ("128 Weir Road", "Head office"),
        ] {
            assert!(!is_address(&lines(line), address), "{line}: {address}");
        }
    }

    #[test]
    fn an_account_is_told_once_and_when_more_is_known() {
        let seen = |number: &str, kind| SeenAccount {
            number: number.into(),
            utility_types: vec![kind],
            address_lines: Vec::new(),
        };
        let mut accounts = Vec::new();
        assert!(add(&mut accounts, seen("1", UtilityType::Gas)));
        assert!(!add(&mut accounts, seen("1", UtilityType::Gas)));
        assert!(add(&mut accounts, seen("1", UtilityType::Water)));
        assert!(add(&mut accounts, seen("2", UtilityType::Gas)));
        assert_eq!(accounts.len(), 2);
    }
}
