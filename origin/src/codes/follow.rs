//! Follows the link of a confirmation, through the egress guard.

use std::time::Duration;

use browser::{BrowserConfig, EgressProxy};
use code_reader::forwarding::{has_form, only_form};
use futures_util::future::BoxFuture;
use reqwest::{Client, Proxy, Response, StatusCode, redirect::Policy};
use tokio::time::timeout;
use url::{Url, form_urlencoded};

use super::{ForwardingAnswer, ForwardingConfirmation, MailProvider, certain_link};

/// All of it may take so long: whoever brings the mail waits.
const PATIENCE: Duration = Duration::from_secs(5);
/// A page that is longer is not read, in bytes.
const PAGE_MAX: usize = 256 * 1024;

/// Follows confirmations of these providers.
pub struct FollowsLinks {
    /// The providers that are known.
    pub providers: Vec<MailProvider>,
    /// What may be reached: the rules of browsers.
    pub browser: BrowserConfig,
}

impl ForwardingAnswer for FollowsLinks {
    fn answer<'a>(&'a self, confirmation: &'a ForwardingConfirmation) -> BoxFuture<'a, bool> {
        Box::pin(async {
            let Some(link) = certain_link(&self.providers, confirmation) else {
                return false;
            };
            let followed = timeout(PATIENCE, confirm(&self.browser, link)).await;
            followed.ok().flatten().is_some()
        })
    }
}

/// Loads the link, once; where its page has one button to press, presses it, at the same host. `None` when the provider
/// did not answer well, or has forms of which nobody knows which to send. No redirect is followed.
async fn confirm(browser: &BrowserConfig, link: Url) -> Option<()> {
    let guard = EgressProxy::start(browser).await.ok()?;
    let proxy = Proxy::all(format!("http://{}", guard.address())).ok()?;
    let client = Client::builder()
        .proxy(proxy)
        .redirect(Policy::none())
        .build()
        .ok()?;
    let answer = client.get(link.clone()).send().await.ok()?;
    let is_ok = answer.status() == StatusCode::OK;
    let page = good_page(answer).await?;
    let Some(form) = only_form(&page) else {
        // A page without anything to press has confirmed already.
        return (is_ok && !has_form(&page)).then_some(());
    };
    let action = link.join(form.action.trim()).ok()?;
    if action.origin() != link.origin() {
        return None;
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&form.fields)
        .finish();
    let pressed = client
        .post(action)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    good_page(pressed.send().await.ok()?).await.map(|_| ())
}

async fn good_page(mut answer: Response) -> Option<String> {
    if !answer.status().is_success() {
        return None;
    }
    let mut page = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if page.len() + chunk.len() > PAGE_MAX {
            return None;
        }
        page.extend_from_slice(&chunk);
    }
    Some(String::from_utf8_lossy(&page).into_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::{
        Router,
        extract::State,
        response::{Html, Redirect},
        routing::get,
    };

    use super::*;

    type Seen = Arc<Mutex<Vec<String>>>;

    /// A provider that asks to press a button.
    async fn provider() -> (String, Seen) {
        let seen = Seen::default();
        let page = |action: &'static str| {
            move || async move {
                Html(format!(
                    "<form method=post action='{action}'><input type=hidden name=at value=x1><button>OK</button></form>"
                ))
            }
        };
        let routes = Router::new()
            .route(
                "/vf-1",
                get(page("/vf-1?c=1")).post(async |State(seen): State<Seen>, body: String| {
                    seen.lock().expect("a list").push(body);
                }),
            )
            .route("/vf-2", get(page("https://elsewhere.example/vf")))
            .route("/vf-3", get(async || Redirect::to("/vf-1")))
            .route("/vf-4", get(async || "Confirmed."))
            .route(
                "/vf-5",
                get(async || Html("<form method=post></form><form method=post></form>")),
            )
            .route("/vf-6", get(async || Html("<FORM action='/vf-1'></form>")))
            .route("/vf-7", get(async || StatusCode::ACCEPTED))
            .with_state(Arc::clone(&seen));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (host, seen)
    }

    #[tokio::test]
    async fn one_button_is_pressed_at_the_same_host_and_through_the_guard() {
        let (host, seen) = provider().await;
        let port = host.rsplit(':').next().and_then(|port| port.parse().ok());
        let open = BrowserConfig {
            allowed_private_hosts: vec![host.clone()],
            egress_ports: vec![port.expect("a port")],
            ..BrowserConfig::default()
        };
        let at = |path: &str| Url::parse(&format!("http://{host}{path}")).expect("an address");
        assert!(confirm(&open, at("/vf-1")).await.is_some());
        assert_eq!(*seen.lock().expect("a list"), ["at=x1"]);
        assert!(confirm(&open, at("/vf-2")).await.is_none(), "another host");
        assert!(confirm(&open, at("/vf-3")).await.is_none(), "a redirect");
        assert!(
            confirm(&open, at("/vf-4")).await.is_some(),
            "nothing to press"
        );
        for (path, about) in [
            ("/vf-5", "two forms"),
            ("/vf-6", "a form that changes nothing"),
            ("/vf-7", "not yet"),
        ] {
            assert!(confirm(&open, at(path)).await.is_none(), "{about}");
        }
        let closed = BrowserConfig {
            egress_ports: open.egress_ports.clone(),
            ..BrowserConfig::default()
        };
        assert!(confirm(&closed, at("/vf-4")).await.is_none(), "not public");
        assert_eq!(seen.lock().expect("a list").len(), 1);
    }
}
