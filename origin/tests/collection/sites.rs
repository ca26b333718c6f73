//! Websites that show bills in very different ways. None is known to the code under test.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Json, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;

use crate::{draw, sheet::Sheet};

/// A website that is running.
pub struct Site {
    /// The host and port: `127.0.0.1:port`.
    pub host: String,
    harm: Arc<AtomicU32>,
}

impl Site {
    /// Requests that ended the session, paid or changed something.
    pub fn harm(&self) -> u32 {
        self.harm.load(Ordering::SeqCst)
    }
}

type Harm = State<Arc<AtomicU32>>;

/// Serves a website until the test ends.
pub async fn serve(site: Router<Arc<AtomicU32>>) -> Site {
    let harm = Arc::new(AtomicU32::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    let app = site
        .route("/harm/{what}", get(harmed).post(harmed))
        .with_state(Arc::clone(&harm));
    tokio::spawn(async move { axum::serve(listener, app).await });
    Site { host, harm }
}

async fn harmed(State(harm): Harm) -> Html<&'static str> {
    harm.fetch_add(1, Ordering::SeqCst);
    Html(
        "<h1>Done. You are signed out, your payment is on its way and your service is stopped.</h1>",
    )
}

/// The PDF of the bill with this number; every bill is another one.
pub fn pdf(number: u32) -> Vec<u8> {
    let month = number % 12 + 1;
    draw::pdf(&[Sheet::default()
        .bold(50.0, 60.0, 16.0, "Fixture Power")
        .rows(
            50.0,
            300.0,
            100.0,
            14.0,
            &[
                ("Account number", "5500-1234"),
                ("Invoice number", &format!("F{number:06}")),
                (
                    "Bill date",
                    &format!("{}-{month:02}-15", 2020 + number / 12),
                ),
                ("Electricity used", &format!("{} kWh", 400 + number)),
                ("Total amount due", &format!("${}.25", 40 + number)),
            ],
        )])
}

fn inline(number: u32) -> Response {
    ([(header::CONTENT_TYPE, "application/pdf")], pdf(number)).into_response()
}

fn attachment(number: u32) -> Response {
    let name = format!("attachment; filename=\"bill-{number}.pdf\"");
    (
        [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ],
        pdf(number),
    )
        .into_response()
}

/// A single-page application: buttons instead of links, bills by JSON, files by script with a token that only memory
/// holds. Nine bills, four at a time behind "Load more".
pub fn application() -> Router<Arc<AtomicU32>> {
    const PAGE: &str = r#"<!doctype html><title>Volt</title>
<nav><button id=home>Home</button> <button id=bills>My bills</button> <button id=out>Log out</button></nav><main id=main></main>
<script>
let token, page = 0;
const main = document.getElementById('main');
const api = (path) => fetch(path, { headers: { authorization: token } });
document.getElementById('out').onclick = () => fetch('/harm/out', { method: 'POST' });
document.getElementById('home').onclick = home;
document.getElementById('bills').onclick = () => { page = 0; main.innerHTML = '<h1>Bills</h1><div id=list></div>'; more(); };
function home() { main.innerHTML = '<h1>Welcome</h1><p>Your balance is $48.25.</p><button id=pay>Pay now</button>'; document.getElementById('pay').onclick = () => fetch('/harm/pay', { method: 'POST' }); }
async function more() {
  const answer = await (await api('/api/bills?page=' + page)).json();
  for (const bill of answer.bills) {
    const card = document.createElement('div');
    card.className = 'card';
    card.innerHTML = `<h3>Statement</h3><span>${bill.date}</span> <span>${bill.amount}</span> <button>Download</button>`;
    card.querySelector('button').onclick = async () => {
      const blob = await (await api('/api/bills/' + bill.id + '/pdf')).blob();
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob); link.download = 'statement-' + bill.id + '.pdf';
      document.body.append(link); link.click(); link.remove();
    };
    document.getElementById('list').append(card);
  }
  document.getElementById('more')?.remove();
  page += 1;
  if (answer.more) { const button = document.createElement('button'); button.id = 'more'; button.textContent = 'Load more'; button.onclick = more; main.append(button); }
}
fetch('/api/token', { method: 'POST' }).then((answer) => answer.text()).then((text) => { token = text; home(); });
</script>"#;
    #[derive(Deserialize)]
    struct PageOf {
        page: u32,
    }
    let allowed = |headers: &HeaderMap| {
        headers
            .get(header::AUTHORIZATION)
            .is_some_and(|token| token == "only-in-memory")
    };
    Router::new()
        .route("/home", get(|| async { Html(PAGE) }))
        .route("/api/token", post(|| async { "only-in-memory" }))
        .route(
            "/api/bills",
            get(move |headers: HeaderMap, Query(query): Query<PageOf>| async move {
                if !allowed(&headers) {
                    return StatusCode::UNAUTHORIZED.into_response();
                }
                let bills: Vec<_> = (0..9_u32)
                    .skip(query.page as usize * 4)
                    .take(4)
                    .map(|n| json!({ "id": n, "date": format!("{:02}/15/2026", 10 - n), "amount": format!("${}.25", 40 + n) }))
                    .collect();
                Json(json!({ "bills": bills, "more": query.page < 2 })).into_response()
            }),
        )
        .route(
            "/api/bills/{id}/pdf",
            get(move |headers: HeaderMap, Path(id): Path<u32>| async move {
                if allowed(&headers) { attachment(id) } else { StatusCode::UNAUTHORIZED.into_response() }
            }),
        )
}

