//! The trap site's pages: bills by postbacks, searches, GraphQL, tabs, accordions, details pages and downloads.

use std::{ops::Range, sync::Arc};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Path, Request, State, WebSocketUpgrade},
    http::{Method, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};

use super::{
    BILLS,
    controls::{CONTROLS, Placement},
};
use crate::{
    Options, Switches, bill_pdf,
    bills::bills_of,
    customers::find,
    format::{long_date, money},
};

const CUSTOMER: &str = "jordan@example.com";

/// The file of one of the bills, counted from 0.
#[must_use]
pub fn bill_pdf(options: &Options, number: usize) -> Option<Vec<u8>> {
    let bills = bills_of(CUSTOMER, options);
    bill_pdf::draw(find(CUSTOMER)?, bills.get(number)?, &bills)
}

/// All pages of the trap site, to be nested at `/trap`.
pub fn router(options: Options) -> Router {
    let switches = Arc::clone(&options.switches);
    Router::new()
        .route("/home", get(home))
        .route("/all", get(all))
        .route("/bills", get(bills).post(bills_postback))
        .route("/documents", get(documents))
        .route("/api/documents/search", post(search))
        .route("/document", post(download))
        .route("/orders", get(orders))
        .route("/orders/{number}", get(order))
        .route("/statements", get(statements))
        .route("/graphql", post(graphql))
        .route("/file/{number}", get(file))
        .route("/socket", get(socket))
        .route("/pic.svg", get(picture))
        .fallback(anything_else)
        .layer(middleware::from_fn_with_state(switches, count))
        .with_state(options)
}

/// Counts changes before the pages see the request.
async fn count(State(switches): State<Arc<Switches>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 1024 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let path = head.uri.path();
    let path = path.strip_prefix("/trap").unwrap_or(path);
    let query = head.uri.query().unwrap_or("");
    let text = String::from_utf8_lossy(&body);
    if switches
        .trap
        .request(head.method.as_str(), path, query, &text)
    {
        return Html("<h1>Done</h1><p>Your account was changed.</p>").into_response();
    }
    next.run(Request::from_parts(head, body.into())).await
}

async fn anything_else(State(options): State<Options>, method: Method) -> Response {
    if method != Method::GET && method != Method::HEAD {
        options.switches.trap.unknown();
    }
    StatusCode::NOT_FOUND.into_response()
}

const SCRIPT: &str = "<script>
const send = (method, path, body) => fetch('/trap' + path, { method, body, headers: body ? { 'content-type': body.startsWith('{') ? 'application/json' : 'text/xml' } : {} });
const xhr = (method, path) => { const request = new XMLHttpRequest(); request.open(method, '/trap' + path); request.send(); };
const socket = () => { const line = new WebSocket(location.origin.replace('http', 'ws') + '/trap/socket'); line.onopen = () => line.send('stop'); };
const __doPostBack = (target, argument) => { const form = document.forms.state; form.__EVENTTARGET.value = target; form.__EVENTARGUMENT.value = argument; form.submit(); };
const download = (id) => { const form = document.createElement('form'); form.method = 'post'; form.action = '/trap/document'; form.innerHTML = `<input type=hidden name=document value=${id}>`; document.body.append(form); form.submit(); };
</script><form name=state method=post action=/trap/bills hidden><input type=hidden name=__EVENTTARGET><input type=hidden name=__EVENTARGUMENT><input type=hidden name=__VIEWSTATE value=dDwtMTA7Oz4><input type=hidden name=chkPaperless value=on><input type=hidden name=ddlYear value=YEAR></form>";

fn traps(placement: Placement, from: usize, most: usize) -> (String, Vec<&'static str>) {
    let chosen = CONTROLS
        .iter()
        .filter(|control| control.placement == placement)
        .skip(from)
        .take(most);
    chosen
        .map(|control| {
            (
                format!("<span data-trap={}>{}</span> ", control.name, control.html),
                control.name,
            )
        })
        .unzip()
}

