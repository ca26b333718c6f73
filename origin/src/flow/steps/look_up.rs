//! At SITES: while the client reads, their own browser, which is signed in still, looks for accounts.

use std::{future::Future, pin::Pin, sync::Arc};

use shared::country::Country;
use tokio::sync::watch;

use super::open_website::SignedInWebsite;
use crate::collection::{PdfReader, SeenAccount, look_up_accounts, read_only::ReadOnlyGuard};

/// A search for accounts. Dropping it ends the search; what it pressed last is held back still.
pub(in crate::flow) struct AccountLookUp {
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    found: watch::Receiver<Vec<SeenAccount>>,
}

impl AccountLookUp {
    /// Begins to look in a browser that is signed in.
    pub fn begin(website: &mut SignedInWebsite, reader: &PdfReader, country: Country) -> Self {
        let (tell, found) = watch::channel(Vec::new());
        let guard = ReadOnlyGuard::new();
        website.guard = Some(Arc::clone(&guard));
        let (browser, reader) = (Arc::clone(&website.browser), reader.clone());
        let work = async move {
            look_up_accounts(&browser, &guard, &reader, country, &tell).await;
        };
        Self {
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