/// German, plain pages: inline PDFs that open in a new tab, a page a year, and other documents among them.
/// Seven bills.
pub fn plain() -> Router<Arc<AtomicU32>> {
    fn frame(body: &str) -> Html<String> {
        Html(format!(
            "<!doctype html><html lang=de><title>Stadtwerke</title><ul><li><a href=/home>Übersicht</a><li><a href=/postfach>Postfach</a><li><a href=/vertrag>Mein Vertrag</a>\
             <li><a href=/harm/kuendigen>Kündigen</a><li><a href='/harm/zahlen'>Jetzt bezahlen</a><li><a href=/harm/x>Abmelden</a></ul>{body}\
             <footer><a href=/agb.pdf>AGB (PDF)</a> <a href=/preisblatt.pdf>Preisblatt</a></footer>"
        ))
    }
    #[derive(Deserialize)]
    struct Year {
        jahr: Option<u32>,
    }
    #[derive(Deserialize)]
    struct Id {
        id: u32,
    }
    Router::new()
        .route("/home", get(|| async { frame("<h1>Guten Tag, Frau Beispiel</h1><p>Ihr Abschlag: 121,00 € am 01.12.2026</p>") }))
        .route("/vertrag", get(|| async { frame("<h1>Vertrag</h1><p>Vertragskonto 2000334871</p>") }))
        .route(
            "/postfach",
            get(|Query(query): Query<Year>| async move {
                let year = query.jahr.unwrap_or(2026);
                let ids = match year {
                    2026 => 0..3,
                    2025 => 3..6,
                    _ => 6..7,
                };
                let rows: String = ids
                    .map(|id| format!("<li><a href='/dokument?id={id}' target=_blank>Rechnung vom {:02}.03.{year}</a> – {},25 €</li>", id + 1, 40 + id))
                    .collect();
                frame(&format!("<h1>Postfach</h1><p><a href='?jahr=2026'>2026</a> <a href='?jahr=2025'>2025</a> <a href='?jahr=2024'>2024</a></p><ul>{rows}</ul>"))
            }),
        )
        .route("/dokument", get(|Query(query): Query<Id>| async move { inline(query.id) }))
        .route("/agb.pdf", get(|| async { inline(900) }))
        .route("/preisblatt.pdf", get(|| async { inline(901) }))
}

/// A table whose files come by posting a form, with numbered pages and a redirect to the list. Eleven bills.
pub fn table() -> Router<Arc<AtomicU32>> {
    #[derive(Deserialize)]
    struct PageOf {
        p: Option<u32>,
    }
    #[derive(Deserialize)]
    struct Ask {
        document: u32,
        csrf: String,
    }
    Router::new()
        .route(
            "/home",
            get(|| async {
                Html(
                    "<!doctype html><title>Lakeside Water</title><h1>Dashboard</h1><p>Balance $50.25 due Nov 3, 2026</p>\
                     <form method=post action=/harm/pay><button>Pay $50.25</button></form><a href='/services'>Services</a> <a href='/history'>Billing &amp; payment history</a> <a href='/harm/logout'>Exit</a>\
                     <a href='/harm/logout'>Log off</a>",
                )
            }),
        )
        .route("/services", get(|| async { Html("<h1>Services</h1><a href='/home'>Home</a>") }))
        .route(
            "/history",
            get(|Query(query): Query<PageOf>| async move {
                let page = query.p.unwrap_or(1);
                let rows: String = (0..11_u32)
                    .skip((page as usize - 1) * 4)
                    .take(4)
                    .map(|n| {
                        format!(
                            "<tr><td>{}-{:02}-15</td><td>${}.25</td><td><form method=post action=/download><input type=hidden name=csrf value=t0k><input type=hidden name=document value={n}><button>View bill</button></form></td></tr>",
                            2026, 11 - n, 40 + n
                        )
                    })
                    .collect();
                let pages: String = (1..=3).map(|n| if n == page { format!("<b>{n}</b> ") } else { format!("<a href='/history?p={n}'>{n}</a> ") }).collect();
                Html(format!("<!doctype html><title>History</title><a href='/home'>Home</a><h1>Billing history</h1><table><tr><th>Date<th>Amount<th></tr>{rows}</table><div class=pagination>{pages}</div>"))
            }),
        )
        .route(
            "/download",
            post(|Form(ask): Form<Ask>| async move { if ask.csrf == "t0k" { attachment(ask.document) } else { StatusCode::FORBIDDEN.into_response() } }),
        )
}

