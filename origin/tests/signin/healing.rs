//! Websites that have changed since their recipe was recorded: the same values, once, by another way.

use browser::{Browser, BrowserConfig, Launcher};
use origin::signin::{
    Recipe, Replayed, Verdict,
    recipe::{Locator, Locators, Step},
    replay,
};
use url::Url;

use makes::{
    hand::profile,
    parts::{enter, form},
    site::{Answer, PASSWORD, Request, Server, page, redirect},
};

use crate::{
    person::{BROWSERS, nothing_to_note, open},
    replay::{credentials, recipe},
};

/// A form of which nothing is as it was, but for what it posts.
fn new_form(then: &str) -> Answer {
    page(format!(
        "<h1>Log on to your customer area</h1><form id=n7 method=post action=/login>
         <label>Customer e-mail <input id=n8 name=user type=email autocomplete=username></label>
         <label>Personal password <input id=n9 name=password type=password></label>
         <button>Let me in</button></form>{then}"
    ))
}

/// The recipe of a form that is gone.
pub fn old_recipe(start: &Url) -> Recipe {
    let mut recipe = recipe(start, &start.origin().ascii_serialization());
    for step in &mut recipe.steps {
        if let Step::Fill { target, .. } = step {
            *target = Locators(vec![Locator::Id("gone".into())]);
        }
    }
    recipe
}

