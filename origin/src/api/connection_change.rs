//! Changes of a connection: its settings, and whether it is collected.

use axum::{
    Json,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use shared::{
    id::{ConnectionId, JobId, OrganizationId, SiteId},
    status::UtilityType,
    time::UnixMillis,
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    connections::{own_connection, shown, tag},
    etag,
    fields::{Body, Fields},
    link_body::{MAX_EXTERNAL_ID, MAX_SITES, strangers},
    problem::{FieldError, ProblemBody},
    schema,
};
use crate::text_values::CalendarDate;
use crate::text_values::Email;
use crate::{
    api_types::ConnectionJson,
    clock::{Random, bytes},
    collection::{collect_job, collect_job_key},
    store::{Tx, connection_changes::ConnectionSettings, connections::Connection, jobs::QueuedJob},
    webhooks::{Watched, watch},
};

/// What to change; what is left out stays. Null clears where it says so, and is wrong elsewhere.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({ "isActive": false }))]
pub(super) struct ConnectionChange {
    /// Whether its bills are collected.
    #[schema(value_type = bool, required = false)]
    is_active: Option<bool>,
    /// The id that your own systems use for it. Null clears it.
    #[schema(max_length = 200, value_type = Option<String>)]
    external_id: Option<Option<String>>,
    // Each with its place in the list.
    /// The ids of the sites whose bills are wanted, in the place of those before; an empty list means all.
    #[schema(value_type = Vec<uuid::Uuid>, required = false)]
    initial_sites: Option<Vec<(usize, SiteId)>>,
    /// What the wanted bills are for, in the place of what was there before; an empty list means all.
    #[schema(value_type = Vec<schema::UtilityType>, required = false)]
    utility_types: Option<Vec<UtilityType>>,
    /// Whom to ask when the client must act. Null clears it: then only webhooks tell.
    #[schema(format = Email, max_length = 254, value_type = Option<String>)]
    connection_owner_email: Option<Option<String>>,
    /// Bills before this day are not wanted. Null clears it.
    #[schema(format = Date, value_type = Option<String>)]
    data_collection_start_date: Option<Option<String>>,
}

impl ConnectionChange {
    /// Reads the body, and what is wrong with it as far as the body alone tells.
    fn read(mut body: Fields) -> (Self, Vec<FieldError>) {
        let email = body.parsed_or_cleared::<Email>("connectionOwnerEmail");
        let date = body.parsed_or_cleared::<CalendarDate>("dataCollectionStartDate");
        let change = Self {
            is_active: body
                .is_given("isActive")
                .then(|| body.switch("isActive"))
                .flatten(),
            external_id: body.text_or_cleared("externalId", MAX_EXTERNAL_ID),
            initial_sites: body
                .is_given("initialSites")
                .then(|| body.list("initialSites", MAX_SITES)),
            utility_types: body
                .is_given("utilityTypes")
                .then(|| body.choices("utilityTypes", UtilityType::ALL, UtilityType::as_str)),
            connection_owner_email: email.map(|email| email.map(|email| email.0)),
            data_collection_start_date: date.map(|date| date.map(|date| date.0)),
        };
        (change, body.ended())
    }

    fn apply(&self, settings: &mut ConnectionSettings) {
        if let Some(external_id) = &self.external_id {
            settings.external_id.clone_from(external_id);
        }
        if let Some(types) = &self.utility_types {
            settings.utility_types.clone_from(types);
        }
        if let Some(email) = &self.connection_owner_email {
            settings.owner_email.clone_from(email);
        }
        if let Some(date) = &self.data_collection_start_date {
            settings.data_collection_start_date.clone_from(date);
        }
    }

    /// Writes what differs from how the connection stands; `job` is the id of its job, should one be needed.
    async fn write(
        &self,
        tx: &mut Tx<'_>,
        (before, sites): (&Connection, &[SiteId]),
        job: JobId,
        now: UnixMillis,
    ) -> Result<(), ApiProblem> {
        let (company, id) = (before.company, before.id);
        let known = ConnectionSettings::of(before);
        let mut settings = known.clone();
        self.apply(&mut settings);
        if settings != known {
            tx.change_connection_settings(company, id, &settings, now)
                .await?;
        }
        if let Some(asked) = &self.initial_sites {
            let mut asked: Vec<_> = asked.iter().map(|(_, id)| *id).collect();
            asked.sort_unstable();
            if asked != sites {
                tx.change_connection_sites(company, id, &asked, now).await?;
            }
        }
        match (self.is_active, before.inactive_at) {
            (Some(false), None) => {
                tx.switch_connection_off(company, id, now).await?;
                let key = collect_job_key(id);
                tx.remove_waiting_job(company, &key, now).await?;
            }
            (Some(true), Some(_)) => {
                tx.switch_connection_on(company, id, now).await?;
                collect_again(tx, before, job, now).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Queues the collection of a connection that is on again: now, or once its password may be sent. What the website
/// refused is not tried again, unless the client has given something else.
async fn collect_again(
    tx: &mut Tx<'_>,
    connection: &Connection,
    job: JobId,
    now: UnixMillis,
) -> Result<(), ApiProblem> {
    if is_refused(tx, connection).await? {
        return Ok(());
    }
    let (company, id) = (connection.company, connection.id);
    let rests_until = tx.lockout(company, id).await?;
    let at = rests_until.map_or(now, |until| now.max(until));
    tx.set_next_collection(company, id, at, now).await?;
    let job = collect_job(job, company, id, &connection.provider_url, at, now)?;
    tx.enqueue(&job).await?;
    Ok(())
}

/// Whether the website let nobody in by all that the client has given so far.
pub(super) async fn is_refused(
    tx: &mut Tx<'_>,
    connection: &Connection,
) -> Result<bool, ApiProblem> {
    if !connection.status.refuses_sign_in() {
        return Ok(false);
    }
    let (company, id) = (connection.company, connection.id);
    Ok(tx.proposed_credentials(company, id).await?.is_none())
}

/// A connection that nobody else changes before the transaction has ended.
pub(super) struct Locked<'a> {
    /// What is told of its changes.
    pub(super) watched: Watched<'a>,
    /// The connection as it stands.
    pub(super) connection: Connection,
    /// How its collection is queued.
    pub(super) job: Option<QueuedJob>,
}

/// Locks the organization's connection.
pub(super) async fn lock<'a>(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ConnectionId,
    random: &'a dyn Random,
    now: UnixMillis,
) -> Result<Locked<'a>, ApiProblem> {
    let company = own_connection(tx, organization, id).await?.company;
    let job = tx.lock_job(&collect_job_key(id)).await?;
    let watched = watch(tx, (company, id), random, now).await?;
    let connection = tx.lock_connection(company, id).await?;
    Ok(Locked {
        watched,
        connection: connection.ok_or(ApiProblem::NotFound)?,
        job,
    })
}

/// Changes a connection. With `If-Match` only if nobody else has changed it since. Switched off, it is not collected, nobody
/// is asked for anything, and its status is COMPANY_INACTIVE. Switched on again, its status is what it was: if the website
/// let nobody in, it waits for the client as before, and otherwise its bills are collected at once.
#[utoipa::path(patch, path = "/v2.2/connection/{id}", tag = "Connections", operation_id = "changeConnection",
    params(("id" = uuid::Uuid, Path, description = "The connection's id"),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that is to be changed")),
    request_body = ConnectionChange,
    responses((status = 200, body = ConnectionJson, headers(("ETag" = String, description = "The version of what can be changed"))),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, body = ProblemBody, content_type = "application/problem+json", description = "It is another version by now"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(super) async fn change(
    call: Call,
    Id(id): Id<ConnectionId>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiProblem> {
    let (organization, now) = (call.organization, call.now);
    let random = &*call.door.random;
    let (change, wrong) = &ConnectionChange::read(body);
    let (headers, job) = (&headers, JobId::from_random(bytes(random)));
    let (tag, connection) = call
        .tx
        .write("api.change_connection", |tx| {
            Box::pin(async move {
                let locked = lock(tx, organization, id, random, now).await?;
                let before = locked.connection;
                let sites = tx.sites_of_connection(before.company, id).await?;
                if !etag::matches(headers, &tag(&before, &sites)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                let asked = change.initial_sites.as_deref().unwrap_or_default();
                let theirs = tx.sites_of(before.company).await?;
                let strangers = strangers(asked, &theirs);
                let wrong: Vec<_> = wrong.iter().cloned().chain(strangers).collect();
                if !wrong.is_empty() {
                    return Err(ApiProblem::Fields(wrong));
                }
                change.write(tx, (&before, &sites), job, now).await?;
                locked.watched.changed(tx).await?;
                shown(tx, organization, id).await
            })
        })
        .await?;
    tracing::info!(%organization, connection = %id, "a connection was changed");
    Ok((etag::header(&tag), Json(connection)).into_response())
}
