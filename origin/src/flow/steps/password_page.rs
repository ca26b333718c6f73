//! The website's own page to change a password, by its well-known address
//! (<https://w3c.github.io/webappsec-change-password-url/>).

use std::sync::Arc;

use browser::Browser;
use shared::{provider::ProviderUrl, status::ErrorCode};

/// The path that leads to the page, at websites that have it.
const WELL_KNOWN: &str = "/.well-known/change-password";

/// Goes to the page of this website, or back to the website when it has none. What then does not load is seen in the
/// picture.
pub(super) async fn open_password_page(
    browser: Arc<Browser>,
    website: ProviderUrl,
) -> Result<(), ErrorCode> {
    let mut address = website.website().url().clone();
    address.set_path(WELL_KNOWN);
    let page = browser.page();
    let answers = match page.navigate(&address).await {
        Ok(went) => went.error.is_none() && went.status.is_some_and(|status| status < 400),
        Err(_) => false,
    };
    if !answers {
        // A browser that is gone ends the sign-in by itself.
        drop(page.navigate(website.url()).await);
    }
    Ok(())
}
