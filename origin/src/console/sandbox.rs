//! Settings > Sandbox: sample websites on which everything can be tried.

use askama::Template;
use axum::response::Html;
use shared::{api_key::ApiKeyEnvironment, provider::ProviderUrl};
use url::Url;

use super::{
    error::ConsoleError,
    page::{Place, Shell, render},
    session::SignedIn,
};
use crate::store::{Page, companies::Company};

/// Sandbox companies that the page lists.
const COMPANIES: i64 = 20;

#[derive(Template)]
#[template(path = "console/sandbox.html")]
struct SandboxPage<'a> {
    shell: Shell<'a>,
    hosts: &'a [String],
    guide: Option<&'a Url>,
    is_open_to_production: bool,
    companies: &'a [Company],
    api: &'a str,
}

impl SandboxPage<'_> {
    /// The website's address, as it is taken where only the host is typed.
    fn address(&self, host: &str) -> String {
        let name = host.strip_prefix("*.").unwrap_or(host);
        match name.parse::<ProviderUrl>() {
            Ok(url) => url.as_str().replacen(name, host, 1),
            Err(_) => host.to_owned(),
        }
    }

    /// Whether the entry names one website, and not all below a domain.
    fn is_one(&self, host: &str) -> bool {
        !host.starts_with('*')
    }
}

/// Shows what there is, and how to begin.
pub(super) async fn show(me: SignedIn) -> Result<Html<String>, ConsoleError> {
    let organization = me.organization.id;
    let page = Page {
        limit: COMPANIES,
        number: 1,
    };
    let reading = me.console.door.store.read("console.sandbox", |tx| {
        Box::pin(tx.companies_of((organization, ApiKeyEnvironment::Sandbox), None, page))
    });
    let companies = reading.await?.rows;
    let door = &me.console.door;
    render(&SandboxPage {
        shell: Shell::new(&me, Place::Settings),
        hosts: &door.sandbox.hosts,
        guide: door.sandbox.guide_url.as_ref(),
        is_open_to_production: door.sandbox.open_to_production,
        companies: &companies,
        api: door.public_url.as_str().trim_end_matches('/'),
    })
}