/// Selects for account and year that a script obeys; the files open in a window of their own. Twelve bills.
pub fn selects() -> Router<Arc<AtomicU32>> {
    const PAGE: &str = r#"<!doctype html><title>Gas online</title><h1>Mes factures</h1>
<label>Compte <select id=account><option value=a>Compte 601 234 567</option><option value=b>Compte 601 234 999</option></select></label>
<label>Année <select id=year><option>2026</option><option>2025</option><option>2024</option></select></label>
<label>Langue <select id=language><option>Français</option><option>English</option></select></label>
<table id=rows></table><a href="javascript:void(0)" onclick="fetch('/harm/out')">Se déconnecter</a>
<script>
const at = (id) => document.getElementById(id);
at('language').onchange = () => fetch('/harm/language');
const draw = async () => {
  const rows = await (await fetch('/rows?account=' + at('account').value + '&year=' + at('year').value)).json();
  at('rows').innerHTML = rows.map((row) => `<tr><td>${row.date}</td><td>${row.amount}</td><td><a href="javascript:void(0)" onclick="window.open('/voir/${row.id}')">Consulter</a></td></tr>`).join('');
};
at('account').onchange = draw; at('year').onchange = draw; draw();
</script>"#;
    #[derive(Deserialize)]
    struct Ask {
        account: String,
        year: u32,
    }
    Router::new()
        .route("/home", get(|| async { Html("<!doctype html><title>Gas</title><h1>Espace client</h1><a href='/factures'>Mes factures</a> <a href='/harm/resilier'>Résilier mon contrat</a>") }))
        .route("/factures", get(|| async { Html(PAGE) }))
        .route(
            "/rows",
            get(|Query(ask): Query<Ask>| async move {
                let first = (2026 - ask.year) * 4 + if ask.account == "a" { 0 } else { 2 };
                let rows: Vec<_> = (first..first + 2).map(|id| json!({ "id": id, "date": format!("{} novembre {}", 3 + id % 2 * 10, ask.year), "amount": format!("{},25 €", 40 + id) })).collect();
                Json(rows)
            }),
        )
        .route("/voir/{id}", get(|Path(id): Path<u32>| async move { inline(id) }))
}

/// Bills within a frame; each opens a panel that shows the PDF from a blob. Four bills.
pub fn panels() -> Router<Arc<AtomicU32>> {
    const LIST: &str = r#"<!doctype html><title>List</title><h2>Invoices</h2><ul id=list></ul><div id=panel></div>
<script>
for (let id = 0; id < 4; id += 1) {
  const item = document.createElement('li');
  item.innerHTML = `Invoice of ${['August', 'July', 'June', 'May'][id]} 2026, $${40 + id}.25 <button>View</button>`;
  item.querySelector('button').onclick = async () => {
    const blob = await (await fetch('/file/' + id)).blob();
    const url = URL.createObjectURL(new Blob([blob], { type: 'application/pdf' }));
    document.getElementById('panel').innerHTML = `<button>Close</button><embed type="application/pdf" width=400 height=300 src="${url}">`;
  };
  document.getElementById('list').append(item);
}
</script>"#;
    Router::new()
        .route("/home", get(|| async { Html("<!doctype html><title>Portal</title><h1>Account 12345678</h1><a href='/harm/out'>Sign out</a><a href='/docs'>Invoices</a>") }))
        .route("/docs", get(|| async { Html("<!doctype html><title>Invoices</title><h1>Invoices</h1><iframe src='/list' width=800 height=600></iframe>") }))
        .route("/list", get(|| async { Html(LIST) }))
        .route("/file/{id}", get(|Path(id): Path<u32>| async move { ([(header::CONTENT_TYPE, "application/octet-stream")], pdf(id)) }))
}