fn page(options: &Options, title: &str, body: &str, rows: Vec<&'static str>) -> Html<String> {
    let (menu, in_menu) = traps(Placement::Menu, 0, 100);
    let (side, at_side) = traps(Placement::Side, 0, 100);
    options
        .switches
        .trap
        .page(in_menu.into_iter().chain(at_side).chain(rows));
    Html(format!(
        "<!doctype html><html lang=en><title>{title}</title>{script}<nav><a href=/trap/home>Home</a> <a href=/trap/bills>Bills</a> <a href=/trap/statements>Statement archive</a> \
         <a href=/trap/documents>Documents</a> <a href=/trap/orders>Purchase history</a> {menu}</nav><h1>{title}</h1>{body}<aside>{side}</aside>",
        script = SCRIPT.replace("YEAR", "2026"),
    ))
}

/// Rows of bills with their date and amount, a way to the file, and traps beside it.
fn rows(
    options: &Options,
    numbers: Range<usize>,
    link: impl Fn(usize) -> String,
) -> (String, Vec<&'static str>) {
    let bills = bills_of(CUSTOMER, options);
    let mut html = String::new();
    let mut shown = Vec::new();
    for number in numbers {
        let Some(bill) = bills.get(number) else {
            continue;
        };
        let (traps, names) = traps(Placement::Row, number * 2 % 16, 2);
        shown.extend(names);
        html.push_str(&format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{traps}</td></tr>",
            long_date(bill.bill_date),
            money(bill.total_due()),
            link(number)
        ));
    }
    (html, shown)
}

fn table(rows: &str) -> String {
    format!("<table><tr><th>Date<th>Amount<th>Bill<th></tr>{rows}</table>")
}

async fn home(State(options): State<Options>) -> Html<String> {
    page(
        &options,
        "Welcome back, Jordan",
        "<p>Your next bill comes soon.</p>",
        Vec::new(),
    )
}

/// Every kind of control on one page.
async fn all(State(options): State<Options>) -> Html<String> {
    let (row, names) = traps(Placement::Row, 0, 100);
    page(
        &options,
        "All controls",
        &format!("<div>{row}</div>"),
        names,
    )
}

/// A file for each row.
fn link_to_file(number: usize) -> String {
    format!("<a href=/trap/file/{number}>PDF</a>")
}

fn bills_page(options: &Options, year: u32, number: usize) -> Html<String> {
    let (first, pages) = if year == 2026 { (0, 2) } else { (6, 1) };
    let from = first + (number - 1) * 3;
    let to = if year == 2026 { from + 3 } else { from + 2 };
    let (rows, shown) = rows(options, from..to, link_to_file);
    let years: String = [2026, 2025]
        .map(|of| {
            format!(
                "<option{}>{of}</option>",
                if of == year { " selected" } else { "" }
            )
        })
        .concat();
    let pager: String = (1..=pages)
        .map(|of| {
            if of == number {
                format!("<span>{of}</span> ")
            } else {
                format!("<a href=\"javascript:__doPostBack('ctl00$gv','Page${of}')\">{of}</a> ")
            }
        })
        .collect();
    let body = format!(
        "<label>Year <select name=year onchange=\"document.forms.state.ddlYear.value=this.value;__doPostBack('ctl00$ddlYear','')\">{years}</select></label>{}<div class=pager>{pager}</div>",
        table(&rows)
    );
    page(options, "Bills", &body, shown)
}

async fn bills(State(options): State<Options>) -> Html<String> {
    bills_page(&options, 2026, 1)
}

async fn bills_postback(State(options): State<Options>, body: Bytes) -> Html<String> {
    let body = String::from_utf8_lossy(&body).into_owned();
    let year = if body.contains("ddlYear=2025") {
        2025
    } else {
        2026
    };
    let number = if body.contains("Page%242") { 2 } else { 1 };
    bills_page(&options, year, number)
}

