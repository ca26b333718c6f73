//! Bills as comma-separated values (RFC 4180), for spreadsheets.

use std::collections::BTreeSet;

use bill_reader::bill::{BillContent, Usage};
use rust_decimal::Decimal;

use crate::{
    spreadsheet::{BYTE_ORDER_MARK, plain, writer, written},
    store::bill_lists::ListedBill,
};

/// The names of the columns, as the API's fields are called.
const COLUMNS: [&str; 23] = [
    "id",
    "connectionId",
    "accountId",
    "accountNumber",
    "billDate",
    "dueDate",
    "invoiceId",
    "chargesUnits",
    "totalCharges",
    "currentCharges",
    "credits",
    "taxCharges",
    "previousCloseBalance",
    "currentOpenBalance",
    "usageStartDate",
    "usageEndDate",
    "usageQuantity",
    "usageUnits",
    "isFlagged",
    "flags",
    "fileName",
    "utilityTypes",
    "site",
];

/// Which columns a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns {
    /// Those of the API, for the bills of one company.
    OfCompany,
    /// The company and the provider before them, for the bills of several.
    OfCompanies,
}

/// The names of the columns that come first where the bills are of several companies.
const OF_WHOM: [&str; 3] = ["companyId", "company", "provider"];

/// A line for each bill, after the names of the columns where these are the first.
///
/// # Errors
/// When a line cannot be written, which memory alone could keep from being.
pub fn lines(
    columns: Columns,
    is_first: bool,
    bills: Vec<ListedBill>,
) -> Result<Vec<u8>, csv::Error> {
    let begin = if is_first {
        BYTE_ORDER_MARK.to_vec()
    } else {
        Vec::new()
    };
    let mut writer = writer(begin);
    if is_first {
        if columns == Columns::OfCompanies {
            for name in OF_WHOM {
                writer.write_field(name)?;
            }
        }
        writer.write_record(COLUMNS)?;
    }
    for bill in bills {
        if columns == Columns::OfCompanies {
            writer.write_field(bill.company.to_string())?;
            writer.write_field(plain(&bill.company_name))?;
            writer.write_field(plain(&bill.provider))?;
        }
        writer.write_record(line(bill))?;
    }
    written(writer)
}

fn line(listed: ListedBill) -> [String; 23] {
    let (bill, account_number) = (listed.bill, listed.account_number);
    let types: Vec<_> = listed.utility_types.iter().map(|of| of.as_str()).collect();
    let content = bill.content;
    let (start, end) = period(&content);
    let (quantity, units) = usage(&content.usage_data);
    // As the API names them.
    let flags: Vec<_> = content
        .flags
        .iter()
        .filter_map(|flag| serde_json::to_value(flag).ok()?.as_str().map(str::to_owned))
        .collect();
    let day = |day: Option<time::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let money =
        |amount: Option<Decimal>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    [
        bill.id.to_string(),
        bill.connection.to_string(),
        bill.account.to_string(),
        plain(&account_number),
        day(content.bill_date),
        day(content.due_date),
        plain(&content.invoice_id.unwrap_or_default()),
        content
            .charges_units
            .map(|currency| currency.to_string())
            .unwrap_or_default(),
        money(content.total_charges),
        money(content.current_charges),
        money(content.credits),
        money(content.tax_charges),
        money(content.previous_close_balance),
        money(content.current_open_balance),
        day(start),
        day(end),
        money(quantity),
        units,
        content.is_flagged.to_string(),
        flags.join(" "),
        plain(&bill.file_name),
        types.join(" "),
        plain(&listed.site_name.unwrap_or_default()),
    ]
}

/// The first and the last day of service.
#[must_use]
pub fn period(content: &BillContent) -> (Option<time::Date>, Option<time::Date>) {
    let usage = || content.usage_data.iter();
    let start = usage().filter_map(|one| one.start_date).min();
    (start, content.last_service_date())
}

/// What was used in all, where all of it has one unit.
#[must_use]
pub fn usage(all: &[Usage]) -> (Option<Decimal>, String) {
    let units: BTreeSet<String> = all
        .iter()
        .map(|one| {
            one.units
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        })
        .collect();
    let quantities: Option<Vec<Decimal>> = all.iter().map(|one| one.quantity).collect();
    match (units.into_iter().collect::<Vec<_>>().as_slice(), quantities) {
        ([unit], Some(quantities)) => (Some(quantities.iter().sum()), unit.clone()),
        _ => (None, String::new()),
    }
}
