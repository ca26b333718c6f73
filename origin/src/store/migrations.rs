//! The files in `migrations/`, which are part of the program.

use sqlx::{
    SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

/// Lists a file by its number and its description, as its name has them.
macro_rules! file {
    ($number:literal, $description:literal) => {
        (
            $number,
            $description,
            include_str!(concat!(
                "../../../migrations/",
                $number,
                "_",
                $description,
                ".sql"
            )),
        )
    };
}

/// Number, description and text of each file.
const FILES: [(&str, &str, &str); 29] = [
    file!("0001", "foundation"),
    file!("0002", "held_requests"),
    file!("0003", "jobs"),
    file!("0004", "blobs"),
    file!("0005", "works_unattended"),
    file!("0006", "update_links"),
    file!("0007", "browser_sessions"),
    file!("0008", "code_requests"),
    file!("0009", "sign_in_failures"),
    file!("0010", "code_channels"),
    file!("0011", "code_hour"),
    file!("0012", "webhooks"),
    file!("0013", "idempotency"),
    file!("0014", "bills_by_company"),
    file!("0015", "changes_of_connections"),
    file!("0016", "api_keys"),
    file!("0017", "console"),
    file!("0018", "uses_of_links"),
    file!("0019", "redirect_origins"),
    file!("0020", "mail_refusals"),
    file!("0021", "batches"),
    file!("0022", "mail"),
    file!("0023", "second_factor_and_sandbox"),
    file!("0024", "lists_of_organizations"),
    file!("0025", "sites_of_accounts"),
    file!("0026", "single_sign_on"),
    file!("0027", "saved_views"),
    file!("0028", "operators"),
    file!("0029", "mails_by_recipient"),
];

/// The migrations up to this version and with it. They are what `sqlx::migrate!` and sqlx's own
/// program make of the folder: the description with spaces, and no transaction where the first line says so.
pub(super) fn up_to(version: i64) -> Migrator {
    let all = FILES.iter().map(|(number, description, text)| {
        Migration::new(
            // A number that is none comes last, and fails there: a test keeps it from happening.
            number.parse().unwrap_or(i64::MAX),
            description.replace('_', " ").into(),
            MigrationType::Simple,
            text.into_sql_str(),
            text.starts_with("-- no-transaction"),
        )
    });
    Migrator::with_migrations(all.filter(|one| one.version <= version).collect())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_listed() {
        let there: BTreeSet<String> = fs::read_dir("../migrations")
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name())
            .filter_map(|name| Some(name.to_str()?.strip_suffix(".sql")?.to_owned()))
            .collect();
        let listed: BTreeSet<String> = FILES
            .iter()
            .map(|(number, description, _)| format!("{number}_{description}"))
            .collect();
        assert_eq!(listed, there);
    }

    #[test]
    fn versions_are_the_numbers_from_one_on() {
        let versions: Vec<i64> = up_to(i64::MAX).iter().map(|one| one.version).collect();
        assert!(
            versions
                .iter()
                .zip(1..)
                .all(|(version, wanted)| *version == wanted),
            "{versions:?}"
        );
        assert_eq!(up_to(2).iter().count(), 2);
    }

    /// What databases in use have recorded of the first version.
    #[test]
    fn checksums_are_those_that_databases_have() {
        let all = up_to(1);
        let first = all.iter().next().expect("the first");
        assert_eq!(first.description, "foundation");
        let checksum: String = first
            .checksum
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            checksum,
            "6c4c71714c791b9ed9ef887d94a358009a0cccb14fe678127f089b38dbdb50f5883918bf8ce735a06bf349f60992dac6"
        );
    }
}