/// Bills of two accounts, searched by POST as soon as the page loads; each file by a POST of its own.
async fn documents(State(options): State<Options>) -> Html<String> {
    let body = "<label>Account <select id=account><option value=a>4402-118-2207</option><option value=b>7710-554-0913</option></select></label><table id=rows></table>
<script>
const draw = async () => { document.getElementById('rows').innerHTML = await (await send('POST', '/api/documents/search', JSON.stringify({ account: document.getElementById('account').value, page: 1 }))).text(); };
document.getElementById('account').onchange = draw; draw();
</script>";
    page(&options, "Documents", body, Vec::new())
}

async fn search(State(options): State<Options>, body: String) -> Html<String> {
    let numbers = if body.contains("\"b\"") {
        10..12
    } else {
        8..10
    };
    let (rows, shown) = rows(&options, numbers, |number| {
        format!("<button onclick='download({number})'>Download PDF</button>")
    });
    options.switches.trap.page(shown.into_iter());
    Html(rows)
}

async fn download(State(options): State<Options>, body: String) -> Response {
    let number = body
        .rsplit('=')
        .next()
        .and_then(|number| number.parse().ok());
    match number.and_then(|number: usize| bill_pdf(&options, number)) {
        Some(bytes) => (
            [
                (header::CONTENT_TYPE, "application/pdf"),
                (header::CONTENT_DISPOSITION, "attachment; filename=bill.pdf"),
            ],
            bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Orders, each with a page of its own.
async fn orders(State(options): State<Options>) -> Html<String> {
    let (rows, shown) = rows(&options, 12..15, |number| {
        format!("<a href=/trap/orders/{number}>Details</a>")
    });
    page(&options, "Purchase history", &table(&rows), shown)
}

async fn order(State(options): State<Options>, Path(number): Path<usize>) -> Html<String> {
    let body =
        format!("<p>Order {number}</p><p><a href=/trap/file/{number}>Document (PDF)</a></p>");
    page(&options, "Order", &body, Vec::new())
}

/// Two tabs and an accordion, filled by GraphQL.
async fn statements(State(options): State<Options>) -> Html<String> {
    let body = "<div role=tablist><button role=tab id=t1 aria-selected=true>Electricity</button> <button role=tab id=t2 aria-selected=false>Water</button></div><table id=rows></table>
<button id=old aria-expanded=false>Older statements</button><table id=more></table>
<script>
const list = async (kind, into) => { document.getElementById(into).innerHTML = await (await send('POST', '/graphql', JSON.stringify({ query: 'query Statements($kind: String) { statements(kind: $kind) { id } }', variables: { kind } }))).text(); };
const tab = (kind, on, off) => { document.getElementById(on).ariaSelected = 'true'; document.getElementById(off).ariaSelected = 'false'; list(kind, 'rows'); };
t1.onclick = () => tab('electricity', 't1', 't2'); t2.onclick = () => tab('water', 't2', 't1');
old.onclick = () => { old.ariaExpanded = 'true'; list('older', 'more'); };
list('electricity', 'rows');
</script>";
    page(&options, "Statement archive", body, Vec::new())
}

async fn graphql(State(options): State<Options>, body: String) -> Html<String> {
    let numbers = match body.rsplit("\"kind\":").next().unwrap_or("") {
        kind if kind.contains("water") => 17..19,
        kind if kind.contains("older") => 19..BILLS,
        _ => 15..17,
    };
    let (rows, shown) = rows(&options, numbers, link_to_file);
    options.switches.trap.page(shown.into_iter());
    Html(rows)
}

async fn file(State(options): State<Options>, Path(number): Path<usize>) -> Response {
    match bill_pdf(&options, number) {
        Some(bytes) => ([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn picture() -> Response {
    (
        [(header::CONTENT_TYPE, "image/svg+xml")],
        include_str!("../../assets/logo.svg"),
    )
        .into_response()
}

async fn socket(State(options): State<Options>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, axum::extract::ws::Message::Text(_)) {
                options.switches.trap.message();
            }
        }
    })
}
