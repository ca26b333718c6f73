//! A connection, its accounts and its runs.

use serde::Serialize;
use shared::{
    id::SiteId,
    status::{ConnectionStatus, StatusDetail, UnattendedReason, UtilityType},
};
use utoipa::ToSchema;

use super::{rfc3339, schema};
use crate::store::{
    bills::Account, collections::Collection, companies::Company,
    connection_details::ConnectionDetails, connections::Connection,
};

/// A client's access to a utility account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Connection)]
pub struct ConnectionJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    #[schema(format = DateTime)]
    created: String,
    #[schema(format = DateTime)]
    updated: String,
    external_id: Option<String>,
    #[schema(value_type = schema::ConnectionStatus)]
    status: ConnectionStatus,
    /// The detail that refines the status, if there is one.
    #[schema(value_type = Option<schema::StatusDetail>)]
    status_detail: Option<StatusDetail>,
    /// What the website said, word for word.
    status_error_detail: Option<String>,
    /// Whether the client should do something about it.
    is_customer_action_required: bool,
    #[schema(format = DateTime)]
    status_first_seen_time: String,
    #[schema(format = DateTime)]
    status_last_update_time: String,
    company: CompanyRef,
    #[schema(value_type = uuid::Uuid)]
    public_company_id: String,
    datasource: Datasource,
    url: String,
    country: String,
    /// The user name at the website, shortened: `jo…@example.com`.
    username: Option<String>,
    #[schema(value_type = Vec<uuid::Uuid>)]
    initial_sites: Vec<SiteId>,
    #[schema(value_type = Vec<schema::UtilityType>)]
    utility_types: Vec<UtilityType>,
    accounts: Vec<AccountJson>,
    workflow_owner_email: Option<String>,
    #[schema(format = Date)]
    data_collection_start_date: Option<String>,
    /// Whether its bills are collected. While they are not its status is COMPANY_INACTIVE; afterwards it is what it was.
    is_active: bool,
    /// Whether the sign-in can be repeated without the client; null while that was not tried.
    works_unattended: Option<WorksUnattendedJson>,
    last_collection: Option<CollectionJson>,
    #[schema(format = DateTime)]
    next_collection_at: Option<String>,
}

/// What came of repeating the sign-in without the client.
#[derive(Serialize, ToSchema)]
#[schema(as = WorksUnattended)]
pub struct WorksUnattendedJson {
    /// Whether it is proven to work.
    ok: bool,
    /// When it was last tried to an answer.
    #[schema(format = DateTime)]
    at: String,
    /// Why it is not proven, if it is not.
    #[schema(value_type = Option<schema::UnattendedReason>)]
    reason: Option<UnattendedReason>,
}

/// The company that the connection belongs to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyRef {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    name: String,
    external_id: Option<String>,
}

/// The utility's website.
#[derive(Serialize, ToSchema)]
pub struct Datasource {
    /// Null while there is no list of providers.
    id: Option<String>,
    name: String,
    url: String,
}

/// A utility account that a connection found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub struct AccountJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    account_number: String,
    #[schema(value_type = Vec<schema::UtilityType>)]
    utility_types: Vec<UtilityType>,
    is_tracked: bool,
    is_duplicated: bool,
    #[schema(format = Date)]
    last_service_date: Option<String>,
    meters: Vec<String>,
}

/// A run that fetched bills.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Collection)]
pub struct CollectionJson {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    #[schema(format = DateTime)]
    started_at: String,
    /// When the run ended; null while it runs.
    #[schema(format = DateTime)]
    finished_at: Option<String>,
    #[schema(value_type = Option<schema::ConnectionStatus>)]
    status: Option<ConnectionStatus>,
    #[schema(value_type = Option<schema::StatusDetail>)]
    status_detail: Option<StatusDetail>,
    /// When its sign-in was proven; null while it is not.
    #[schema(format = DateTime)]
    signed_in_at: Option<String>,
    /// How many bills it saw so far, known ones too.
    bills_found: i64,
    /// How many of these were new.
    bills_new: i64,
    /// How many bills it knows of so far, those that it saw included.
    bills_expected: i64,
    /// Requests of the website that were held back because they might have changed the account.
    held_requests: i64,
}

/// A connection of the company, with what belongs to it.
#[must_use]
pub fn render_connection(
    company: &Company,
    connection: Connection,
    details: ConnectionDetails,
) -> ConnectionJson {
    let status = connection.shown_status();
    // What the website said is told again when the connection is on again.
    let is_own = connection.inactive_at.is_none();
    ConnectionJson {
        id: connection.id.to_string(),
        created: rfc3339(connection.created_at),
        updated: rfc3339(connection.updated_at),
        external_id: connection.external_id,
        status,
        status_detail: connection.status_detail.filter(|_| is_own),
        status_error_detail: connection.status_error_detail.filter(|_| is_own),
        is_customer_action_required: status.needs_client(),
        status_first_seen_time: rfc3339(
            connection
                .inactive_at
                .unwrap_or(connection.status_first_seen_at),
        ),
        status_last_update_time: rfc3339(
            connection
                .inactive_at
                .unwrap_or(connection.status_last_update_at),
        ),
        company: CompanyRef {
            id: company.id.to_string(),
            name: company.name.clone(),
            external_id: company.external_id.clone(),
        },
        public_company_id: company.public_id.to_string(),
        datasource: Datasource {
            id: None,
            name: connection.provider_name,
            url: connection.provider_url.to_string(),
        },
        url: connection.provider_url.to_string(),
        country: connection.country.to_string(),
        username: connection.username_masked,
        initial_sites: details.sites,
        utility_types: connection.utility_types,
        accounts: details.accounts.into_iter().map(render_account).collect(),
        workflow_owner_email: connection.owner_email,
        data_collection_start_date: connection.data_collection_start_date,
        is_active: connection.inactive_at.is_none(),
        works_unattended: connection
            .works_unattended
            .map(|found| WorksUnattendedJson {
                ok: found.reason.is_none(),
                at: rfc3339(found.at),
                reason: found.reason,
            }),
        last_collection: details.last_collection.map(render_collection),
        next_collection_at: connection.next_collection_at.map(rfc3339),
    }
}

/// An account, as it stands.
#[must_use]
pub fn render_account(account: Account) -> AccountJson {
    AccountJson {
        id: account.id.to_string(),
        account_number: account.account_number,
        utility_types: account.utility_types,
        is_tracked: account.is_tracked,
        is_duplicated: account.is_duplicated,
        last_service_date: account.last_service_date.map(|day| day.to_string()),
        meters: account.meters,
    }
}

/// A run, as it stands.
#[must_use]
pub fn render_collection(run: Collection) -> CollectionJson {
    CollectionJson {
        id: run.id.to_string(),
        started_at: rfc3339(run.started_at),
        finished_at: run.finished_at.map(rfc3339),
        status: run.status,
        status_detail: run.status_detail,
        signed_in_at: run.signed_in_at.map(rfc3339),
        bills_found: run.bills_found,
        bills_new: run.bills_new,
        bills_expected: run.bills_expected,
        held_requests: run.held_requests,
    }
}
