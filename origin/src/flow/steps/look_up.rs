//! At SITES: while the client reads, their own browser, which is signed in still, looks for accounts.

use std::{future::Future, pin::Pin, sync::Arc};

use browser::Browser;
use shared::country::Country;
use tokio::sync::watch;

use crate::collection::{PdfReader, SeenAccount, look_up_accounts, read_only::ReadOnlyGuard};

/// A search for accounts. Dropping it ends the search.
pub(in crate::flow) struct AccountLookUp {
    guard: Arc<ReadOnlyGuard>,
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    found: watch::Receiver<Vec<SeenAccount>>,
}

impl AccountLookUp {
    /// Begins to look in a browser that is signed in.
    pub fn begin(browser: &Arc<Browser>, reader: &PdfReader, country: Country) -> Self {
        let (tell, found) = watch::channel(Vec::new());
        let guard = ReadOnlyGuard::new();
        let (browser, reader) = (Arc::clone(browser), reader.clone());
        let of_work = Arc::clone(&guard);
        let work = async move {
            look_up_accounts(&browser, &of_work, &reader, country, &tell).await;
        };
        Self {
            guard,
            work: Some(Box::pin(work)),
            found,
        }
    }

    /// Whether it goes on.
    pub fn goes_on(&self) -> bool {
        self.work.is_some()
    }

    /// Waits until more is found or the search is over. It can be cancelled without losing anything.
    pub async fn next(&mut self) {
        let Some(work) = &mut self.work else {
            return std::future::pending().await;
        };
        tokio::select! {
            () = work => self.work = None,
            // Once the work is over nothing more is told.
            Ok(()) = self.found.changed() => {}
        }
    }

    /// The accounts that were found so far.
    pub fn found(&self) -> Vec<SeenAccount> {
        self.found.borrow().clone()
    }
}

impl Drop for AccountLookUp {
    /// The client may use the browser again.
    fn drop(&mut self) {
        self.work = None;
        self.guard.lift();
    }
}
