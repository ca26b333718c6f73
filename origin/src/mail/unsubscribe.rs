//! The page on which the owner of a connection ends reminders. Any node answers for it.

use std::sync::Arc;

use shared::{
    id::{MailSubscriptionId, PublicCompanyId},
    token::{self, KeyRing, TokenKind},
    unsubscribe_page::{SubscriptionView, UnsubscribePage},
};

use crate::{
    clock::Clock,
    store::{Store, StoreError, mail_subscriptions::MailSubscription},
};

/// The path of the page.
pub fn path(company: PublicCompanyId, token: &str) -> String {
    format!("/p/unsubscribe/{company}/{token}")
}

/// Answers for these pages. Cheap to clone.
#[derive(Clone)]
pub struct Subscriptions {
    /// The database with the subscriptions.
    pub store: Store,
    /// The keys that open tokens.
    pub token_keys: Arc<KeyRing>,
    /// The clock, which tells the time.
    pub clock: Arc<dyn Clock>,
}

impl Subscriptions {
    /// What the page shows; `None` when there is no such page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn view(
        &self,
        page: &UnsubscribePage,
    ) -> Result<Option<SubscriptionView>, StoreError> {
        let found = self.find(page).await?;
        Ok(found.map(|found| view(found.unsubscribed_at.is_none())))
    }

    /// Ends reminders, or allows them again, and answers what the page shows then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change(
        &self,
        page: &UnsubscribePage,
        wants_reminders: bool,
    ) -> Result<Option<SubscriptionView>, StoreError> {
        let Some(found) = self.find(page).await? else {
            return Ok(None);
        };
        let at = (!wants_reminders).then(|| self.clock.now());
        let written = self.store.tx("mail.set_unsubscribed", |tx| {
            Box::pin(tx.set_unsubscribed(found.id, at))
        });
        written.await?;
        let (subscription, organization) = (found.id, found.organization);
        tracing::info!(%organization, %subscription, wants_reminders, "reminders were ended or allowed again");
        Ok(Some(view(wants_reminders)))
    }

    async fn find(&self, page: &UnsubscribePage) -> Result<Option<MailSubscription>, StoreError> {
        let (company, kind) = (page.public_company_id, TokenKind::Unsubscribe);
        let Ok(claims) = token::open(&self.token_keys, kind, &company, &page.token) else {
            return Ok(None);
        };
        let id = MailSubscriptionId::from_bytes(*claims.link.as_bytes());
        let found = self.store.read("mail.subscription", |tx| {
            Box::pin(tx.mail_subscription_of(company, id))
        });
        found.await
    }
}

fn view(wants_reminders: bool) -> SubscriptionView {
    SubscriptionView { wants_reminders }
}
