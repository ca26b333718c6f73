//! What an anonymous visitor is shown at the address that a client has reached. It is looked at in a browser that knows
//! nothing, and only where the client would be asked otherwise.

use std::time::Duration;

use browser::{Browser, BrowserError, Launcher, Profile};
use tokio::time::{Instant, timeout};
use url::Url;

use super::{
    frames::{View, address},
    listener::Listener,
    observe::Observer,
};
use crate::registrable_domain::registrable;

/// A client waits no longer than this before being asked.
const VISIT: Duration = Duration::from_secs(12);
/// A page that is read and quiet shows its form within this time, or has none.
const FORM: Duration = Duration::from_secs(2);
/// What is longer, and has letters and digits in it, may be a key to something.
const SEGMENT_MAX: usize = 11;

/// Visits websites as nobody, each time in a browser of its own.
#[derive(Clone)]
pub struct AnonymousVisitor {
    /// Opens a browser for each visit, which knows nothing and ends with it.
    pub launcher: Launcher,
    /// The client's, so that the website treats both alike.
    pub profile: Profile,
}

impl AnonymousVisitor {
    /// The address of the form to sign in that a visitor of `url` is led to. `None` when there is no form, or nothing is
    /// known in time.
    pub(super) async fn form_shown_at(self, url: Url) -> Option<String> {
        let visit = async {
            let browser = self.launcher.open(self.profile).await?;
            look(&browser, &url).await
        };
        match timeout(VISIT, visit).await {
            Ok(Ok(form)) => form,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a website was not visited");
                None
            }
            Err(_) => None,
        }
    }
}

async fn look(browser: &Browser, url: &Url) -> Result<Option<String>, BrowserError> {
    let mut listener = Listener::start(browser, Observer::default()).await?;
    let page = browser.page();
    page.navigate(url).await?;
    let mut read_since: Option<Instant> = None;
    loop {
        listener.next().await?;
        let view = View::of(listener.observer.frames());
        let has_form = view.login_doc.is_some() || view.username_step;
        let shown = address(&page.url());
        // A script may show the form a moment before the address is its own.
        if has_form && shown != address(url.as_str()) {
            return Ok(Some(shown));
        }
        if !listener.has_read(&view).await? {
            read_since = None;
        } else if read_since.get_or_insert_with(Instant::now).elapsed() > FORM {
            return Ok(has_form.then_some(shown));
        }
    }
}

/// What may be visited of the address that a client is at: on the website that they confirmed, without query, and
/// without anything in it that may be a secret.
pub(super) fn visitable(shown: &str, provider: &Url) -> Option<Url> {
    let url: Url = address(shown).parse().ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let is_there = registrable(url.host_str()?) == registrable(provider.host_str()?);
    let path = url.path().split('/');
    let mut segments = path.chain(url.fragment().unwrap_or_default().split('/'));
    let is_plain = segments.all(|segment| {
        let holds = |fits: fn(char) -> bool| segment.contains(fits);
        let is_key = segment.len() > SEGMENT_MAX
            && holds(|c| c.is_ascii_digit())
            && holds(|c| c.is_ascii_alphabetic());
        // What is encoded may be any of these.
        !is_key && !segment.contains([';', '=', '@', '%'])
    });
    (is_web && is_there && is_plain).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_of_the_website_are_visited() {
        let provider: Url = "https://www.utility.test/in?id=1".parse().expect("a URL");
        for (shown, visited) in [
            (
                "https://my.utility.test/account?token=abc#top",
                Some("https://my.utility.test/account"),
            ),
            (
                "https://www.utility.test/#/overview?code=1",
                Some("https://www.utility.test/#/overview"),
            ),
            ("https://other.test/account", None),
            ("about:blank", None),
            ("https://www.utility.test/a;jsessionid=12AB", None),
            ("https://www.utility.test/s/3f9c2b7e1d4a4c0f9b1e2d", None),
            ("https://www.utility.test/#/s/3f9c2b7e1d4a4c0f9b1e2d", None),
            ("https://www.utility.test/u/ada@example.com", None),
            ("https://www.utility.test/u/ada%40example.com", None),
            ("https://www.utility.test/a%3Bjsessionid%3D12AB", None),
        ] {
            let url = visitable(shown, &provider);
            assert_eq!(url.as_ref().map(Url::as_str), visited, "{shown}");
        }
    }
}
