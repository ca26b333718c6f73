//! Comes in by a saved session: without the password, if the website still knows the browser.

use std::time::Duration;

use browser::{Browser, BrowserError};
use tokio::time::Instant;
use url::Url;

use super::{
    attempt::OwnName, credentials::Credentials, frames::View, listener::Listener,
    observe::Observer, recipe::Recipe, saved_session::SavedSession, verdict::Verdict,
};

/// What the website shows to a stranger must have come by then.
const STRANGER: Duration = Duration::from_secs(10);
/// The saved session is proven within this time, or not at all.
const PROVE: Duration = Duration::from_secs(20);

/// What came of a saved session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// It is proven that the browser is signed in.
    SignedIn,
    /// The website asks to sign in.
    Refused,
    /// Nothing is proven in time.
    Unproven,
}

/// Looks at the account's page as a stranger, restores the session, and looks again. What proves the sign-in is what
/// proves any other one: it must be new, that is, not what the stranger was shown. The browser must know nothing
/// before; unless it came in it must not be used for a sign-in, but where a website asks for a second factor, which may
/// know the browser again.
///
/// # Errors
/// When the browser is gone or does not answer.
pub async fn resume(
    browser: &Browser,
    recipe: &Recipe,
    credentials: &Credentials,
    session: &SavedSession,
) -> Result<Resumed, BrowserError> {
    let account = recipe.success.url.as_deref().map(str::parse::<Url>);
    let account = account.and_then(Result::ok);
    let account = account.as_ref().unwrap_or(&recipe.start);
    let observer = Observer::expecting(recipe.success.clone());
    let mut listener = Listener::start(browser, observer).await?;
    let page = browser.page();
    let went = page.navigate(account).await?;
    let is_broken = went.status.is_some_and(|status| status >= 500);
    if went.error.is_some() || is_broken || !is_read(&mut listener).await? {
        return Ok(Resumed::Unproven);
    }
    listener.session_restored(account, OwnName::new(&credentials.username));
    session.restore(&page).await?;
    page.navigate(account).await?;
    let until = Instant::now() + PROVE;
    while Instant::now() < until {
        match listener.next().await?.verdict {
            Some(Verdict::SignedIn) => return Ok(Resumed::SignedIn),
            Some(_) => break,
            None => {}
        }
    }
    let view = View::of(listener.observer.frames());
    let asks = view.login_doc.is_some()
        || view.username_step
        || view.sign_in.0 > 0 && view.sign_out.0 == 0;
    Ok(if asks {
        Resumed::Refused
    } else {
        Resumed::Unproven
    })
}

/// Waits until the page is quiet and was read. False when that takes too long.
async fn is_read(listener: &mut Listener) -> Result<bool, BrowserError> {
    let until = Instant::now() + STRANGER;
    while Instant::now() < until {
        listener.next().await?;
        let view = View::of(listener.observer.frames());
        if listener.has_read(&view).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
