//! From nothing to a running, fenced-in, empty browser.

use std::{sync::Arc, time::Duration};

use chromiumoxide_cdp::cdp::browser_protocol::{
    browser::{GetVersionParams, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams},
    target::CreateTargetParams,
};
use tokio::time::{Instant, timeout_at};

use super::{
    browser::Browser,
    cdp::Cdp,
    core::Core,
    egress::{Egress, Rules},
    error::BrowserError,
    process,
    profile_folder::Folder,
    settings::BrowserConfig,
    state::{
        State,
        downloads::Downloads,
        emulation::{Emulation, Overrides, UserAgent},
        request_filter,
        targets::auto_attach,
    },
    user_id,
};

/// From the start of the process to its first page; it is a second even on a busy machine.
const START: Duration = Duration::from_secs(30);

/// From a renderer's first breath to its sandbox.
const SANDBOX: Duration = Duration::from_secs(5);

/// Starts a browser that presents itself as `user_agent`, which [`find_user_agent`] found.
pub(super) async fn launch(
    config: &BrowserConfig,
    overrides: Overrides,
    user_agent: UserAgent,
) -> Result<Browser, BrowserError> {
    let mut browser = boot(
        config,
        Emulation {
            overrides,
            user_agent,
        },
    )
    .await?;
    match open_page(&mut browser).await {
        Ok(()) => Ok(browser),
        Err(BrowserError::Gone(_)) => Err(browser.process.why_dead().await),
        Err(error) => Err(error),
    }
}

/// What the engine calls itself decides the user agent, which workers get only as a flag: so the
/// very first browser is started twice.
pub(super) async fn find_user_agent(config: &BrowserConfig) -> Result<UserAgent, BrowserError> {
    let emulation = Emulation {
        overrides: Overrides::neutral(),
        user_agent: UserAgent::new("", "", true),
    };
    let mut browser = boot(config, emulation).await?;
    let ask = browser
        .core
        .cdp
        .call(None, GetVersionParams::default(), START);
    match ask.await {
        Ok(version) => Ok(UserAgent::new(
            &version.product,
            &version.user_agent,
            config.open_user_agent,
        )),
        Err(BrowserError::Gone(_)) => Err(browser.process.why_dead().await),
        Err(error) => Err(error),
    }
}

/// Folder, user, guard, process and driver.
async fn boot(config: &BrowserConfig, emulation: Emulation) -> Result<Browser, BrowserError> {
    let failed = |error: std::io::Error| BrowserError::Launch(error.to_string());
    let user = user_id::take(config.uid_range)?;
    let id = user.as_ref().map(|user| user.id);
    let folder = Folder::new(id).map_err(failed)?;
    let downloads = Downloads::new(folder.open_downloads().map_err(failed)?);
    let rules = Rules::of(config);
    let owner = id.unwrap_or(rustix::process::geteuid().as_raw());
    let egress = Egress::start(rules, Some(owner)).await.map_err(failed)?;
    let agent = Some(emulation.user_agent.string.as_str()).filter(|agent| !agent.is_empty());
    let (process, pipe) =
        process::start(&config.executable, user, folder, egress.address(), agent)?;
    let (cdp, queue) = Cdp::new();
    let core = Arc::new(Core::new(
        cdp.clone(),
        egress,
        State::new(emulation, downloads),
    ));
    let handler = Arc::downgrade(&core);
    tokio::spawn(
        cdp.run(queue, pipe.to, pipe.from, move |session, method, params| {
            if let Some(core) = handler.upgrade() {
                core.on_event(session, method, params);
            }
        }),
    );
    Ok(Browser {
        core,
        process,
        permit: None,
    })
}

/// The first page, prepared like every other.
async fn open_page(browser: &mut Browser) -> Result<(), BrowserError> {
    let core = &browser.core;
    let until = Instant::now() + START;
    let folder = browser.process.folder().map(Folder::downloads);
    let mut downloads = SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::AllowAndName);
    downloads.download_path = folder.map(|path| path.to_string_lossy().into_owned());
    downloads.events_enabled = Some(true);
    core.cdp.call(None, auto_attach(), START).await?;
    core.cdp.call(None, downloads, START).await?;
    let pause = request_filter::pause_everything();
    core.cdp.call(None, pause, START).await?;
    core.cdp
        .call(None, CreateTargetParams::new("about:blank"), START)
        .await?;
    let mut activity = core.activity.subscribe();
    while core.state().targets.current().is_none() {
        if let Some(reason) = core.cdp.ended() {
            return Err(reason.into());
        }
        let happened = timeout_at(until, activity.changed()).await;
        happened
            .map_err(|_| BrowserError::Timeout {
                method: "Target.createTarget",
                after: START,
            })?
            .ok();
    }
    check_sandbox(browser).await
}

/// Chromium refuses by itself to run without its sandbox. Trusting is good; this is a second look.
async fn check_sandbox(browser: &Browser) -> Result<(), BrowserError> {
    let page = browser.page();
    let main = page.main_frame();
    // An answer means that a renderer runs.
    let _: i64 = page.call(&main, "function () { return 1 }", &[]).await?;
    let until = Instant::now() + SANDBOX;
    // A renderer that was forked this moment is still on its way into the sandbox.
    loop {
        let found = browser.process.is_sandboxed();
        if found == Some(true) {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(BrowserError::Sandbox(match found {
                None => "no renderer was found in /proc to look at".to_owned(),
                Some(_) => "a renderer runs without it".to_owned(),
            }));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