/// Nothing to collect, but things to break.
pub fn empty() -> Router<Arc<AtomicU32>> {
    Router::new()
        .route("/home", get(|| async { Html("<!doctype html><title>Portal</title><h1>Welcome</h1><a href='/bills'>Bills</a> <a href='/harm/start'>Start service</a> <a href='/harm/out'>Sign out</a>") }))
        .route("/bills", get(|| async { Html("<!doctype html><title>Bills</title><h1>Bills</h1><p>You have no bills yet.</p><a href='/home'>Home</a>") }))
}

/// An application with real links and a session in memory alone: whoever loads a page by its address is signed out.
/// Five bills on one page, and a profile with a form to change the password.
pub fn router() -> Router<Arc<AtomicU32>> {
    const PAGE: &str = r#"<!doctype html><title>Hydro</title><nav id=nav></nav><main id=main></main>
<script>
let token = location.pathname === '/home' ? 'in-memory' : null;
const main = document.getElementById('main');
const pages = {
  '/home': () => '<h1>Hello</h1>',
  '/profile': () => '<h1>Profile</h1><form>New password <input type=password> <button>Change password</button></form>',
  '/documents': () => '<h1>Documents</h1><ul>' + [0, 1, 2, 3, 4].map((id) => `<li>Bill of 2026-0${id + 1}-15 <a href="/file/${id}?key=${token}">Bill (PDF)</a></li>`).join('') + '</ul>',
};
const show = () => {
  if (!token) { document.body.innerHTML = '<h1>Sign in</h1><form><input name=user><input type=password></form>'; return; }
  document.getElementById('nav').innerHTML = '<a href="/profile">My account</a> <a href="/documents">Documents</a> <a href="/harm/out">Log out</a>';
  main.innerHTML = pages[location.pathname]();
};
document.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link || !pages[link.pathname]) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  show();
});
window.addEventListener('popstate', show);
show();
</script>"#;
    #[derive(Deserialize)]
    struct Key {
        key: String,
    }
    Router::new()
        .route("/home", get(|| async { Html(PAGE) }))
        .route("/profile", get(|| async { Html(PAGE) }))
        .route("/documents", get(|| async { Html(PAGE) }))
        .route(
            "/file/{id}",
            get(|Path(id): Path<u32>, Query(query): Query<Key>| async move {
                if query.key == "in-memory" {
                    inline(id)
                } else {
                    StatusCode::FORBIDDEN.into_response()
                }
            }),
        )
}

/// An application whose bills are links that only its script can follow: the server answers every address with the page
/// itself, and files by a token that memory alone holds. Each is saved by a link that is in no document. Six bills.
pub fn linked_application() -> Router<Arc<AtomicU32>> {
    const PAGE: &str = r#"<!doctype html><title>Current</title><nav id=nav></nav><main id=main></main>
<script>
const token = location.pathname === '/home' ? 'only-in-memory' : null;
const main = document.getElementById('main');
const ask = (path) => fetch(path, { headers: { authorization: token } });
const lists = { '/bills': [0, 1, 2, 3], '/bills/older': [4, 5] };
const show = () => {
  if (!token) { document.body.innerHTML = '<h1>Sign in</h1><form><input name=user><input type=password></form>'; return; }
  document.getElementById('nav').innerHTML = '<a href="/home">Home</a> <a href="/bills">Bills</a> <a href="/harm/out">Log out</a>';
  const list = lists[location.pathname];
  main.innerHTML = !list ? '<h1>Hello</h1>' : '<h1>Bills</h1><table>' + list.map((id) => `<tr><td>2026-0${8 - id}-15<td>$${40 + id}.25<td><a href="/bills/${id}/file">Download</a></tr>`).join('') + '</table><a href="/bills/older">Older</a>';
};
const save = async (link) => {
  const blob = await (await ask(link.pathname)).blob();
  Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: 'bill.pdf' }).click();
};
document.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link || link.download) return;
  event.preventDefault();
  if (link.pathname.startsWith('/harm')) { fetch(link.pathname); return; }
  if (link.pathname.endsWith('/file')) { save(link); return; }
  history.pushState(null, '', link.href);
  show();
});
window.addEventListener('popstate', show);
show();
</script>"#;
    let mut site = Router::new();
    for path in ["/home", "/bills", "/bills/older"] {
        site = site.route(path, get(|| async { Html(PAGE) }));
    }
    site.route(
        "/bills/{id}/file",
        get(|headers: HeaderMap, Path(id): Path<u32>| async move {
            match headers.get(header::AUTHORIZATION) {
                Some(token) if token == "only-in-memory" => inline(id),
                _ => Html(PAGE).into_response(),
            }
        }),
    )
}
