//! What the tests share: a website of a few pages, a browser, and waiting with a deadline.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request, Response},
};
use tokio::{net::TcpListener, sync::broadcast};
use url::Url;

use crate::{Browser, BrowserConfig, BrowserEvent, Launcher, Navigation, Page, Profile, Viewport};

pub use super::deadline::{SOON, until};

/// What `/private` wants: user name `me` and password `secret`.
const RIGHT: &str = "Basic bWU6c2VjcmV0";

/// A website: path to HTML. `{port}` in the HTML becomes its port.
pub struct Site {
    pub address: SocketAddr,
}

impl Site {
    pub async fn of(pages: &[(&str, &str)]) -> Self {
        let pages: HashMap<String, String> = pages
            .iter()
            .map(|(path, html)| ((*path).to_owned(), (*html).to_owned()))
            .collect();
        let serve = move |State(port): State<u16>, request: Request<Body>| {
            let page = pages.get(request.uri().path()).cloned();
            async move { respond(page, port, &request) }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(serve).with_state(address.port());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address }
    }

    /// By the name `localhost`: another site than [`Self::by_number`].
    pub fn url(&self, path: &str) -> Url {
        format!("http://localhost:{}{path}", self.address.port())
            .parse()
            .unwrap()
    }

    pub fn by_number(&self, path: &str) -> Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    pub fn hosts(&self) -> Vec<String> {
        vec![
            format!("localhost:{}", self.address.port()),
            self.address.to_string(),
        ]
    }
}

fn respond(page: Option<String>, port: u16, request: &Request<Body>) -> Response<Body> {
    let path = request.uri().path();
    let agent = |name: &str| {
        let value = request.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let answer = Response::builder().header("content-type", "text/html; charset=utf-8");
    let answer = match path {
        "/redirect" => answer.status(302).header("location", "/"),
        "/503" => answer.status(503),
        "/private" if agent("authorization") != RIGHT => answer
            .status(401)
            .header("www-authenticate", "Basic realm=\"Say \\\"please\\\"\""),
        "/digest" if !agent("authorization").starts_with("Digest username=\"me\"") => answer
            .status(401)
            .header("www-authenticate", "Digest realm=a, nonce=b, qop=auth"),
        "/ntlm" => answer.status(401).header("www-authenticate", "NTLM"),
        "/headers" => {
            let text = format!(
                "{}\n{}\n{}",
                agent("user-agent"),
                agent("accept-language"),
                agent("sec-ch-ua")
            );
            return answer.body(Body::from(text)).unwrap();
        }
        "/cookie" => answer.header("set-cookie", "who=me; Path=/"),
        "/bill.pdf" => {
            let body = format!("%PDF-1.4 {}", agent("cookie"));
            return Response::builder()
                .header("content-type", "application/pdf")
                .header(
                    "content-disposition",
                    "attachment; filename=\"../bill.pdf\"",
                )
                .body(Body::from(body))
                .unwrap();
        }
        "/strict" => answer.header("content-security-policy", "default-src 'none'"),
        "/never" => {
            let body = Body::from_stream(futures_util::stream::pending::<
                Result<String, std::io::Error>,
            >());
            return answer.body(body).unwrap();
        }
        _ if page.is_none() => answer.status(404),
        _ => answer,
    };
    let html = page.unwrap_or_else(|| format!("<p>{path}</p>"));
    answer
        .body(Body::from(html.replace("{port}", &port.to_string())))
        .unwrap()
}

pub fn config(hosts: Vec<String>) -> BrowserConfig {
    BrowserConfig {
        warm: 0,
        allowed_private_hosts: hosts,
        ..BrowserConfig::default()
    }
}

pub fn profile() -> Profile {
    Profile {
        country: "DE".to_owned(),
        accept_language: Some("de-AT,en;q=0.5".to_owned()),
        viewport: Viewport {
            width: 800,
            height: 600,
        },
    }
}

/// A browser that may visit this site.
pub async fn browser(site: &Site) -> Browser {
    Launcher::new(config(site.hosts()))
        .open(profile())
        .await
        .unwrap()
}

/// A browser at a page of this site.
pub async fn at(site: &Site, path: &str) -> (Browser, Page) {
    let browser = browser(site).await;
    let page = browser.page();
    let went = page.navigate(&site.url(path)).await.unwrap();
    assert_eq!(went.error, None);
    assert!(page.settle(SOON).await.unwrap());
    (browser, page)
}

pub async fn go(page: &Page, url: &Url) -> Navigation {
    page.navigate(url).await.unwrap()
}

/// Evaluates an expression in the isolated world of the main frame.
pub async fn eval<T: serde::de::DeserializeOwned>(page: &Page, expression: &str) -> T {
    let function = format!("function () {{ return {expression} }}");
    page.call(&page.main_frame(), &function, &[]).await.unwrap()
}

/// The next event that is looked for.
pub async fn next<T>(
    events: &mut broadcast::Receiver<BrowserEvent>,
    what: &str,
    mut wanted: impl FnMut(BrowserEvent) -> Option<T>,
) -> T {
    let wait = async {
        loop {
            if let Some(found) = wanted(events.recv().await.unwrap()) {
                return found;
            }
        }
    };
    tokio::time::timeout(SOON, wait)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"))
}

/// Who said what.
pub fn report(event: BrowserEvent) -> Option<(String, String)> {
    match event {
        BrowserEvent::Report {
            frame_origin,
            payload,
            ..
        } => Some((frame_origin, String::clone(&Arc::clone(&payload)))),
        _ => None,
    }
}
