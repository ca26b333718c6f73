//! Brings a brand that was changed to the edge, for the pages of each company of its organization.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shared::{
    brand::Brand,
    id::{JobId, OrganizationId, PublicCompanyId},
    time::UnixMillis,
};

use crate::{
    clock::{Clock, Random, bytes},
    edge_push::{EdgePush, PushEnd},
    jobs::{Context, Ended, Kind, new_job},
    store::{Store, StoreError, Tx},
};

/// Failures in a row after which the edge counts as away.
const MAX_FAILURES: usize = 3;
/// The first wait until the edge is asked again, in milliseconds. It doubles with every attempt.
const RETRY_MS: i64 = 60_000;
/// How often it is tried: for about a day, after which the edge has forgotten the brand before.
const MAX_ATTEMPTS: i64 = 48;
/// How often the wait doubles at most.
const MAX_DOUBLINGS: i64 = 5;

/// Sets the organization's brand, and queues its way to the edge in the same transaction.
///
/// # Errors
/// When the organization does not exist or the database fails.
pub async fn set_brand(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    brand: &Brand,
    (random, now): (&dyn Random, UnixMillis),
) -> Result<(), StoreError> {
    tx.set_brand(organization, brand, now).await?;
    let payload = PushBrandPayload {
        organization,
        changed_at: now,
    };
    let id = JobId::from_random(bytes(random));
    let mut job = new_job::<PushBrand>(id, &payload, now, now)?;
    // Two at a time could bring the older brand last.
    job.exclusion_key = Some(format!("{}:{organization}", PushBrand::NAME));
    tx.enqueue(&job).await
}

/// Brings the organization's brand to the edge for new links of these companies, where this node has not done so a short
/// while ago.
///
/// A failure stops nothing: the edge shows a neutral page without a brand, and asks for it.
pub async fn push_for_links(
    push: &EdgePush,
    store: &Store,
    organization: OrganizationId,
    companies: impl IntoIterator<Item = PublicCompanyId>,
) {
    let companies = companies.into_iter();
    let companies: Vec<_> = companies
        .filter(|company| !push.has_taken(*company))
        .collect();
    if companies.is_empty() {
        return;
    }
    let reading = store.read_one("brand_push.for_links", |tx| {
        Box::pin(tx.brand(organization))
    });
    match reading.await {
        Ok(Some(brand)) => {
            push_to_all(push, &brand, &companies).await;
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%organization, %error, "the brand of a new link was not read"),
    }
}

/// How far a brand came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pushed {
    /// The companies whose pages show it now.
    pub companies: usize,
    /// All companies of the organization.
    pub all: usize,
}

impl Pushed {
    /// Whether the edge took the brand for each company.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.companies == self.all
    }
}

/// Hands the brand to the edge for these companies, until the edge seems to be away: each that it does not answer costs a
/// second.
pub async fn push_to_all(push: &EdgePush, brand: &Brand, companies: &[PublicCompanyId]) -> Pushed {
    let (mut pushed, mut failures) = (0, 0);
    for company in companies {
        match push.push(*company, brand.clone()).await {
            PushEnd::Taken => (pushed, failures) = (pushed + 1, 0),
            // The others may fare better.
            PushEnd::Refused => failures = 0,
            PushEnd::Away => failures += 1,
        }
        if failures == MAX_FAILURES {
            break;
        }
    }
    Pushed {
        companies: pushed,
        all: companies.len(),
    }
}

/// The kind of job that brings a changed brand to the edge.
pub struct PushBrand {
    /// The database with the brand.
    pub store: Store,
    /// The clock, which tells when to try again.
    pub clock: Arc<dyn Clock>,
    /// The way to the edge.
    pub edge: Arc<EdgePush>,
}

/// Whose brand was changed, and when: each change is work of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PushBrandPayload {
    organization: OrganizationId,
    changed_at: UnixMillis,
}

impl Kind for PushBrand {
    const NAME: &'static str = "PUSH_BRAND";
    type Payload = PushBrandPayload;

    fn dedupe_key(payload: &PushBrandPayload) -> String {
        let PushBrandPayload {
            organization,
            changed_at,
        } = payload;
        format!("{}:{organization}:{}", Self::NAME, changed_at.0)
    }

    async fn run<'a>(
        &'a self,
        context: &'a Context,
        payload: PushBrandPayload,
    ) -> Result<Ended, StoreError> {
        let organization = payload.organization;
        // As it stands now: of two changes the later one is brought twice, and the earlier one never after it.
        let read = self.store.read("brand_push.brand", |tx| {
            Box::pin(async move {
                let brand = tx.brand(organization).await?;
                Ok::<_, StoreError>((brand, tx.branded_companies(organization).await?))
            })
        });
        let (Some(brand), companies) = read.await? else {
            return Ok(Ended::Done);
        };
        let pushed = push_to_all(&self.edge, &brand, &companies).await;
        tracing::info!(%organization, companies = pushed.companies, all = pushed.all, "a brand was brought to the edge");
        if pushed.is_whole() {
            return Ok(Ended::Done);
        }
        if context.job.attempts >= MAX_ATTEMPTS {
            tracing::error!(%organization, "the edge does not take a brand: its pages keep the one before for a day at most");
            return Ok(Ended::Done);
        }
        let doublings = context.job.attempts.clamp(1, MAX_DOUBLINGS) - 1;
        Ok(Ended::Retry(self.clock.now().plus(RETRY_MS << doublings)))
    }
}
