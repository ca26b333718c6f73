//! Gives out browsers, and keeps spares warm so that nobody waits for a start.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, OnceCell, Semaphore},
    time::timeout,
};

use super::{
    browser::Browser,
    error::BrowserError,
    profile::Profile,
    profile_folder,
    settings::BrowserConfig,
    startup,
    state::emulation::{Overrides, UserAgent},
};

/// So long may one wait until another's browser ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// Starts browsers, and keeps some started ones ready. It is cheap to clone.
#[derive(Clone)]
pub struct Launcher(Arc<Shared>);

struct Shared {
    config: BrowserConfig,
    agent: OnceCell<UserAgent>,
    spares: Mutex<Spares>,
    permits: Arc<Semaphore>,
}

#[derive(Default)]
struct Spares {
    ready: VecDeque<Browser>,
    starting: usize,
    closed: bool,
}

impl Launcher {
    /// Makes a launcher, and removes the folders that an origin left behind when it was killed. No browser
    /// is started before the first [`Launcher::open`] or [`Launcher::warm`].
    #[must_use]
    pub fn new(config: BrowserConfig) -> Self {
        profile_folder::sweep();
        let permits = Arc::new(Semaphore::new(config.most));
        Self(Arc::new(Shared {
            config,
            permits,
            agent: OnceCell::new(),
            spares: Mutex::default(),
        }))
    }

    /// Gives out a browser for one client: a started one, or else a new one.
    ///
    /// # Errors
    /// [`BrowserError::Busy`] when as many browsers as allowed are in use and none ends within 10 s, and
    /// the errors of a start: [`BrowserError::Launch`] and [`BrowserError::Sandbox`].
    pub async fn open(&self, profile: Profile) -> Result<Browser, BrowserError> {
        let permit = timeout(PATIENCE, Arc::clone(&self.0.permits).acquire_owned()).await;
        let permit = permit.map_err(|_| BrowserError::Busy)?.ok();
        let spare = self.take_spare().await;
        self.warm();
        let mut browser = match spare {
            Some(browser) => {
                browser.override_emulation(Overrides::for_profile(&profile));
                browser
            }
            None => self.start(Overrides::for_profile(&profile)).await?,
        };
        browser.permit = permit;
        Ok(browser)
    }

    /// How many browsers are given out, and how many may be at a time.
    #[must_use]
    pub fn in_use(&self) -> (usize, usize) {
        let most = self.0.config.most;
        (
            most.saturating_sub(self.0.permits.available_permits()),
            most,
        )
    }

    /// Starts the spares that the configuration asks for, in the background.
    pub fn warm(&self) {
        if self.0.config.warm == 0 {
            return;
        }
        let launcher = self.clone();
        tokio::spawn(async move { launcher.fill().await });
    }

    /// Ends the browsers that wait for a client. Those that were given out live on.
    pub async fn close(&self) {
        let spares = {
            let mut spares = self.0.spares.lock().await;
            spares.closed = true;
            std::mem::take(&mut spares.ready)
        };
        for spare in spares {
            spare.close().await;
        }
    }

    #[cfg(test)]
    pub(super) async fn spares(&self) -> usize {
        self.0.spares.lock().await.ready.len()
    }

    async fn take_spare(&self) -> Option<Browser> {
        let mut spares = self.0.spares.lock().await;
        while let Some(browser) = spares.ready.pop_front() {
            if browser.core.cdp.ended().is_none() {
                return Some(browser);
            }
        }
        None
    }

    async fn fill(&self) {
        while self.begin_spare().await {
            // It does not know yet for whom it is; its emulation is set when it is given out.
            let started = self.start(Overrides::neutral()).await;
            let mut spares = self.0.spares.lock().await;
            spares.starting -= 1;
            match started {
                // Dropped when closed meanwhile.
                Ok(_) if spares.closed => {}
                Ok(browser) => spares.ready.push_back(browser),
                // What stops one stops the next: whoever opens a browser tries again.
                Err(error) => {
                    tracing::warn!(%error, "no spare browser could be started");
                    return;
                }
            }
        }
    }

    /// Whether a spare is missing, which the caller then starts.
    async fn begin_spare(&self) -> bool {
        let mut spares = self.0.spares.lock().await;
        let enough = spares.ready.len() + spares.starting >= self.0.config.warm;
        let missing = !spares.closed && !enough;
        spares.starting += usize::from(missing);
        missing
    }

    async fn start(&self, overrides: Overrides) -> Result<Browser, BrowserError> {
        let config = &self.0.config;
        let find = || startup::find_user_agent(config);
        let agent = self.0.agent.get_or_try_init(find).await?;
        startup::launch(config, overrides, agent.clone()).await
    }
}