async fn replays(browser: &Browser, recipe: &Recipe, password: &str) -> Replayed {
    let replayed = replay(browser, recipe, &credentials(password), nothing_to_note).await;
    replayed.expect("replays")
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_websites_are_signed_in_to_and_the_recipe_is_renewed() {
    fn changed(request: &Request) -> Answer {
        enter(request, new_form("")).unwrap_or_else(|| new_form(""))
    }
    /// The form has another address, and the way to it goes through a menu of the first page.
    fn moved(request: &Request) -> Answer {
        if let Some(answer) = enter(request, new_form("")) {
            return answer;
        }
        match request.path.as_str() {
            "/area/start" => new_form(""),
            _ => page("<h1>Utility</h1><a href=/news>News</a> <a href=/area/start>Log in</a>"),
        }
    }
    /// The user name is asked for alone, on a page of its own.
    fn two_pages(request: &Request) -> Answer {
        match request.path.as_str() {
            "/name" => page(
                "<h1>Hello again</h1><form method=post action=/login><input name=user type=hidden value='ada@example.com'>
                 <label>Personal password <input name=password type=password></label><button>Let me in</button></form>",
            ),
            "/login" | "/home" => enter(request, redirect("/")).unwrap_or_else(|| redirect("/")),
            _ => page(
                "<h1>Sign in</h1><form method=post action=/name>
                 <label>Customer e-mail <input name=user type=email autocomplete=username></label><button>Next</button></form>",
            ),
        }
    }
    /// A notice, and behind it a question about cookies, stand before the form.
    fn notice(request: &Request) -> Answer {
        if let Some(answer) = enter(request, new_form("")) {
            return answer;
        }
        match request.path.as_str() {
            "/seen" => page(
                "<div id=ask style='position:fixed;inset:0;background:#fff'><p>We use cookies.</p>
                 <button onclick='agree()'>Accept all</button><button onclick='agree()'>Reject all</button></div><main></main>
                 <script>function agree() { ask.remove();
                   document.querySelector('main').innerHTML = '<a href=/in>Customers</a>'; location.href = '/in'; }</script>",
            ),
            "/in" => new_form(""),
            _ => page("<h1>Our offices are closed on Friday</h1><p>Bills come later.</p><a href=/seen>Continue</a>"),
        }
    }
    // Most of the time they wait.
    let sites = [
        ("changed", changed as fn(&Request) -> Answer),
        ("moved", moved),
        ("two pages", two_pages),
        ("notice", notice),
    ];
    let healing = sites.map(|(name, site)| tokio::spawn(heals(name, site)));
    for healed in healing {
        healed.await.expect("no panic");
    }
}

/// Signs in by a recipe that leads nowhere, and then by the one that came of it.
async fn heals(name: &str, site: fn(&Request) -> Answer) {
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let old = old_recipe(&server.url());
    let browser = open(server.address.port()).await;
    let healed = replays(&browser, &old, PASSWORD).await;
    assert_eq!(healed.verdict, Verdict::SignedIn, "{name}");
    assert_eq!(server.posted("/login"), 1, "{name}");
    let new = healed.healed.expect("another recipe");
    assert_eq!(new.start, old.start);
    let browser = open(server.address.port()).await;
    let again = replays(&browser, &new, PASSWORD).await;
    assert_eq!(again.verdict, Verdict::SignedIn, "{name}: {new:#?}");
    assert!(again.healed.is_none(), "{name}: {new:#?}");
}

/// The ordinary form, and after the password a page that leads to the account by `on`.
fn behind(request: &Request, between: &str, on: &str) -> Answer {
    match request.path.as_str() {
        "/login" if request.right() => redirect("/between").cookie("half=1"),
        "/between" if request.has_cookie("half") => page(between),
        to if to == on && request.has_cookie("half") => redirect("/home").cookie("in=1"),
        _ => enter(request, form("")).unwrap_or_else(|| form("")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_after_the_password_that_the_recipe_does_not_know_are_gone_past() {
    fn offer(request: &Request) -> Answer {
        let offer = "<h1>Papierlos glücklich</h1><p>Ab sofort gibt es Rechnungen online.</p>
            <a href=/enrol>Jetzt anmelden</a> <a href=/later>Jetzt nicht</a>";
        behind(request, offer, "/later")
    }
    fn news(request: &Request) -> Answer {
        let news = "<h1>What is new</h1><p>The meter page has moved.</p><form action=/on><button>Continue</button></form>";
        behind(request, news, "/on")
    }
    fn dialog(request: &Request) -> Answer {
        let dialog = "<div id=ask style='position:fixed;inset:0;background:#fff'><h2>Tell us what you think</h2>
            <button onclick=\"location.href='/survey'\">Start</button><button onclick=\"location.href='/no'\">No, thanks</button></div>";
        behind(request, dialog, "/no")
    }
    /// The recipe's button has another id and other words.
    fn consent(request: &Request) -> Answer {
        let consent = "<h1>Grant the portal access to your account</h1><form action=/granted>
            <button name=n value=0 formaction=/denied>Deny</button><button id=n41>Permit access</button></form>";
        behind(request, consent, "/granted")
    }
    let plain = |server: &Server| {
        let start = server.url();
        recipe(&start, &start.origin().ascii_serialization())
    };
    let with_consent = |server: &Server| {
        let mut recipe = plain(server);
        let mut at = recipe.steps[0].at().clone();
        at.path = "/between".into();
        let target = Locators(vec![
            Locator::Id("allow".into()),
            Locator::Label("Allow".into()),
        ]);
        recipe.steps.push(Step::Open { at, target });
        recipe
    };
    for (name, site) in [
        ("offer", offer as fn(&Request) -> Answer),
        ("news", news),
        ("dialog", dialog),
        ("consent", consent),
    ] {
        let _turn = BROWSERS.acquire().await.expect("never closed");
        let server = Server::start(site).await.expect("listens");
        let old = if name == "consent" {
            with_consent(&server)
        } else {
            plain(&server)
        };
        let browser = open(server.address.port()).await;
        let healed = replays(&browser, &old, PASSWORD).await;
        assert_eq!(healed.verdict, Verdict::SignedIn, "{name}");
        let new = healed.healed.expect("another recipe");
        let browser = open(server.address.port()).await;
        let again = replays(&browser, &new, PASSWORD).await;
        assert_eq!(again.verdict, Verdict::SignedIn, "{name}: {new:#?}");
        assert!(again.healed.is_none(), "{name}: {new:#?}");
        assert_eq!(server.posted("/login"), 2, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_never_accepted_is_accepted_for_nobody() {
    fn terms(request: &Request) -> Answer {
        let terms =
            "<h1>Please accept our new terms and conditions</h1><form method=post action=/terms>
            <button>I accept</button></form>";
        behind(request, terms, "/terms")
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(terms).await.expect("listens");
    let start = server.url();
    let old = recipe(&start, &start.origin().ascii_serialization());
    let browser = open(server.address.port()).await;
    let replayed = replays(&browser, &old, PASSWORD).await;
    assert_eq!(replayed.verdict, Verdict::ConsentNeeded);
    assert!(replayed.healed.is_none());
    assert_eq!(server.posted("/terms"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_of_the_same_website_is_signed_in_to() {
    fn identity_provider(request: &Request) -> Answer {
        enter(request, new_form("")).unwrap_or_else(|| new_form(""))
    }
    fn utility(request: &Request) -> Answer {
        redirect(&format!("http://127.0.0.1:{}/in", request.value("to")))
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let utility = Server::start(utility).await.expect("listens");
    let provider = Server::start(identity_provider).await.expect("listens");
    let mut start = utility.url();
    start.set_query(Some(&format!("to={}", provider.address.port())));
    let hosts = [utility.hosts(), provider.hosts()].concat();
    let launcher = Launcher::new(BrowserConfig {
        warm: 0,
        allowed_private_hosts: hosts,
        ..BrowserConfig::default()
    });
    let browser = launcher.open(profile()).await.expect("Chromium starts");
    let healed = replays(&browser, &old_recipe(&start), PASSWORD).await;
    assert_eq!(healed.verdict, Verdict::SignedIn);
    let new = healed.healed.expect("another recipe");
    let now = provider.url().origin().ascii_serialization();
    assert!(
        new.steps.iter().all(|step| step.at().origin == now),
        "{new:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_sent_once_and_changes_no_recipe() {
    fn site(request: &Request) -> Answer {
        let refused = new_form("<p class=error>Invalid password</p>");
        enter(request, refused).unwrap_or_else(|| new_form(""))
    }
    let _turn = BROWSERS.acquire().await.expect("never closed");
    let server = Server::start(site).await.expect("listens");
    let browser = open(server.address.port()).await;
    let refused = replays(&browser, &old_recipe(&server.url()), "old 1").await;
    assert!(
        matches!(refused.verdict, Verdict::Rejected { .. }),
        "{refused:?}"
    );
    assert!(refused.healed.is_none());
    assert_eq!(server.posted("/login"), 1);
}
