//! The columns that a file may have: matched as people write them.

use std::collections::BTreeMap;

use shared::batch::BatchKind;

use crate::fields::FieldError;

/// A column: our name for it, and what else it may be called, in small letters without anything between them.
struct Column {
    name: &'static str,
    also: &'static [&'static str],
}

const fn column(name: &'static str, also: &'static [&'static str]) -> Column {
    Column { name, also }
}

/// The columns of links, in the order of the template.
const LINKS: [Column; 13] = [
    column(
        "company",
        &[
            "companyid",
            "companyname",
            "companyexternalid",
            "client",
            "clientname",
        ],
    ),
    column(
        "url",
        &["website", "utilitywebsite", "provider", "providerurl"],
    ),
    column("datasourceId", &["datasource"]),
    column("country", &["countrycode"]),
    column("initialSites", &["sites", "site"]),
    column("utilityTypes", &["utilitytype", "types", "utilities"]),
    column(
        "connectionOwnerEmail",
        &[
            "owner",
            "owneremail",
            "ownersmailaddress",
            "ownersemail",
            "email",
            "mail",
        ],
    ),
    column(
        "dataCollectionStartDate",
        &["startdate", "collectionstartdate", "billsfrom"],
    ),
    column("expiresInSeconds", &[]),
    column("maxUses", &["uses"]),
    column("redirectUrl", &[]),
    column("externalId", &["linkexternalid", "yourid"]),
    column("locale", &["language"]),
];
/// Whether the link is to be mailed.
const SEND: Column = column("send", &["sendmail", "senditforme"]);
/// The columns of companies and sites, in the order of the template.
const COMPANIES: [Column; 4] = [
    column("name", &["company", "companyname", "client", "clientname"]),
    column("externalId", &["companyexternalid", "yourid"]),
    column("siteName", &["site"]),
    column("siteAddress", &["address"]),
];

fn known(kind: BatchKind) -> impl Iterator<Item = &'static Column> {
    let (columns, more): (&[Column], &[Column]) = match kind {
        BatchKind::Links => (&LINKS, &[SEND]),
        BatchKind::Companies => (&COMPANIES, &[]),
    };
    columns.iter().chain(more)
}

/// The names of all columns, in the order of the template.
pub fn names(kind: BatchKind) -> impl Iterator<Item = &'static str> {
    known(kind).map(|column| column.name)
}

/// What a person may want to know of each column: its name and what to write there.
#[must_use]
pub fn titles(kind: BatchKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        BatchKind::Links => &[
            (
                "company",
                "Needed. Its name, your id of it, or its id for the API.",
            ),
            ("url", "The utility's website."),
            ("country", "Two letters, such as GB."),
            (
                "initialSites",
                "Names or ids of sites, separated by ; or |.",
            ),
            ("utilityTypes", "Such as ELECTRICITY; GAS."),
            (
                "connectionOwnerEmail",
                "Whom we ask when the client must act again.",
            ),
            (
                "dataCollectionStartDate",
                "Older bills are not collected: 2026-01-31.",
            ),
            ("expiresInSeconds", "The link's life; empty for no end."),
            ("maxUses", "How often it may be used; once when empty."),
            ("redirectUrl", "Where the client goes afterwards."),
            ("externalId", "Your own id of the link."),
            (
                "locale",
                "Such as de; kept for when the client's pages come in other languages.",
            ),
            ("send", "yes or no: whether we mail the link to the owner."),
        ],
        BatchKind::Companies => &[
            (
                "name",
                "Needed, unless your id names a company that is there.",
            ),
            ("externalId", "Your own id of the company."),
            (
                "siteName",
                "A site of it. A company with several sites has several rows.",
            ),
            ("siteAddress", "The postal address of the site."),
        ],
    }
}

/// Of each place in the header our name of the column, and what the file calls each column that is known.
pub(super) type Matched = (Vec<Option<&'static str>>, BTreeMap<String, String>);

/// Tells which columns these are.
///
/// # Errors
/// All that are unknown, given twice or missing. What has no name and nothing in it is passed over: `is_used` tells.
pub(super) fn matched(
    kind: BatchKind,
    header: &[String],
    is_used: impl Fn(usize) -> bool,
) -> Result<Matched, Vec<FieldError>> {
    let (mut places, mut columns, mut wrong) = (Vec::new(), BTreeMap::new(), Vec::new());
    let mut refuse = |title: &str, detail: String| {
        wrong.push(FieldError {
            field: title.chars().take(100).collect(),
            detail,
        });
    };
    for (place, title) in header.iter().enumerate() {
        if title.is_empty() {
            if is_used(place) {
                refuse(&format!("column {}", place + 1), "has no name".into());
            }
            places.push(None);
            continue;
        }
        let found = known(kind).find(|column| is_called(column, title));
        places.push(found.map(|column| column.name));
        match found {
            None => {
                refuse(title, "is not a column here".into());
            }
            Some(column) => {
                let before = columns.insert(column.name.to_owned(), title.clone());
                if let Some(before) = before {
                    refuse(title, format!("is the same column as {before}"));
                }
            }
        }
    }
    let needed: &[&str] = match kind {
        BatchKind::Links => &["company"],
        BatchKind::Companies => &["name", "externalId"],
    };
    if !needed.iter().any(|name| columns.contains_key(*name)) {
        let name = needed.first().copied().unwrap_or_default();
        refuse(name, "is a column that is needed".into());
    }
    if wrong.is_empty() {
        return Ok((places, columns));
    }
    Err(wrong)
}

fn is_called(column: &Column, title: &str) -> bool {
    let plain: String = title
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    plain == column.name.to_ascii_lowercase() || column.also.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(titles: &[&str]) -> Vec<String> {
        titles.iter().map(|&title| title.to_owned()).collect()
    }

    #[test]
    fn columns_are_known_as_people_write_them() {
        let titles = header(&[
            "Company",
            "Utility website",
            "OWNER_EMAIL",
            "Owner’s id",
            "",
        ]);
        let wrong = matched(BatchKind::Links, &titles, |_| false).expect_err("an unknown column");
        let named: Vec<_> = wrong.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(named, ["Owner’s id"]);
        let titles = header(&[
            "Company",
            "Utility website",
            "OWNER_EMAIL",
            "Bills from",
            "send",
        ]);
        let (places, columns) = matched(BatchKind::Links, &titles, |_| true).expect("known");
        let names = [
            "company",
            "url",
            "connectionOwnerEmail",
            "dataCollectionStartDate",
            "send",
        ];
        assert_eq!(places, names.map(Some));
        assert_eq!(columns["url"], "Utility website");
    }

    #[test]
    fn what_is_wrong_with_a_header_is_told_at_once() {
        let titles = header(&["url", "Website", "", "notes"]);
        let wrong = matched(BatchKind::Links, &titles, |_| true).expect_err("wrong");
        let named: Vec<_> = wrong.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(named, ["Website", "column 3", "notes", "company"]);
    }

    #[test]
    fn every_column_but_one_without_use_is_explained() {
        for kind in BatchKind::ALL {
            let explained = titles(*kind).iter().map(|(name, _)| *name);
            let all = names(*kind).filter(|name| *name != "datasourceId");
            assert!(all.eq(explained), "{kind}");
        }
    }
}
