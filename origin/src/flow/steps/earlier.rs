//! A connection that the company has already for what the client signed in to.

use shared::id::{CompanyId, ConnectionId};
use zeroize::Zeroizing;

use crate::{
    collection::SeenAccount,
    flow::Services,
    signin::Credentials,
    store::{connections::Connection, credentials},
    vault::AssociatedData,
};

/// Connections at one website that are looked at, newest first.
const LOOKED_AT: i64 = 50;
/// Accounts of the company at one website that are looked at.
const ACCOUNTS_LOOKED_AT: i64 = 1_000;

/// The newest connection of the company at this website whose client signed in with the same user name. What cannot be
/// read is none: the client then makes a second connection, and its accounts are marked.
pub(in crate::flow) async fn earlier_connection(
    services: &Services,
    company: CompanyId,
    host: &str,
    signed_in: &Credentials,
) -> Option<Connection> {
    let username = comparable(&signed_in.username);
    if username.is_empty() {
        return None;
    }
    let found = services.store.read("flow.credentials_at", |tx| {
        Box::pin(tx.credentials_at(company, host, LOOKED_AT))
    });
    let found = match found.await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%company, %error, "earlier connections were not looked for");
            return None;
        }
    };
    found.into_iter().find_map(|(connection, sealed)| {
        let other = opened(services, company, connection.id, &sealed)?;
        (*comparable(&other.username) == *username).then_some(connection)
    })
}

/// Whether these are the credentials that the connection has already: who knows them is its client. What cannot be read is
/// taken for others.
pub(in crate::flow) async fn are_its_own(
    services: &Services,
    company: CompanyId,
    connection: ConnectionId,
    signed_in: &Credentials,
) -> bool {
    let found = services.store.read("flow.credentials_of", |tx| {
        Box::pin(tx.credentials(company, connection))
    });
    let found = match found.await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%connection, %error, "the credentials of a connection were not read");
            return false;
        }
    };
    let own = found.and_then(|own| opened(services, company, connection, &own.sealed));
    own.is_some_and(|own| {
        let same_name = *comparable(&own.username) == *comparable(&signed_in.username);
        same_name && own.password == signed_in.password
    })
}

fn opened(
    services: &Services,
    company: CompanyId,
    connection: ConnectionId,
    sealed: &[u8],
) -> Option<Credentials> {
    let row = connection.to_string();
    let associated = AssociatedData {
        table: credentials::TABLE,
        row: &row,
        owner: company.into(),
    };
    let plain = services.vault.open(associated, sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// The newest connection of the company at this website that collects one of these accounts.
pub(in crate::flow) async fn connection_with_account(
    services: &Services,
    company: CompanyId,
    host: &str,
    accounts: &[SeenAccount],
) -> Option<Connection> {
    let found = services.store.read("flow.accounts_at", |tx| {
        Box::pin(tx.accounts_at(company, host, ACCOUNTS_LOOKED_AT))
    });
    let found = match found.await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%company, %error, "connected accounts were not looked for");
            return None;
        }
    };
    let mut found = found.into_iter();
    let known = found.find(|known| {
        let number = &known.account_number;
        accounts.iter().any(|seen| seen.has_number(number))
    });
    known.map(|known| known.connection)
}

/// Websites take a user name whatever its case and the spaces around it.
fn comparable(username: &str) -> Zeroizing<String> {
    Zeroizing::new(username.trim().to_lowercase())
}
