//! Changes of a connection: its settings, and whether it is collected.

use axum::{
    Json,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use shared::{
    id::{ConnectionId, SiteId},
    member::AuditAction,
    status::UtilityType,
};
use utoipa::ToSchema;

use super::{
    ApiProblem,
    call::{Call, Id},
    connections::{shown, tag},
    etag,
    fields::{Body, Fields},
    problem::{FieldError, ProblemBody},
    schema,
};
use crate::text_values::CalendarDate;
use crate::text_values::Email;
use crate::{
    api_types::ConnectionJson,
    collection::{Locked, lock},
    link_fields::{MAX_EXTERNAL_ID, MAX_SITES, strangers},
    store::{StoreError, Tx, connection_changes::ConnectionSettings},
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
        let mut types = body
            .is_given("utilityTypes")
            .then(|| body.choices("utilityTypes", UtilityType::ALL, UtilityType::as_str));
        // As what the client ticked is stored: another order is no change.
        if let Some(types) = &mut types {
            types.sort_unstable();
        }
        let change = Self {
            is_active: body
                .is_given("isActive")
                .then(|| body.switch("isActive"))
                .flatten(),
            external_id: body.text_or_cleared("externalId", MAX_EXTERNAL_ID),
            initial_sites: body
                .is_given("initialSites")
                .then(|| body.list("initialSites", MAX_SITES)),
            utility_types: types,
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

    /// Writes what differs from how the connection stands, and tells of it.
    async fn write(&self, tx: &mut Tx<'_>, locked: Locked<'_>) -> Result<(), StoreError> {
        let mut settings = ConnectionSettings::of(&locked.connection);
        self.apply(&mut settings);
        let sites = self.initial_sites.as_ref();
        let sites = sites.map(|sites| sites.iter().map(|(_, id)| *id).collect::<Vec<_>>());
        locked.set(tx, (&settings, sites.as_deref())).await?;
        match self.is_active {
            Some(false) => locked.switch_off(tx).await?,
            Some(true) => locked.switch_on(tx).await?,
            None => locked.tell(tx).await?,
        }
        Ok(())
    }
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
    let (random, audit) = (&*call.door.random, &call.audit);
    let (change, wrong) = &ConnectionChange::read(body);
    let headers = &headers;
    let (tag, connection) = call
        .tx
        .write("api.change_connection", |tx| {
            Box::pin(async move {
                let locked = lock(tx, organization, id, random, now).await?;
                let locked = locked.ok_or(ApiProblem::NotFound)?;
                let company = locked.connection.company;
                let sites = tx.sites_of_connection(company, id).await?;
                if !etag::matches(headers, &tag(&locked.connection, &sites)) {
                    return Err(ApiProblem::PreconditionFailed);
                }
                let asked = change.initial_sites.as_deref().unwrap_or_default();
                let theirs = tx.sites_of(company).await?;
                let strangers = strangers(asked, &theirs);
                let wrong: Vec<_> = wrong.iter().cloned().chain(strangers).collect();
                if !wrong.is_empty() {
                    return Err(ApiProblem::Fields(wrong));
                }
                let did = match change.is_active {
                    Some(false) => AuditAction::ConnectionPaused,
                    Some(true) => AuditAction::ConnectionResumed,
                    None => AuditAction::ConnectionChanged,
                };
                let name = Some(locked.connection.provider_name.clone());
                change.write(tx, locked).await?;
                audit.did(tx, did, Some(id.to_string()), name).await?;
                shown(tx, organization, id).await
            })
        })
        .await?;
    tracing::info!(%organization, connection = %id, "a connection was changed");
    Ok((etag::header(&tag), Json(connection)).into_response())
}
