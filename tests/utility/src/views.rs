//! The data that the pages show, and their templates.

use std::collections::BTreeMap;

use askama::Template;

use crate::{
    bills::Bill,
    customers::{Account, Customer},
    format::short_date,
};

const BILLS_A_PAGE: usize = 8;

fn render(page: &impl Template) -> String {
    page.render()
        .unwrap_or_else(|_| "<!doctype html><title>Error</title>".to_owned())
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    person: Option<&'static Customer>,
    here: &'static str,
}

/// Renders the public front page.
pub fn home() -> String {
    render(&Home {
        person: None,
        here: "home",
    })
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    title: &'a str,
    text: &'a str,
}

/// A public page of one sentence.
pub fn plain(title: &str, text: &str) -> String {
    render(&Notice {
        person: None,
        here: "",
        title,
        text,
    })
}

/// A page of one sentence for someone signed in.
pub fn notice(person: &'static Customer, title: &str, text: &str) -> String {
    render(&Notice {
        person: Some(person),
        here: "",
        title,
        text,
    })
}

#[derive(Template)]
#[template(path = "code.html")]
struct Code<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    error: Option<&'a str>,
}

/// Renders the page that asks for a code.
pub fn code(error: Option<&str>) -> String {
    render(&Code {
        person: None,
        here: "login",
        error,
    })
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    csrf: &'a str,
    email: &'a str,
    next: &'a str,
    error: Option<&'a str>,
}

/// Renders the page with the sign-in form.
pub fn login(csrf: &str, email: &str, next: &str, error: Option<&str>) -> String {
    render(&Login {
        person: None,
        here: "login",
        csrf,
        email,
        next,
        error,
    })
}

struct AccountCard<'a> {
    account: &'static Account,
    newest: Option<&'a Bill>,
}

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Dashboard<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    first_name: &'a str,
    cards: Vec<AccountCard<'a>>,
    recent: Vec<&'a Bill>,
}

/// Renders the page that a customer sees after the sign-in.
pub fn dashboard(person: &'static Customer, bills: &[Bill]) -> String {
    let cards = person
        .accounts
        .iter()
        .map(|account| AccountCard {
            account,
            newest: bills.iter().find(|bill| bill.account == account.number),
        })
        .collect();
    render(&Dashboard {
        person: Some(person),
        here: "account",
        first_name: person.name.split(' ').next().unwrap_or(person.name),
        cards,
        recent: bills.iter().take(3).collect(),
    })
}

#[derive(Template)]
#[template(path = "billing.html")]
struct Billing<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    accounts: &'static [Account],
    chosen: &'a str,
    rows: Vec<&'a Bill>,
    page: usize,
    pages: usize,
}

/// The billing history: all accounts or one, eight bills a page.
pub fn billing(
    person: &'static Customer,
    bills: &[Bill],
    chosen: Option<&str>,
    page: usize,
) -> String {
    let chosen = chosen
        .filter(|number| {
            person
                .accounts
                .iter()
                .any(|account| account.number == *number)
        })
        .unwrap_or("");
    let matching: Vec<&Bill> = bills
        .iter()
        .filter(|bill| chosen.is_empty() || bill.account == chosen)
        .collect();
    let pages = matching.len().div_ceil(BILLS_A_PAGE).max(1);
    let page = page.clamp(1, pages);
    let rows = matching
        .into_iter()
        .skip((page - 1) * BILLS_A_PAGE)
        .take(BILLS_A_PAGE)
        .collect();
    render(&Billing {
        person: Some(person),
        here: "billing",
        accounts: person.accounts,
        chosen,
        rows,
        page,
        pages,
    })
}

#[derive(Template)]
#[template(path = "bill.html")]
struct BillPage<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    bill: &'a Bill,
}

/// Renders the page of one bill.
pub fn bill(person: &'static Customer, bill: &Bill) -> String {
    render(&BillPage {
        person: Some(person),
        here: "billing",
        bill,
    })
}

struct Bar {
    label: String,
    value: u32,
    percent: u32,
}

struct Chart {
    account: &'static Account,
    bars: Vec<Bar>,
}

#[derive(Template)]
#[template(path = "usage.html")]
struct Usage {
    person: Option<&'static Customer>,
    here: &'static str,
    charts: Vec<Chart>,
}

/// Usage over the last bills, a chart for each account.
pub fn usage(person: &'static Customer, bills: &[Bill]) -> String {
    let charts = person
        .accounts
        .iter()
        .map(|account| {
            let by_day: BTreeMap<_, u32> = bills
                .iter()
                .filter(|bill| bill.account == account.number)
                .map(|bill| (bill.to, bill.usage))
                .collect();
            let most = by_day.values().copied().max().unwrap_or(1).max(1);
            let bars = by_day
                .into_iter()
                .map(|(day, value)| Bar {
                    label: short_date(day)
                        .split(' ')
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    value,
                    percent: value * 100 / most,
                })
                .collect();
            Chart { account, bars }
        })
        .collect();
    render(&Usage {
        person: Some(person),
        here: "usage",
        charts,
    })
}

#[derive(Template)]
#[template(path = "profile.html")]
struct Profile {
    person: Option<&'static Customer>,
    here: &'static str,
    who: &'static Customer,
}

/// Renders the page with the customer's own data.
pub fn profile(person: &'static Customer) -> String {
    render(&Profile {
        person: Some(person),
        here: "profile",
        who: person,
    })
}
