//! The data that the pages show, and their templates.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::{
    bills::Bill,
    customers::{Account, After, CodePage, Customer},
    format::short_date,
    makes::{Place, Style},
    outbox::Channel,
    step::Step,
};

const BILLS_A_PAGE: usize = 8;

pub(crate) fn render(page: &impl Template) -> String {
    page.render()
        .unwrap_or_else(|_| "<!doctype html><title>Error</title>".to_owned())
}

/// What a form to sign in is made of.
pub(crate) struct SignInForm<'a> {
    pub csrf: &'a str,
    pub user: &'a str,
    pub next: &'a str,
    pub error: Option<&'a str>,
    pub asks: Asks,
    pub names: &'static Names,
}

/// What a form to sign in asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    Both,
    User,
    Password,
}

impl Asks {
    /// What the first page asks for.
    pub fn first(place: &Place) -> Self {
        match place.style() {
            Style::TwoPages => Self::User,
            _ => Self::Both,
        }
    }
}

/// The address of the page to sign in, and what its form says.
pub(crate) struct Names {
    pub address: &'static str,
    pub title: &'static str,
    pub user: &'static str,
    pub user_label: &'static str,
    pub password: &'static str,
    pub password_label: &'static str,
    pub button: &'static str,
}

const NAMES: Names = Names {
    address: "/login",
    title: "Sign in to your account",
    user: "email",
    user_label: "Email address",
    password: "password",
    password_label: "Password",
    button: "Sign in",
};

/// The same after the website has changed.
pub(crate) const CHANGED: Names = Names {
    address: "/customers/welcome",
    title: "Log on to your customer area",
    user: "customerMail",
    user_label: "Customer e-mail",
    password: "secret",
    password_label: "Personal password",
    button: "Log on",
};

/// How the form is now.
pub(crate) fn names(is_changed: bool) -> &'static Names {
    if is_changed { &CHANGED } else { &NAMES }
}

/// An address on a host that does not exist (RFC 6761).
pub(crate) const NO_HOST: &str = "http://riverbend.invalid/";

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    form: Option<SignInForm<'a>>,
}

/// Renders the public front page, with a dialog that is still closed, if there is a form.
pub(crate) fn home(form: Option<SignInForm<'_>>) -> String {
    render(&Home {
        person: None,
        here: "home",
        form,
    })
}

/// Renders the front page with its dialog open.
pub(crate) fn home_at_sign_in(form: SignInForm<'_>) -> String {
    render(&Home {
        person: None,
        here: "login",
        form: Some(form),
    })
}

/// What the page to sign in has.
enum Way<'a> {
    Form(SignInForm<'a>),
    Frame(&'a str),
    Window(&'a str),
    Script(&'a str),
}

#[derive(Template)]
#[template(path = "login.html")]
struct SignIn<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    way: Way<'a>,
}

fn sign_in_page(way: Way<'_>) -> String {
    render(&SignIn {
        person: None,
        here: "login",
        way,
    })
}

/// Renders the page with the form to sign in.
pub(crate) fn sign_in(form: SignInForm<'_>) -> String {
    sign_in_page(Way::Form(form))
}

/// Renders a page to sign in with the form in a frame of another host.
pub(crate) fn frame(address: &str) -> String {
    sign_in_page(Way::Frame(address))
}

/// Renders a page to sign in with a button that opens a window.
pub(crate) fn window(address: &str) -> String {
    sign_in_page(Way::Window(address))
}

/// Renders a page to sign in whose form a script builds.
pub(crate) fn script(name: &str) -> String {
    sign_in_page(Way::Script(name))
}

#[derive(Template)]
#[template(path = "single_page.html")]
struct SinglePage;

/// Renders the only page of the single-page app.
pub(crate) fn single_page() -> String {
    render(&SinglePage)
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent {
    person: Option<&'static Customer>,
    here: &'static str,
    who: &'static Customer,
}

/// Renders the identity provider's question.
pub(crate) fn consent(who: &'static Customer) -> String {
    render(&Consent {
        person: None,
        here: "login",
        who,
    })
}

#[derive(Template)]
#[template(path = "back.html")]
struct Back<'a> {
    whom: &'a str,
    address: &'a str,
}

/// Renders the page that tells the page around it (`parent`) or the window behind it (`opener`) where to go on.
pub(crate) fn back(whom: &str, address: &str) -> String {
    render(&Back { whom, address })
}

/// The answer while the website is down.
pub(crate) fn down() -> Response {
    let page = plain(
        "We will be right back",
        "Riverbend online services are temporarily unavailable.",
    );
    (StatusCode::SERVICE_UNAVAILABLE, Html(page)).into_response()
}

/// The answer of a website that broke.
pub(crate) fn broken() -> Response {
    let page = plain("Something went wrong", "Please try again later.");
    (StatusCode::INTERNAL_SERVER_ERROR, Html(page)).into_response()
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
#[template(path = "step.html")]
struct StepPage<'a> {
    person: Option<&'static Customer>,
    here: &'static str,
    who: &'static Customer,
    step: &'a Step,
    message: Option<&'a str>,
}

/// Renders the page of a step between password and account.
pub(crate) fn step(who: &'static Customer, step: &Step, message: Option<&str>) -> String {
    render(&StepPage {
        person: None,
        here: "login",
        who,
        step,
        message,
    })
}

#[derive(Template)]
#[template(path = "authenticator.html")]
struct Authenticator {
    person: Option<&'static Customer>,
    here: &'static str,
    secret: &'static str,
}

/// Renders the page that sets up an authenticator.
pub(crate) fn authenticator(person: &'static Customer) -> String {
    render(&Authenticator {
        person: Some(person),
        here: "profile",
        secret: crate::authenticator::SECRET,
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
