//! Collection as a kind of job: one job for each connection, which comes back week after week.

use serde::{Deserialize, Serialize};
use shared::{
    id::{CompanyId, ConnectionId, JobId},
    provider::ProviderUrl,
    time::UnixMillis,
};

use super::{collect::collect, collector::Collector};
use crate::{
    jobs::{Context, Ended, Kind, new_job},
    store::{StoreError, jobs::NewJob},
};

/// Collects the bills of a connection.
pub struct CollectBills(pub Collector);

/// The connection whose bills are collected; its company is in the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectBillsPayload {
    /// The connection whose bills are collected.
    pub connection: ConnectionId,
}

impl Kind for CollectBills {
    const NAME: &'static str = "COLLECT";
    type Payload = CollectBillsPayload;

    fn dedupe_key(payload: &CollectBillsPayload) -> String {
        format!("{}:{}", Self::NAME, payload.connection)
    }

    async fn run(
        &self,
        context: &Context,
        payload: CollectBillsPayload,
    ) -> Result<Ended, StoreError> {
        collect(&self.0, context, payload.connection).await
    }
}

/// The job that collects the bills of the company's connection from `run_at` on. Of all such jobs, one at a time runs
/// for each provider host, on all nodes together.
///
/// # Errors
/// [`StoreError::Corrupt`] when the payload has no JSON form.
pub fn collect_job(
    id: JobId,
    company: CompanyId,
    connection: ConnectionId,
    provider: &ProviderUrl,
    run_at: UnixMillis,
    now: UnixMillis,
) -> Result<NewJob, StoreError> {
    let job = new_job::<CollectBills>(id, &CollectBillsPayload { connection }, run_at, now)?;
    Ok(NewJob {
        exclusion_key: Some(format!("host:{}", provider.host())),
        company: Some(company),
        ..job
    })
}

/// The deduplication key of the job that collects the bills of the connection.
#[must_use]
pub fn collect_job_key(connection: ConnectionId) -> String {
    CollectBills::dedupe_key(&CollectBillsPayload { connection })
}
