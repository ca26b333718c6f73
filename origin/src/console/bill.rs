//! A bill: its file beside what was read from it.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{Html, Response},
};
use bill_reader::bill::{Flag, LineItem, Usage};
use rust_decimal::Decimal;
use serde::Deserialize;
use shared::{id::BillId, member::AuditAction};

use super::{
    bill_words::{self, grouped},
    error::ConsoleError,
    page::{Place, Shell, render},
    session::SignedIn,
    words::day_words,
};
use crate::{
    bill_download::{self, ShownAs},
    store::bill_lists::ListedBill,
};

#[derive(Template)]
#[template(path = "console/bill.html")]
struct BillPage<'a> {
    shell: Shell<'a>,
    listed: &'a ListedBill,
}

impl BillPage<'_> {
    fn flags(&self) -> Vec<&'static str> {
        bill_words::flags(&self.listed.bill.content)
    }

    fn is_site_unsure(&self) -> bool {
        self.listed.bill.content.flags.contains(&Flag::NoSite)
    }

    /// Whether the member can say what is not known about the bill's site.
    fn lacks_site(&self) -> bool {
        self.is_site_unsure()
            && !self.listed.is_connection_deleted
            && self.shell.me.member.role.may_write()
    }

    fn day(&self, day: &time::Date) -> String {
        day_words(*day)
    }

    fn service(&self) -> String {
        bill_words::services(&self.listed.utility_types)
    }

    /// The facts that the bill tells, those alone that were read.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let content = &self.listed.bill.content;
        let day = |day: Option<time::Date>| day.map(day_words).unwrap_or_default();
        let money = |amount| bill_words::money(amount, content);
        let facts = [
            ("Total", bill_words::total(content)),
            ("Bill date", day(content.bill_date)),
            ("Due", day(content.due_date)),
            ("Invoice", content.invoice_id.clone().unwrap_or_default()),
            ("Period", bill_words::period(content)),
            ("Used", bill_words::usage(content)),
            ("This period", money(content.current_charges)),
            ("Taxes", money(content.tax_charges)),
            ("Credits", money(content.credits)),
            ("Balance before", money(content.previous_close_balance)),
            ("Balance now", money(content.current_open_balance)),
        ];
        let told = facts.into_iter().filter(|(_, fact)| !fact.is_empty());
        told.collect()
    }

    fn number(&self, number: &Option<Decimal>) -> String {
        number.map(grouped).unwrap_or_default()
    }

    /// A quantity with its unit.
    fn quantity(&self, usage: &Usage) -> String {
        let unit = usage.units.as_ref().map(ToString::to_string);
        with_unit(usage.quantity, unit)
    }

    /// How many units of a line at which price.
    fn of_line(&self, line: &LineItem) -> String {
        let unit = line.quantity_units.as_ref().map(ToString::to_string);
        with_unit(line.quantity, unit)
    }

    fn readings(&self, usage: &Usage) -> String {
        let text = |reading: Option<Decimal>| reading.map(grouped).unwrap_or_default();
        match (usage.previous_reading, usage.current_reading) {
            (None, None) => String::new(),
            (before, now) => format!("{} → {}", text(before), text(now)),
        }
    }

    fn days(&self, usage: &Usage) -> String {
        let day = |day: Option<time::Date>| day.map_or_else(|| "?".to_owned(), day_words);
        match (usage.start_date, usage.end_date) {
            (None, None) => String::new(),
            (start, end) => format!("{} to {}", day(start), day(end)),
        }
    }
}

fn with_unit(quantity: Option<Decimal>, unit: Option<String>) -> String {
    let Some(quantity) = quantity else {
        return String::new();
    };
    format!("{} {}", grouped(quantity), unit.unwrap_or_default())
        .trim_end()
        .to_owned()
}

/// Shows the file in the browser's own viewer, beside what was read from it.
pub(super) async fn show(
    me: SignedIn,
    Path(id): Path<String>,
) -> Result<Html<String>, ConsoleError> {
    let id: BillId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let organization = me.organization.id;
    let reading = me.console.door.store.read("console.bill", |tx| {
        Box::pin(tx.listed_bill(organization, id))
    });
    let listed = reading.await?.ok_or(ConsoleError::NotFound)?;
    render(&BillPage {
        shell: Shell::new(&me, Place::Bills),
        listed: &listed,
    })
}

/// What stands behind a file's address.
#[derive(Deserialize)]
pub(super) struct AskedFile {
    /// Whether the file is to be shown instead of saved.
    shown: Option<String>,
}

/// Sends the file of a bill; the audit log tells who got it.
pub(super) async fn file(
    me: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<AskedFile>,
) -> Result<Response, ConsoleError> {
    let id: BillId = id.parse().map_err(|_| ConsoleError::NotFound)?;
    let organization = me.organization.id;
    let who = &me;
    let reading = me.console.door.store.tx("console.bill_file", |tx| {
        Box::pin(async move {
            let file = tx.bill_file(organization, id).await?;
            let file = file.ok_or(ConsoleError::NotFound)?;
            let (id, name) = (id.to_string(), file.name.clone());
            let event = who.audit(AuditAction::BillDownloaded, Some(id), Some(name));
            tx.add_audit_event(&event).await?;
            Ok::<_, ConsoleError>(file)
        })
    });
    let file = reading.await?;
    let shown = match asked.shown {
        Some(_) => ShownAs::Page,
        None => ShownAs::Download,
    };
    Ok(bill_download::response(&me.console.door.blobs, id, file, shown).await?)
}
