//! The pages. Each is plain data with a template; `sample()` of each is what tests render.

mod code;
mod code_hour;
mod done;
mod entry;
mod forwarding;
mod live_window;
mod notice;
mod provider;
mod repair;
mod shell;
mod signin;
mod sites;
mod unsubscribe;

pub use code::CodePage;
pub use done::DonePage;
pub use entry::EntryPage;
pub use forwarding::ForwardingPage;
pub use notice::Notice;
pub use provider::ProviderPage;
pub use repair::RepairPage;
pub use shell::Shell;
pub use signin::SignInPage;
pub use sites::SitesPage;
pub use unsubscribe::UnsubscribePage;

use askama::Template;

use crate::reply::{Policy, Reply, Script};

/// Room for a page, so that rendering never grows it.
const PAGE_CAPACITY: usize = 16_384;

/// Renders a template into a reply with the headers of a page. `script` says what its script connects to, if it has one.
fn render(page: &impl Template, shell: &Shell, status: u16, script: Option<Script>) -> Reply {
    let logo = shell.logo().map_or(0, str::len);
    let mut html = String::with_capacity(PAGE_CAPACITY + logo);
    // Writing into a String fails for no reason but a template that fails by itself; ours have none that do.
    if page.render_into(&mut html).is_err() {
        html.clear();
    }
    let policy = Policy {
        nonce: shell.nonce.clone(),
        script,
        frame_ancestors: shell.frame_ancestors().to_owned(),
    };
    Reply::page(status, html, policy)
}

/// A host as people say it: nobody says `www.`.
fn shown_host(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(test)]
mod tests;
